package libsched

import (
	"fmt"
	"syscall"
	"time"

	"libsched/internal/raw"
)

// Result is what has become of the jobs of a run. Any goroutine may call any method at any time. Since 0.1.
type Result struct {
	handle *handle
	errors map[JobID]error
}

// Summary is a run as a whole. Since 0.1.
type Summary struct {
	Slots        int           // jobs that could be at work
	Jobs         int           // all, also those that were added meanwhile
	Done         int           // of these, by state
	Fresh        int           // the same
	Failed       int           // the same
	Skipped      int           // the same
	Cancelled    int           // the same
	Tainted      int           // jobs that had waited for the early signal of one that failed after it
	Peak         int           // most jobs at work at a time
	Makespan     time.Duration // from the begin to the end
	CriticalPath time.Duration // the longest chain of jobs that wait for each other, by the time that they took
	Work         time.Duration // what all jobs took together
}

// Summary tells of the run as a whole. It fails with ErrClosed. It never blocks. Since 0.1.
func (r *Result) Summary() (summary Summary, err error) {
	o := raw.NewRun_summary()
	defer raw.DeleteRun_summary(o)
	raw.Run_summary_init(o.Swigcptr())
	err = callOn(r.handle, "summary", func(address uintptr) int64 {
		return raw.Result_get_summary(o.Swigcptr(), address)
	})
	if err == nil {
		summary = Summary{
			Slots: int(o.GetSlots()), Jobs: int(o.GetJobs()), Done: int(o.GetDone()), Fresh: int(o.GetFresh()),
			Failed: int(o.GetFailed()), Skipped: int(o.GetSkipped()), Cancelled: int(o.GetCancelled()),
			Tainted: int(o.GetTainted()), Peak: int(o.GetPeak()), Makespan: time.Duration(o.GetMakespan_ns()),
			CriticalPath: time.Duration(o.GetCritical_path_ns()), Work: time.Duration(o.GetWork_ns()),
		}
	}
	return summary, err
}

// JobResult is what has become of a job. Times are since the system's start; 0 where that did not happen. Since 0.1.
type JobResult struct {
	ID        JobID
	Name      string
	State     JobState
	Err       error         // why it has failed: what its function has returned, a *PanicError, or of a command; nil if it has not
	Attempts  int           // how often it was started
	Code      int           // as Message.Code, of the last try
	Signal    int           // the same
	BlockedBy JobID         // the job that has failed, for one that is skipped or tainted
	Tainted   bool          // a job has failed whose early signal it had waited for
	Ready     time.Duration // all that it waited for had come
	Token     time.Duration // it had a slot and its tokens
	Start     time.Duration // its last try began
	Early     time.Duration // it signalled
	End       time.Duration // it ended
}

// Job tells what has become of a job. It fails with ErrStale (no job of that run) or ErrClosed. It never blocks. Since 0.1.
func (r *Result) Job(id JobID) (JobResult, error) {
	return r.job(func(out, address uintptr) int64 { return raw.Result_job(out, address, uint64(id)) })
}

// Jobs tells of all jobs, in the order in which they were added. It fails with ErrClosed. It never blocks. Since 0.1.
func (r *Result) Jobs() ([]JobResult, error) {
	summary, err := r.Summary()
	if err != nil {
		return nil, err
	}
	all := make([]JobResult, 0, summary.Jobs)
	for i := 0; i < summary.Jobs; i++ {
		job, err := r.job(func(out, address uintptr) int64 { return raw.Result_at(out, address, uint64(i)) })
		if err != nil {
			return nil, err
		}
		all = append(all, job)
	}
	return all, nil
}

func (r *Result) job(call func(out, address uintptr) int64) (job JobResult, err error) {
	o := raw.NewJob_result()
	defer raw.DeleteJob_result(o)
	raw.Job_result_init(o.Swigcptr())
	err = callOn(r.handle, "job", func(address uintptr) int64 {
		result := call(o.Swigcptr(), address)
		if result < 0 {
			return result
		}
		job = JobResult{
			ID: JobID(o.GetJob()), Name: o.GetName(), State: JobState(o.GetState()), Attempts: int(o.GetAttempts()),
			Code: int(o.GetCode()), Signal: int(o.GetSignal()), BlockedBy: JobID(o.GetBlocked_by()),
			Tainted: o.GetTainted() != 0, Ready: time.Duration(o.GetReady_ns()), Token: time.Duration(o.GetToken_ns()),
			Start: time.Duration(o.GetStart_ns()), Early: time.Duration(o.GetEarly_ns()), End: time.Duration(o.GetEnd_ns()),
		}
		return result
	})
	if err == nil && job.State == JobFailed {
		job.Err = r.why(&job)
	}
	return job, err
}

// why says what a job has failed with.
func (r *Result) why(job *JobResult) error {
	switch {
	case Status(job.Code) == ErrTimeout:
		return &Error{Op: "job", Status: ErrTimeout}
	case r.errors[job.ID] != nil:
		return r.errors[job.ID]
	case job.Signal != 0:
		return fmt.Errorf("signal: %w", signalError(job.Signal))
	case job.Code > 0:
		return fmt.Errorf("exit status %d", job.Code)
	}
	return failure("job", int64(job.Code))
}

// signalError is a signal, for errors.As.
type signalError syscall.Signal

func (s signalError) Error() string { return syscall.Signal(s).String() }

func (r *Result) failures() error {
	all, err := r.Jobs()
	if err != nil {
		return err
	}
	e := &RunError{}
	for _, job := range all {
		if job.State == JobFailed {
			e.Failed = append(e.Failed, job)
		}
	}
	if len(e.Failed) == 0 {
		return &Error{Op: "run", Status: ErrFailed}
	}
	return e
}

// WriteTrace writes what ran when as a trace in Chrome's JSON format, for Perfetto and chrome://tracing. It fails with what the system
// says of the file, ErrClosed or ENOMEM. It blocks while it writes. Since 0.1.
func (r *Result) WriteTrace(path string) error {
	return callOn(r.handle, "write a trace", func(address uintptr) int64 {
		return raw.Result_write_trace(address, path)
	})
}

// Close forgets the result. It never blocks, and may be called again. Since 0.1.
func (r *Result) Close() error {
	r.handle.close()
	return nil
}
