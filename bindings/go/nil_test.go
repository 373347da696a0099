package libsched

import (
	"context"
	"errors"
	"testing"
)

// A nil context is refused in words, also where there would be no wait, and nothing has happened.
func TestNilContexts(t *testing.T) {
	var none context.Context
	p := newPool(t)
	future, err := p.SubmitErr(func() error { return nil })
	check(t, err)
	check(t, future.Wait(background))
	g, _ := newGroup(t, p)
	q, err := NewQueue[int](WithBound(1))
	check(t, err)
	check(t, q.Push(1))
	sender, err := q.NewSender()
	check(t, err)
	bytes, err := NewByteQueue(WithBound(1))
	check(t, err)
	byteSender, err := bytes.NewSender()
	check(t, err)
	d, err := NewDispatcher(p, func(*Task, int) error { return nil })
	check(t, err)
	c, err := d.NewChannel(ChannelOptions{})
	check(t, err)
	js, err := ServeJobserver(1, JobserverPipe, false)
	check(t, err)
	graph := newGraph(t)
	calls := map[string]func() error{
		"SubmitContext": func() error { return p.SubmitContext(none, func() { t.Error("it has run") }) },
		"SubmitAll":     func() error { _, err := p.SubmitAll(none, []func(){func() { t.Error("it has run") }}); return err },
		"ParallelFor": func() error {
			return p.ParallelFor(none, 0, 1, 1, func(int, int) error { t.Error("it has run"); return nil })
		},
		"WaitIdle":              func() error { return p.WaitIdle(none) },
		"Shutdown":              func() error { return p.Shutdown(none) },
		"Cancel":                func() error { return p.Cancel(none) },
		"NewGroup":              func() error { _, _, err := p.NewGroup(none); return err },
		"Group.Wait":            func() error { return g.Wait(none) },
		"Future.Wait":           func() error { return future.Wait(none) },
		"Queue.Pop":             func() error { _, err := q.Pop(none); return err },
		"Queue.PopMany":         func() error { _, err := q.PopMany(none, make([]int, 1)); return err },
		"Queue.PushBounded":     func() error { return q.PushBounded(none, 1) },
		"Sender.PushBounded":    func() error { return sender.PushBounded(none, 1) },
		"ByteQueue.Pop":         func() error { _, err := bytes.Pop(none, nil); return err },
		"ByteQueue.PushBounded": func() error { return bytes.PushBounded(none, nil) },
		"ByteSender":            func() error { return byteSender.PushBounded(none, nil) },
		"Channel.Send":          func() error { return c.Send(none, 1) },
		"Dispatcher.Wait":       func() error { return d.Wait(none) },
		"Dispatcher.Shutdown":   func() error { return d.Shutdown(none) },
		"Acquire":               func() error { _, err := js.Acquire(none); return err },
		"Graph.Run":             func() error { _, err := graph.Run(none, RunOptions{Pool: p}); return err },
	}
	for name, call := range calls {
		err := call()
		if !errors.Is(err, ErrNull) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		contains(t, err.Error(), "the context is nil")
	}
	check(t, c.Send(background, 1)) // the dispatcher, and below the pool, go on
	check(t, g.Wait(background))
	check(t, sender.Close())
	check(t, byteSender.Close())
	q.Release()
	bytes.Release()
	check(t, d.Close())
	check(t, js.Close())
	check(t, p.Submit(func() {}))
}

// An option that is nil is none.
func TestNilOptions(t *testing.T) {
	p := newPool(t, nil, WithName("some"), nil)
	check(t, p.Submit(func() {}))
	q, err := NewQueue[int](nil)
	check(t, err)
	q.Release()
	bytes, err := NewByteQueue(nil)
	check(t, err)
	bytes.Release()
	d, err := NewDispatcher(p, func(*Task, int) error { return nil }, nil)
	check(t, err)
	check(t, d.Close())
}
