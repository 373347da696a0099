package libsched

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestSubmit(t *testing.T) {
	p := newPool(t)
	var ran atomic.Int64
	for i := 0; i < 10000; i++ {
		check(t, p.Submit(func() { ran.Add(1) }))
	}
	all := make([]func(), 5000)
	for i := range all {
		all[i] = func() { ran.Add(1) }
	}
	n, err := p.SubmitAll(background, all)
	check(t, err)
	want(t, "taken", n, 5000)
	check(t, p.WaitIdle(background))
	want(t, "ran", ran.Load(), 15000)
	stats, err := p.Stats()
	check(t, err)
	want(t, "completed", stats.Priority[Normal].Completed, 15000)
}

func TestPriorities(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	release := busy(t, p, 1)
	var order []string
	check(t, p.Low().Submit(func() { order = append(order, "low") }))
	check(t, p.Submit(func() { order = append(order, "normal") }))
	check(t, p.High().Submit(func() { order = append(order, "high") }))
	release()
	check(t, p.WaitIdle(background))
	want(t, "first", order[0], "high")
	want(t, "last", order[2], "low")
}

func TestFuture(t *testing.T) {
	p := newPool(t)
	failed := errors.New("no such luck")
	f, err := p.SubmitErr(func() error { return failed })
	check(t, err)
	wantError(t, f.Wait(background), failed)
	f, err = p.SubmitErr(func() error { panic("oh") })
	check(t, err)
	var panicked *PanicError
	if !errors.As(f.Wait(background), &panicked) {
		t.Fatal("no PanicError")
	}
	want(t, "value", panicked.Value.(string), "oh")
	contains(t, string(panicked.Stack), "TestFuture")
	check(t, p.WaitIdle(background)) // they are counted after their futures are done
	stats, err := p.Stats()
	check(t, err)
	want(t, "failed", stats.Priority[Normal].Failed, 2)
}

func TestPanicsAreContained(t *testing.T) {
	var told []any
	p := newPool(t, OnPanic(func(e *PanicError) { told = append(told, e.Value) }), WithWorkers(1))
	all := []func(){func() { panic(1) }, func() {}, func() { panic(errors.New("2")) }, func() { var m map[int]int; m[1] = 1 }}
	_, err := p.SubmitAll(background, all)
	check(t, err)
	check(t, p.WaitIdle(background))
	want(t, "panics", len(told), 3)
	stats, err := p.Stats()
	check(t, err)
	want(t, "failed", stats.Priority[Normal].Failed, 3)
	want(t, "completed", stats.Priority[Normal].Completed, 1)
}

func TestOnPanicPanics(t *testing.T) {
	p := newPool(t, OnPanic(func(*PanicError) { panic("again") }))
	check(t, p.Submit(func() { panic("once") }))
	check(t, p.WaitIdle(background))
}

func TestNil(t *testing.T) {
	p := newPool(t)
	wantError(t, p.Submit(nil), ErrNull)
	wantError(t, p.TrySubmit(nil), ErrNull)
	_, err := p.SubmitErr(nil)
	wantError(t, err, ErrNull)
	n, err := p.SubmitAll(background, []func(){func() {}, nil})
	wantError(t, err, ErrNull)
	want(t, "taken", n, 0)
	wantError(t, p.ParallelFor(background, 0, 1, 0, nil), ErrNull)
}

func TestOptionsOutOfRange(t *testing.T) {
	for _, option := range []PoolOption{WithWorkers(-1), WithWorkers(1 << 20), WithAffinity(1 << 20), WithSpareWorkers(-1)} {
		_, err := NewPool(option)
		wantError(t, err, ErrRange)
		var e *Error
		if !errors.As(err, &e) || e.Text == "" {
			t.Fatalf("no details: %v", err)
		}
	}
}

func TestUseAfterClose(t *testing.T) {
	p := newPool(t)
	check(t, p.Close())
	check(t, p.Close())
	wantError(t, p.Submit(func() {}), ErrClosed)
	wantError(t, p.TrySubmit(func() {}), ErrClosed)
	wantError(t, p.WaitIdle(background), ErrClosed)
	_, _, err := p.NewGroup(background)
	wantError(t, err, ErrClosed)
	_, err = p.Stats()
	wantError(t, err, ErrClosed)
	wantError(t, p.ParallelFor(background, 0, 10, 1, func(int, int) error { return nil }), ErrClosed)
}

func TestCloseFromATask(t *testing.T) {
	p := newPool(t)
	f, err := p.SubmitErr(p.Close)
	check(t, err)
	wantError(t, f.Wait(background), ErrDeadlock)
	f, err = p.SubmitErr(func() error { return p.WaitIdle(background) })
	check(t, err)
	wantError(t, f.Wait(background), ErrDeadlock)
}

func TestCloseWhileOthersSubmit(t *testing.T) {
	for round := 0; round < 20; round++ {
		p := newPool(t)
		var accepted, ran atomic.Int64
		var submitters sync.WaitGroup
		for i := 0; i < 4; i++ {
			submitters.Add(1)
			go func() {
				defer submitters.Done()
				for p.Submit(func() { ran.Add(1) }) == nil {
					accepted.Add(1)
				}
			}()
		}
		for accepted.Load() < 100 {
			runtime.Gosched()
		}
		check(t, p.Close())
		submitters.Wait()
		want(t, "ran", ran.Load(), accepted.Load())
	}
}

