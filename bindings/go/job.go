package libsched

import (
	"context"
	"encoding/binary"
	"time"

	"libsched/internal/raw"
)

// jobFunction is a job's function, in its slot as long as the engine knows the job.
type jobFunction struct {
	state   *graphState
	f       func(context.Context, *Job) error
	timeout time.Duration
}

var jobs = newTable[*jobFunction](nil)

// Job is a job at work. It is for its function alone, which may share it with other goroutines, until that returns. Since 0.1.
type Job struct {
	address uintptr
	run     *run
}

func runJob(address, slot uintptr) int32 {
	function := jobs.peek(slot)
	r := function.state.running()
	ctx, cancel := r.ctx, context.CancelFunc(func() {})
	if function.timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, function.timeout)
	}
	defer cancel()
	job := &Job{address: address, run: r}
	id := job.ID()
	var err error
	if e := contained(func() { err = function.f(ctx, job) }); e != nil {
		err = e
	}
	r.ended(id, err)
	if err != nil {
		return codeFailed
	}
	return 0
}

// ID is the job's number. It never blocks. Since 0.1.
func (j *Job) ID() JobID { return JobID(raw.Job_id(j.address)) }

// Cancelled says whether the job should end early: its time is over, or its run is cancelled. The context of its function is done
// in both cases, too, unless it is Kill that has ended the run after a command. It never blocks. Since 0.1.
func (j *Job) Cancelled() bool { return raw.Job_cancelled(j.address) != 0 }

// SignalEarly lets those go on that wait for the job's early signal. It fails with ErrState: it has done so before, or is fresh. It
// never blocks. Since 0.1.
func (j *Job) SignalEarly() error { return failure("signal early", raw.Job_signal_early(j.address)) }

// Message sends a copy of a message to the run's handler. It fails with ENOMEM. It never blocks. Since 0.1.
func (j *Job) Message(data []byte) error { return failure("message", raw.Job_message(j.address, data)) }

// MessageBounded is Message within the bound for messages that wait: it blocks until there is room. It fails with ErrCancelled (the run is,
// or its handler has ended it), ErrRange (more than the bound) or ENOMEM. Since 0.1.
func (j *Job) MessageBounded(data []byte) error {
	return failure("message", raw.Job_message_bounded(j.address, data))
}

// TrySlots takes more slots for the job, such as for goroutines of its own, with their tokens: all or none. They are given back at the
// job's end. It fails with ErrEmpty (so many are not there), ErrCancelled, ErrState, ErrClosed or ENOMEM. It never blocks. Since
// 0.1.
func (j *Job) TrySlots(more int) error {
	return failure("take slots", raw.Job_try_slots(j.address, number32(more)))
}

// ReleaseSlots gives back some of the job's slots. It fails with ErrRange (one is left to it at least) or ErrState. It never blocks.
// Since 0.1.
func (j *Job) ReleaseSlots(fewer int) error {
	return failure("release slots", raw.Job_release_slots(j.address, number32(fewer)))
}

// Add adds a job to the run, for this run alone. Only jobs that are added after it can wait for it. It fails with ErrCancelled (the run
// starts no job any more), EEXIST (the name is used), ErrStale (no job of this run), ErrState (a timeout, in a run that began
// without any), or as Graph.Add does. It never blocks. Since 0.1.
func (j *Job) Add(options JobOptions) (JobID, error) {
	return j.run.add(raw.Job_run(j.address), &options)
}

func (r *run) add(address uintptr, options *JobOptions) (JobID, error) {
	const op = "add a job"
	var numbers []byte
	put := func(ids []JobID, on Dependency) {
		for _, id := range ids {
			numbers = binary.LittleEndian.AppendUint64(numbers, uint64(id))
			numbers = binary.LittleEndian.AppendUint64(numbers, uint64(on))
		}
	}
	put(options.After, Finished)
	put(options.Early, Early)
	dependencies := raw.Dependencies_new(numbers)
	if dependencies == 0 {
		return 0, failure(op, -12)
	}
	defer raw.Dependencies_free(dependencies)
	count := uint64(len(options.After) + len(options.Early))
	return withJob(op, r.state, options, func(out []int64, native uintptr) int64 {
		return raw.Run_add(out, address, native, dependencies, count)
	})
}
