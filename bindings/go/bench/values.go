package main

import (
	"errors"

	"libsched"
)

const values = 200000

func valueRows() []*row {
	channel := make(chan int, values)
	deque := must(libsched.NewDeque[int](libsched.LIFO, 0))
	return []*row{
		{name: "a channel: send and receive, one goroutine", pass: func() int {
			for i := 0; i < values; i++ {
				channel <- i
				<-channel
			}
			return values
		}},
		{name: "Deque: Push and Pop", beside: "a channel: send and receive, one goroutine", pass: func() int {
			for i := 0; i < values; i++ {
				check(deque.Push(i))
				must(deque.Pop())
			}
			return values
		}},
		{name: "chan int of 1024, producer and consumer", pass: func() int {
			through := make(chan int, 1024)
			go func() {
				for i := 0; i < values; i++ {
					through <- i
				}
				close(through)
			}()
			for range through {
			}
			return values
		}},
		{name: "Queue[int] with bound 1024, PushBounded and Pop", beside: "chan int of 1024, producer and consumer", pass: func() int {
			queue := must(libsched.NewQueue[int](libsched.WithBound(1024)))
			go func() {
				for i := 0; i < values; i++ {
					check(queue.PushBounded(background, i))
				}
				check(queue.Close())
			}()
			for {
				if _, err := queue.Pop(background); errors.Is(err, libsched.ErrClosed) {
					return values
				}
			}
		}},
		{name: "Queue[int] with bound 1024, PushBounded and PopMany", beside: "chan int of 1024, producer and consumer", pass: func() int {
			queue := must(libsched.NewQueue[int](libsched.WithBound(1024)))
			go func() {
				for i := 0; i < values; i++ {
					check(queue.PushBounded(background, i))
				}
				check(queue.Close())
			}()
			buffer := make([]int, 256)
			for {
				if _, err := queue.PopMany(background, buffer); errors.Is(err, libsched.ErrClosed) {
					return values
				}
			}
		}},
		{name: "chan []byte of 1024, 64-byte copies", pass: func() int {
			through := make(chan []byte, 1024)
			go func() {
				message := make([]byte, 64)
				for i := 0; i < values; i++ {
					through <- append([]byte(nil), message...)
				}
				close(through)
			}()
			buffer := make([]byte, 64)
			for message := range through {
				copy(buffer, message)
			}
			return values
		}},
		{name: "ByteQueue with bound 1024, 64 bytes", beside: "chan []byte of 1024, 64-byte copies", pass: func() int {
			queue := must(libsched.NewByteQueue(libsched.WithBound(1024)))
			go func() {
				message := make([]byte, 64)
				for i := 0; i < values; i++ {
					check(queue.PushBounded(background, message))
				}
				check(queue.Close())
			}()
			buffer := make([]byte, 64)
			for {
				if _, err := queue.Pop(background, buffer); errors.Is(err, libsched.ErrClosed) {
					return values
				}
			}
		}},
	}
}