func TestCancelDrops(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	running := make(chan struct{})
	check(t, p.SubmitTask(func(task *Task) {
		close(running)
		for !task.Cancelled() {
			runtime.Gosched()
		}
	}))
	<-running
	f, err := p.SubmitErr(func() error { return nil })
	check(t, err)
	check(t, p.Cancel(background))
	wantError(t, f.Wait(background), ErrCancelled)
}

func TestCallbacksDuringShutdown(t *testing.T) {
	p := newPool(t)
	release := busy(t, p, 2)
	var after atomic.Int64
	for i := 0; i < 100; i++ {
		check(t, p.Submit(func() {
			if errors.Is(p.Submit(func() {}), ErrClosed) {
				after.Add(1)
			}
		}))
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, p.Shutdown(ctx), ErrCancelled, context.Canceled)
	release()
	check(t, p.Shutdown(background))
	want(t, "saw the end", after.Load(), 100)
}

func TestCapacity(t *testing.T) {
	p := newPool(t, WithWorkers(1), WithCapacity(2))
	release := busy(t, p, 1)
	check(t, p.TrySubmit(func() {}))
	check(t, p.Submit(func() {}))
	wantError(t, p.TrySubmit(func() {}), ErrFull)
	ctx, cancel := context.WithTimeout(background, time.Millisecond)
	defer cancel()
	wantError(t, p.SubmitContext(ctx, func() {}), ErrCancelled, context.DeadlineExceeded)
	n, err := p.SubmitAll(ctx, []func(){func() {}})
	wantError(t, err, context.DeadlineExceeded)
	want(t, "taken", n, 0)
	waits := make(chan error)
	go func() { waits <- p.Submit(func() {}) }()
	release()
	check(t, <-waits)
	check(t, p.WaitIdle(background))
}

func TestAThousandPools(t *testing.T) {
	for i := 0; i < 1000; i++ {
		p, err := NewPool(WithWorkers(2))
		check(t, err)
		ran := make(chan struct{})
		check(t, p.Submit(func() { close(ran) }))
		<-ran
		check(t, p.Close())
	}
}

func TestNeverClosed(t *testing.T) {
	before := LiveObjects()
	ran := make(chan struct{})
	func() {
		p, err := NewPool(WithWorkers(2))
		check(t, err)
		check(t, p.Submit(func() { close(ran) }))
		q, err := NewQueue[string]()
		check(t, err)
		check(t, q.Push("left"))
		g, _, err := p.NewGroup(background)
		check(t, err)
		g.Go(func() error { return nil })
	}()
	<-ran
	for LiveObjects() > before {
		runtime.GC()
		runtime.Gosched()
	}
}

func TestExecWhileTasksRun(t *testing.T) {
	p := newPool(t)
	var stop atomic.Bool
	defer stop.Store(true)
	for i := 0; i < 2; i++ {
		check(t, p.Submit(func() {
			for !stop.Load() {
				runtime.Gosched()
			}
		}))
	}
	for i := 0; i < 20; i++ {
		output, err := exec.Command("echo", "hello").Output()
		check(t, err)
		want(t, "output", string(output), "hello\n")
	}
	stop.Store(true)
	check(t, p.WaitIdle(background))
}

func TestTasksStartProcesses(t *testing.T) {
	p := newPool(t)
	g, _, err := p.NewGroup(background)
	check(t, err)
	for i := 0; i < 20; i++ {
		g.Go(func() error { return exec.Command("true").Run() })
	}
	check(t, g.Wait(background))
}

func init() {
	programs["exit with a busy pool"] = func() {
		p, _ := NewPool()
		for i := 0; i < 100000; i++ {
			p.Submit(func() { time.Sleep(time.Hour) })
		}
	}
	programs["Goexit"] = func() {
		p, _ := NewPool()
		p.Submit(runtime.Goexit)
		p.WaitIdle(background)
	}
	programs["default OnPanic"] = func() {
		p, _ := NewPool()
		p.Submit(func() { panic("nobody listens") })
		p.WaitIdle(background)
	}
}

func TestExitWithABusyPool(t *testing.T) {
	output, err := run1(t, "exit with a busy pool")
	check(t, err)
	want(t, "output", output, "")
}

func TestGoexitEndsTheProcess(t *testing.T) {
	output, err := run1(t, "Goexit")
	if err == nil {
		t.Fatal("it has survived: say so in the documentation")
	}
	contains(t, output, "runtime.Goexit (or t.FailNow) was called in a task")
}

func TestPanicsAreToldToStderr(t *testing.T) {
	output, err := run1(t, "default OnPanic")
	check(t, err)
	contains(t, output, "nobody listens")
	contains(t, output, "pool_test.go")
}

// A task may wait for one that was submitted after it, also where both come in one call.
func TestATaskWaitsForTheNext(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	release := busy(t, p, 1)
	const n = 50
	var gates [n + 1]chan struct{}
	for i := range gates {
		gates[i] = make(chan struct{})
	}
	all := make([]func(), n)
	for i := range all {
		i := i
		all[i] = func() { Blocking(func() { <-gates[i+1] }); close(gates[i]) }
	}
	_, err := p.SubmitAll(background, all)
	check(t, err)
	check(t, p.Submit(func() { close(gates[n]) }))
	release()
	Blocking(func() { <-gates[0] })
	check(t, p.WaitIdle(background))
	stats, err := p.Stats()
	check(t, err)
	want(t, "completed", stats.Priority[Normal].Completed, n+2)
}
