package libsched

import (
	"fmt"
	"os"
	"runtime/debug"

	"libsched/internal/raw"
)

// What the engine calls, as numbers to hand to it.
var upcalls struct {
	runMany, runChunk, work, finalize, job, message, completed, discard uintptr
}

func init() {
	raw.RunMany, raw.RunChunk, raw.Discard = runMany, runChunk, discardAll
	raw.Work, raw.Finalize = work, finalize
	raw.Job, raw.Message, raw.Completed = runJob, handleMessage, completed
	upcalls.runMany, upcalls.runChunk = raw.Upcall_run_many(), raw.Upcall_run_chunk()
	upcalls.work, upcalls.finalize = raw.Upcall_work(), raw.Upcall_finalize()
	upcalls.job, upcalls.message = raw.Upcall_job(), raw.Upcall_message()
	upcalls.completed, upcalls.discard = raw.Upcall_completed(), raw.Upcall_discard()
}

// endByGoexit ends the process: Go would do so in most cases, and otherwise run what was deferred below the call from C.
func endByGoexit() {
	fmt.Fprintf(os.Stderr, "libsched: runtime.Goexit (or t.FailNow) was called in a task, which Go does not allow in a call from C:\n%s\n",
		debug.Stack())
	os.Exit(2)
}

// contained calls a function of the user's outside of a batch, and gives the panic that it has ended by.
func contained(f func()) (e *PanicError) {
	returned, goes := false, true
	defer func() {
		if goes {
			endByGoexit()
		}
	}()
	func() {
		defer func() {
			if value := recover(); value != nil {
				e = &PanicError{Value: value, Stack: debug.Stack()}
			}
		}()
		f()
		returned = true
	}()
	goes = false // or this had not been reached
	if !returned && e == nil {
		e = &PanicError{Stack: debug.Stack()} // panic(nil)
	}
	return e
}
