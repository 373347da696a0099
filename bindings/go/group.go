package libsched

import (
	"context"
	"errors"
	"sync"

	"libsched/internal/raw"
)

// Group is tasks that belong together: functions that return an error, of which Wait gives the first. When one has failed those that
// have not started are dropped, and the group's context is done. Any goroutine may call any method at any time; the tasks of a
// group may add more to it. Since 0.1.
type Group struct {
	submitter Submitter
	handle    *handle
	state     *groupState
}

// groupState is what the group's tasks and its end know. It does not refer to the group, which so can be collected.
type groupState struct {
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when the group has completed
	mutex  sync.Mutex
	err    error // the first
}

var groups = newTable[*groupState](nil)

// NewGroup makes a group, and a context that is done when a task of it has failed or Wait has returned. When ctx is done, tasks that
// have not started are dropped as they come up, and Wait says so.
//
// It fails with ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (s Submitter) NewGroup(ctx context.Context) (*Group, context.Context, error) {
	const op = "new group"
	if ctx == nil {
		return nil, nil, noContext(op)
	}
	p := s.pool
	if p == nil || !p.handle.enter() {
		return nil, nil, closed(op)
	}
	defer p.handle.leave()
	state := &groupState{done: make(chan struct{})}
	state.ctx, state.cancel = context.WithCancel(ctx)
	options := raw.NewGroup_options()
	defer raw.DeleteGroup_options(options)
	raw.Group_options_init(options.Swigcptr())
	options.SetFlags(uint32(raw.GROUP_CANCEL_ON_FAILURE))
	options.SetOn_complete(upcalls.completed)
	slot := groups.put(state)
	options.SetUser_data(slot)
	made := raw.Group_create(p.handle.address, options.Swigcptr())
	if made < 0 {
		groups.remove(slot)
		state.cancel()
		return nil, nil, failure(op, made)
	}
	g := &Group{submitter: s, state: state, handle: newHandle(uintptr(made), raw.Group_unref)}
	return g, state.ctx, nil
}

// Go has f run by a worker, as a member of the group. What cannot be submitted is a failure of the group, for Wait to tell.
//
// It blocks while a pool with a capacity is full, but not on the pool's own workers; the group's context ends that. Since 0.1.
func (g *Group) Go(f func() error) {
	if f == nil {
		g.state.fail(isNil("group"))
		return
	}
	if !g.handle.enter() {
		g.state.fail(closed("group"))
		return
	}
	defer g.handle.leave()
	e := entry{run: &groupTask{state: g.state, f: f}, pool: g.submitter.pool}
	if err := g.submitter.submit(g.state.ctx, "group", e, g.handle.address); err != nil {
		g.state.fail(err)
	}
}

// GoAll is Go for many functions, in one call. Since 0.1.
func (g *Group) GoAll(all []func() error) {
	for _, f := range all {
		if f == nil {
			g.state.fail(isNil("group"))
			return
		}
	}
	if !g.handle.enter() {
		g.state.fail(closed("group"))
		return
	}
	defer g.handle.leave()
	_, err := g.submitter.submitAll(g.state.ctx, "group", g.handle.address, len(all), func(i int) runnable {
		return &groupTask{state: g.state, f: all[i]}
	})
	if err != nil {
		g.state.fail(err)
	}
}

// Wait waits until all members have ended, and gives the first error: of a function, a *PanicError, or ErrCancelled if some were
// dropped without that. It ends the group: nothing can be added after it. Several may wait, and all get the same.
//
// When ctx is done before, it fails with ErrCancelled, with the context's error as the cause; the group goes on, and can be waited
// for again. It fails with ErrDeadlock, and the group goes on, when a task waits for its own group, or on a worker of the pool where
// nobody could run what is waited for: no other worker is left, and no spare one. On a worker the wait runs tasks of the group
// meanwhile; elsewhere it takes no thread. Since 0.1.
func (g *Group) Wait(ctx context.Context) error {
	if ctx == nil {
		return noContext("wait for a group")
	}
	if !g.handle.enter() {
		<-g.state.done // closed with the handle, or about to be
		return g.state.result()
	}
	defer g.handle.leave()
	err := g.wait(ctx, "wait for a group")
	if err != nil && !errors.Is(err, ErrFailed) {
		return err
	}
	<-g.state.done
	g.handle.close()
	return g.state.result()
}

func (g *Group) wait(ctx context.Context, op string) error {
	wait := func() error {
		select {
		case <-g.state.done:
			return nil
		case <-ctx.Done():
			return cancelled(op, ctx.Err())
		}
	}
	p := g.submitter.pool
	if task, ok := helpedTask(); ok {
		if t, ok := task.run.(*groupTask); ok && t.state == g.state {
			return &Error{Op: op, Status: ErrDeadlock, Text: "a task of the group waits for its own end"}
		}
	}
	if raw.Upcall_on_worker() == 0 || !p.handle.enter() { // a pool that has ended runs nothing
		raw.Group_close(g.handle.address)
		return wait()
	}
	defer p.handle.leave()
	if p.mayHelp() {
		_, err := waitInC(ctx, op, func(timeout int64, cancel uintptr) int64 {
			return raw.Group_wait(nil, g.handle.address, 0, timeout, cancel)
		})
		return err
	}
	if result := raw.Group_wait(nil, g.handle.address, 0, 0, 0); Status(result) != ErrTimeout {
		return failure(op, result)
	}
	var err error
	if deadlock := p.waitAside(op, func() { err = wait() }); deadlock != nil {
		return deadlock
	}
	return err
}

// Cancel drops the members that have not started and makes the group's context done. Wait then gives ErrCancelled, if nothing has failed
// before. It never blocks. Since 0.1.
func (g *Group) Cancel() {
	g.state.cancel()
	if g.handle.enter() {
		raw.Group_cancel(g.handle.address)
		g.handle.leave()
	}
}

// completed is told of a group's end by the engine.
func completed(status, code int32, slot uintptr) {
	state := groups.remove(slot)
	if Status(status) == ErrFailed {
		err := &Error{Op: "group", Status: Status(code)}
		if err.Status == ErrCancelled {
			err.Text = "tasks were dropped before they ran"
			err.Cause = state.ctx.Err()
		}
		state.fail(err) // unless there is a better one
	}
	state.cancel()
	close(state.done)
}

// fail keeps the first error.
func (s *groupState) fail(err error) {
	s.mutex.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mutex.Unlock()
	s.cancel()
}

func (s *groupState) result() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.err
}

type groupTask struct {
	state *groupState
	f     func() error
}

func (t *groupTask) run(uintptr) int32 {
	if err := t.state.ctx.Err(); err != nil {
		t.state.fail(cancelled("group", err)) // unless that is why
		return codeCancelled
	}
	if err := t.f(); err != nil {
		t.state.fail(err)
		return codeFailed
	}
	return 0
}

func (t *groupTask) panicked(_ *Pool, e *PanicError) { t.state.fail(e) }
func (t *groupTask) discarded()                      {}
