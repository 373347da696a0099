package libsched

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// A task that waits without a word for one submitted just after it waits no longer than until that one's turn has come on another
// worker, however both came to the pool.
func TestTasksWaitForTheNextWithoutAWord(t *testing.T) {
	const pairs = 50
	for _, spare := range []int{128, 0} {
		for _, how := range ways {
			t.Run(fmt.Sprintf("%s, %d spare", how.name, spare), func(t *testing.T) {
				p := newPool(t, WithWorkers(4), WithSpareWorkers(spare))
				for round := 0; round < 3; round++ {
					how.submit(t, p, tasksThatWait(pairs))()
					check(t, p.WaitIdle(background))
				}
				how.submit(t, p, tasksThatWait(pairs))()
				check(t, p.Close())
			})
		}
	}
}

// tasksThatWait are pairs, of which each first one waits for the second.
func tasksThatWait(pairs int) (all []func()) {
	for i := 0; i < pairs; i++ {
		gate := make(chan struct{})
		all = append(all, func() { <-gate }, func() { close(gate) })
	}
	return all
}

type way struct {
	name   string
	submit func(t *testing.T, p *Pool, all []func()) (wait func())
}

var ways = []way{
	{"SubmitAll", func(t *testing.T, p *Pool, all []func()) func() { return submitAll(t, p.Submitter, all) }},
	{"SubmitAll, high", func(t *testing.T, p *Pool, all []func()) func() { return submitAll(t, p.High(), all) }},
	{"SubmitAll, low", func(t *testing.T, p *Pool, all []func()) func() { return submitAll(t, p.Low(), all) }},
	{"Submit", func(t *testing.T, p *Pool, all []func()) func() { return submitEach(t, p.Submitter, all) }},
	{"Submit, high", func(t *testing.T, p *Pool, all []func()) func() { return submitEach(t, p.High(), all) }},
	{"Submit, low", func(t *testing.T, p *Pool, all []func()) func() { return submitEach(t, p.Low(), all) }},
	{"GoAll", func(t *testing.T, p *Pool, all []func()) func() {
		g, _ := newGroup(t, p)
		members := make([]func() error, len(all))
		for i, f := range all {
			f := f
			members[i] = func() error { f(); return nil }
		}
		g.GoAll(members)
		return func() { check(t, g.Wait(background)) }
	}},
	{"Go", func(t *testing.T, p *Pool, all []func()) func() {
		g, _ := newGroup(t, p)
		for _, f := range all {
			f := f
			g.Go(func() error { f(); return nil })
		}
		return func() { check(t, g.Wait(background)) }
	}},
	{"from a task", func(t *testing.T, p *Pool, all []func()) func() {
		f, err := p.SubmitErr(func() error { _, err := p.SubmitAll(background, all); return err })
		check(t, err)
		return func() { check(t, f.Wait(background)) }
	}},
}

func submitAll(t *testing.T, s Submitter, all []func()) func() {
	_, err := s.SubmitAll(background, all)
	check(t, err)
	return func() {}
}

func submitEach(t *testing.T, s Submitter, all []func()) func() {
	for _, f := range all {
		check(t, s.Submit(f))
	}
	return func() {}
}

// One worker runs one task at a time, however long they take.
func TestOneWorkerRunsOneAtATime(t *testing.T) {
	for _, how := range ways {
		t.Run(how.name, func(t *testing.T) {
			p := newPool(t, WithWorkers(1))
			var running, most atomic.Int64
			all := make([]func(), 30)
			for i := range all {
				all[i] = func() {
					now := running.Add(1)
					for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
					}
					time.Sleep(3 * lookEvery)
					running.Add(-1)
				}
			}
			how.submit(t, p, all)()
			check(t, p.WaitIdle(background))
			if most.Load() > 1 {
				t.Errorf("%d at a time", most.Load())
			}
		})
	}
}
