package libsched

import (
	"context"

	"libsched/internal/raw"
)

// Queue is a queue of values for any number of producers and consumers, first in, first out, with two ways in: Push never waits and
// may pass the bound, PushBounded waits while the queue is full. Any goroutine may call any method at any time. Since 0.1.
type Queue[T any] struct {
	handle *handle
	values *table[T]
	pushes gate
	pops   gate
}

// QueueOption is an option of NewQueue and NewByteQueue; nil is none. Since 0.1.
type QueueOption func(*queueOptions)

type queueOptions struct {
	checked
	native raw.Queue_options
}

// WithBound says to how many messages PushBounded and TryPush fill a queue; 0 says that there is no bound. Since 0.1.
func WithBound(messages int) QueueOption {
	return func(o *queueOptions) { o.native.SetBound(o.number64("the bound", messages)) }
}

// WithByteBound says to how many bytes PushBounded and TryPush fill a ByteQueue; 0 says that there is no bound. Since 0.1.
func WithByteBound(bytes int) QueueOption {
	return func(o *queueOptions) { o.native.SetByte_bound(o.number64("the bound in bytes", bytes)) }
}

func newQueue(flags uint64, discard uintptr, options []QueueOption) (*handle, error) {
	const op = "new queue"
	o := queueOptions{native: raw.NewQueue_options()}
	defer raw.DeleteQueue_options(o.native)
	raw.Queue_options_init(o.native.Swigcptr())
	o.native.SetFlags(flags)
	o.native.SetDiscard(discard)
	for _, option := range options {
		if option != nil {
			option(&o)
		}
	}
	if err := o.failure(op); err != nil {
		return nil, err
	}
	made := raw.Queue_create(o.native.Swigcptr())
	if made < 0 {
		return nil, failure(op, made)
	}
	return newHandle(uintptr(made), raw.Queue_unref), nil
}

// NewQueue makes an empty queue. It fails with ErrRange (WithByteBound, which is for bytes) or ENOMEM. It never blocks. Since 0.1.
func NewQueue[T any](options ...QueueOption) (*Queue[T], error) {
	h, err := newQueue(0, upcalls.discard, options)
	if err != nil {
		return nil, err
	}
	return &Queue[T]{handle: h, values: valuesOf[T](), pushes: newGate(), pops: newGate()}, nil
}

// Push adds a value, however many there are. It fails with ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (q *Queue[T]) Push(value T) error { return push(q.handle, q, value, raw.Queue_push) }

// TryPush adds a value if there are fewer than the bound. It fails with ErrFull, ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (q *Queue[T]) TryPush(value T) error { return push(q.handle, q, value, raw.Queue_try_push) }

// push pushes by a handle of the queue or of a sender.
func push[T any](h *handle, q *Queue[T], value T, call func(address, message uintptr) int64) error {
	if !h.enter() {
		return closed("push")
	}
	slot := q.values.put(value)
	result := call(h.address, slot)
	h.leave()
	if result < 0 {
		q.values.remove(slot)
		return pushFailure(result)
	}
	return nil
}

func pushBounded[T any](ctx context.Context, h *handle, q *Queue[T], value T, try func(address, message uintptr) int64,
	bounded func(address, message uintptr, timeout int64, cancel uintptr) int64) error {
	if ctx == nil {
		return noContext("push")
	}
	if !h.enter() {
		return closed("push")
	}
	defer h.leave()
	slot := q.values.put(value)
	result := try(h.address, slot)
	err := pushFailure(result)
	if Status(result) == ErrFull {
		_, err = q.pushes.wait(ctx, "push", func(timeout int64, cancel uintptr) int64 {
			return bounded(h.address, slot, timeout, cancel)
		})
	}
	if err != nil {
		q.values.remove(slot)
	}
	return err
}

