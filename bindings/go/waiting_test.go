package libsched

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func threads(t *testing.T) int {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	check(t, err)
	return len(tasks)
}

// What a thousand goroutines that wait cost in threads: no more than one for each object that they wait for.
func TestAThousandWaitingGoroutines(t *testing.T) {
	const goroutines, few = 1000, 16
	p := newPool(t)
	release := busy(t, p, 2)
	g, _ := newGroup(t, p)
	g.Go(func() error { return nil })
	future, err := p.SubmitErr(func() error { return nil })
	check(t, err)
	q, err := NewQueue[int]()
	check(t, err)
	full, err := NewQueue[int](WithBound(1))
	check(t, err)
	check(t, full.Push(0))
	js, err := ServeJobserver(1, JobserverPipe, false)
	check(t, err)
	token, err := js.Acquire(background)
	check(t, err)
	waits := map[string]func() error{
		"group":        func() error { return g.Wait(background) },
		"future":       func() error { return future.Wait(background) },
		"idle":         func() error { return p.WaitIdle(background) },
		"parallel for": func() error { return p.ParallelFor(background, 0, 1, 1, func(int, int) error { return nil }) },
		"pop":          func() error { _, err := q.Pop(background); return err },
		"push":         func() error { return full.PushBounded(background, 1) },
		"token": func() error {
			one, err := js.Acquire(background)
			if err != nil {
				return err
			}
			return one.Release()
		},
		"pop, cancelled": func() error { return nil },
	}
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	waits["pop, cancelled"] = func() error {
		if _, err := q.Pop(ctx); err == nil {
			t.Error("a value")
		}
		return nil
	}
	for name, wait := range waits {
		wait := wait
		before := threads(t)
		var ready atomic.Int64
		var all sync.WaitGroup
		for i := 0; i < goroutines; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				ready.Add(1)
				if err := wait(); err != nil {
					t.Error(err)
				}
			}()
		}
		for ready.Load() < goroutines {
			runtime.Gosched()
		}
		for i := 0; i < 1000; i++ {
			runtime.Gosched() // so that most of them really wait
		}
		more := threads(t) - before
		t.Logf("%d goroutines that wait (%s): %d threads more", goroutines, name, more)
		if more > few {
			t.Errorf("%s: %d threads more", name, more)
		}
		switch name {
		case "pop":
			for i := 0; i < goroutines; i++ {
				check(t, q.Push(i))
			}
			all.Wait()
		case "pop, cancelled":
			cancel()
			all.Wait()
		case "push":
			for i := 0; i < goroutines; i++ {
				_, err := full.Pop(background)
				check(t, err)
			}
			all.Wait()
		case "token":
			check(t, token.Release())
			all.Wait()
		default:
			defer all.Wait()
		}
	}
	release()
	q.Release()
	full.Release()
	check(t, js.Close())
}
