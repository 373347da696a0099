package libsched

import (
	"context"

	"libsched/internal/raw"
)

const forever = -1

// A gate lets one goroutine at a time wait in C, where a wait takes a thread. The others wait for it in Go, where it takes none: a
// thousand goroutines that wait for one object cost one thread.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

// wait makes a call that waits. `call` is made with a timeout in ns and a cancel switch, or 0. The caller has tried without
// waiting before.
func (g gate) wait(ctx context.Context, op string, call func(timeout int64, cancel uintptr) int64) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, cancelled(op, err)
	}
	// On a worker the goroutine is bound to a thread anyway, and the engine has a spare worker stand in for it.
	if raw.Upcall_on_worker() == 0 {
		select {
		case g <- struct{}{}:
		case <-ctx.Done():
			return 0, cancelled(op, ctx.Err())
		}
		defer func() { <-g }()
	}
	return waitInC(ctx, op, call)
}

// waitInC makes a call that waits, and triggers its cancel switch when the context is done.
func waitInC(ctx context.Context, op string, call func(timeout int64, cancel uintptr) int64) (int64, error) {
	aboutToWait()
	if ctx.Done() == nil {
		result := call(forever, 0)
		return result, failure(op, result)
	}
	made := raw.Cancel_create()
	if made < 0 {
		return made, failure(op, made)
	}
	cancel := uintptr(made)
	left, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-ctx.Done():
			raw.Cancel_trigger(cancel)
		case <-left:
		}
	}()
	result := call(forever, cancel)
	close(left)
	<-gone
	raw.Cancel_unref(cancel)
	if result < 0 && Status(result) == ErrCancelled && ctx.Err() != nil {
		return result, cancelled(op, ctx.Err())
	}
	return result, failure(op, result)
}

// callOn makes a call that does not wait.
func callOn(h *handle, op string, call func(address uintptr) int64) error {
	if !h.enter() {
		return closed(op)
	}
	defer h.leave()
	return failure(op, call(h.address))
}

// waitOn makes a call that waits, at first without waiting.
func waitOn(ctx context.Context, h *handle, g gate, op string, call func(uintptr, int64, uintptr) int64) error {
	if ctx == nil {
		return noContext(op)
	}
	if !h.enter() {
		return closed(op)
	}
	defer h.leave()
	if result := call(h.address, 0, 0); result >= 0 || Status(result) != ErrTimeout {
		return failure(op, result)
	}
	_, err := g.wait(ctx, op, func(timeout int64, cancel uintptr) int64 { return call(h.address, timeout, cancel) })
	return err
}

// cancelled is the error of a wait that its context has ended.
func cancelled(op string, cause error) error {
	return &Error{Op: op, Status: ErrCancelled, Cause: cause}
}

func closed(op string) error { return &Error{Op: op, Status: ErrClosed} }

func noContext(op string) error { return &Error{Op: op, Status: ErrNull, Text: "the context is nil"} }

// Blocking runs f, in which the running task blocks on something that the engine knows nothing of: a Go channel, a mutex, a
// read. On a worker a spare one stands in for it meanwhile; elsewhere it is just f(). Waits of this package need no Blocking.
//
// It blocks as long as f does. Any goroutine may call it. Since 0.1.
func Blocking(f func()) {
	aboutToWait()
	if raw.Upcall_on_worker() != 0 && raw.Blocking_begin() >= 0 {
		defer raw.Blocking_end()
	}
	f()
}
