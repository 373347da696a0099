package libsched

import "libsched/internal/raw"

// PoolOption is an option of NewPool. Since 0.1.
type PoolOption func(*poolOptions)

type poolOptions struct {
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
	return func(o *poolOptions) { o.native.SetWorkers(number32(n)) }
}

// WithName names the workers' threads name-0, name-1 and so on. Since 0.1.
func WithName(name string) PoolOption {
	return func(o *poolOptions) { o.native.SetName(name) }
}

// WithCapacity bounds how many tasks wait to start, 1 or more. Who submits another one waits for room; a worker of the pool goes
// beyond it. Since 0.1.
func WithCapacity(n int) PoolOption {
	return func(o *poolOptions) { o.native.SetCapacity(number64(n)) }
}

// WithSpareWorkers bounds how many workers stand in for those that block, at most 1024; the default is 128. 0 says none. Since 0.1.
func WithSpareWorkers(n int) PoolOption {
	return func(o *poolOptions) {
		if n == 0 {
			o.native.SetMax_spare(noSpare)
		} else {
			o.native.SetMax_spare(number32(n))
		}
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
			raw.Uint32_array_setitem(array, int64(i), number32(cpu))
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
			o.native.SetHigh_cap(number32(workers))
		case Low:
			o.native.SetLow_cap(number32(workers))
		default:
			o.native.SetNormal_cap(number32(workers))
		}
	}
}

// WithBounds says over how many tasks in a row a worker may pass Normal and Low tasks that wait, so that neither starves; 0 says
// the default, 8 and 64. Since 0.1.
func WithBounds(normal, low int) PoolOption {
	return func(o *poolOptions) {
		o.native.SetNormal_bound(number32(normal))
		o.native.SetLow_bound(number32(low))
	}
}

// OnPanic is told of the panics of tasks that nobody waits for, one at a time, on the worker that ran the task. The default prints
// them to os.Stderr. Since 0.1.
func OnPanic(f func(*PanicError)) PoolOption {
	return func(o *poolOptions) { o.onPanic = f }
}

const noSpare = 1<<32 - 1

// number32 makes what is out of range a number that the engine refuses.
func number32(n int) uint32 {
	if n < 0 || n >= noSpare {
		return noSpare - 1
	}
	return uint32(n)
}

func number64(n int) uint64 {
	if n < 0 {
		return 1<<64 - 1
	}
	return uint64(n)
}
