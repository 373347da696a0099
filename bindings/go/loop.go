package libsched

import (
	"context"
	"sync"
	"sync/atomic"

	"libsched/internal/raw"
)

// loop is a ParallelFor that runs.
type loop struct {
	ctx   context.Context
	f     func(from, to int) error
	from  int
	mutex sync.Mutex
	err   error // the first
}

var loops = newTable[*loop](nil)

// ParallelFor calls f for parts of the range from `from` up to `to`, which together are the range, on the pool's workers, and returns
// when all calls have ended. No part is longer than grain; 0 says that the engine chooses. On a worker of the pool the caller
// takes part; elsewhere its goroutine waits, and takes no thread. Loops may be nested.
//
// It gives the first error of f, or a *PanicError; no further part begins then, nor when the context is done: ErrCancelled, with the
// context's error as the cause. It fails with ErrClosed, ErrNull, ErrDeadlock (on the pool's last worker, when no spare one can stand
// in and the stack is used up) or ENOMEM before anything has run. Since 0.1.
func (s Submitter) ParallelFor(ctx context.Context, from, to, grain int, f func(from, to int) error) error {
	const op = "parallel for"
	if ctx == nil {
		return noContext(op)
	}
	if f == nil {
		return isNil(op)
	}
	if to <= from {
		return nil
	}
	p := s.pool
	if p == nil || !p.handle.enter() {
		return closed(op)
	}
	defer p.handle.leave()
	if grain < 0 {
		grain = 0
	}
	l := &loop{ctx: ctx, f: f, from: from}
	all := func() error { return s.loop(ctx, l, uint64(to-from), uint64(grain)) }
	if p.mayHelp() {
		return all()
	}
	// The wait in C would take a thread: a task of the pool waits there in the caller's place.
	var begun atomic.Bool
	future := &Future{pool: p, done: make(chan struct{})}
	future.f = func() error {
		if begun.Swap(true) {
			return nil
		}
		return all()
	}
	var err error
	deadlock := p.waitAside(op, func() {
		if err = s.submit(ctx, op, entry{run: future, pool: p}, 0); err != nil {
			return
		}
		select {
		case <-future.done:
		case <-ctx.Done():
			if !begun.Swap(true) {
				err = cancelled(op, ctx.Err())
				return
			}
			<-future.done
		}
		err = future.err
	})
	if deadlock != nil {
		return deadlock
	}
	return err
}

// loop runs on a worker of the pool.
func (s Submitter) loop(ctx context.Context, l *loop, n, grain uint64) error {
	if err := ctx.Err(); err != nil {
		return cancelled("parallel for", err)
	}
	slot := loops.put(l)
	_, err := waitInC(ctx, "parallel for", func(_ int64, cancel uintptr) int64 {
		return raw.Parallel_for_each_chunk(nil, s.pool.handle.address, uint32(s.priority), 0, n, grain,
			upcalls.runChunk, slot, cancel)
	})
	loops.remove(slot)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.err != nil {
		return l.err
	}
	return err
}

func runChunk(_ uintptr, begin, end uint64, slot uintptr) int32 {
	l := loops.peek(slot)
	if err := l.ctx.Err(); err != nil {
		l.fail(cancelled("parallel for", err))
		return codeCancelled
	}
	var err error
	if e := contained(func() { err = l.f(l.from+int(begin), l.from+int(end)) }); e != nil {
		l.fail(e)
		return codePanicked
	}
	if err != nil {
		l.fail(err)
		return codeFailed
	}
	return 0
}

func (l *loop) fail(err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.err == nil {
		l.err = err
	}
}