// PushBounded adds a value once there are fewer than the bound. It fails with ErrCancelled (the context, which is the cause), ErrClosed
// or ENOMEM. However many goroutines wait, it takes one thread. Since 0.1.
func (q *Queue[T]) PushBounded(ctx context.Context, value T) error {
	return pushBounded(ctx, q.handle, q, value, raw.Queue_try_push, raw.Queue_push_bounded)
}

// Pop takes the oldest value, once there is one. It fails with ErrCancelled (the context, which is the cause), or with ErrClosed when
// the queue is closed and nothing is left. However many goroutines wait, it takes one thread. Since 0.1.
func (q *Queue[T]) Pop(ctx context.Context) (T, error) {
	var none T
	if ctx == nil {
		return none, noContext("pop")
	}
	if !q.handle.enter() {
		return none, errPopClosed
	}
	defer q.handle.leave()
	result := raw.Queue_try_pop(q.handle.address)
	if Status(result) == ErrEmpty {
		var err error
		result, err = q.pops.wait(ctx, "pop", func(timeout int64, cancel uintptr) int64 {
			return raw.Queue_pop(q.handle.address, timeout, cancel)
		})
		if err != nil && Status(result) != ErrClosed {
			return none, err
		}
	}
	return q.popped(result)
}

// TryPop takes the oldest value. It fails with ErrEmpty, or with ErrClosed when the queue is closed and nothing is left. It never
// blocks. Since 0.1.
func (q *Queue[T]) TryPop() (T, error) {
	if !q.handle.enter() {
		var none T
		return none, errPopClosed
	}
	defer q.handle.leave()
	return q.popped(raw.Queue_try_pop(q.handle.address))
}

func (q *Queue[T]) popped(result int64) (T, error) {
	if result >= 0 {
		return q.values.remove(uintptr(result)), nil
	}
	if Status(result) == ErrClosed {
		q.handle.close() // nothing is left, and nothing will come
	}
	var none T
	return none, popFailure(result)
}

// PopMany takes the oldest values, as many as fit, once there is one, and returns how many. It fails as Pop does. Since 0.1.
func (q *Queue[T]) PopMany(ctx context.Context, values []T) (int, error) {
	if ctx == nil {
		return 0, noContext("pop")
	}
	if len(values) == 0 {
		return 0, nil
	}
	if !q.handle.enter() {
		return 0, errPopClosed
	}
	defer q.handle.leave()
	slots := make([]uintptr, len(values))
	take := func(timeout int64, cancel uintptr) int64 {
		return raw.Queue_pop_n(slots, q.handle.address, uint64(len(slots)), timeout, cancel)
	}
	result := take(0, 0)
	if Status(result) == ErrTimeout {
		var err error
		if result, err = q.pops.wait(ctx, "pop", take); err != nil && Status(result) != ErrClosed {
			return 0, err
		}
	}
	if result < 0 {
		_, err := q.popped(result)
		return 0, err
	}
	for i, slot := range slots[:result] {
		values[i] = q.values.remove(slot)
	}
	return int(result), nil
}

// Len is how many values there are; exact when no other call is under way. It never blocks. Since 0.1.
func (q *Queue[T]) Len() int { return lengthOf(q.handle, raw.Queue_len) }

// Close ends the intake: pushes fail from now on, and consumers take what is left before they get ErrClosed. It never blocks, and may be
// called again. Since 0.1.
func (q *Queue[T]) Close() error { return closeQueue(q.handle) }

// Release closes the queue and drops what is left, at once and not when the garbage collector finds it. It never blocks, and may be
// called again; calls under way end with ErrClosed. Since 0.1.
func (q *Queue[T]) Release() {
	closeQueue(q.handle)
	q.handle.close()
}

func closeQueue(h *handle) error {
	if !h.enter() {
		return nil
	}
	defer h.leave()
	return failure("close", raw.Queue_close(h.address))
}

func lengthOf(h *handle, call func(out []int64, address uintptr) int64) int {
	if !h.enter() {
		return 0
	}
	defer h.leave()
	length := make([]int64, 1)
	call(length, h.address)
	return int(length[0])
}
