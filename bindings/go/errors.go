package libsched

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"libsched/internal/raw"
)

// Status is what the engine says when something was not done: one of the Err constants, or a negated errno. It is an error,
// to be looked for by errors.Is. Since 0.1.
type Status int

// Error is the engine's sentence on a status. It never blocks. Since 0.1.
func (s Status) Error() string {
	return "libsched: " + raw.Status_message(int64(s))
}

// Error is a failure of the engine: errors.Is finds its Status (ErrClosed and so on), the errno of the system, what the system's
// errors are for package os, and Cause. Since 0.1.
type Error struct {
	Op     string        // what was tried
	Status Status        // one of the Err constants, or a negated errno
	Errno  syscall.Errno // of the system call that failed, or 0
	Offset uint64        // an index or byte offset into the argument that Text names, or 0
	Text   string        // what was wrong, with which value; or ""
	Cause  error         // the error of a context, or nil
}

// Error tells all of it in a line. It never blocks. Since 0.1.
func (e *Error) Error() string {
	text := e.Text
	if text == "" && e.Errno != 0 {
		text = e.Errno.Error()
	}
	if text == "" {
		text = raw.Status_message(int64(e.Status))
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return "libsched: " + e.Op + ": " + text
}

// Unwrap gives Cause. It never blocks. Since 0.1.
func (e *Error) Unwrap() error { return e.Cause }

// Is says whether target is the Status, or something that the errno is. It never blocks. Since 0.1.
func (e *Error) Is(target error) bool {
	if status, ok := target.(Status); ok {
		return status == e.Status
	}
	return e.Errno != 0 && errors.Is(e.Errno, target)
}

// PanicError is a panic that was contained: the task, job or callback that panicked has failed with it. Since 0.1.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // where, as debug.Stack has it
}

// Error tells the value and the stack. It never blocks. Since 0.1.
func (e *PanicError) Error() string {
	return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap gives the value if it is an error. It never blocks. Since 0.1.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// LiveObjects says how many handles the engine has, of all kinds: 0 when all is closed. It is for tests. It never blocks, and
// any goroutine may call it. Since 0.1.
func LiveObjects() uint64 {
	var all uint64
	count := make([]int64, 1)
	for kind := uint32(1); raw.Live_objects(count, kind) >= 0; kind++ {
		all += uint64(count[0])
	}
	return all
}

// Below this a result is no status but minus the address of details.
const leastStatus = -1 << 16

const leastErrno = -4096

// failure makes an error of a negative result, once, and nil of any other. A caller may look at the result itself for the statuses
// that it reckons with (bindings/common/raw.h): these come without details.
func failure(op string, result int64) error {
	if result >= 0 {
		return nil
	}
	e := &Error{Op: op, Status: Status(result)}
	if result < leastStatus {
		details := uintptr(-result)
		e.Status = Status(raw.Failure_code(details))
		e.Errno = syscall.Errno(raw.Failure_errno(details))
		e.Offset = raw.Failure_offset(details)
		e.Text = raw.Failure_text(details)
		raw.Failure_free(details)
	}
	if e.Errno == 0 && e.Status > leastErrno && e.Status < 0 {
		e.Errno = syscall.Errno(-e.Status)
	}
	return e
}

// codeText is for codes that are no status, such as exit codes.
func codeText(code int32) string {
	if code <= int32(ErrClosed) {
		return raw.Status_message(int64(code))
	}
	if code < 0 {
		return syscall.Errno(-code).Error()
	}
	return "code " + strconv.Itoa(int(code))
}
