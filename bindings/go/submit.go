package libsched

import (
	"context"

	"libsched/internal/raw"
)

// Priority is how urgent a task is. Since 0.1.
type Priority uint32

// The three priorities. None of them starves another. Since 0.1.
const (
	Normal Priority = 0
	High   Priority = 1
	Low    Priority = 2
)

// Submitter submits to a pool with one priority. It is a value, to be copied at will. Since 0.1.
type Submitter struct {
	pool     *Pool
	priority Priority
}

// Submit has f run by a worker. A panic in f goes to OnPanic. f must not call runtime.Goexit, which would end the process.
//
// It blocks while a pool with a capacity is full, but not on the pool's own workers. It fails with ErrClosed or ErrNull (f is nil), and
// with a capacity or another priority than Normal also with EAGAIN (no thread can be started) or ENOMEM; f is not run then. Since 0.1.
func (s Submitter) Submit(f func()) error {
	return s.SubmitContext(context.Background(), f)
}

// SubmitContext is Submit; the context ends the wait for room: ErrCancelled, with the context's error as the cause. Since 0.1.
func (s Submitter) SubmitContext(ctx context.Context, f func()) error {
	if ctx == nil {
		return noContext("submit")
	}
	if f == nil {
		return isNil("submit")
	}
	return s.submit(ctx, "submit", entry{run: plainTask(f), pool: s.pool}, 0)
}

// TrySubmit is Submit, but fails with ErrFull in place of a wait. Since 0.1.
func (s Submitter) TrySubmit(f func()) error {
	const op = "try submit"
	if f == nil {
		return isNil(op)
	}
	p := s.pool
	e := entry{run: plainTask(f), pool: p}
	if p == nil || !p.bounded {
		return s.submit(context.Background(), op, e, 0)
	}
	if !p.handle.enter() {
		return closed(op)
	}
	defer p.handle.leave()
	slots := [1]uintptr{tasks.put(e)}
	result := raw.Batch_submit_n(p.batch, 0, uint32(s.priority), slots[:], 0, 0)
	if result == 1 {
		return nil
	}
	tasks.remove(slots[0])
	if Status(result) == ErrTimeout {
		return &Error{Op: op, Status: ErrFull}
	}
	return failure(op, result)
}

// SubmitTask is Submit for a function that looks at its task: whether it is cancelled, or should give way. Since 0.1.
func (s Submitter) SubmitTask(f func(*Task)) error {
	if f == nil {
		return isNil("submit")
	}
	return s.submit(context.Background(), "submit", entry{run: taskTask(f), pool: s.pool}, 0)
}

// SubmitErr is Submit for a function whose result is waited for: its error, or a *PanicError. Since 0.1.
func (s Submitter) SubmitErr(f func() error) (*Future, error) {
	if f == nil {
		return nil, isNil("submit")
	}
	future := &Future{pool: s.pool, f: f, done: make(chan struct{})}
	if err := s.submit(context.Background(), "submit", entry{run: future, pool: s.pool}, 0); err != nil {
		return nil, err
	}
	return future, nil
}

// SubmitAll has each of the functions run by a worker, in one call for many. It returns how many were taken, the first ones; fewer than
// all only with an error.
//
// It blocks and fails as SubmitContext does. Since 0.1.
func (s Submitter) SubmitAll(ctx context.Context, all []func()) (int, error) {
	if ctx == nil {
		return 0, noContext("submit")
	}
	for _, f := range all {
		if f == nil {
			return 0, isNil("submit")
		}
	}
	return s.submitAll(ctx, "submit", 0, len(all), func(i int) runnable { return plainTask(all[i]) })
}

// submit hands one task to the engine, as a member of a group or of none.
func (s Submitter) submit(ctx context.Context, op string, e entry, group uintptr) error {
	p := s.pool
	if s.gathers(group) {
		e.gathered = true
		slot := tasks.put(e)
		if !p.intake.put(slot) {
			tasks.remove(slot)
			return closed(op)
		}
		return nil
	}
	if p == nil || !p.handle.enter() {
		return closed(op)
	}
	if p.bounded {
		defer p.handle.leave()
		_, err := s.submitSlots(ctx, op, group, []uintptr{tasks.put(e)})
		return err
	}
	slot := tasks.put(e)
	result := raw.Batch_submit(p.batch, group, uint32(s.priority), slot)
	p.handle.leave()
	if result < 0 {
		tasks.remove(slot)
		return failure(op, result)
	}
	return nil
}

const sliceSlots = 1024 // that go to the engine in one call

// gathers says whether tasks go through the intake.
func (s Submitter) gathers(group uintptr) bool {
	return group == 0 && s.priority == Normal && s.pool != nil && !s.pool.bounded
}

func (s Submitter) submitAll(ctx context.Context, op string, group uintptr, n int, task func(int) runnable) (int, error) {
	p := s.pool
	if p == nil || !p.handle.enter() {
		return 0, closed(op)
	}
	defer p.handle.leave()
	gathered := s.gathers(group)
	taken := 0
	buffer := make([]uintptr, min(n, sliceSlots))
	for taken < n {
		slots := buffer[:min(n-taken, sliceSlots)]
		tasks.putAll(slots, func(i int) entry { return entry{run: task(taken + i), pool: p, gathered: gathered} })
		k, err := s.submitSlots(ctx, op, group, slots)
		taken += k
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// submitSlots hands tasks over, and gives back the slots of those that were not taken.
func (s Submitter) submitSlots(ctx context.Context, op string, group uintptr, slots []uintptr) (int, error) {
	p := s.pool
	if s.gathers(group) {
		taken := p.intake.putAll(slots)
		if taken == len(slots) {
			return taken, nil
		}
		for _, slot := range slots[taken:] {
			tasks.remove(slot)
		}
		return taken, closed(op)
	}
	taken := 0
	for taken < len(slots) {
		rest := slots[taken:]
		var err error
		result := raw.Batch_submit_n(p.batch, group, uint32(s.priority), rest, 0, 0)
		if result < 0 && Status(result) == ErrTimeout {
			result, err = p.room.wait(ctx, op, func(timeout int64, cancel uintptr) int64 {
				return raw.Batch_submit_n(p.batch, group, uint32(s.priority), rest[:1], timeout, cancel)
			})
		} else {
			err = failure(op, result)
		}
		if err != nil {
			for _, slot := range rest {
				tasks.remove(slot)
			}
			return taken, err
		}
		taken += int(result)
	}
	return taken, nil
}

func isNil(op string) error {
	return &Error{Op: op, Status: ErrNull, Text: "a nil function or object was given"}
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}
