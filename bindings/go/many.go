package libsched

import (
	"runtime/debug"
	"sync"
	"sync/atomic"

	"libsched/internal/raw"
)

// maxBatch is how many tasks one upcall is given at most. What the first upcall on a thread costs is so divided by many.
const maxBatch = 256

// runnable is a task in its slot.
type runnable interface {
	run(task uintptr) int32      // 0, or a code that is a failure for the engine; may panic
	panicked(*Pool, *PanicError) // what run has panicked with
	discarded()                  // it will never run
}

type entry struct {
	run      runnable
	pool     *Pool // which so outlives what is queued
	gathered bool  // it has come by the intake
}

var tasks = newTable(func(e entry) { e.run.discarded() })

// Codes of tasks that have failed.
const (
	codeFailed    = int32(1)
	codePanicked  = int32(ErrException)
	codeCancelled = int32(ErrCancelled)
)

// manyTasks is one call of the engine that runs tasks, in order, or those of one that a goroutine runs. Each stays a task of its own:
// those behind one that holds them up are run by a goroutine (stuck.go), and when more urgent ones wait, the engine gets them back.
type manyTasks struct {
	task    uintptr
	pool    *Pool
	slots   []uintptr
	results []int32
	claims  atomic.Uint64 // the next one that nobody runs, and above that where they end for the worker
	helpers sync.WaitGroup
	helps   bool   // a goroutine runs them
	place   int    // among those that are watched
	seen    uint64 // claims, when they were looked at last
}

const claimBits = 32

// left says what nobody runs.
func (m *manyTasks) left() (next, end int) {
	claims := m.claims.Load()
	return int(uint32(claims)), int(claims >> claimBits)
}

func (m *manyTasks) isLeft() bool {
	next, end := m.left()
	return next != end
}

// claim gives the next one to run; not ok if there is none for the worker.
func (m *manyTasks) claim() (at int, ok bool) {
	for {
		claims := m.claims.Load()
		if uint32(claims) == uint32(claims>>claimBits) {
			return 0, false
		}
		if m.claims.CompareAndSwap(claims, claims+1) {
			return int(uint32(claims)), true
		}
	}
}

// takeRest takes what the worker has not begun.
func (m *manyTasks) takeRest(claims uint64) (from, to int, ok bool) {
	next, end := uint32(claims), uint32(claims>>claimBits)
	ok = next != end && m.claims.CompareAndSwap(claims, uint64(next)<<claimBits|uint64(next))
	return int(next), int(end), ok
}

var allManyTasks = sync.Pool{New: func() any { return new(manyTasks) }}

// runMany runs tasks, and says how many have been run.
func runMany(task uintptr, slots []uintptr, results []int32) int {
	m := allManyTasks.Get().(*manyTasks)
	first := tasks.peek(slots[0]) // all are of one kind
	p, gathered := first.pool, first.gathered
	m.task, m.pool, m.slots, m.results = task, p, slots, results
	m.claims.Store(uint64(len(slots)) << claimBits)
	if gathered {
		p.intake.started(len(slots))
	}
	r := runner{m: m, clock: newAskClock()}
	defer r.noGoexit()
	if len(slots) > 1 {
		watch(m)
	}
	for r.runSome() {
	}
	n := len(slots)
	if n > 1 {
		unwatch(m)
		if next, end := m.left(); end != n {
			Blocking(m.helpers.Wait) // they have all that comes after
		} else {
			n = next
		}
	}
	giveBackTasks(slots[:n])
	if gathered && n != len(slots) {
		p.intake.notStarted(len(slots) - n)
	}
	m.pool, m.slots, m.results = nil, nil, nil
	allManyTasks.Put(m)
	return n
}

// runner runs tasks of a call, on the worker or elsewhere.
type runner struct {
	m       *manyTasks
	current entry
	at      int
	inside  bool // the task at `at` runs
	clock   askClock
}

// runSome runs tasks up to the end of the call, or to one that panics: whether there may be more.
func (r *runner) runSome() (more bool) {
	if r.inside { // it has ended by panic(nil)
		r.panicked(nil)
	}
	defer r.contain(&more)
	for {
		at, ok := r.m.claim()
		if !ok {
			return false
		}
		r.run(at)
		if !r.m.helps && r.m.isLeft() && r.shouldStop() {
			return false
		}
	}
}

func (r *runner) run(at int) {
	slot := r.m.slots[at]
	r.at, r.current = at, tasks.block(slot).take(slot)
	r.inside = true
	code := r.current.run.run(r.m.task)
	r.inside = false
	if code != 0 {
		r.m.results[at] = code
	}
}

func (r *runner) shouldStop() bool {
	return r.clock.isTime() && raw.Upcall_should_stop(r.m.task) != 0
}

// contain is deferred: it ends a panic of a task.
func (r *runner) contain(more *bool) {
	if !r.inside {
		return
	}
	*more = true
	if value := recover(); value != nil {
		r.panicked(value)
	}
}

func (r *runner) panicked(value any) {
	r.inside = false
	r.m.results[r.at] = codePanicked
	r.current.run.panicked(r.current.pool, &PanicError{Value: value, Stack: debug.Stack()})
}

// noGoexit is deferred: it ends the process when a task has called runtime.Goexit.
func (r *runner) noGoexit() {
	if r.inside {
		endByGoexit()
	}
}

// giveBackTasks gives back slots that were emptied, those of one block at once.
func giveBackTasks(slots []uintptr) {
	for i := 0; i < len(slots); {
		first := slots[i] >> blockBits
		same := i + 1
		for same < len(slots) && slots[same]>>blockBits == first {
			same++
		}
		tasks.giveBack(tasks.block(slots[i]), uint32(same-i))
		i = same
	}
}
