package libsched

import "libsched/internal/raw"

// mayHelp says whether a wait for tasks of the pool may run some of them meanwhile: on a worker of the pool, where Go can be called
// further down its stack.
func (p *Pool) mayHelp() bool {
	return raw.Pool_current_worker(p.handle.address) >= 0 && raw.Upcall_may_help() != 0
}

// waitAside calls wait, which waits for tasks of the pool without running any. On a worker a spare one stands in meanwhile. Where
// there is none, and no other worker of the pool is left, nothing that is waited for would ever run: it fails with ErrDeadlock, and
// wait is not called.
func (p *Pool) waitAside(op string, wait func()) error {
	aboutToWait()
	where := raw.Upcall_on_worker()
	if where == 0 {
		wait()
		return nil
	}
	if raw.Blocking_begin() >= 0 {
		defer raw.Blocking_end()
	} else if where == 2 || raw.Pool_current_worker(p.handle.address) >= 0 {
		defer p.stranded.Add(-1)
		if p.stranded.Add(1) >= p.workers {
			return &Error{Op: op, Status: ErrDeadlock, Text: "no worker would be left, and no spare one can stand in"}
		}
	}
	wait()
	return nil
}
