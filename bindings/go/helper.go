package libsched

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// The goroutines that run tasks in the place of workers (stuck.go), by the numbers that Go gives them, so that such a task can be told
// when it waits for its own end. The engine, which tells the others, knows nothing of it.
var helpers struct {
	count   atomic.Int64
	mutex   sync.Mutex
	runners map[string]*runner
}

func (r *runner) beginHelp() (end func()) {
	h, goroutine := &helpers, goroutineNumber()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.runners == nil {
		h.runners = map[string]*runner{}
	}
	h.runners[goroutine] = r
	h.count.Add(1)
	return func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		h.count.Add(-1)
		delete(h.runners, goroutine)
	}
}

// helpingRunner is what runs the calling goroutine's task in the place of a worker, or nil.
func helpingRunner() *runner {
	h := &helpers
	if h.count.Load() == 0 {
		return nil
	}
	goroutine := goroutineNumber()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.runners[goroutine]
}

// helpedTask is the task that the calling goroutine runs in the place of a worker.
func helpedTask() (task entry, ok bool) {
	if r := helpingRunner(); r != nil {
		return r.current, true
	}
	return entry{}, false
}

// goroutineNumber is what a stack trace says first: "goroutine 7 [running]". Go has no other name for a goroutine.
func goroutineNumber() string {
	var trace [40]byte
	text := strings.TrimPrefix(string(trace[:runtime.Stack(trace[:], false)]), "goroutine ")
	number, _, _ := strings.Cut(text, " ")
	if _, err := strconv.ParseUint(number, 10, 64); err != nil {
		return ""
	}
	return number
}
