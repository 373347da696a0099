package libsched

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestDispatcher(t *testing.T) {
	p := newPool(t)
	odd := errors.New("odd")
	var mutex sync.Mutex
	results := map[int]error{}
	d, err := NewDispatcher(p, func(_ *Task, n int) error {
		if n == 4 {
			panic("four")
		}
		if n%2 == 1 {
			return odd
		}
		return nil
	}, Finalize(func(n int, err error) {
		mutex.Lock()
		defer mutex.Unlock()
		results[n] = err
	}), WithLimit[int](1))
	check(t, err)
	c, err := d.NewChannel(ChannelOptions{Name: "numbers", Bound: 100})
	check(t, err)
	want(t, "name", c.Name(), "numbers")
	for i := 0; i < 5; i++ {
		check(t, c.Send(background, i))
	}
	_, err = d.NewChannel(ChannelOptions{Name: "numbers"})
	var e *Error
	if !errors.As(err, &e) || e.Errno == 0 {
		t.Fatal(err)
	}
	check(t, c.Close())
	check(t, c.Close())
	wantError(t, c.Send(background, 9), ErrClosed)
	check(t, d.Wait(background))
	stats, err := d.Stats()
	check(t, err)
	want(t, "done", stats.Done, 2)
	want(t, "failed", stats.Failed, 3)
	check(t, d.Close())
	check(t, d.Close())
	want(t, "results", len(results), 5)
	wantError(t, results[3], odd)
	var panicked *PanicError
	if results[2] != nil || !errors.As(results[4], &panicked) {
		t.Fatal(results)
	}
}

func TestChannelClear(t *testing.T) {
	p := newPool(t)
	var discarded, finalized atomic.Int64
	running, gate := make(chan struct{}), make(chan struct{})
	d, err := NewDispatcher(p, func(task *Task, n int) error {
		close(running)
		<-gate
		if !task.Cancelled() {
			t.Error("it is not cancelled")
		}
		return nil
	}, Finalize(func(int, error) { finalized.Add(1) }), OnDiscard(func(int) { discarded.Add(1) }))
	check(t, err)
	c, err := d.NewChannel(ChannelOptions{Bound: 2, Limit: 1})
	check(t, err)
	check(t, c.Send(background, 0))
	<-running
	check(t, c.Send(background, 1))
	check(t, c.TrySend(2))
	wantError(t, c.TrySend(3), ErrFull)
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, c.Send(ctx, 3), ErrCancelled, context.Canceled)
	dropped, cancelled, err := c.Clear()
	check(t, err)
	want(t, "dropped", dropped, 2)
	want(t, "cancelled", cancelled, 1)
	close(gate)
	check(t, c.Close())
	check(t, d.Cancel(background))
	want(t, "discarded", discarded.Load(), 3)
	want(t, "finalized", finalized.Load(), 0)
}

func TestChannelsOfADeadPool(t *testing.T) {
	p := newPool(t)
	d, err := NewDispatcher(p, func(*Task, string) error { return nil })
	check(t, err)
	c, err := d.NewChannel(ChannelOptions{Weight: 3, Priority: High})
	check(t, err)
	check(t, c.Pause())
	check(t, c.Send(background, "queued"))
	want(t, "length", c.Len(), 1)
	check(t, p.Cancel(background))
	wantError(t, c.Send(background, "late"), ErrClosed)
	_, err = NewDispatcher(p, func(*Task, string) error { return nil })
	wantError(t, err, ErrClosed)
	check(t, c.Close())
	check(t, d.Close())
}

func TestPanicWithoutFinalize(t *testing.T) {
	told := make(chan any, 1)
	p := newPool(t, OnPanic(func(e *PanicError) { told <- e.Value }))
	d, err := NewDispatcher(p, func(*Task, int) error { panic("unheard") })
	check(t, err)
	c, err := d.NewChannel(ChannelOptions{})
	check(t, err)
	check(t, c.Send(background, 1))
	want(t, "panic", (<-told).(string), "unheard")
	check(t, c.Close())
	check(t, d.Close())
}
