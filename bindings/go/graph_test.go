package libsched

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func newGraph(t testing.TB) *Graph {
	t.Helper()
	g, err := NewGraph(false)
	check(t, err)
	t.Cleanup(func() { g.Close() })
	return g
}

func add(t testing.TB, g *Graph, options JobOptions) JobID {
	t.Helper()
	id, err := g.Add(options)
	check(t, err)
	return id
}

func TestGraph(t *testing.T) {
	p, g := newPool(t), newGraph(t)
	var mutex sync.Mutex
	order := ""
	job := func(name string) func(context.Context, *Job) error {
		return func(context.Context, *Job) error {
			mutex.Lock()
			defer mutex.Unlock()
			order += name
			return nil
		}
	}
	a := add(t, g, JobOptions{Name: "a", Func: job("a")})
	b := add(t, g, JobOptions{Name: "b", Func: job("b"), After: []JobID{a}})
	c := add(t, g, JobOptions{Args: []string{"echo", "hello"}, After: []JobID{b}, Name: "c"})
	check(t, g.DependName("d", "c", Finished))
	add(t, g, JobOptions{Name: "d", Func: func(_ context.Context, j *Job) error { return j.Message([]byte("own")) }})
	found, err := g.Find("c")
	check(t, err)
	want(t, "found", found, c)
	told := ""
	for round := 0; round < 2; round++ {
		result, err := g.Run(background, RunOptions{Pool: p, Handler: func(m *Message) error {
			if m.Kind == MessageStdout || m.Kind == MessageOwn {
				told += m.Name + ":" + string(m.Data) + ","
			}
			return nil
		}})
		check(t, err)
		summary, err := result.Summary()
		check(t, err)
		want(t, "done", summary.Done, 4)
		trace := filepath.Join(t.TempDir(), "trace")
		check(t, result.WriteTrace(trace))
		if text, err := os.ReadFile(trace); err != nil || len(text) == 0 {
			t.Fatal(err)
		}
		check(t, result.Close())
	}
	want(t, "order", order, "abab")
	want(t, "told", told, "c:hello,d:own,c:hello,d:own,")
}

func TestGraphCycle(t *testing.T) {
	g := newGraph(t)
	a := add(t, g, JobOptions{Name: "egg"})
	b := add(t, g, JobOptions{Name: "hen", After: []JobID{a}})
	check(t, g.Depend(a, b, Finished))
	_, err := g.Run(background, RunOptions{})
	wantError(t, err, ErrCycle)
	contains(t, err.Error(), "hen")
	_, err = g.Add(JobOptions{After: []JobID{12345}})
	wantError(t, err, ErrStale)
}

func TestGraphFails(t *testing.T) {
	p, g := newPool(t), newGraph(t)
	broken := errors.New("broken")
	a := add(t, g, JobOptions{Name: "a", Func: func(context.Context, *Job) error { return broken }})
	b := add(t, g, JobOptions{Name: "b", After: []JobID{a}})
	c := add(t, g, JobOptions{Name: "c", Args: []string{"exit 5"}, Shell: true})
	d := add(t, g, JobOptions{Name: "d", Func: func(context.Context, *Job) error { panic("oh") }})
	result, err := g.Run(background, RunOptions{Pool: p, KeepGoing: true, Output: OutputNull})
	var failed *RunError
	if !errors.As(err, &failed) || len(failed.Failed) != 3 {
		t.Fatal(err)
	}
	wantError(t, err, broken, ErrFailed)
	contains(t, err.Error(), "c: exit status 5")
	job, err := result.Job(b)
	check(t, err)
	want(t, "state", job.State, JobSkipped)
	want(t, "because of", job.BlockedBy, a)
	job, err = result.Job(c)
	check(t, err)
	want(t, "code", job.Code, 5)
	job, err = result.Job(d)
	check(t, err)
	var panicked *PanicError
	want(t, "panic", errors.As(job.Err, &panicked), true)
	check(t, result.Close())
	check(t, result.Close())
	_, err = result.Summary()
	wantError(t, err, ErrClosed)
}

func TestGraphIsCancelled(t *testing.T) {
	p, g := newPool(t), newGraph(t)
	ctx, cancel := context.WithCancel(background)
	add(t, g, JobOptions{Func: func(ctx context.Context, j *Job) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}})
	add(t, g, JobOptions{Args: []string{"sleep", "1000"}})
	result, err := g.Run(ctx, RunOptions{Pool: p, Slots: 2})
	wantError(t, err, ErrCancelled, context.Canceled)
	check(t, result.Close())
}

func TestHandlerEndsTheRun(t *testing.T) {
	g := newGraph(t)
	enough := errors.New("enough")
	add(t, g, JobOptions{Args: []string{"true"}})
	result, err := g.Run(background, RunOptions{Handler: func(m *Message) error { return enough }})
	wantError(t, err, enough)
	check(t, result.Close())
	result, err = g.Run(background, RunOptions{Handler: func(m *Message) error { panic("handler") }})
	var panicked *PanicError
	want(t, "panic", errors.As(err, &panicked), true)
	check(t, result.Close())
}

func TestEarlyAndAddedJobs(t *testing.T) {
	p, g := newPool(t), newGraph(t)
	early := make(chan struct{})
	class, err := g.Limit("memory", 1)
	check(t, err)
	lib := add(t, g, JobOptions{Name: "lib", Limit: class, Func: func(_ context.Context, j *Job) error {
		if err := j.SignalEarly(); err != nil {
			return err
		}
		Blocking(func() { <-early }) // until the one that waits for no more than that has run
		return nil
	}})
	var added JobID
	add(t, g, JobOptions{Name: "app", Early: []JobID{lib}, Func: func(_ context.Context, j *Job) (err error) {
		close(early)
		added, err = j.Add(JobOptions{Name: "more", After: []JobID{lib}, Func: func(context.Context, *Job) error { return nil }})
		return err
	}})
	result, err := g.Run(background, RunOptions{Pool: p, Slots: 2})
	check(t, err)
	job, err := result.Job(added)
	check(t, err)
	want(t, "name", job.Name, "more")
	check(t, result.Close())
}

func TestRunUnderAJobserver(t *testing.T) {
	g := newGraph(t)
	js, err := ServeJobserver(2, JobserverFifo, false)
	check(t, err)
	for i := 0; i < 4; i++ {
		add(t, g, JobOptions{Args: []string{`case $MAKEFLAGS in *fifo:*) ;; *) exit 1 ;; esac`}, Shell: true})
	}
	result, err := g.Run(background, RunOptions{Jobserver: js, Slots: 4})
	check(t, err)
	summary, err := result.Summary()
	check(t, err)
	if summary.Peak > 2 {
		t.Fatalf("%d jobs at a time", summary.Peak)
	}
	check(t, result.Close())
	check(t, js.Close())
}

func TestRunMisuse(t *testing.T) {
	p, g := newPool(t), newGraph(t)
	add(t, g, JobOptions{Func: func(ctx context.Context, _ *Job) error {
		_, err := g.Run(ctx, RunOptions{Pool: p})
		return err
	}})
	result, err := g.Run(background, RunOptions{Pool: p})
	wantError(t, err, ErrBusy)
	check(t, result.Close())
	check(t, p.Close())
	_, err = g.Run(background, RunOptions{Pool: p})
	wantError(t, err, ErrClosed)
	check(t, g.Close())
	_, err = g.Run(background, RunOptions{})
	wantError(t, err, ErrClosed)
}
