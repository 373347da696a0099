package libsched

import "libsched/internal/raw"

// Injector is an unbounded queue, first in, first out. Any goroutine may call any method at any time. Since 0.1.
type Injector[T any] struct {
	handle *handle
	values *table[T]
}

// NewInjector makes an empty injector. It fails with ENOMEM. It never blocks. Since 0.1.
func NewInjector[T any]() (*Injector[T], error) {
	o := raw.NewInjector_options()
	defer raw.DeleteInjector_options(o)
	raw.Injector_options_init(o.Swigcptr())
	o.SetDiscard(upcalls.discard)
	made := raw.Injector_create(o.Swigcptr())
	if made < 0 {
		return nil, failure("new injector", made)
	}
	return &Injector[T]{handle: newHandle(uintptr(made), raw.Injector_unref), values: valuesOf[T]()}, nil
}

// Push adds values, in order; those of others may come between them. It returns how many were added, the first ones: fewer than all
// only with an error, which is ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (i *Injector[T]) Push(values ...T) (int, error) {
	if !i.handle.enter() {
		return 0, closed("push")
	}
	defer i.handle.leave()
	slots := make([]uintptr, len(values))
	for at, value := range values {
		slots[at] = i.values.put(value)
	}
	taken := 0
	for taken < len(slots) {
		result := raw.Injector_push_n(i.handle.address, slots[taken:])
		if result < 0 {
			for _, slot := range slots[taken:] {
				i.values.remove(slot)
			}
			return taken, pushFailure(result)
		}
		taken += int(result)
	}
	return taken, nil
}

// Steal takes the oldest value. It fails with ErrEmpty, ErrRetry (it has lost a race, or the oldest push is not finished) or ErrClosed.
// It never blocks. Since 0.1.
func (i *Injector[T]) Steal() (T, error) { return takeValue(i.handle, i.values, raw.Injector_steal) }

// StealBatch moves up to half of the values into a deque that the caller owns, at most `limit`; 0 says 32. It fails as
// Stealer.StealBatch does. It never blocks. Since 0.1.
func (i *Injector[T]) StealBatch(destination *Deque[T], limit int) error {
	return moveValues(i.handle, destination, limit, raw.Injector_steal_batch)
}

// StealBatchAndPop is StealBatch, and returns the oldest value at once. A destination that is full is no failure. Since 0.1.
func (i *Injector[T]) StealBatchAndPop(destination *Deque[T], limit int) (T, error) {
	return takeBatch(i.handle, i.values, destination, limit, raw.Injector_steal_batch_and_pop)
}

// Len is how many values there are; exact when no other call is under way. It never blocks. Since 0.1.
func (i *Injector[T]) Len() int { return lengthOf(i.handle, raw.Injector_len) }

// Close drops what is left. It never blocks, and may be called again. Since 0.1.
func (i *Injector[T]) Close() error {
	i.handle.close()
	return nil
}
