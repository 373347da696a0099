package libsched

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

const many = 20000 // tasks, most of which wait in the intake of a pool that is busy

// Whoever submits, and however: each task runs once, and one worker runs those of a goroutine in their order.
func TestIntakeKeepsTheOrder(t *testing.T) {
	const submitters = 4
	p := newPool(t, WithWorkers(1))
	var ran [submitters][]int
	var all sync.WaitGroup
	for s := 0; s < submitters; s++ {
		s := s
		task := func(i int) func() { return func() { ran[s] = append(ran[s], i) } }
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < many; {
				if i%3 == 0 {
					check(t, p.Submit(task(i)))
					i++
					continue
				}
				slice := make([]func(), min(i%2000, many-i))
				for k := range slice {
					slice[k] = task(i + k)
				}
				n, err := p.SubmitAll(background, slice)
				check(t, err)
				i += n
			}
		}()
	}
	all.Wait()
	check(t, p.WaitIdle(background))
	for s := range ran {
		want(t, "ran", len(ran[s]), many)
		for i, is := range ran[s] {
			want(t, "the next", is, i)
		}
	}
}

// What waits in the intake is counted, and waited for.
func TestIntakeIsCounted(t *testing.T) {
	p := newPool(t)
	release := busy(t, p, 2)
	var ran atomic.Int64
	for i := 0; i < many; i++ {
		check(t, p.Submit(func() { ran.Add(1) }))
	}
	if waiting, _ := p.intake.waits(); waiting == 0 {
		t.Error("nothing waits in the intake: this test tests nothing")
	}
	stats, err := p.Stats()
	check(t, err)
	want(t, "queued", stats.Priority[Normal].Queued, many)
	want(t, "submitted", stats.Priority[Normal].Submitted, many+2)
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, p.WaitIdle(ctx), context.Canceled)
	release()
	check(t, p.WaitIdle(background))
	want(t, "ran", ran.Load(), many)
	stats, err = p.Stats()
	check(t, err)
	want(t, "queued at the end", stats.Priority[Normal].Queued, 0)
	want(t, "completed", stats.Priority[Normal].Completed, many+2)
}

// WaitIdle is over only when what was submitted before has ended, whoever hands it over meanwhile.
func TestWaitIdleWhileTasksAreHandedOver(t *testing.T) {
	p := newPool(t)
	var all sync.WaitGroup
	for s := 0; s < 4; s++ {
		all.Add(1)
		go func() {
			defer all.Done()
			var ran atomic.Int64
			for i := int64(1); i <= 2000; i++ {
				check(t, p.Submit(func() { ran.Add(1) }))
				if i%7 == 0 {
					check(t, p.WaitIdle(background))
					want(t, "ran", ran.Load(), i)
				}
			}
		}()
	}
	all.Wait()
}

func TestShutdownRunsWhatWaitsInTheIntake(t *testing.T) {
	p := newPool(t)
	release := busy(t, p, 2)
	var ran atomic.Int64
	for i := 0; i < many; i++ {
		check(t, p.Submit(func() { ran.Add(1) }))
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, p.Shutdown(ctx), ErrCancelled, context.Canceled)
	wantError(t, p.Submit(func() {}), ErrClosed)
	n, err := p.SubmitAll(background, []func(){func() {}})
	wantError(t, err, ErrClosed)
	want(t, "taken", n, 0)
	stats, err := p.Stats()
	check(t, err)
	want(t, "queued", stats.Priority[Normal].Queued, many)
	release()
	check(t, p.Close())
	want(t, "ran", ran.Load(), many)
}

func TestCancelDropsWhatWaitsInTheIntake(t *testing.T) {
	p := newPool(t)
	release := busy(t, p, 2)
	futures := make([]*Future, many)
	for i := range futures {
		f, err := p.SubmitErr(func() error { t.Error("it has run"); return nil })
		check(t, err)
		futures[i] = f
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, p.Cancel(ctx), ErrCancelled, context.Canceled)
	release()
	for _, f := range futures {
		wantError(t, f.Wait(background), ErrCancelled)
	}
	check(t, p.Cancel(background))
}

