package libsched

import (
	"errors"
	"sync"
	"time"
)

// A task that blocks, or takes long, must not hold up those behind it in the same call: it may even wait for one of them. So calls
// with several tasks are looked at from time to time, and when one has not come on since, a goroutine runs the rest of it.
// Nothing is looked at while there are no such calls.
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
		} else if from, to, ok := m.takeRest(claims); ok {
			m.helpers.Add(1)
			go m.help(from, to)
		}
	}
	w.watches = len(w.calls) != 0
	return w.watches
}

var errGoexit = errors.New("runtime.Goexit was called")

// help runs tasks that the worker is too busy for. They are on no worker then.
func (m *manyTasks) help(from, to int) {
	defer m.helpers.Done()
	h := &manyTasks{task: m.task, slots: m.slots[from:to], results: m.results[from:to]}
	h.claims.Store(uint64(to-from) << claimBits)
	r := runner{m: h, helps: true}
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
	m := &manyTasks{slots: slots, results: make([]int32, len(slots))}
	m.helpers.Add(1)
	go m.help(0, len(slots))
	go func() {
		m.helpers.Wait()
		giveBackTasks(slots)
	}()
}
