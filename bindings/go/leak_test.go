package libsched

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
)

// What has ended keeps nothing alive, also while the pool, the queue and all else that it went through go on.
func TestNothingIsKeptAlive(t *testing.T) {
	var alive atomic.Int64
	thing := func() *[64]int {
		alive.Add(1)
		p := new([64]int)
		runtime.SetFinalizer(p, func(*[64]int) { alive.Add(-1) })
		return p
	}
	p := newPool(t)
	g, _ := newGroup(t, p)
	cancelled, _ := newGroup(t, p)
	q, err := NewQueue[*[64]int]()
	check(t, err)
	d, err := NewDeque[*[64]int](LIFO, 0)
	check(t, err)
	dispatcher, err := NewDispatcher(p, func(*Task, *[64]int) error { return nil })
	check(t, err)
	channel, err := dispatcher.NewChannel(ChannelOptions{})
	check(t, err)
	var futures []*Future
	func() {
		for i := 0; i < 300; i++ {
			v := thing()
			check(t, p.Submit(func() { v[0]++ }))
			u := thing()
			f, err := p.SubmitErr(func() error { u[0]++; return nil })
			check(t, err)
			futures = append(futures, f)
			w := thing()
			g.Go(func() error { w[0]++; return nil })
			check(t, q.Push(thing()))
			check(t, d.Push(thing()))
			check(t, channel.Send(background, thing()))
			x := thing()
			check(t, p.ParallelFor(background, 0, 1, 1, func(int, int) error { x[0]++; return nil }))
		}
		release := busy(t, p, 2)
		ctx, cancel := context.WithCancel(background)
		for i := 0; i < 10; i++ {
			v := thing()
			cancelled.Go(func() error { v[0]++; return nil })
			x := thing()
			go p.ParallelFor(ctx, 0, 1, 1, func(int, int) error { x[0]++; return nil })
		}
		cancelled.Cancel()
		cancel()
		release()
		check(t, g.Wait(background))
		if cancelled.Wait(background) == nil {
			t.Error("nothing was dropped")
		}
		for i := 0; i < 300; i++ {
			check(t, futures[i].Wait(background))
			_, err := q.TryPop()
			check(t, err)
			_, err = d.Pop()
			check(t, err)
		}
		dropped, err := NewQueue[*[64]int]()
		check(t, err)
		full, err := NewDeque[*[64]int](FIFO, 0)
		check(t, err)
		for i := 0; i < 300; i++ {
			check(t, dropped.Push(thing()))
			check(t, full.Push(thing()))
		}
		dropped.Release()
		check(t, full.Close())
		check(t, p.WaitIdle(background))
	}()
	for alive.Load() > 0 { // a test that hangs here has found what is kept
		runtime.GC()
		runtime.Gosched()
	}
	runtime.KeepAlive(futures)
	runtime.KeepAlive(g)
	runtime.KeepAlive(cancelled)
	check(t, channel.Close())
	check(t, dispatcher.Close())
	q.Release()
	check(t, d.Close())
}
