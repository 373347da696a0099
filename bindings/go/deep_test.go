package libsched

import (
	"errors"
	"sync/atomic"
	"testing"
)

// Tasks that wait for tasks that wait come to their end however deep: on one worker, and where Go cannot be called further down a
// stack, when there is no spare worker any more, by an error.
func TestDeepWaits(t *testing.T) {
	type waiting func(p *Pool, next func() error) error
	waits := map[string]waiting{
		"group": func(p *Pool, next func() error) error {
			g, _, err := p.NewGroup(background)
			if err != nil {
				return err
			}
			g.Go(next)
			return g.Wait(background)
		},
		"future": func(p *Pool, next func() error) error {
			f, err := p.SubmitErr(next)
			if err != nil {
				return err
			}
			return f.Wait(background)
		},
		"parallel for": func(p *Pool, next func() error) error {
			return p.ParallelFor(background, 0, 1, 1, func(int, int) error { return next() })
		},
	}
	for name, wait := range waits {
		name, wait := name, wait
		for _, workers := range []int{1, 2} {
			for _, depth := range []int{1, 2, 10, 100, 400, 5000} {
				p := newPool(t, WithWorkers(workers))
				var reached atomic.Int64
				var down func(left int) func() error
				down = func(left int) func() error {
					return func() error {
						reached.Add(1)
						if left == 0 {
							return nil
						}
						return wait(p, down(left-1))
					}
				}
				err := wait(p, down(depth))
				check(t, p.Close()) // waits that have failed leave tasks behind
				if err != nil && (!errors.Is(err, ErrDeadlock) || depth <= 100) {
					t.Errorf("%s, %d workers, %d deep: %v", name, workers, depth, err)
				} else if err == nil && reached.Load() != int64(depth+1) {
					t.Errorf("%s, %d workers: %d deep and not %d", name, workers, reached.Load(), depth)
				}
				t.Logf("%s, %d workers, %d deep: %d reached, %v", name, workers, depth, reached.Load(), err)
			}
		}
	}
}
