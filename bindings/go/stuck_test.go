package libsched

import "testing"

// onHelper has f run in a task that a goroutine has taken from a worker that is held up, and gives what it returned there. On a worker,
// where the task may come to run as well, it returns the same.
func onHelper(t *testing.T, p *Pool, f func() error) error {
	t.Helper()
	for {
		type result struct {
			err    error
			helped bool
		}
		ended, holding := make(chan result, 1), make(chan struct{})
		check(t, p.Submit(func() {
			p.SubmitAll(background, []func(){
				func() { Blocking(func() { <-holding }) },
				func() {
					_, helped := helpedTask()
					ended <- result{f(), helped}
				},
			})
		}))
		r := <-ended
		close(holding)
		if r.helped {
			return r.err
		}
	}
}

// A task that runs on a goroutine is a task of its pool all the same, and so never waits for its own end.
func TestATaskOnAGoroutineCloses(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	wantError(t, onHelper(t, p, p.Close), ErrDeadlock)
	wantError(t, onHelper(t, p, func() error { return p.WaitIdle(background) }), ErrDeadlock)
	wantError(t, onHelper(t, p, func() error { return p.Cancel(background) }), ErrDeadlock)
	other := newPool(t)
	check(t, onHelper(t, p, other.Close))
	check(t, p.WaitIdle(background))
}

func TestATaskOnAGoroutineWaitsForItsOwnGroup(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	for helped := false; !helped; {
		g, _ := newGroup(t, p)
		holding, ended := make(chan struct{}), make(chan error, 1)
		check(t, p.Submit(func() {
			g.GoAll([]func() error{
				func() error { Blocking(func() { <-holding }); return nil },
				func() error {
					_, helped = helpedTask()
					ended <- g.Wait(background)
					return nil
				},
			})
		}))
		wantError(t, <-ended, ErrDeadlock)
		close(holding)
		check(t, g.Wait(background))
	}
}
