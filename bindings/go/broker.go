package libsched

import (
	"context"
	"os/exec"

	"libsched/internal/raw"
)

// Broker is a jobserver for one command and all that descends from it: of a pool that many processes share nobody can tell who holds a
// token when it is killed, but what went to a command by a broker is back once all of its processes have ended, however they did. For a
// Process, ProcessOptions.Broker does all of this. Any goroutine may call any method at any time. Since 0.1.
type Broker struct {
	handle *handle
	waits  gate
}

// NewBroker makes a broker for a command that is still to be started. It fails with ErrState (there is no jobserver), ErrClosed, ENOMEM,
// EMFILE or ENFILE. It never blocks. Since 0.1.
func (j *Jobserver) NewBroker() (*Broker, error) {
	const op = "new broker"
	if !j.handle.enter() {
		return nil, closed(op)
	}
	defer j.handle.leave()
	made := raw.Broker_create(j.handle.address)
	if made < 0 {
		return nil, failure(op, made)
	}
	return &Broker{handle: newHandle(uintptr(made), raw.Broker_unref), waits: newGate()}, nil
}

// Prepare has a command find the broker, as Jobserver.Prepare does. `started` is to be called once the command has started, or failed to:
// from then on tokens are offered to it. It fails with ErrState (it was called before), ErrClosed, EAGAIN, ENOMEM, EMFILE, ENFILE
// or ENOSPC.
//
// Prepare fails with ErrState (the broker has a command already), ErrClosed, ErrNull, EMFILE or ENFILE; cmd is as it was then. Neither
// blocks. Since 0.1.
func (b *Broker) Prepare(cmd *exec.Cmd) (started func() error, err error) {
	err = callOn(b.handle, "prepare a command", func(address uintptr) int64 { return raw.Broker_child_fds(nil, nil, address) })
	if err != nil {
		return nil, err
	}
	closeCopies, err := prepare(b.handle, cmd, raw.Broker_makeflags, raw.Broker_child_fds)
	if err != nil {
		return nil, err
	}
	return func() error {
		closeCopies()
		return callOn(b.handle, "start a broker", raw.Broker_start)
	}, nil
}

// Wait waits until the command and all that has its descriptors from it have ended, or closed them: what they took is back then. It
// fails with ErrCancelled (the context, which is the cause), ErrState (it was not started) or ErrClosed. However many goroutines wait,
// it takes one thread. Since 0.1.
func (b *Broker) Wait(ctx context.Context) error {
	return waitOn(ctx, b.handle, b.waits, "wait for a broker", raw.Broker_wait)
}

// BrokerStats is where a broker's tokens are, at one moment. Since 0.1.
type BrokerStats struct {
	Offered bool   // a token lies there for the command
	Taken   uint64 // tokens that the command and its descendants have
	Total   uint64 // how many they have taken since the beginning
	Rescued uint64 // of these, how many were not given back before the last process had ended
	Extra   uint64 // tokens that came back without having been taken
	Over    bool   // all processes have let go
}

// Stats counts the tokens. It fails with ErrClosed. It never blocks. Since 0.1.
func (b *Broker) Stats() (stats BrokerStats, err error) {
	o := raw.NewBroker_stats()
	defer raw.DeleteBroker_stats(o)
	raw.Broker_stats_init(o.Swigcptr())
	err = callOn(b.handle, "stats", func(address uintptr) int64 { return raw.Broker_get_stats(o.Swigcptr(), address) })
	if err == nil {
		stats = BrokerStats{
			Offered: o.GetOffered() != 0, Taken: o.GetTaken(), Total: o.GetTotal(), Rescued: o.GetRescued(), Extra: o.GetExtra(),
			Over: o.GetOver() != 0,
		}
	}
	return stats, err
}

// Close forgets the broker, which goes on until its command and all descendants have let go. It never blocks, and may be called
// again. Since 0.1.
func (b *Broker) Close() error {
	b.handle.close()
	return nil
}
