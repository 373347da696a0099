package libsched

import "libsched/internal/raw"

// PoolOption is an option of NewPool; nil is none. Since 0.1.
type PoolOption func(*poolOptions)

type poolOptions struct {
	checked
	native  raw.Pool_options
	onPanic func(*PanicError)
	arrays  []uintptr
}

func (o *poolOptions) free() {
	o.native.SetName("")
	for _, array := range o.arrays {
		raw.Delete_uint32_array(array)
	}
}

// WithWorkers says how many workers there are, from 1 to 1024. The default is as many as the CPUs that the process may really use,
// at least 2. Since 0.1.
func WithWorkers(n int) PoolOption {
	return func(o *poolOptions) { o.native.SetWorkers(o.number32("the number of workers", n)) }
}

// WithName names the workers' threads name-0, name-1 and so on. Since 0.1.
func WithName(name string) PoolOption {
	return func(o *poolOptions) { o.native.SetName(o.text("the name", name)) }
}

// WithCapacity bounds how many tasks wait to start, 1 or more. Who submits another one waits for room; a worker of the pool goes
// beyond it. Since 0.1.
func WithCapacity(n int) PoolOption {
	return func(o *poolOptions) { o.native.SetCapacity(o.number64("the capacity", n)) }
}

// WithSpareWorkers bounds how many workers stand in for those that block, at most 1024; the default is 128. 0 says none. Since 0.1.
func WithSpareWorkers(n int) PoolOption {
	return func(o *poolOptions) {
		if n == 0 {
			o.native.SetMax_spare(noSpare)
		} else {
			o.native.SetMax_spare(o.number32("the number of spare workers", n))
		}
	}
}

func (o *poolOptions) spareWorkers() int64 {
	switch n := o.native.GetMax_spare(); n {
	case noSpare:
		return 0
	case 0:
		return 128
	default:
		return int64(n)
	}
}

// WithAffinity pins worker i to the CPU cpus[i % len(cpus)]. Since 0.1.
func WithAffinity(cpus ...int) PoolOption {
	return func(o *poolOptions) {
		if len(cpus) == 0 {
			return
		}
		array := raw.New_uint32_array(int64(len(cpus)))
		for i, cpu := range cpus {
			raw.Uint32_array_setitem(array, int64(i), o.number32("a CPU", cpu))
		}
		o.arrays = append(o.arrays, array)
		o.native.SetAffinity(array)
		o.native.SetAffinity_count(uint32(len(cpus)))
	}
}

// WithCap lets at most so many workers run tasks of a priority at a time; 0 says all. A cap goes before a bound. Since 0.1.
func WithCap(priority Priority, workers int) PoolOption {
	return func(o *poolOptions) {
		switch priority {
		case High:
			o.native.SetHigh_cap(o.number32("the cap", workers))
		case Low:
			o.native.SetLow_cap(o.number32("the cap", workers))
		case Normal:
			o.native.SetNormal_cap(o.number32("the cap", workers))
		default:
			o.refuse("the priority is %d", priority)
		}
	}
}

// WithBounds says over how many tasks in a row a worker may pass Normal and Low tasks that wait, so that neither starves; 0 says
// the default, 8 and 64. Since 0.1.
func WithBounds(normal, low int) PoolOption {
	return func(o *poolOptions) {
		o.native.SetNormal_bound(o.number32("the bound for Normal", normal))
		o.native.SetLow_bound(o.number32("the bound for Low", low))
	}
}

// OnPanic is told of the panics of tasks that nobody waits for, one at a time, on the worker that ran the task. The default prints
// them to os.Stderr. Since 0.1.
func OnPanic(f func(*PanicError)) PoolOption {
	return func(o *poolOptions) { o.onPanic = f }
}

const noSpare = 1<<32 - 1
