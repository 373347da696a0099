package libsched

import (
	"time"

	"libsched/internal/raw"
)

// PoolStats is a picture of a pool. The counts are exact when the pool is idle, else each is a recent value. Since 0.1.
type PoolStats struct {
	Workers   int              // threads that run
	Parked    int              // of these, threads that sleep
	Priority  [3]PriorityStats // by Normal, High and Low
	Steals    uint64           // times that one worker took tasks from another's queue
	Retries   uint64           // times that a take lost a race
	Parks     uint64           // times that a worker went to sleep
	Wakes     uint64           // times that a sleeping worker was woken for work
	Overflows uint64           // tasks that a full local queue handed to the shared one
	Exceeded  uint64           // tasks that workers submitted beyond the capacity
}

// PriorityStats are counts of one priority. Submitted is Started + Cancelled + Queued, Started is Completed + Failed + Active.
// Since 0.1.
type PriorityStats struct {
	Submitted  uint64        // tasks accepted
	Started    uint64        // tasks whose function was called
	Completed  uint64        // tasks that ended well
	Failed     uint64        // tasks that panicked or returned an error
	Cancelled  uint64        // tasks that were dropped
	Queued     uint64        // tasks that wait to start
	Active     uint64        // tasks that run
	OldestWait time.Duration // how long the task that waits longest has waited, to about 5 ms; 0 if none waits
}

// Stats takes a picture of the pool. It fails with ErrClosed. It never blocks, and any goroutine may call it. Since 0.1.
func (p *Pool) Stats() (PoolStats, error) {
	const op = "stats"
	if !p.handle.enter() {
		return PoolStats{}, closed(op)
	}
	defer p.handle.leave()
	native := raw.NewPool_stats()
	defer raw.DeletePool_stats(native)
	raw.Pool_stats_init(native.Swigcptr())
	if err := failure(op, raw.Pool_get_stats(native.Swigcptr(), p.handle.address)); err != nil {
		return PoolStats{}, err
	}
	stats := PoolStats{
		Workers:   int(native.GetWorkers()),
		Parked:    int(native.GetParked()),
		Steals:    native.GetSteals(),
		Retries:   native.GetRetries(),
		Parks:     native.GetParks(),
		Wakes:     native.GetWakes(),
		Overflows: native.GetOverflows(),
		Exceeded:  native.GetExceeded(),
	}
	for i := range stats.Priority {
		of := raw.SwigcptrPriority_stats(native.At(uint32(i)))
		stats.Priority[i] = PriorityStats{
			Submitted:  of.GetSubmitted(),
			Started:    of.GetStarted(),
			Completed:  of.GetCompleted(),
			Failed:     of.GetFailed(),
			Cancelled:  of.GetCancelled(),
			Queued:     of.GetQueued(),
			Active:     of.GetActive(),
			OldestWait: time.Duration(of.GetOldest_wait_ns()),
		}
	}
	waiting, _ := p.intake.waits()
	stats.Priority[Normal].Submitted += uint64(waiting)
	stats.Priority[Normal].Queued += uint64(waiting)
	return stats, nil
}

// Current is the index of the pool's worker on which the caller runs; not ok if it runs elsewhere. It never blocks. Since 0.1.
func (p *Pool) Current() (worker int, ok bool) {
	if !p.handle.enter() {
		return 0, false
	}
	defer p.handle.leave()
	worker = int(raw.Pool_current_worker(p.handle.address))
	return worker, worker >= 0
}
