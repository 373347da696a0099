package libsched

import (
	"context"
	"sync/atomic"

	"libsched/internal/raw"
)

// Jobserver is GNU make's jobserver: a pool of tokens that the processes of a build share. Who runs a job takes a token for it and gives it
// back after. The first token is the implicit slot, which every process has anyway. Any goroutine may call any method at any time.
//
// Where there is no jobserver one job runs at a time. Since 0.1.
type Jobserver struct {
	handle   *handle
	acquires gate
}

// JobserverOptions are options of InheritJobserver; the zero value has all defaults. Since 0.1.
type JobserverOptions struct {
	MakeFlags string // the text to read; "" = the first that exists of CARGO_MAKEFLAGS, MAKEFLAGS, MFLAGS
	Fallback  int    // slots of a jobserver of its own where none can be used; 0 = the implicit slot alone
	LastWins  bool   // the last of all words that name a jobserver counts, which is make's rule
	Explicit  bool   // the implicit slot is never handed out, since the caller runs a job in it anyway
}

// InheritJobserver joins the jobserver of the parent process. That there is none is no failure: Info tells. Call it early, in main:
// descriptors that are named but were not inherited may be somebody else's later.
//
// It fails with ENOMEM, EMFILE or ENFILE. It never blocks. Since 0.1.
func InheritJobserver(options JobserverOptions) (*Jobserver, error) {
	const op = "inherit a jobserver"
	var c checked
	o := raw.NewJobserver_options()
	defer raw.DeleteJobserver_options(o)
	raw.Jobserver_options_init(o.Swigcptr())
	if options.MakeFlags != "" {
		o.SetMakeflags(c.text("the text", options.MakeFlags))
		defer clearText(o.SetMakeflags)
	}
	o.SetFallback(c.number32("the number of slots", options.Fallback))
	var flags uint32
	if options.LastWins {
		flags |= raw.JOBSERVER_LAST_WINS
	}
	if options.Explicit {
		flags |= raw.JOBSERVER_EXPLICIT
	}
	o.SetFlags(uint64(flags))
	if err := c.failure(op); err != nil {
		return nil, err
	}
	return newJobserver(op, raw.Jobserver_inherit(o.Swigcptr()))
}

// JobserverStyle is how children find a jobserver. Since 0.1.
type JobserverStyle uint32

// A pipe serves make before 4.4, gcc and cargo; a fifo make from 4.4 on, ninja from 1.13 on and cargo, and nothing needs to be
// inherited for it; both are over one fifo. Since 0.1.
const (
	JobserverPipe JobserverStyle = 1
	JobserverFifo JobserverStyle = 2
	JobserverBoth JobserverStyle = 6
)

// ServeJobserver begins a jobserver for the children of this process, with so many slots, this process' own one among them. With
// `explicit` that one is never handed out.
//
// It fails with ErrRange (slots or style), ENOMEM, EMFILE, ENFILE, or what the system says of the directory for a fifo. It never
// blocks. Since 0.1.
func ServeJobserver(slots int, style JobserverStyle, explicit bool) (*Jobserver, error) {
	var flags uint32
	if explicit {
		flags = raw.JOBSERVER_EXPLICIT
	}
	const op = "serve a jobserver"
	var c checked
	n := c.number32("the number of slots", slots)
	if err := c.failure(op); err != nil {
		return nil, err
	}
	return newJobserver(op, raw.Jobserver_serve(n, uint32(style), flags))
}

func newJobserver(op string, made int64) (*Jobserver, error) {
	if made < 0 {
		return nil, failure(op, made)
	}
	return &Jobserver{handle: newHandle(uintptr(made), raw.Jobserver_unref), acquires: newGate()}, nil
}

// Token is leave to run one job. Since 0.1.
type Token struct {
	jobserver *Jobserver
	number    uint64
	released  atomic.Bool
}

// Acquire takes a token, once there is one. It fails with ErrCancelled (the context, which is the cause), ErrClosed, EPIPE (the other
// processes' end is closed: told once, after that there is the implicit slot), ErrState (Explicit, and there is no jobserver), or
// what the system says. However many goroutines wait, it takes one thread, and they get theirs in the order in which they came.
// Since 0.1.
func (j *Jobserver) Acquire(ctx context.Context) (*Token, error) {
	const op = "acquire"
	if ctx == nil {
		return nil, noContext(op)
	}
	if !j.handle.enter() {
		return nil, closed(op)
	}
	defer j.handle.leave()
	token := make([]int64, 1)
	result := raw.Jobserver_try_acquire(token, j.handle.address)
	err := failure(op, result)
	if Status(result) == ErrEmpty {
		_, err = j.acquires.wait(ctx, op, func(timeout int64, cancel uintptr) int64 {
			return raw.Jobserver_acquire(token, j.handle.address, timeout, cancel)
		})
	}
	if err != nil {
		return nil, err
	}
	return &Token{jobserver: j, number: uint64(token[0])}, nil
}