// SubmitAll says how many were taken, also where the pool is closed in the midst of it.
func TestCloseInTheMidstOfSubmitAll(t *testing.T) {
	for round := 0; round < 20; round++ {
		p := newPool(t)
		var taken, ran atomic.Int64
		slice := make([]func(), 5000)
		for i := range slice {
			slice[i] = func() { ran.Add(1) }
		}
		var all sync.WaitGroup
		for s := 0; s < 3; s++ {
			all.Add(1)
			go func() {
				defer all.Done()
				for {
					n, err := p.SubmitAll(background, slice)
					taken.Add(int64(n))
					if err != nil {
						wantError(t, err, ErrClosed)
						return
					}
				}
			}()
		}
		for ran.Load() < 100 {
			runtime.Gosched()
		}
		check(t, p.Close())
		all.Wait()
		want(t, "ran", ran.Load(), taken.Load())
	}
}

// A pool that is never closed ends, after all its tasks.
func TestNeverClosedWithAFullIntake(t *testing.T) {
	runtime.GC()
	before := LiveObjects()
	var ran atomic.Int64
	func() {
		p, err := NewPool(WithWorkers(2))
		check(t, err)
		release := busy(t, p, 2)
		for i := 0; i < many; i++ {
			check(t, p.Submit(func() { ran.Add(1) }))
		}
		release()
	}()
	for ran.Load() < many || LiveObjects() > before {
		runtime.GC()
		runtime.Gosched()
	}
	want(t, "ran", ran.Load(), many)
}

// What was taken is run, also where the engine takes only some, or none.
func TestTheEngineRefusesWhatTheIntakeHands(t *testing.T) {
	p := newPool(t)
	var refusals atomic.Int64
	submit := p.intake.submit
	p.intake.submit = func(slots []uintptr) int {
		switch refusals.Add(1) % 3 {
		case 0:
			return submit(slots)
		case 1:
			return submit(slots[:len(slots)/2])
		default:
			return 0
		}
	}
	var ran sync.WaitGroup
	ran.Add(2 * many)
	for i := 0; i < many; i++ {
		check(t, p.Submit(ran.Done))
		f, err := p.SubmitErr(func() error { ran.Done(); return errors.New("some") })
		check(t, err)
		if i%1000 == 0 && f.Wait(background) == nil {
			t.Error("no error")
		}
	}
	ran.Wait()
}

// Who comes while another one hands over does not overtake it.
func TestOneHandsOverAtATime(t *testing.T) {
	var in intake
	var order []uintptr
	in.init(4, func(slots []uintptr) int {
		if slots[0] == 1 {
			in.put(2)
		}
		order = append(order, slots...)
		return len(slots)
	})
	in.put(1)
	want(t, "handed over", len(order), 2)
	want(t, "the first one", order[0], 1)
}

// What is refused is not kept.
func TestWhatAClosedPoolRefusesIsNotKept(t *testing.T) {
	p := newPool(t)
	check(t, p.Submit(func() {}))
	ctx, cancel := context.WithCancel(background)
	cancel()
	wantError(t, p.Shutdown(ctx), context.Canceled)
	var alive atomic.Int64
	func() {
		for i := 0; i < 10; i++ {
			thing := new([64]int)
			alive.Add(1)
			runtime.SetFinalizer(thing, func(*[64]int) { alive.Add(-1) })
			f := func() { thing[0]++ }
			if p.Submit(f) == nil {
				t.Error("it was taken")
			}
			if n, _ := p.SubmitAll(background, []func(){f, f}); n != 0 {
				t.Error("they were taken")
			}
		}
	}()
	for alive.Load() > 0 { // a test that hangs here has found what is kept
		runtime.GC()
		runtime.Gosched()
	}
	runtime.KeepAlive(p)
}
