package libsched

import (
	"context"

	"libsched/internal/raw"
)

// Dispatcher runs the values of any number of channels on a pool, so that no channel starves another: by turns, and no more at a time
// than its limit says. Each value is given to work, and then, if there is a Finalize, its result to that; a channel that is cleared has
// neither happen, or only the first. Any goroutine may call any method at any time. Since 0.1.
type Dispatcher[T any] struct {
	handle    *handle
	functions *functionsOf[T]
	waits     gate
}

type functionsOf[T any] struct {
	pool *Pool
	checked
	work     func(*Task, T) error
	finalize func(T, error)
	discard  func(T)
	keeps    *handle // the dispatcher lives as long as values of it wait
}

// DispatcherOption is an option of NewDispatcher; nil is none. Since 0.1.
type DispatcherOption[T any] func(raw.Dispatcher_options, *functionsOf[T])

// WithLimit says how many values are worked on at a time; 0 says as many as the pool has workers. Since 0.1.
func WithLimit[T any](limit int) DispatcherOption[T] {
	return func(o raw.Dispatcher_options, fs *functionsOf[T]) { o.SetLimit(fs.number32("the limit", limit)) }
}

// Finalize is told of what work has returned, on the same worker; unless the channel was cleared before. A panic of work is a
// *PanicError. nil says that nobody is. Since 0.1.
func Finalize[T any](f func(value T, err error)) DispatcherOption[T] {
	return func(o raw.Dispatcher_options, fs *functionsOf[T]) {
		fs.finalize = f
		if f == nil {
			o.SetFinalize(0)
		} else {
			o.SetFinalize(upcalls.finalize)
		}
	}
}

// OnDiscard is told of values that were dropped: in place of work, or in place of Finalize. Since 0.1.
func OnDiscard[T any](f func(value T)) DispatcherOption[T] {
	return func(_ raw.Dispatcher_options, fs *functionsOf[T]) { fs.discard = f }
}

// NewDispatcher makes a dispatcher without channels. Without Finalize, an error of work only counts in the statistics, and a panic goes to
// the pool's OnPanic. work must not call runtime.Goexit.
//
// It fails with ErrClosed (the pool is), ErrNull (no pool or no work) or ENOMEM. It never blocks. Since 0.1.
func NewDispatcher[T any](p *Pool, work func(*Task, T) error, options ...DispatcherOption[T]) (*Dispatcher[T], error) {
	const op = "new dispatcher"
	if p == nil || work == nil {
		return nil, isNil(op)
	}
	if !p.handle.enter() {
		return nil, closed(op)
	}
	defer p.handle.leave()
	o := raw.NewDispatcher_options()
	defer raw.DeleteDispatcher_options(o)
	raw.Dispatcher_options_init(o.Swigcptr())
	o.SetWork(upcalls.work)
	o.SetDiscard(upcalls.discard)
	functions := &functionsOf[T]{pool: p, work: work}
	for _, option := range options {
		if option != nil {
			option(o, functions)
		}
	}
	if err := functions.failure(op); err != nil {
		return nil, err
	}
	made := raw.Dispatcher_create(p.handle.address, o.Swigcptr())
	if made < 0 {
		return nil, failure(op, made)
	}
	h := newHandle(uintptr(made), raw.Dispatcher_unref)
	functions.keeps = h
	return &Dispatcher[T]{handle: h, functions: functions, waits: newGate()}, nil
}

// SetLimit changes how many values are worked on at a time; 0 says the default. It fails with ErrClosed. It never blocks. Since 0.1.
func (d *Dispatcher[T]) SetLimit(limit int) error {
	return setLimit(d.handle, limit, raw.Dispatcher_set_limit)
}

func setLimit(h *handle, limit int, call func(address uintptr, limit uint32) int64) error {
	const op = "set limit"
	var c checked
	n := c.number32("the limit", limit)
	if err := c.failure(op); err != nil {
		return err
	}
	return callOn(h, op, func(address uintptr) int64 { return call(address, n) })
}

// Pause starts work on no value any more, until Resume. Channels still take values. It fails with ErrClosed. It never blocks. Since 0.1.
func (d *Dispatcher[T]) Pause() error { return callOn(d.handle, "pause", raw.Dispatcher_pause) }

// Resume ends a pause. It fails with ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (d *Dispatcher[T]) Resume() error { return callOn(d.handle, "resume", raw.Dispatcher_resume) }

// Wait waits until every channel is closed and all of its values are done. It fails with ErrCancelled (the context, which is the cause),
// ErrDeadlock (work calls) or ErrClosed. However many goroutines wait, it takes one thread. Since 0.1.
func (d *Dispatcher[T]) Wait(ctx context.Context) error {
	return d.wait(ctx, "wait for a dispatcher", raw.Dispatcher_wait)
}

// Shutdown closes all channels and waits until all that was sent is done. It may be called again, and after it Cancel.
//
// It fails as Wait does; the channels are closed all the same, unless it is ErrDeadlock. Since 0.1.
func (d *Dispatcher[T]) Shutdown(ctx context.Context) error { return d.shutdown(ctx, raw.DRAIN) }

// Cancel closes and clears all channels, and waits until no work is under way. It fails as Shutdown does. Since 0.1.
func (d *Dispatcher[T]) Cancel(ctx context.Context) error { return d.shutdown(ctx, raw.CANCEL) }

// Close is Shutdown without a limit in time; it may be called again. Since 0.1.
func (d *Dispatcher[T]) Close() error { return d.Shutdown(context.Background()) }

func (d *Dispatcher[T]) shutdown(ctx context.Context, mode uint32) error {
	const op = "shut down"
	err := d.wait(ctx, op, func(address uintptr, timeout int64, cancel uintptr) int64 {
		return raw.Dispatcher_shutdown(address, mode, timeout, cancel)
	})
	if err == nil {
		d.handle.close()
	} else if e, ok := err.(*Error); ok && e.Status == ErrClosed {
		return nil
	}
	return err
}

func (d *Dispatcher[T]) wait(ctx context.Context, op string, call func(uintptr, int64, uintptr) int64) error {
	return waitOn(ctx, d.handle, d.waits, op, call)
}

// DispatcherStats is what a dispatcher has done, at one moment. Since 0.1.
type DispatcherStats struct {
	Channels  uint64 // that are open, or have values left
	Queued    uint64 // values that wait
	Running   uint64 // values that are worked on
	Done      uint64 // values whose work went well
	Failed    uint64 // values whose work failed
	Cancelled uint64 // values that were dropped, before or after their work
	Limit     int    // in force
	Paused    bool
}

// Stats takes a picture. It fails with ErrClosed. It never blocks. Since 0.1.
func (d *Dispatcher[T]) Stats() (stats DispatcherStats, err error) {
	o := raw.NewDispatcher_stats()
	defer raw.DeleteDispatcher_stats(o)
	raw.Dispatcher_stats_init(o.Swigcptr())
	err = callOn(d.handle, "stats", func(address uintptr) int64 { return raw.Dispatcher_get_stats(o.Swigcptr(), address) })
	if err == nil {
		stats = DispatcherStats{
			Channels: o.GetChannels(), Queued: o.GetQueued(), Running: o.GetRunning(), Done: o.GetDone(),
			Failed: o.GetFailed(), Cancelled: o.GetCancelled(), Limit: int(o.GetLimit()), Paused: o.GetPaused() != 0,
		}
	}
	return stats, err
}
