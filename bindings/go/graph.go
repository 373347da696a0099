package libsched

import (
	"context"
	"sync"
	"time"

	"libsched/internal/raw"
)

// Graph is jobs that wait for each other: functions and commands, to be run in the best order. It is built in any order, then run, as
// often as one likes. Any goroutine may call any method; one that meets another, or a run, fails with ErrBusy. Since 0.1.
type Graph struct {
	handle *handle
	state  *graphState
}

// graphState is what the graph's jobs know.
type graphState struct {
	mutex sync.Mutex
	run   *run // that is under way
}

// JobID is the number of a job, which no other job of any graph of this process has; 0 is none. Since 0.1.
type JobID uint64

// LimitClass is a class of jobs of which only some are at work at a time; 0 is none. Since 0.1.
type LimitClass uint32

// Dependency says for what of another job a job waits. Since 0.1.
type Dependency uint32

// The end of the other job, or its early signal, or its end if it never gives one. Since 0.1.
const (
	Finished Dependency = 0
	Early    Dependency = 1
)

// JobOptions is a job: a function, or a command, or neither; then it is finished when all that it waits for is. Since 0.1.
type JobOptions struct {
	Name  string  // of no other job of the graph; "" = none
	After []JobID // jobs whose end it waits for
	Early []JobID // jobs whose early signal it waits for

	// Func is what the job does. It has failed with an error, or a panic. Its context is done when the run is cancelled or the job's time
	// is over. It must not call runtime.Goexit.
	Func func(ctx context.Context, job *Job) error

	Args  []string // a command, in place of Func: the program and its arguments
	Shell bool     // Args[0] is a command for /bin/sh -c, what follows it are its $1, $2 and so on
	Env   []string // its environment; nil = that of this process
	Dir   string   // where it works; "" = where this process does

	Fresh     bool          // nothing is to be done; Func is called in the handler's place, to show again what was said the last time
	Cost      int           // how long it takes, in units of the caller's choice; 0 = 1
	EarlyCost int           // of that, until it signals; 0 = all of it
	Priority  Priority      // goes before all costs
	Weight    int           // slots that it takes while it runs; 0 = 1
	Limit     LimitClass    // of Graph.Limit
	Retries   int           // how often it is tried again when it fails before an early signal
	Timeout   time.Duration // longest run of one try; 0 = for ever
}

// NewGraph makes a graph without jobs. With `downstream` jobs go by the costs of all that waits for them, as in Cargo, in place of
// the longest path. It fails with ENOMEM. It never blocks. Since 0.1.
func NewGraph(downstream bool) (*Graph, error) {
	var flags uint32
	if downstream {
		flags = raw.GRAPH_DOWNSTREAM
	}
	made := raw.Graph_create(flags)
	if made < 0 {
		return nil, failure("new graph", made)
	}
	return &Graph{handle: newHandle(uintptr(made), raw.Graph_unref), state: &graphState{}}, nil
}

// Add adds a job. It fails with ErrBusy, ErrState (the graph is frozen, or has run), ErrRange (a number; a function and a command both),
// ErrStale (After and Early: no job of this graph; the job is there all the same), ErrTooLarge, ErrClosed or ENOMEM. It never
// blocks. Since 0.1.
func (g *Graph) Add(options JobOptions) (JobID, error) {
	const op = "add a job"
	if !g.handle.enter() {
		return 0, closed(op)
	}
	defer g.handle.leave()
	id, err := withJob(op, g.state, &options, func(out []int64, native uintptr) int64 {
		return raw.Graph_add(out, g.handle.address, native)
	})
	if err != nil {
		return 0, err
	}
	for _, other := range options.After {
		if err := g.Depend(id, other, Finished); err != nil {
			return id, err
		}
	}
	for _, other := range options.Early {
		if err := g.Depend(id, other, Early); err != nil {
			return id, err
		}
	}
	return id, nil
}

