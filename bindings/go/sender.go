package libsched

import (
	"context"

	"libsched/internal/raw"
)

// Sender is one of the producers of a Queue, which is closed when the last of its senders is: so consumers come to their end without
// anybody who counts the producers. A queue that never had a sender is closed by its Close alone, and closing it closes it for senders.
//
// Any goroutine may call any method at any time. Since 0.1.
type Sender[T any] struct {
	handle *handle
	queue  *Queue[T]
}

// NewSender makes a sender of the queue. It fails with ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (q *Queue[T]) NewSender() (*Sender[T], error) {
	h, err := newSender(q.handle)
	if err != nil {
		return nil, err
	}
	return &Sender[T]{handle: h, queue: q}, nil
}

func newSender(queue *handle) (*handle, error) {
	const op = "new sender"
	if !queue.enter() {
		return nil, closed(op)
	}
	defer queue.leave()
	made := raw.Sender_create(queue.address)
	if made < 0 {
		return nil, failure(op, made)
	}
	return newHandle(uintptr(made), raw.Sender_unref), nil
}

// Push is Queue.Push. Since 0.1.
func (s *Sender[T]) Push(value T) error {
	return push(s.handle, s.queue, value, raw.Sender_push)
}

// TryPush is Queue.TryPush. Since 0.1.
func (s *Sender[T]) TryPush(value T) error {
	return push(s.handle, s.queue, value, raw.Sender_try_push)
}

// PushBounded is Queue.PushBounded. Since 0.1.
func (s *Sender[T]) PushBounded(ctx context.Context, value T) error {
	return pushBounded(ctx, s.handle, s.queue, value, raw.Sender_try_push, raw.Sender_push_bounded)
}

// Close ends the sender, and if it is the last one the queue. It never blocks, and may be called again. A sender that is forgotten is
// ended by the garbage collector. Since 0.1.
func (s *Sender[T]) Close() error {
	s.handle.close()
	return nil
}

// ByteSender is to a ByteQueue what a Sender is to a Queue. Since 0.1.
type ByteSender struct {
	handle *handle
	queue  *ByteQueue
}

// NewSender makes a sender of the queue. It fails with ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (q *ByteQueue) NewSender() (*ByteSender, error) {
	h, err := newSender(q.handle)
	if err != nil {
		return nil, err
	}
	return &ByteSender{handle: h, queue: q}, nil
}

// Push is ByteQueue.Push. Since 0.1.
func (s *ByteSender) Push(message []byte) error {
	return pushBytes(s.handle, message, raw.Sender_push_bytes)
}

// TryPush is ByteQueue.TryPush. Since 0.1.
func (s *ByteSender) TryPush(message []byte) error {
	return pushBytes(s.handle, message, raw.Sender_try_push_bytes)
}

// PushBounded is ByteQueue.PushBounded. Since 0.1.
func (s *ByteSender) PushBounded(ctx context.Context, message []byte) error {
	return pushBytesBounded(ctx, s.handle, s.queue, message, raw.Sender_try_push_bytes, raw.Sender_push_bytes_bounded)
}

// Close is Sender.Close. Since 0.1.
func (s *ByteSender) Close() error {
	s.handle.close()
	return nil
}
