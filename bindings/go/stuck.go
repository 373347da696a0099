package libsched

import (
	"errors"
	"sync"
	"time"

	"libsched/internal/raw"
)

// A task that blocks, or takes long, must not hold up those behind it in the same call: it may even wait for one of them. So a
// goroutine runs the rest of a call: as soon as its task waits in a way that this package knows of, and else when calls are looked at
// and it has not come on since the last time. But a single worker that does not wait runs them itself, one after the other.
// Nothing is looked at while there are no calls with several tasks.
var watched struct {
	mutex   sync.Mutex
	calls   []*manyTasks
	watches bool
}

// lookEvery is how often calls are looked at. A call that has not come on between two looks is stuck.
const lookEvery = time.Millisecond

func watch(m *manyTasks) {
	w := &watched
	w.mutex.Lock()
	m.place, m.seen = len(w.calls), 0
	w.calls = append(w.calls, m)
	begin := !w.watches
	w.watches = true
	w.mutex.Unlock()
	if begin {
		go watchAll()
	}
}

// unwatch returns when no helper will come any more.
func unwatch(m *manyTasks) {
	w := &watched
	w.mutex.Lock()
	last := len(w.calls) - 1
	w.calls[m.place] = w.calls[last]
	w.calls[m.place].place = m.place
	w.calls[last] = nil
	w.calls = w.calls[:last]
	w.mutex.Unlock()
}

func watchAll() {
	for look() {
		time.Sleep(lookEvery)
	}
}

func look() bool {
	w := &watched
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, m := range w.calls {
		claims := m.claims.Load()
		if claims != m.seen {
			m.seen = claims
		} else if m.pool.workers > 1 {
			m.giveAway(claims)
		}
	}
	w.watches = len(w.calls) != 0
	return w.watches
}

// giveAway has a goroutine run what is not begun, if it still is as `claims` say.
func (m *manyTasks) giveAway(claims uint64) {
	if from, to, ok := m.takeRest(claims); ok {
		m.helpers.Add(1)
		go m.help(from, to)
	}
}

// aboutToWait is called where a task is about to wait: a goroutine runs those behind it.
func aboutToWait() {
	if r := helpingRunner(); r != nil {
		r.m.giveAway(r.m.claims.Load())
		return
	}
	call := raw.Upcall_call()
	if call == 0 {
		return
	}
	w := &watched
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, m := range w.calls {
		for m.task == call && !m.helps && m.isLeft() {
			m.giveAway(m.claims.Load())
		}
	}
}

var errGoexit = errors.New("runtime.Goexit was called")

// help runs tasks that the worker does not come to. They are on no worker then.
func (m *manyTasks) help(from, to int) {
	defer m.helpers.Done()
	h := &manyTasks{task: m.task, pool: m.pool, helps: true, slots: m.slots[from:to], results: m.results[from:to]}
	h.claims.Store(uint64(to-from) << claimBits)
	r := runner{m: h}
	watch(h)
	endHelp := r.beginHelp()
	defer func() {
		endHelp()
		unwatch(h)
		if r.inside { // runtime.Goexit, which is no harm here, but to this goroutine
			r.panicked(errGoexit)
			if next, end := h.left(); next != end {
				m.helpers.Add(1)
				go m.help(from+next, from+end)
			}
		}
		h.helpers.Wait()
	}()
	for r.runSome() {
	}
}

// runAside runs tasks that were accepted and that the engine does not take, as it has no memory or thread.
func runAside(slots []uintptr) {
	m := &manyTasks{pool: tasks.peek(slots[0]).pool, slots: slots, results: make([]int32, len(slots))}
	m.helpers.Add(1)
	go m.help(0, len(slots))
	go func() {
		m.helpers.Wait()
		giveBackTasks(slots)
	}()
}
