package libsched

import "libsched/internal/raw"

// Deque is a work-stealing deque: its owner pushes and pops at one end, any number of stealers take from the other. The owner may be
// another goroutine from one call to the next, but the owner's calls (Push, Pop, Shrink, and being the destination of a batch)
// must not overlap: one that meets another fails with ErrBusy and has done nothing. Since 0.1.
type Deque[T any] struct {
	handle *handle
	values *table[T]
}

// Flavor says which value the owner of a deque pops. Since 0.1.
type Flavor uint32

// Stealers take the oldest value in both. Since 0.1.
const (
	FIFO Flavor = 0 // the oldest
	LIFO Flavor = 1 // the newest
)

// NewDeque makes an empty deque. It holds at most `capacity` values; 0 says that only memory limits it.
//
// It fails with ErrRange or ENOMEM. It never blocks. Since 0.1.
func NewDeque[T any](flavor Flavor, capacity int) (*Deque[T], error) {
	o := raw.NewDeque_options()
	defer raw.DeleteDeque_options(o)
	raw.Deque_options_init(o.Swigcptr())
	o.SetFlavor(uint32(flavor))
	o.SetMax_capacity(number64(capacity))
	o.SetDiscard(upcalls.discard)
	made := raw.Deque_create(o.Swigcptr())
	if made < 0 {
		return nil, failure("new deque", made)
	}
	return &Deque[T]{handle: newHandle(uintptr(made), raw.Deque_unref), values: valuesOf[T]()}, nil
}

// Push adds a value. Only the owner calls it. It fails with ErrFull, ErrBusy, ErrClosed or ENOMEM. It never blocks. Since 0.1.
func (d *Deque[T]) Push(value T) error {
	if !d.handle.enter() {
		return closed("push")
	}
	slot := d.values.put(value)
	result := raw.Deque_push(d.handle.address, slot)
	d.handle.leave()
	if result < 0 {
		d.values.remove(slot)
		return pushFailure(result)
	}
	return nil
}

// Pop takes a value, which one the flavor says. Only the owner calls it. It fails with ErrEmpty, ErrBusy or ErrClosed. It never
// blocks. Since 0.1.
func (d *Deque[T]) Pop() (T, error) { return takeValue(d.handle, d.values, raw.Deque_pop) }

// Shrink gives memory back that the present values do not need. Only the owner calls it. It fails with ErrBusy, ErrClosed or ENOMEM.
// It never blocks. Since 0.1.
func (d *Deque[T]) Shrink() error {
	if !d.handle.enter() {
		return closed("shrink")
	}
	defer d.handle.leave()
	return failure("shrink", raw.Deque_shrink(d.handle.address))
}

// Len is how many values there are; exact when no other call is under way. It never blocks, and anybody may call it. Since 0.1.
func (d *Deque[T]) Len() int { return lengthOf(d.handle, raw.Deque_len) }

// Close ends the owner's side. What is left can be stolen as long as there are stealers; then it is dropped. It never blocks, and may be
// called again. Since 0.1.
func (d *Deque[T]) Close() error {
	d.handle.close()
	return nil
}

// Stealer makes a stealer. It fails with ErrClosed or ENOMEM. It never blocks, and anybody may call it. Since 0.1.
func (d *Deque[T]) Stealer() (*Stealer[T], error) {
	if !d.handle.enter() {
		return nil, closed("new stealer")
	}
	defer d.handle.leave()
	made := raw.Stealer_create(d.handle.address)
	if made < 0 {
		return nil, failure("new stealer", made)
	}
	return &Stealer[T]{handle: newHandle(uintptr(made), raw.Stealer_unref), values: d.values}, nil
}

// Stealer takes values from a deque. Any goroutine may call any method at any time. Since 0.1.
type Stealer[T any] struct {
	handle *handle
	values *table[T]
}

// Steal takes the oldest value. It fails with ErrEmpty, ErrRetry (it has lost a race, which is not the same) or ErrClosed. It never
// blocks. Since 0.1.
func (s *Stealer[T]) Steal() (T, error) { return takeValue(s.handle, s.values, raw.Stealer_steal) }

// StealBatch moves up to half of the values into a deque that the caller owns, at most `limit`; 0 says 32.
//
// It fails with ErrEmpty, ErrRetry, ErrFull, ErrBusy (somebody else is at work as the owner of the destination), ErrNull, ErrClosed or
// ENOMEM. It never blocks. Since 0.1.
func (s *Stealer[T]) StealBatch(destination *Deque[T], limit int) error {
	return moveValues(s.handle, destination, limit, raw.Stealer_steal_batch)
}

// StealBatchAndPop is StealBatch, and returns one of the values at once. A destination that is full is no failure. Since 0.1.
func (s *Stealer[T]) StealBatchAndPop(destination *Deque[T], limit int) (T, error) {
	return takeBatch(s.handle, s.values, destination, limit, raw.Stealer_steal_batch_and_pop)
}

// Len is how many values the deque holds; exact when no other call is under way. It never blocks. Since 0.1.
func (s *Stealer[T]) Len() int { return lengthOf(s.handle, raw.Stealer_len) }

// Close ends the stealer. It never blocks, and may be called again. Since 0.1.
func (s *Stealer[T]) Close() error {
	s.handle.close()
	return nil
}

func takeValue[T any](from *handle, values *table[T], call func(uintptr) int64) (value T, err error) {
	if !from.enter() {
		return value, errPopClosed
	}
	result := call(from.address)
	from.leave()
	if result < 0 {
		return value, popFailure(result)
	}
	return values.remove(uintptr(result)), nil
}

func moveValues[T any](from *handle, to *Deque[T], limit int, call func(from, to uintptr, limit uint32) int64) error {
	const op = "steal"
	if to == nil {
		return isNil(op)
	}
	if !from.enter() {
		return closed(op)
	}
	defer from.leave()
	if !to.handle.enter() {
		return closed(op)
	}
	defer to.handle.leave()
	return popFailure(call(from.address, to.handle.address, number32(limit)))
}

func takeBatch[T any](from *handle, values *table[T], to *Deque[T], limit int,
	call func(from, to uintptr, limit uint32) int64) (value T, err error) {
	var taken int64
	err = moveValues(from, to, limit, func(from, to uintptr, limit uint32) int64 {
		taken = call(from, to, limit)
		return taken
	})
	if err == nil {
		value = values.remove(uintptr(taken))
	}
	return value, err
}
