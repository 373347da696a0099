package libsched

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func newGroup(t testing.TB, p *Pool) (*Group, context.Context) {
	t.Helper()
	g, ctx, err := p.NewGroup(background)
	check(t, err)
	return g, ctx
}

func TestGroup(t *testing.T) {
	g, ctx := newGroup(t, newPool(t))
	var ran atomic.Int64
	g.Go(func() error { // tasks may add tasks
		g.GoAll([]func() error{func() error { ran.Add(1); return nil }, func() error { ran.Add(1); return nil }})
		return nil
	})
	check(t, g.Wait(background))
	check(t, g.Wait(background))
	want(t, "ran", ran.Load(), 2)
	if ctx.Err() == nil {
		t.Fatal("its context is not done")
	}
	g.Go(func() error { return nil })
	wantError(t, g.Wait(background), ErrClosed)
}

func TestGroupFirstError(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	g, ctx := newGroup(t, p)
	first := errors.New("first")
	var ran atomic.Int64
	release := busy(t, p, 1)
	g.Go(func() error { return first })
	for i := 0; i < 100; i++ {
		g.Go(func() error { ran.Add(1); return errors.New("later") })
	}
	release()
	wantError(t, g.Wait(background), first)
	want(t, "ran", ran.Load(), 0)
	wantError(t, ctx.Err(), context.Canceled)
}

func TestGroupPanic(t *testing.T) {
	g, _ := newGroup(t, newPool(t))
	g.Go(func() error { panic(errors.New("inside")) })
	err := g.Wait(background)
	var panicked *PanicError
	if !errors.As(err, &panicked) || panicked.Unwrap().Error() != "inside" {
		t.Fatal(err)
	}
	contains(t, string(panicked.Stack), "group_test.go")
}

func TestGroupOfACancelledContext(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	ctx, cancel := context.WithCancel(background)
	g, _, err := p.NewGroup(ctx)
	check(t, err)
	release := busy(t, p, 1)
	g.Go(func() error { t.Error("it has run"); return nil })
	cancel()
	release()
	wantError(t, g.Wait(background), ErrCancelled, context.Canceled)
}

func TestGroupWaitIsCancelled(t *testing.T) {
	p := newPool(t)
	g, _ := newGroup(t, p)
	gate := make(chan struct{})
	g.Go(func() error { <-gate; return nil })
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, g.Wait(ctx), ErrCancelled, context.Canceled)
	close(gate)
	check(t, g.Wait(background))
}

func TestGroupCancel(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	release := busy(t, p, 1)
	g, ctx := newGroup(t, p)
	g.Go(func() error { t.Error("it has run"); return nil })
	g.Cancel()
	wantError(t, ctx.Err(), context.Canceled)
	wantError(t, g.Wait(background), ErrCancelled)
	release()
}

func TestGroupInGroupOnOneWorker(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	var depth func(n int) error
	depth = func(n int) error {
		if n == 0 {
			return nil
		}
		g, _, err := p.NewGroup(background)
		if err != nil {
			return err
		}
		g.Go(func() error { return depth(n - 1) })
		return g.Wait(background)
	}
	f, err := p.SubmitErr(func() error { return depth(20) })
	check(t, err)
	check(t, f.Wait(background))
}

func TestWaitForOnesOwnGroup(t *testing.T) {
	g, _ := newGroup(t, newPool(t))
	g.Go(func() error { return g.Wait(background) })
	wantError(t, g.Wait(background), ErrDeadlock)
}

func TestPoolIsCancelledUnderAGroup(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	g, _ := newGroup(t, p)
	release := busy(t, p, 1)
	g.Go(func() error { return nil })
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, p.Cancel(ctx), context.Canceled)
	ended, stop := context.WithCancel(background)
	stop()
	_ = p.Cancel(ended)
	release()
	check(t, p.Cancel(background))
	wantError(t, g.Wait(background), ErrCancelled)
}

func TestParallelFor(t *testing.T) {
	p := newPool(t)
	seen := make([]int32, 100000)
	part := func(from, to int) error {
		for i := from; i < to; i++ {
			seen[i-7]++
		}
		return nil
	}
	check(t, p.ParallelFor(background, 7, 7+len(seen), 0, part))
	f, err := p.SubmitErr(func() error { return p.ParallelFor(background, 7, 7+len(seen), 100, part) }) // on a worker
	check(t, err)
	check(t, f.Wait(background))
	for i, n := range seen {
		if n != 2 {
			t.Fatalf("%d: %d times", i, n)
		}
	}
	check(t, p.ParallelFor(background, 5, 5, 0, part))
}

func TestParallelForFails(t *testing.T) {
	p := newPool(t)
	wrong := errors.New("wrong")
	err := p.ParallelFor(background, 0, 1000, 1, func(from, _ int) error {
		if from == 500 {
			return wrong
		}
		return nil
	})
	wantError(t, err, wrong)
	var panicked *PanicError
	err = p.ParallelFor(background, 0, 10, 1, func(int, int) error { panic("no") })
	if !errors.As(err, &panicked) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(background)
	var once sync.Once
	err = p.ParallelFor(ctx, 0, 1<<40, 1, func(int, int) error {
		once.Do(cancel)
		runtime.Gosched()
		return nil
	})
	wantError(t, err, ErrCancelled, context.Canceled)
}

func TestNestedLoops(t *testing.T) {
	p := newPool(t)
	var n atomic.Int64
	check(t, p.ParallelFor(background, 0, 10, 1, func(int, int) error {
		return p.ParallelFor(background, 0, 10, 1, func(from, to int) error { n.Add(int64(to - from)); return nil })
	}))
	want(t, "n", n.Load(), 100)
}
