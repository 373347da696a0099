package libsched

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"libsched/internal/raw"
)

// Pool runs functions on its workers, which are threads of its own. Its methods are those of its Submitter, which is of Normal
// priority, and any goroutine may call any of them at any time, Close too.
//
// A pool that is never closed is stopped once nobody knows it any more and nothing is queued. Since 0.1.
type Pool struct {
	Submitter
	handle   *handle
	batch    uintptr
	bounded  bool
	workers  int64        // without the spare ones
	stranded atomic.Int64 // workers that wait aside, for which no spare one stands in
	intake   intake       // of a pool that is not bounded
	room     gate         // for what waits to be queued
	idle     gate         // for WaitIdle and the shutdowns
	onPanic  func(*PanicError)
	failures sync.Mutex // of onPanic: one report at a time
}

// NewPool makes a pool. Its threads start with the first submit.
//
// It fails with ErrRange (a number that an option gives), ErrTooLarge or ENOMEM. It never blocks. Since 0.1.
func NewPool(options ...PoolOption) (*Pool, error) {
	o := poolOptions{native: raw.NewPool_options()}
	defer raw.DeletePool_options(o.native)
	raw.Pool_options_init(o.native.Swigcptr())
	for _, option := range options {
		if option != nil {
			option(&o)
		}
	}
	defer o.free()
	if err := o.failure("new pool"); err != nil {
		return nil, err
	}
	made := raw.Pool_create(o.native.Swigcptr())
	if made < 0 {
		return nil, failure("new pool", made)
	}
	batch := raw.Batch_create(uintptr(made), upcalls.runMany, upcalls.discard, maxBatch)
	if batch < 0 {
		raw.Pool_unref(uintptr(made))
		return nil, failure("new pool", batch)
	}
	p := &Pool{
		batch:   uintptr(batch),
		bounded: o.native.GetCapacity() != 0,
		workers: raw.Pool_max_workers(uintptr(made)) - o.spareWorkers(),
		room:    newGate(),
		idle:    newGate(),
		onPanic: o.onPanic,
	}
	p.handle = newHandle(uintptr(made), func(address uintptr) {
		raw.Batch_unref(uintptr(batch))
		raw.Pool_unref(address)
	})
	p.intake.init(int(p.workers), p.submitGathered)
	p.Submitter = Submitter{pool: p, priority: Normal}
	return p, nil
}

// High submits to the pool with high priority: such tasks are looked at before all others. It never blocks. Since 0.1.
func (p *Pool) High() Submitter { return Submitter{pool: p, priority: High} }

// Low submits to the pool with low priority. It never blocks. Since 0.1.
func (p *Pool) Low() Submitter { return Submitter{pool: p, priority: Low} }

// WaitIdle waits until all that was submitted has ended, also what is submitted meanwhile.
//
// It fails with ErrCancelled (the context, which is the cause), ErrDeadlock (a task of the pool calls) or ErrClosed. Since 0.1.
func (p *Pool) WaitIdle(ctx context.Context) error {
	return p.wait(ctx, "wait idle", p.waitIdle)
}

// Shutdown takes no more tasks, runs all that were accepted, and waits for their end and that of the workers. It may be called
// again, and after it Cancel.
//
// It fails with ErrCancelled (the context, which is the cause: the pool takes no tasks all the same, and goes on) or ErrDeadlock
// (a task of the pool calls: nothing has happened). Since 0.1.
func (p *Pool) Shutdown(ctx context.Context) error { return p.shutdown(ctx, raw.DRAIN) }

// Cancel takes no more tasks, drops what has not started, and waits for the end of what runs, and of the workers. Tasks that run
// see it by Task.Cancelled.
//
// It fails as Shutdown does. Since 0.1.
func (p *Pool) Cancel(ctx context.Context) error { return p.shutdown(ctx, raw.CANCEL) }

func (p *Pool) shutdown(ctx context.Context, mode uint32) error {
	err := p.wait(ctx, "shut down", func(pool uintptr, timeout int64, cancel uintptr) int64 {
		if raw.Pool_current_worker(pool) < 0 { // or the engine refuses
			p.intake.close()
		}
		return raw.Pool_shutdown(pool, mode, timeout, cancel)
	})
	if err == nil {
		p.handle.close()
	} else if e, ok := err.(*Error); ok && e.Status == ErrClosed {
		return nil
	}
	return err
}

func (p *Pool) wait(ctx context.Context, op string, call func(uintptr, int64, uintptr) int64) error {
	if task, ok := helpedTask(); ok && task.pool == p {
		return &Error{Op: op, Status: ErrDeadlock, Text: "a task of the pool waits for its own end"}
	}
	return waitOn(ctx, p.handle, p.idle, op, call)
}

// Close is Shutdown without a limit in time; it may be called again. Since 0.1.
func (p *Pool) Close() error { return p.Shutdown(context.Background()) }

// report tells of a panic that nobody else is told of.
func (p *Pool) report(e *PanicError) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(os.Stderr, "libsched: OnPanic has panicked: %v\n", v)
		}
	}()
	p.failures.Lock()
	defer p.failures.Unlock()
	if p.onPanic == nil {
		fmt.Fprintf(os.Stderr, "libsched: a task has panicked: %v\n", e)
		return
	}
	p.onPanic(e)
}

// submitGathered gives tasks of the intake to the engine, and says how many it has taken.
func (p *Pool) submitGathered(slots []uintptr) int {
	if !p.handle.enter() {
		return 0
	}
	defer p.handle.leave()
	taken := raw.Batch_submit_n(p.batch, 0, uint32(Normal), slots, 0, 0)
	if taken < 0 {
		_ = failure("submit", taken)
		return 0
	}
	return int(taken)
}

// waitIdle waits until the engine is idle and the intake has been.
func (p *Pool) waitIdle(pool uintptr, timeout int64, cancel uintptr) int64 {
	for {
		_, none := p.intake.waits()
		if result := raw.Pool_wait_idle(pool, timeout, cancel); result < 0 || none {
			return result
		}
		runtime.Gosched() // somebody is just handing over
	}
}
