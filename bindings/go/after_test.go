package libsched

import (
	"context"
	"errors"
	"testing"
)

// What a function was given for the call is of no use after it, and does no harm.
func TestATaskIsKeptAfterItsEnd(t *testing.T) {
	p := newPool(t)
	var kept [2]*Task
	check(t, p.SubmitTask(func(task *Task) { kept[0] = task }))
	d, err := NewDispatcher(p, func(task *Task, _ int) error { kept[1] = task; return nil })
	check(t, err)
	c, err := d.NewChannel(ChannelOptions{})
	check(t, err)
	check(t, c.Send(background, 1))
	check(t, p.WaitIdle(background))
	for _, task := range kept {
		want(t, "cancelled", task.Cancelled(), true)
		want(t, "should yield", task.ShouldYield(), false)
		want(t, "worker", task.Worker(), -1)
	}
	check(t, d.Close())
}

func TestAJobAndAMessageAreKeptAfterTheirEnd(t *testing.T) {
	g := newGraph(t)
	var job *Job
	id := add(t, g, JobOptions{Name: "a", Func: func(_ context.Context, j *Job) error { job = j; return nil }})
	var message *Message
	result, err := g.Run(background, RunOptions{Pool: newPool(t), Handler: func(m *Message) error { message = m; return nil }})
	check(t, err)
	check(t, result.Close())
	check(t, g.Close())
	want(t, "id", job.ID(), id)
	want(t, "cancelled", job.Cancelled(), true)
	later := JobOptions{Name: "b", Func: func(context.Context, *Job) error { return nil }}
	_, err1 := job.Add(later)
	_, err2 := message.Add(later)
	for _, err := range []error{
		err1, err2, job.SignalEarly(), job.Message(nil), job.MessageBounded(nil), job.TrySlots(1), job.ReleaseSlots(1), message.SignalEarly(id),
	} {
		wantError(t, err, ErrState)
	}
}

// panic(nil) is a panic as any other.
func TestPanicNil(t *testing.T) {
	told := make(chan *PanicError, 10)
	p := newPool(t, OnPanic(func(e *PanicError) { told <- e }))
	panics := func() { panic(nil) }
	is := func(err error) {
		t.Helper()
		var e *PanicError
		if !errors.As(err, &e) {
			t.Errorf("%v", err)
		}
	}
	check(t, p.Submit(panics))
	is(<-told)
	is(p.ParallelFor(background, 0, 1, 1, func(int, int) error { panics(); return nil }))
	g := newGraph(t)
	add(t, g, JobOptions{Name: "a", Func: func(context.Context, *Job) error { panics(); return nil }})
	result, err := g.Run(background, RunOptions{Pool: p})
	wantError(t, err, ErrFailed)
	job, err := result.Jobs()
	check(t, err)
	is(job[0].Err)
	check(t, result.Close())
	result, err = g.Run(background, RunOptions{Pool: p, Handler: func(*Message) error { panics(); return nil }})
	is(err)
	check(t, result.Close())
	errs := make(chan error, 1)
	d, err := NewDispatcher(p, func(*Task, int) error { panics(); return nil }, Finalize(func(_ int, err error) { errs <- err }))
	check(t, err)
	c, err := d.NewChannel(ChannelOptions{})
	check(t, err)
	check(t, c.Send(background, 1))
	is(<-errs)
	check(t, d.Close())
}

// Functions that nobody needs may be nil, and zero values are as what is closed.
func TestNilCallbacksAndZeroValues(t *testing.T) {
	p := newPool(t)
	d, err := NewDispatcher(p, func(*Task, int) error { return nil }, Finalize[int](nil), OnDiscard[int](nil))
	check(t, err)
	c, err := d.NewChannel(ChannelOptions{})
	check(t, err)
	check(t, c.Send(background, 1))
	check(t, d.Close())
	var s Submitter
	wantError(t, s.Submit(func() {}), ErrClosed)
	wantError(t, s.TrySubmit(func() {}), ErrClosed)
	check(t, new(Pool).Close())
	check(t, new(Queue[int]).Close())
	_, err = new(Queue[int]).TryPop()
	wantError(t, err, ErrClosed)
}
