package libsched

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"libsched/internal/raw"
)

// RunOptions say how a graph is run; the zero value has all defaults. Since 0.1.
type RunOptions struct {
	Pool        *Pool         // where functions run; nil if there are none
	Slots       int           // most jobs at work; 0 = as many as the pool has workers, or as there are usable CPUs
	MaxFailures int           // after so many no job starts any more; 0 = 1
	KeepGoing   bool          // the run goes on with all that does not depend on a failed job
	Kill        bool          // when it ends by failures the jobs at work are stopped, too
	Compute     bool          // for computing: functions alone, no messages, as few costs as can be
	Jobserver   *Jobserver    // each job at work has a token of it for each slot, and commands find it in their environment
	KeepTokens  bool          // tokens are kept as long as jobs are ready
	Brokers     bool          // each command finds a broker of its own of Jobserver, so that no token is lost with it
	Output      OutputTo      // where output of commands goes
	Grace       time.Duration // from SIGTERM to SIGKILL of commands; 0 = 5 s, negative = they are never killed

	// Handler takes messages, one after the other, on the goroutine that runs the graph. An error ends the run. A slow handler holds up no
	// job.
	Handler func(*Message) error
}

// OutputTo says where output of commands goes. Since 0.1.
type OutputTo uint32

// To the handler, as it comes (without one as OutputInherit); to the handler, when the job has ended; where that of this process
// goes; nowhere. Since 0.1.
const (
	OutputStream  OutputTo = 0
	OutputGroup   OutputTo = 1
	OutputInherit OutputTo = 2
	OutputNull    OutputTo = 3
)

// run is a run that is under way.
type run struct {
	state   *graphState
	ctx     context.Context
	handler func(*Message) error
	stopped error // by the handler; of its goroutine
	mutex   sync.Mutex
	errors  map[JobID]error // of functions
}

var runs = newTable[*run](nil)

// Run runs the graph, and returns when nothing of it is at work any more. The result tells of all jobs once the run has begun, also with
// an error; it must be closed.
//
// It fails with a *RunError (jobs have failed), ErrCancelled (the context, which is the cause), what the handler has returned, ErrClosed
// (the pool is) or ENOMEM. Before any job has started: ErrBusy (another run), ErrState (what does not go with Compute), ErrDeadlock
// (a task of the pool calls), ErrRange, ErrNull (Brokers without a jobserver), EAGAIN, or as Freeze does. A run takes the thread of
// its goroutine. Since 0.1.
func (g *Graph) Run(ctx context.Context, options RunOptions) (*Result, error) {
	const op = "run"
	if ctx == nil {
		return nil, noContext(op)
	}
	if err := ctx.Err(); err != nil {
		return nil, cancelled(op, err)
	}
	if !g.handle.enter() {
		return nil, closed(op)
	}
	defer g.handle.leave()
	o := raw.NewRun_options()
	defer raw.DeleteRun_options(o)
	raw.Run_options_init(o.Swigcptr())
	leave, err := options.native(op, o)
	defer leave()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{state: g.state, ctx: ctx, handler: options.Handler, errors: map[JobID]error{}}
	if !g.state.begin(r) {
		return nil, &Error{Op: op, Status: ErrBusy}
	}
	defer g.state.end()
	if r.handler != nil {
		slot := runs.put(r)
		defer runs.remove(slot)
		o.SetHandler(upcalls.message)
		o.SetHandler_data(slot)
	}
	var pool uintptr
	if options.Pool != nil {
		pool = options.Pool.handle.address
	}
	var out [1]int64
	status, err := waitInC(ctx, op, func(_ int64, cancel uintptr) int64 {
		return raw.Graph_run(out[:], g.handle.address, pool, o.Swigcptr(), cancel)
	})
	var result *Result
	if out[0] != 0 {
		result = &Result{handle: newHandle(uintptr(out[0]), raw.Result_unref), errors: r.errors}
	}
	switch {
	case r.stopped != nil:
		err = r.stopped
	case Status(status) == ErrFailed && result != nil:
		err = result.failures()
	}
	return result, err
}

// native sets options. `leave` ends the use of the objects that they name.
func (options *RunOptions) native(op string, o raw.Run_options) (leave func(), err error) {
	var entered []*handle
	leave = func() {
		for _, h := range entered {
			h.leave()
		}
	}
	enter := func(h *handle) {
		if h.enter() {
			entered = append(entered, h)
		} else {
			err = closed(op)
		}
	}
	if options.Pool != nil {
		enter(options.Pool.handle)
	}
	if options.Jobserver != nil {
		enter(options.Jobserver.handle)
		o.SetJobserver(options.Jobserver.handle.address)
	}
	var flags uint32
	for _, flag := range []struct {
		on   bool
		flag uint32
	}{
		{options.Kill, raw.RUN_KILL}, {options.KeepTokens, raw.RUN_KEEP_TOKENS}, {options.Compute, raw.RUN_COMPUTE},
		{options.Brokers, raw.RUN_BROKERS},
	} {
		if flag.on {
			flags |= flag.flag
		}
	}
	o.SetFlags(uint64(flags))
	var c checked
	o.SetSlots(c.number32("the number of slots", options.Slots))
	o.SetMax_failures(c.number32("the number of failures", options.MaxFailures))
	if options.KeepGoing {
		o.SetMax_failures(raw.KEEP_GOING)
	}
	o.SetOutput(uint32(options.Output))
	o.SetGrace_ns(int64(options.Grace))
	if err == nil {
		err = c.failure(op)
	}
	return leave, err
}

func (s *graphState) begin(r *run) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.run != nil {
		return false
	}
	s.run = r
	return true
}

func (s *graphState) end() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.run = nil
}

func (s *graphState) running() *run {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.run
}

// ended keeps what a function has returned in its last try.
func (r *run) ended(id JobID, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err != nil {
		r.errors[id] = err
	} else {
		delete(r.errors, id)
	}
}

// RunError says which jobs of a run have failed. errors.Is and errors.As find what the first one has failed with, and ErrFailed.
// Since 0.1.
type RunError struct {
	Failed []JobResult // in the order in which they were added
}

// Error names the jobs. It never blocks. Since 0.1.
func (e *RunError) Error() string {
	texts := make([]string, len(e.Failed))
	for i, job := range e.Failed {
		name := job.Name
		if name == "" {
			name = fmt.Sprintf("job %d", job.ID)
		}
		texts[i] = name + ": " + job.Err.Error()
	}
	return "libsched: run: " + strings.Join(texts, "; ")
}

// Unwrap gives what the first job has failed with. It never blocks. Since 0.1.
func (e *RunError) Unwrap() error { return e.Failed[0].Err }

// Is says whether target is ErrFailed. It never blocks. Since 0.1.
func (e *RunError) Is(target error) bool { return target == ErrFailed }
