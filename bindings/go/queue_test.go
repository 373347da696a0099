package libsched

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestQueue(t *testing.T) {
	q, err := NewQueue[string](WithBound(2))
	check(t, err)
	_, err = q.TryPop()
	wantError(t, err, ErrEmpty)
	check(t, q.Push("a"))
	check(t, q.TryPush("b"))
	wantError(t, q.TryPush("c"), ErrFull)
	check(t, q.Push("c")) // beyond the bound
	want(t, "length", q.Len(), 3)
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, q.PushBounded(ctx, "d"), ErrCancelled, context.Canceled)
	value, err := q.Pop(background)
	check(t, err)
	want(t, "value", value, "a")
	check(t, q.Close())
	check(t, q.Close())
	wantError(t, q.Push("d"), ErrClosed)
	values := make([]string, 5)
	n, err := q.PopMany(background, values)
	check(t, err)
	want(t, "taken", n, 2)
	want(t, "last", values[1], "c")
	_, err = q.Pop(background)
	wantError(t, err, ErrClosed)
	_, err = q.TryPop()
	wantError(t, err, ErrClosed)
}

func TestQueueWaits(t *testing.T) {
	q, err := NewQueue[int]()
	check(t, err)
	ctx, cancel := context.WithCancel(background)
	gone := make(chan error)
	go func() { _, err := q.Pop(ctx); gone <- err }()
	cancel()
	wantError(t, <-gone, ErrCancelled, context.Canceled)
	go func() { _, err := q.Pop(background); gone <- err }()
	check(t, q.Push(1))
	check(t, <-gone)
	go func() { _, err := q.Pop(background); gone <- err }()
	q.Release()
	q.Release()
	wantError(t, <-gone, ErrClosed)
}

