package libsched

import (
	"context"

	"libsched/internal/raw"
)

// ByteQueue is a queue of messages of bytes, which it keeps copies of outside of Go's memory. Any goroutine may call any method at
// any time. Since 0.1.
type ByteQueue struct {
	handle *handle
	pushes gate
	pops   gate
}

// NewByteQueue makes an empty queue. It fails with ENOMEM. It never blocks. Since 0.1.
func NewByteQueue(options ...QueueOption) (*ByteQueue, error) {
	h, err := newQueue(uint64(raw.QUEUE_BYTES), 0, options)
	if err != nil {
		return nil, err
	}
	return &ByteQueue{handle: h, pushes: newGate(), pops: newGate()}, nil
}

// Push adds a copy of a message, however many there are. It fails with ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (q *ByteQueue) Push(message []byte) error {
	return pushBytes(q.handle, message, raw.Queue_push_bytes)
}

// TryPush adds a copy of a message if the bounds leave room for it. It fails with ErrFull, ErrClosed, ErrRange (the message is longer
// than the bound) or ENOMEM. It never blocks. Since 0.1.
func (q *ByteQueue) TryPush(message []byte) error {
	return pushBytes(q.handle, message, raw.Queue_try_push_bytes)
}

// PushBounded adds a copy of a message once the bounds leave room for it. It fails with ErrCancelled (the context, which is the cause),
// ErrClosed, ErrRange (the message is longer than the bound) or ENOMEM. However many goroutines wait, it takes one thread. Since
// 0.1.
func (q *ByteQueue) PushBounded(ctx context.Context, message []byte) error {
	return pushBytesBounded(ctx, q.handle, q, message, raw.Queue_try_push_bytes, raw.Queue_push_bytes_bounded)
}

func pushBytes(h *handle, message []byte, call func(address uintptr, message []byte) int64) error {
	if !h.enter() {
		return closed("push")
	}
	defer h.leave()
	return pushFailure(call(h.address, message))
}

func pushBytesBounded(ctx context.Context, h *handle, q *ByteQueue, message []byte, try func(address uintptr, message []byte) int64,
	bounded func(address uintptr, message []byte, timeout int64, cancel uintptr) int64) error {
	if ctx == nil {
		return noContext("push")
	}
	if !h.enter() {
		return closed("push")
	}
	defer h.leave()
	result := try(h.address, message)
	if Status(result) != ErrFull {
		return pushFailure(result)
	}
	_, err := q.pushes.wait(ctx, "push", func(timeout int64, cancel uintptr) int64 {
		return bounded(h.address, message, timeout, cancel)
	})
	return err
}

// Pop takes the oldest message, once there is one, and appends it to buffer[:0], which may be nil. It fails with ErrCancelled (the
// context, which is the cause), or with ErrClosed when the queue is closed and nothing is left. However many goroutines wait, it
// takes one thread. Since 0.1.
func (q *ByteQueue) Pop(ctx context.Context, buffer []byte) ([]byte, error) {
	if ctx == nil {
		return nil, noContext("pop")
	}
	if !q.handle.enter() {
		return nil, errPopClosed
	}
	defer q.handle.leave()
	for {
		message, err := q.tryPop(buffer)
		if err != errPopEmpty {
			return message, err
		}
		// A wait for any message, which stays: it is too long for no room at all, unless it is empty.
		result, err := q.pops.wait(ctx, "pop", func(timeout int64, cancel uintptr) int64 {
			return raw.Queue_pop_bytes(nil, q.handle.address, 0, timeout, cancel)
		})
		switch {
		case err == nil:
			return buffer[:0], nil
		case Status(result) == ErrClosed:
			return nil, errPopClosed
		}
		if e, ok := err.(*Error); !ok || e.Status != ErrRange {
			return nil, err
		}
	}
}

// TryPop is Pop, but fails with ErrEmpty in place of a wait. It never blocks. Since 0.1.
func (q *ByteQueue) TryPop(buffer []byte) ([]byte, error) {
	if !q.handle.enter() {
		return nil, errPopClosed
	}
	defer q.handle.leave()
	return q.tryPop(buffer)
}

func (q *ByteQueue) tryPop(buffer []byte) ([]byte, error) {
	buffer = buffer[:cap(buffer)]
	for {
		result := raw.Queue_try_pop_bytes(buffer, q.handle.address, uint64(len(buffer)))
		if result >= 0 {
			return buffer[:result], nil
		}
		if Status(result) == ErrClosed {
			q.handle.close()
			return nil, errPopClosed
		}
		err := popFailure(result)
		e, ok := err.(*Error)
		if !ok || e.Status != ErrRange {
			return nil, err
		}
		buffer = make([]byte, e.Offset) // the length of the message
	}
}

// Len is how many messages there are; exact when no other call is under way. It never blocks. Since 0.1.
func (q *ByteQueue) Len() int { return lengthOf(q.handle, raw.Queue_len) }

// ByteLen is how many bytes they hold; exact when no other call is under way. It never blocks. Since 0.1.
func (q *ByteQueue) ByteLen() int { return lengthOf(q.handle, raw.Queue_byte_len) }

// Close ends the intake: pushes fail from now on, and consumers take what is left before they get ErrClosed. It never blocks, and may be
// called again. Since 0.1.
func (q *ByteQueue) Close() error { return closeQueue(q.handle) }

// Release closes the queue and drops what is left, at once. It never blocks, and may be called again; calls under way end with
// ErrClosed. Since 0.1.
func (q *ByteQueue) Release() {
	closeQueue(q.handle)
	q.handle.close()
}
