package libsched

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

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

// maxBatch is how many tasks one upcall is given at most. What the first upcall on a thread costs is so divided by many.
const maxBatch = 256

// runnable is a task in its slot.
type runnable interface {
	run(t *Task) int32           // 0, or a code that is a failure for the engine; may panic
	panicked(*Pool, *PanicError) // what run has panicked with
	discarded()                  // it will never run
}

type entry struct {
	run  runnable
	pool *Pool // which so outlives what is queued
}

var tasks = newTable(func(e entry) { e.run.discarded() })

// Codes of tasks that have failed.
const (
	codeFailed    = int32(1)
	codePanicked  = int32(ErrException)
	codeCancelled = int32(ErrCancelled)
)

// manyTasks is one call that runs tasks.
type manyTasks struct {
	task    Task
	slots   []uintptr
	results []int32
	next    int  // the one that runs, or will
	inside  bool // it runs
	stop    bool
	current entry
	began   time.Time
	asked   time.Duration
}

var allManyTasks = sync.Pool{New: func() any { return new(manyTasks) }}

// runMany runs tasks, and says how many it has run.
func runMany(task uintptr, slots []uintptr, results []int32) int {
	m := allManyTasks.Get().(*manyTasks)
	*m = manyTasks{task: Task{address: task}, slots: slots, results: results, began: time.Now()}
	defer m.noGoexit()
	for m.next < len(slots) && !m.stop {
		m.runSome()
		if m.inside { // panic(nil)
			m.panicked(nil)
		}
	}
	giveBackTasks(slots[:m.next])
	n := m.next
	*m = manyTasks{}
	allManyTasks.Put(m)
	return n
}

func (m *manyTasks) runSome() {
	defer m.contain()
	for {
		slot := m.slots[m.next]
		m.current = tasks.block(slot).take(slot)
		m.inside = true
		code := m.current.run.run(&m.task)
		m.inside = false
		if code != 0 {
			m.results[m.next] = code
		}
		m.next++
		if m.next == len(m.slots) {
			return
		}
		if m.shouldStop() {
			m.stop = true
			return
		}
	}
}

// askEvery is how long tasks are run without a look at whether others should go first. Such a look costs more than a small task.
const askEvery = 5 * time.Microsecond

func (m *manyTasks) shouldStop() bool {
	if at := time.Since(m.began); at-m.asked > askEvery {
		m.asked = at
		return raw.Upcall_should_stop(m.task.address) != 0
	}
	return false
}

// contain is deferred: it ends a panic of a task.
func (m *manyTasks) contain() {
	if !m.inside {
		return
	}
	if value := recover(); value != nil {
		m.panicked(value)
	}
}

func (m *manyTasks) panicked(value any) {
	m.inside = false
	m.results[m.next] = codePanicked
	m.next++
	m.current.run.panicked(m.current.pool, &PanicError{Value: value, Stack: debug.Stack()})
}

// noGoexit is deferred: it says why the process is about to end.
func (m *manyTasks) noGoexit() {
	if m.inside {
		saysGoexit()
	}
}

func saysGoexit() {
	fmt.Fprintf(os.Stderr, "libsched: runtime.Goexit (or t.FailNow) was called in a task, which Go does not allow in a call from C:\n%s\n",
		debug.Stack())
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
