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

func saysGoexit() {
	fmt.Fprintf(os.Stderr, "libsched: runtime.Goexit (or t.FailNow) was called in a task, which Go does not allow in a call from C:\n%s\n",
		debug.Stack())
}

// contained calls a function of the user's outside of a batch, and gives the panic that it has ended by.
func contained(f func()) (e *PanicError) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if value := recover(); value != nil {
			e = &PanicError{Value: value, Stack: debug.Stack()}
		} else {
			saysGoexit()
		}
	}()
	f()
	returned = true
	return nil
}
