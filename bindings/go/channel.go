package libsched

import (
	"context"
	"time"

	"libsched/internal/raw"
)

// Channel is a queue of one dispatcher, for one host, tenant, player or file: its values are worked on in the order in which they were
// sent, by turns with those of the other channels. Any goroutine may call any method at any time.
//
// It is open until it is closed, or nobody knows it any more, or its dispatcher or pool is shut down; what is queued then is still
// worked on. Since 0.1.
type Channel[T any] struct {
	handle    *handle
	functions *functionsOf[T]
	sends     gate
}

// ChannelOptions are options of NewChannel; the zero value has all defaults. Since 0.1.
type ChannelOptions struct {
	Name     string   // no two channels of a dispatcher have the same one; "" = none
	Bound    int      // values that may wait; 0 = any number
	Weight   int      // turns a round, up to 65536; 0 = 1
	Limit    int      // most values that are worked on at a time; 0 = only the dispatcher's limit
	Priority Priority // of all its values
}

// NewChannel makes an empty channel. It fails with ErrClosed, EEXIST (a channel of that name is there), ErrRange or ENOMEM. It never
// blocks. Since 0.1.
func (d *Dispatcher[T]) NewChannel(options ChannelOptions) (*Channel[T], error) {
	const op = "new channel"
	if !d.handle.enter() {
		return nil, closed(op)
	}
	defer d.handle.leave()
	o := raw.NewChannel_options()
	defer raw.DeleteChannel_options(o)
	raw.Channel_options_init(o.Swigcptr())
	var c checked
	if options.Name != "" {
		o.SetName(c.text("the name", options.Name))
		defer clearText(o.SetName)
	}
	o.SetBound(c.number64("the bound", options.Bound))
	o.SetWeight(c.number32("the weight", options.Weight))
	o.SetLimit(c.number32("the limit", options.Limit))
	o.SetPriority(uint32(options.Priority))
	if err := c.failure(op); err != nil {
		return nil, err
	}
	made := raw.Channel_create(d.handle.address, o.Swigcptr())
	if made < 0 {
		return nil, failure(op, made)
	}
	h := newHandle(uintptr(made), raw.Channel_unref)
	return &Channel[T]{handle: h, functions: d.functions, sends: newGate()}, nil
}

// Send sends a value, once there is room. It fails with ErrCancelled (the context, which is the cause), ErrClosed, ErrDeadlock (work of the
// dispatcher calls, and all that runs waits so), EAGAIN or ENOMEM. However many goroutines wait, it takes one thread. Since 0.1.
func (c *Channel[T]) Send(ctx context.Context, value T) error {
	if ctx == nil {
		return noContext("send")
	}
	if !c.handle.enter() {
		return closed("send")
	}
	defer c.handle.leave()
	slot := sents.put(&sent[T]{functions: c.functions, value: value})
	result := raw.Channel_try_send(c.handle.address, slot)
	err := pushFailure(result)
	if Status(result) == ErrFull {
		_, err = c.sends.wait(ctx, "send", func(timeout int64, cancel uintptr) int64 {
			return raw.Channel_send(c.handle.address, slot, timeout, cancel)
		})
	}
	if err != nil {
		sents.remove(slot)
	}
	return err
}

// TrySend sends a value if there is room. It fails with ErrFull, ErrClosed, EAGAIN or ENOMEM. It never blocks. Since 0.1.
func (c *Channel[T]) TrySend(value T) error {
	if !c.handle.enter() {
		return closed("send")
	}
	defer c.handle.leave()
	slot := sents.put(&sent[T]{functions: c.functions, value: value})
	result := raw.Channel_try_send(c.handle.address, slot)
	if result < 0 {
		sents.remove(slot)
	}
	return pushFailure(result)
}

// Name is the name that the channel was made with. It never blocks. Since 0.1.
func (c *Channel[T]) Name() string {
	if !c.handle.enter() {
		return ""
	}
	defer c.handle.leave()
	return raw.Channel_name(c.handle.address)
}

// Len is how many values wait. It never blocks. Since 0.1.
func (c *Channel[T]) Len() int { return lengthOf(c.handle, raw.Channel_len) }

// InFlight is how many values are worked on. It never blocks. Since 0.1.
func (c *Channel[T]) InFlight() int { return lengthOf(c.handle, raw.Channel_in_flight) }

// Clear drops all values that wait, and cancels what is worked on: Task.Cancelled is true then, and Finalize will not be called unless
// that had begun. It says how many there were of both. OnDiscard has returned for what waited.
//
// It fails with ErrClosed. It never blocks, apart from OnDiscard. Since 0.1.
func (c *Channel[T]) Clear() (dropped, cancelled int, err error) {
	var counts [2][1]int64
	err = callOn(c.handle, "clear", func(address uintptr) int64 {
		return raw.Channel_clear(counts[0][:], counts[1][:], address)
	})
	return int(counts[0][0]), int(counts[1][0]), err
}

// Pause starts work on no value of the channel any more, until Resume. It fails with ErrClosed. It never blocks. Since 0.1.
func (c *Channel[T]) Pause() error { return callOn(c.handle, "pause", raw.Channel_pause) }

// Resume ends a pause. It fails with ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (c *Channel[T]) Resume() error { return callOn(c.handle, "resume", raw.Channel_resume) }

// SetLimit changes how many values of the channel are worked on at a time; 0 says only the dispatcher's limit. It fails with ErrClosed.
// It never blocks. Since 0.1.
func (c *Channel[T]) SetLimit(limit int) error {
	return setLimit(c.handle, limit, raw.Channel_set_limit)
}

// Close takes no more values; senders that wait get ErrClosed. What is queued is worked on. It never blocks, and may be called again.
// Since 0.1.
func (c *Channel[T]) Close() error {
	if !c.handle.enter() {
		return nil
	}
	defer c.handle.leave()
	raw.Channel_close(c.handle.address)
	c.handle.close()
	return nil
}

// ChannelStats is what a channel has done, at one moment. Since 0.1.
type ChannelStats struct {
	Queued      uint64        // values that wait
	Running     uint64        // values that are worked on
	Done        uint64        // values whose work went well
	Failed      uint64        // values whose work failed
	Cancelled   uint64        // values that were cleared, before or after their work
	LongestWait time.Duration // of a value from its send on, to about 4 ms
	Turns       uint64        // values whose work has begun
	Limit       int           // in force; 0 = only the dispatcher's
	Paused      bool
}

// Stats takes a picture. It fails with ErrClosed. It never blocks. Since 0.1.
func (c *Channel[T]) Stats() (stats ChannelStats, err error) {
	o := raw.NewChannel_stats()
	defer raw.DeleteChannel_stats(o)
	raw.Channel_stats_init(o.Swigcptr())
	err = callOn(c.handle, "stats", func(address uintptr) int64 { return raw.Channel_get_stats(o.Swigcptr(), address) })
	if err == nil {
		stats = ChannelStats{
			Queued: o.GetQueued(), Running: o.GetRunning(), Done: o.GetDone(), Failed: o.GetFailed(),
			Cancelled: o.GetCancelled(), LongestWait: time.Duration(o.GetLongest_wait_ns()), Turns: o.GetTurns(),
			Limit: int(o.GetLimit()), Paused: o.GetPaused() != 0,
		}
	}
	return stats, err
}

func clearText(set func(string)) { set("") }
