package libsched

import (
	"context"
	"testing"
)

// What is out of range is refused, by its name and value, and never taken for something else.
func TestWhatIsOutOfRange(t *testing.T) {
	p, g := newPool(t), newGraph(t)
	d, err := NewDispatcher(p, func(*Task, int) error { return nil })
	check(t, err)
	from, err := NewDeque[int](FIFO, 0)
	check(t, err)
	stealer, err := from.Stealer()
	check(t, err)
	pool := func(options ...PoolOption) func() error {
		return func() error { _, err := NewPool(options...); return err }
	}
	channel := func(options ChannelOptions) func() error {
		return func() error { _, err := d.NewChannel(options); return err }
	}
	job := func(options JobOptions) func() error {
		options.Func = func(context.Context, *Job) error { return nil }
		return func() error { _, err := g.Add(options); return err }
	}
	for says, call := range map[string]func() error{
		"workers is -1":       pool(WithWorkers(-1)),
		"spare workers is -1": pool(WithSpareWorkers(-1)),
		"CPU is -1":           pool(WithAffinity(0, -1)),
		"capacity is -1":      pool(WithCapacity(-1)),
		"Normal is -2":        pool(WithBounds(-2, -1)),
		"priority is 77":      pool(WithCap(77, 1)),
		"cap is -1":           pool(WithCap(Low, -1)),
		`name has a NUL`:      pool(WithName("a\x00b")),
		"bound is -1":         func() error { _, err := NewQueue[int](WithBound(-1)); return err },
		"bytes is -5":         func() error { _, err := NewByteQueue(WithByteBound(-5)); return err },
		"the bound is -3":     channel(ChannelOptions{Bound: -3}),
		"the weight is -1":    channel(ChannelOptions{Weight: -1}),
		"the limit is -1":     channel(ChannelOptions{Limit: -1}),
		`NUL after "c"`:       channel(ChannelOptions{Name: "c\x00d"}),
		"limit is -4":         func() error { return d.SetLimit(-4) },
		"the limit is -5": func() error {
			_, err := NewDispatcher(p, func(*Task, int) error { return nil }, WithLimit[int](-5))
			return err
		},
		"the cost is -1":        job(JobOptions{Cost: -1}),
		"weight is -2":          job(JobOptions{Weight: -2}),
		`NUL after "j"`:         job(JobOptions{Name: "j\x00k"}),
		"the class has no name": func() error { _, err := g.Limit("", 1); return err },
		"the limit is -6":       func() error { _, err := g.Limit("x", -6); return err },
		"the number of slots":   func() error { _, err := ServeJobserver(-1, JobserverPipe, false); return err },
		"the most output is -1": func() error {
			_, err := StartProcess(ProcessOptions{Args: []string{"true"}, MaxOutput: -1})
			return err
		},
		"the limit is -7":        func() error { return stealer.StealBatch(from, -7) },
		"the capacity is -1":     func() error { _, err := NewDeque[int](FIFO, -1); return err },
		"number of slots is -12": func() error { _, err := g.Run(background, RunOptions{Slots: -12}); return err },
	} {
		err := call()
		wantError(t, err, ErrRange)
		if err != nil {
			contains(t, err.Error(), says)
		}
	}
	check(t, d.Close())
	check(t, stealer.Close())
	check(t, from.Close())
}
