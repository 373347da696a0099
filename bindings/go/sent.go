package libsched

// sendable is a value that was sent to a channel, whatever its type.
type sendable interface {
	work(t *Task) int32
	finalize(result int32)
	discarded()
	finalized() bool // it will be told the result
}

var sents = newTable(func(s sendable) { s.discarded() })

// work is called by the engine with a value's slot, which then is finalize's or discard's, if there is a Finalize.
func work(task, slot uintptr) int32 {
	s := sents.peek(slot)
	last := !s.finalized() // the slot may be another value's once this has returned
	result := s.work(&Task{address: task})
	if last {
		sents.remove(slot)
	}
	return result
}

func finalize(_ uintptr, result int32, slot uintptr) { sents.remove(slot).finalize(result) }

type sent[T any] struct {
	functions *functionsOf[T]
	value     T
	err       error
}

func (s *sent[T]) finalized() bool { return s.functions.finalize != nil }

func (s *sent[T]) work(t *Task) int32 {
	if e := contained(func() { s.err = s.functions.work(t, s.value) }); e != nil {
		s.err = e
		if s.functions.finalize == nil {
			s.functions.pool.report(e)
		}
		return codePanicked
	}
	if s.err != nil {
		return codeFailed
	}
	return 0
}

func (s *sent[T]) finalize(int32) {
	if e := contained(func() { s.functions.finalize(s.value, s.err) }); e != nil {
		s.functions.pool.report(e)
	}
}

func (s *sent[T]) discarded() {
	if s.functions.discard == nil {
		return
	}
	if e := contained(func() { s.functions.discard(s.value) }); e != nil {
		s.functions.pool.report(e)
	}
}
