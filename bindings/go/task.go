package libsched

import (
	"context"
	"fmt"
	"os"

	"libsched/internal/raw"
)

// Task is a task that runs, as its function sees it. It is for that function alone, until it returns. Since 0.1.
type Task struct{ during during }

func newTask(address uintptr) *Task { return &Task{during{address: address}} }

// Cancelled says whether the task should end early, since its pool, group or channel is being cancelled. A task
// that has ended should. It never blocks. Since 0.1.
func (t *Task) Cancelled() bool { return t.during.use(raw.Task_cancelled) != 0 }

// ShouldYield says whether a task of higher priority waits for a worker, so that a long task may submit its rest and return. It
// never blocks. Since 0.1.
func (t *Task) ShouldYield() bool { return t.during.use(raw.Should_yield) > 0 }

// Worker is the index of the worker that runs the task, -1 once that has ended. It never blocks. Since 0.1.
func (t *Task) Worker() int {
	index := t.during.use(func(address uintptr) int64 { return int64(raw.Task_worker(address)) })
	if index < 0 {
		return -1
	}
	return int(index)
}

type plainTask func()

func (f plainTask) run(uintptr) int32 {
	f()
	return 0
}

func (f plainTask) panicked(p *Pool, e *PanicError) { p.report(e) }
func (f plainTask) discarded()                      {}

type taskTask func(*Task)

func (f taskTask) run(task uintptr) int32 {
	t := newTask(task)
	defer t.during.end()
	f(t)
	return 0
}

func (f taskTask) panicked(p *Pool, e *PanicError) { p.report(e) }
func (f taskTask) discarded()                      {}

// Future is the result of a function that was submitted by SubmitErr. Since 0.1.
type Future struct {
	pool *Pool
	f    func() error
	err  error
	done chan struct{}
}

// Done is closed when the function has ended, or will never run. It never blocks, and any goroutine may call it. Since 0.1.
func (f *Future) Done() <-chan struct{} { return f.done }

// Wait waits for the end of the function and gives its error, a *PanicError, or ErrCancelled if it will never run. When the context
// is done before, it fails with ErrCancelled, with the context's error as the cause; on the pool's last worker, when no spare one can
// stand in, with ErrDeadlock. The function goes on.
//
// Any number of goroutines may wait; it takes no thread. Since 0.1.
func (f *Future) Wait(ctx context.Context) error {
	if ctx == nil {
		return noContext("wait")
	}
	select {
	case <-f.done:
		return f.err
	default:
	}
	var err error
	wait := func() {
		select {
		case <-f.done:
			err = f.err
		case <-ctx.Done():
			err = cancelled("wait", ctx.Err())
		}
	}
	if !f.pool.handle.enter() {
		wait()
		return err
	}
	defer f.pool.handle.leave()
	if deadlock := f.pool.waitAside("wait", wait); deadlock != nil {
		return deadlock
	}
	return err
}

func (f *Future) run(uintptr) int32 {
	if f.err = f.f(); f.err != nil {
		f.end()
		return codeFailed
	}
	f.end()
	return 0
}

func (f *Future) panicked(_ *Pool, e *PanicError) {
	f.err = e
	f.end()
}

func (f *Future) discarded() {
	f.err = &Error{Op: "submit", Status: ErrCancelled, Text: "the task was discarded before it ran"}
	f.end()
}

func (f *Future) end() {
	f.f = nil
	close(f.done)
}

// complain tells of a panic where nobody can be told.
func complain(e *PanicError) {
	if e != nil {
		fmt.Fprintf(os.Stderr, "libsched: %v\n", e)
	}
}