func TestQueueOfMany(t *testing.T) {
	q, err := NewQueue[int](WithBound(16))
	check(t, err)
	defer q.Release()
	const each, producers, consumers = 2000, 4, 4
	var sum atomic.Int64
	var all, taking sync.WaitGroup
	for i := 0; i < producers; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for k := 1; k <= each; k++ {
				if err := q.PushBounded(background, k); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	for i := 0; i < consumers; i++ {
		taking.Add(1)
		go func() {
			defer taking.Done()
			for {
				value, err := q.Pop(background)
				if err != nil {
					return
				}
				sum.Add(int64(value))
			}
		}()
	}
	all.Wait()
	check(t, q.Close())
	taking.Wait()
	want(t, "sum", sum.Load(), producers*each*(each+1)/2)
}

func TestQueueInTasks(t *testing.T) {
	p := newPool(t, WithWorkers(1))
	q, err := NewQueue[int]()
	check(t, err)
	defer q.Release()
	g, _ := newGroup(t, p)
	g.Go(func() error { _, err := q.Pop(background); return err }) // a spare worker runs the next one
	g.Go(func() error { return q.Push(1) })
	check(t, g.Wait(background))
}

func TestWhatIsLeftIsCollected(t *testing.T) {
	q, err := NewQueue[*[]byte]()
	check(t, err)
	collected := make(chan struct{})
	value := new([]byte)
	runtime.SetFinalizer(value, func(*[]byte) { close(collected) })
	check(t, q.Push(value))
	value = nil
	q.Release()
	for {
		runtime.GC()
		select {
		case <-collected:
			return
		default:
			runtime.Gosched()
		}
	}
}

func TestByteQueue(t *testing.T) {
	q, err := NewByteQueue(WithByteBound(1000))
	check(t, err)
	long := bytes.Repeat([]byte("x"), 900)
	check(t, q.Push([]byte("hello")))
	check(t, q.Push(nil))
	check(t, q.TryPush(long))
	wantError(t, q.TryPush(long), ErrFull)
	wantError(t, q.TryPush(make([]byte, 1001)), ErrRange)
	want(t, "bytes", q.ByteLen(), 905)
	buffer := make([]byte, 8)
	message, err := q.Pop(background, buffer)
	check(t, err)
	want(t, "message", string(message), "hello")
	message, err = q.Pop(background, buffer)
	check(t, err)
	want(t, "empty", len(message), 0)
	message, err = q.Pop(background, buffer)
	check(t, err)
	want(t, "long", string(message), string(long))
	_, err = q.TryPop(nil)
	wantError(t, err, ErrEmpty)
	popped := make(chan string)
	for _, wanted := range []string{"", "waited for"} {
		go func() {
			message, err := q.Pop(background, nil)
			if err != nil {
				t.Error(err)
			}
			popped <- string(message)
		}()
		check(t, q.Push([]byte(wanted)))
		want(t, "message", <-popped, wanted)
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err = q.Pop(ctx, nil)
	wantError(t, err, context.Canceled)
	check(t, q.Close())
	_, err = q.Pop(background, nil)
	wantError(t, err, ErrClosed)
}

func TestDeque(t *testing.T) {
	d, err := NewDeque[string](LIFO, 3)
	check(t, err)
	other, err := NewDeque[string](FIFO, 0)
	check(t, err)
	s, err := d.Stealer()
	check(t, err)
	for _, value := range []string{"a", "b", "c"} {
		check(t, d.Push(value))
	}
	wantError(t, d.Push("d"), ErrFull)
	value, err := d.Pop()
	check(t, err)
	want(t, "newest", value, "c")
	value, err = s.Steal()
	check(t, err)
	want(t, "oldest", value, "a")
	check(t, s.StealBatch(other, 0))
	wantError(t, s.StealBatch(nil, 0), ErrNull)
	value, err = other.Pop()
	check(t, err)
	want(t, "moved", value, "b")
	_, err = s.Steal()
	wantError(t, err, ErrEmpty)
	check(t, d.Push("e"))
	check(t, d.Close())
	check(t, d.Close())
	wantError(t, d.Push("f"), ErrClosed)
	value, err = s.StealBatchAndPop(other, 0)
	check(t, err)
	want(t, "left", value, "e")
	check(t, s.Close())
	check(t, other.Close())
}

func TestInjector(t *testing.T) {
	i, err := NewInjector[int]()
	check(t, err)
	d, err := NewDeque[int](FIFO, 0)
	check(t, err)
	n, err := i.Push(1, 2, 3, 4, 5)
	check(t, err)
	want(t, "added", n, 5)
	value, err := i.Steal()
	check(t, err)
	want(t, "oldest", value, 1)
	value, err = i.StealBatchAndPop(d, 2)
	check(t, err)
	want(t, "oldest", value, 2)
	check(t, i.StealBatch(d, 1))
	want(t, "moved", d.Len(), 2)
	want(t, "left", i.Len(), 1)
	check(t, d.Close())
	check(t, i.Close())
}

// A goroutine owns a deque, and goes from thread to thread meanwhile.
func TestDequeOfAMigratingGoroutine(t *testing.T) {
	const n = 5000
	d, err := NewDeque[int](LIFO, 0)
	check(t, err)
	defer d.Close()
	var taken, sum atomic.Int64
	var thieves sync.WaitGroup
	for i := 0; i < 4; i++ {
		s, err := d.Stealer()
		check(t, err)
		thieves.Add(1)
		go func() {
			defer thieves.Done()
			defer s.Close()
			for taken.Load() < n {
				if value, err := s.Steal(); err == nil {
					sum.Add(int64(value))
					taken.Add(1)
				} else if errors.Is(err, ErrEmpty) || errors.Is(err, ErrRetry) {
					runtime.Gosched()
				} else {
					t.Error(err)
					return
				}
			}
		}()
	}
	for i := 1; i <= n; i++ {
		if err := d.Push(i); err != nil {
			t.Fatal(err)
		}
		if i%16 == 0 {
			runtime.Gosched()
		}
		if i%3 == 0 {
			if value, err := d.Pop(); err == nil {
				sum.Add(int64(value))
				taken.Add(1)
			}
		}
	}
	thieves.Wait()
	want(t, "sum", sum.Load(), n*(n+1)/2)
}