// Depend lets one job wait for another. It fails with ErrBusy, ErrState (frozen), ErrRange, ErrStale (no job of this graph), ErrTooLarge,
// ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (g *Graph) Depend(dependent, dependency JobID, on Dependency) error {
	return callOn(g.handle, "depend", func(address uintptr) int64 {
		return raw.Graph_depend(address, uint64(dependent), uint64(dependency), uint32(on))
	})
}

// DependName is Depend by the jobs' names, which may come later. Since 0.1.
func (g *Graph) DependName(dependent, dependency string, on Dependency) error {
	return callOn(g.handle, "depend", func(address uintptr) int64 {
		return raw.Graph_depend_name(address, dependent, dependency, uint32(on))
	})
}

// Limit makes a class of jobs of which at most `most` are at work at a time, or changes one that has not run. It fails with ErrBusy,
// ErrRange, ErrNull (no name), ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (g *Graph) Limit(name string, most int) (class LimitClass, err error) {
	err = callOn(g.handle, "limit", func(address uintptr) int64 {
		made := raw.Graph_limit(address, name, number32(most))
		class = LimitClass(made)
		return made
	})
	return class, err
}

// Find gives a job by its name. It fails with ErrEmpty (there is none), ErrBusy or ErrClosed. It never blocks. Since 0.1.
func (g *Graph) Find(name string) (id JobID, err error) {
	err = callOn(g.handle, "find", func(address uintptr) int64 {
		out := make([]int64, 1)
		result := raw.Graph_find(out, address, name)
		id = JobID(out[0])
		return result
	})
	return id, err
}

// Freeze finds what is wrong with the graph, and puts its jobs in order: what Run does first. After it the graph takes no more jobs.
//
// It fails with EEXIST (two jobs have one name), ENOENT (a dependency names a job that has not come), ErrCycle (Text names its jobs in
// order), ErrTooLarge, ErrBusy, ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (g *Graph) Freeze() error { return callOn(g.handle, "freeze", raw.Graph_freeze) }

// Close forgets the graph and its jobs; when it runs, after that. A graph whose functions refer to it is forgotten no sooner. It never
// blocks, and may be called again. Since 0.1.
func (g *Graph) Close() error {
	g.handle.close()
	return nil
}

// withJob makes a native job of options, for a call that takes it.
func withJob(op string, state *graphState, options *JobOptions, call func(out []int64, native uintptr) int64) (JobID, error) {
	o := raw.NewJob_options()
	defer raw.DeleteJob_options(o)
	raw.Job_options_init(o.Swigcptr())
	if options.Name != "" {
		o.SetName(options.Name)
		defer clearText(o.SetName)
	}
	if options.Args != nil {
		free, err := commandLine(op, options.Args, options.Env, options.Dir, o.SetArgv, o.SetEnvp, o.SetCwd)
		if err != nil {
			return 0, err
		}
		defer free()
	}
	var flags uint32
	if options.Shell {
		flags |= raw.JOB_SHELL
	}
	if options.Fresh {
		flags |= raw.JOB_FRESH
	}
	o.SetFlags(uint64(flags))
	o.SetCost(number64(options.Cost))
	o.SetEarly_cost(number64(options.EarlyCost))
	o.SetPriority(uint32(options.Priority))
	o.SetWeight(number32(options.Weight))
	o.SetLimit_class(uint32(options.Limit))
	o.SetRetries(number32(options.Retries))
	o.SetTimeout_ns(int64(options.Timeout))
	var slot uintptr
	if options.Func != nil {
		slot = jobs.put(&jobFunction{state: state, f: options.Func, timeout: options.Timeout})
		o.SetFn(upcalls.job)
		o.SetUser_data(slot)
		o.SetDiscard(upcalls.discard)
	}
	out := make([]int64, 1)
	if result := call(out, o.Swigcptr()); result < 0 {
		if options.Func != nil {
			jobs.remove(slot)
		}
		return 0, failure(op, result)
	}
	return JobID(out[0]), nil
}
