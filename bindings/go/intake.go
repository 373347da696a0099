package libsched

import "sync"

// intake gathers tasks on their way to the engine, in order: those of Normal priority that belong to no group, of a pool without a
// capacity. As long as the engine has one for each worker that has not started, those behind them need not be there: so they wait here,
// and who starts the last of them but a few hands over more. A goroutine that submits many tasks makes few calls so, and the engine's
// queue stays in the cache.
//
// No task is left here: who puts one in looks at `unstarted` in the same section, and hands over if there are too few. Who starts tasks
// takes them off `unstarted` in a section, and looks for more in the same.
type intake struct {
	submit  func(slots []uintptr) int // to the engine, which never waits for room; how many it has taken
	workers int

	mutex     sync.Mutex // of what follows
	first     *intakePart
	last      *intakePart
	waiting   int
	unstarted int  // of the engine, or just being handed over
	handing   bool // somebody does; one at a time, so that the order stays
	closed    bool
	settled   sync.Cond // nobody does any more
}

// intakePart is tasks that are handed over at once.
type intakePart struct {
	slots *[sliceSlots]uintptr // apart, since what C is given must hold no pointers
	n     int
	next  *intakePart
}

const fewOfWorker = 128 // unstarted tasks of the engine for each worker, below which more are handed over

var intakeParts = sync.Pool{New: func() any { return &intakePart{slots: new([sliceSlots]uintptr)} }}

func (in *intake) init(workers int, submit func(slots []uintptr) int) {
	in.submit = submit
	in.workers = workers
	in.first = intakeParts.Get().(*intakePart)
	in.last = in.first
	in.settled.L = &in.mutex
}

// put takes a task; false once it is closed.
func (in *intake) put(slot uintptr) bool {
	in.mutex.Lock()
	if in.closed {
		in.mutex.Unlock()
		return false
	}
	part := in.room()
	part.slots[part.n] = slot
	part.n++
	in.waiting++
	needed := in.unstarted < in.workers
	in.mutex.Unlock()
	if needed {
		in.handOver()
	}
	return true
}

// putAll takes tasks, and says how many: all, or fewer once it is closed.
func (in *intake) putAll(slots []uintptr) int {
	for done := 0; done < len(slots); {
		in.mutex.Lock()
		if in.closed {
			in.mutex.Unlock()
			return done
		}
		part := in.room()
		n := copy(part.slots[part.n:], slots[done:])
		part.n += n
		in.waiting += n
		needed := in.unstarted < in.workers
		in.mutex.Unlock()
		done += n
		if needed {
			in.handOver()
		}
	}
	return len(slots)
}

// room gives a part that is not full.
func (in *intake) room() *intakePart {
	if in.last.n == sliceSlots {
		in.last.next = intakeParts.Get().(*intakePart)
		in.last = in.last.next
	}
	return in.last
}

// started is told of tasks of the engine that are about to start.
func (in *intake) started(tasks int) {
	in.mutex.Lock()
	in.unstarted -= tasks
	more := in.wanted()
	in.mutex.Unlock()
	if more {
		in.handOver()
	}
}

// notStarted is told of tasks that were about to start and are the engine's again.
func (in *intake) notStarted(tasks int) {
	in.mutex.Lock()
	in.unstarted += tasks
	in.mutex.Unlock()
}

func (in *intake) wanted() bool {
	return in.waiting != 0 && (in.closed || in.unstarted < fewOfWorker*in.workers)
}

// handOver hands over what is wanted, unless somebody does, who then sees to all that is there.
func (in *intake) handOver() {
	for part := in.take(nil); part != nil; part = in.take(part) {
		if refused := part.n - in.submit(part.slots[:part.n]); refused != 0 {
			in.notStarted(-refused)
			runAside(append([]uintptr(nil), part.slots[part.n-refused:part.n]...))
		}
	}
}

// take gives the next part that is to be handed over, counted as such, or nil. `done` was handed over.
func (in *intake) take(done *intakePart) (part *intakePart) {
	in.mutex.Lock()
	if done != nil || !in.handing {
		in.handing = in.wanted()
		if in.handing {
			part = in.first
			in.first = part.next
			if in.first == nil {
				in.first = intakeParts.Get().(*intakePart)
				in.last = in.first
			}
			in.waiting -= part.n
			in.unstarted += part.n
		} else if done != nil {
			in.settled.Broadcast()
		}
	}
	in.mutex.Unlock()
	if done != nil {
		done.n, done.next = 0, nil
		intakeParts.Put(done)
	}
	return part
}

// close takes no more, and returns when the engine has all.
func (in *intake) close() {
	in.mutex.Lock()
	in.closed = true
	in.mutex.Unlock()
	in.handOver()
	in.mutex.Lock()
	for in.handing {
		in.settled.Wait()
	}
	in.mutex.Unlock()
}

// waits says how many tasks wait, and whether the engine has all that were put in before.
func (in *intake) waits() (tasks int, none bool) {
	in.mutex.Lock()
	defer in.mutex.Unlock()
	return in.waiting, in.waiting == 0 && !in.handing
}
