package libsched

import "testing"

// The last sender closes the queue.
func TestSenders(t *testing.T) {
	q, err := NewQueue[int](WithBound(2))
	check(t, err)
	first, err := q.NewSender()
	check(t, err)
	second, err := q.NewSender()
	check(t, err)
	check(t, first.Push(1))
	check(t, first.Close())
	check(t, first.Close())
	wantError(t, first.Push(2), ErrClosed)
	check(t, second.PushBounded(background, 2))
	wantError(t, second.TryPush(3), ErrFull)
	pushed := make(chan error)
	go func() { pushed <- second.PushBounded(background, 3) }()
	for i := 1; i <= 3; i++ {
		v, err := q.Pop(background)
		check(t, err)
		want(t, "value", v, i)
	}
	check(t, <-pushed)
	check(t, second.Close())
	_, err = q.Pop(background)
	wantError(t, err, ErrClosed)
	_, err = q.NewSender()
	wantError(t, err, ErrClosed)
}

func TestByteSenders(t *testing.T) {
	q, err := NewByteQueue()
	check(t, err)
	s, err := q.NewSender()
	check(t, err)
	check(t, s.Push([]byte("a")))
	check(t, s.TryPush([]byte("b")))
	check(t, s.PushBounded(background, []byte("c")))
	check(t, s.Close())
	for _, wanted := range []string{"a", "b", "c"} {
		message, err := q.Pop(background, nil)
		check(t, err)
		want(t, "message", string(message), wanted)
	}
	_, err = q.Pop(background, nil)
	wantError(t, err, ErrClosed)
}
