package libsched

import (
	"runtime"
	"sync/atomic"
)

// handle is a native object of which Go owns one reference. The reference is dropped once the handle is closed and the last call
// under way has left. The finalizer of one that is never closed drops it too, which never blocks.
//
// Nothing that a handle refers to refers back to it, so that it can be collected; and each call leaves by the handle, so that it is
// not collected before.
type handle struct {
	address uintptr
	unref   func(address uintptr)
	state   atomic.Int64 // calls under way in units of handleCall, and the two flags
}

const (
	handleClosed   = 1
	handleReleased = 2
	handleCall     = 4
)

func newHandle(address uintptr, unref func(uintptr)) *handle {
	h := &handle{address: address, unref: unref}
	runtime.SetFinalizer(h, (*handle).close)
	return h
}

// enter begins a call, which leave must end. It fails if the handle is closed.
func (h *handle) enter() bool {
	if h.state.Add(handleCall)&handleClosed == 0 {
		return true
	}
	h.leave()
	return false
}

func (h *handle) leave() {
	if h.state.Add(-handleCall) == handleClosed {
		h.release()
	}
}

// close lets no call begin any more. It may be called again.
func (h *handle) close() {
	for {
		state := h.state.Load()
		if state&handleClosed != 0 {
			return
		}
		if h.state.CompareAndSwap(state, state|handleClosed) {
			if state == 0 {
				h.release()
			}
			return
		}
	}
}

// release is done once, though several may see that nobody is left: a call that comes too late passes through it as well.
func (h *handle) release() {
	if h.state.CompareAndSwap(handleClosed, handleClosed|handleReleased) {
		runtime.SetFinalizer(h, nil)
		h.unref(h.address)
	}
}