// TryAcquire takes a token if there is one. It fails with ErrEmpty, and as Acquire does. It never blocks. Since 0.1.
func (j *Jobserver) TryAcquire() (*Token, error) {
	const op = "try acquire"
	if !j.handle.enter() {
		return nil, closed(op)
	}
	defer j.handle.leave()
	token := make([]int64, 1)
	if result := raw.Jobserver_try_acquire(token, j.handle.address); result < 0 {
		return nil, failure(op, result)
	}
	return &Token{jobserver: j, number: uint64(token[0])}, nil
}

// Release gives the token back. It may be called again, and does nothing then. A token that is forgotten is given back when its
// jobserver is closed. It fails with ErrStale or ErrClosed: there is nothing to give back any more. It never blocks. Since 0.1.
func (t *Token) Release() error {
	if t.released.Swap(true) {
		return nil
	}
	return callOn(t.jobserver.handle, "release", func(address uintptr) int64 {
		return raw.Jobserver_release(address, t.number)
	})
}

// JobserverInfo is what InheritJobserver has found. Since 0.1.
type JobserverInfo struct {
	Err      error  // nil: it is used; else why not: ErrEmpty if there is none for this process
	DryRun   bool   // make was called with -n, so nothing is to be run
	Jobs     int    // N of -jN, as far as it is given; 0 = not, or without limit
	Variable string // CARGO_MAKEFLAGS, MAKEFLAGS or MFLAGS; "" = none of them, or the text was given
	Word     string // the word that counts, "" = none
}

// Info says what InheritJobserver has found; of one that is served nothing. It fails with ErrClosed. It never blocks. Since 0.1.
func (j *Jobserver) Info() (info JobserverInfo, err error) {
	o := raw.NewJobserver_info()
	defer raw.DeleteJobserver_info(o)
	raw.Jobserver_info_init(o.Swigcptr())
	err = callOn(j.handle, "info", func(address uintptr) int64 {
		result := raw.Jobserver_get_info(o.Swigcptr(), address)
		if result < 0 {
			return result
		}
		info = JobserverInfo{DryRun: o.GetDry_run() != 0, Jobs: int(o.GetJobs()), Variable: o.GetVariable(), Word: o.GetWord()}
		if status := o.GetStatus(); status != 0 {
			info.Err = &Error{Op: "inherit a jobserver", Status: Status(status), Text: o.GetMessage()}
		}
		return result
	})
	return info, err
}

// JobserverStats is where the tokens are, at one moment. Since 0.1.
type JobserverStats struct {
	Slots       uint64 // jobs that may run at a time, in all; 0 = not known
	Available   uint64 // tokens that lie in the shared pool
	Held        uint64 // tokens that this process holds, without the implicit slot
	Brokered    uint64 // tokens that are with its brokers
	Outstanding uint64 // of a served one: tokens that children hold, or, once all have ended, have lost
	Extra       uint64 // of a served one: tokens that children gave back and never took
	Lost        uint64 // tokens that could not be given back
	Waiting     uint64 // requests that wait for a token
}

// Stats counts the tokens. It fails with ErrClosed. It never blocks. Since 0.1.
func (j *Jobserver) Stats() (JobserverStats, error) { return j.stats("stats", raw.Jobserver_get_stats) }

// Shutdown hands out no token any more: those that wait get ErrClosed. Tokens that are held can still be released. It says where the
// tokens are: once all children have ended, Outstanding of them are lost. It fails with ErrClosed. It never blocks. Since 0.1.
func (j *Jobserver) Shutdown() (JobserverStats, error) {
	return j.stats("shut down", raw.Jobserver_shutdown)
}

func (j *Jobserver) stats(op string, call func(stats, address uintptr) int64) (stats JobserverStats, err error) {
	o := raw.NewJobserver_stats()
	defer raw.DeleteJobserver_stats(o)
	raw.Jobserver_stats_init(o.Swigcptr())
	err = callOn(j.handle, op, func(address uintptr) int64 { return call(o.Swigcptr(), address) })
	if err == nil {
		stats = JobserverStats{
			Slots: o.GetSlots(), Available: o.GetAvailable(), Held: o.GetHeld(), Brokered: o.GetBrokered(),
			Outstanding: o.GetOutstanding(), Extra: o.GetExtra(), Lost: o.GetLost(), Waiting: o.GetWaiting(),
		}
	}
	return stats, err
}

// Close shuts the jobserver down and gives back all tokens that are held. It never blocks, and may be called again. Since 0.1.
func (j *Jobserver) Close() error {
	if !j.handle.enter() {
		return nil
	}
	defer j.handle.leave()
	raw.Jobserver_shutdown(0, j.handle.address)
	j.handle.close()
	return nil
}
