package libsched

import (
	"reflect"
	"sync"
)

// valueTables holds one table for each type of values in queues and deques, since a batch of values moves from one deque to
// another.
var valueTables sync.Map // reflect.Type -> *table[T]

func valuesOf[T any]() *table[T] {
	of := reflect.TypeOf((*T)(nil))
	if t, ok := valueTables.Load(of); ok {
		return t.(*table[T])
	}
	valueTablesMutex.Lock()
	defer valueTablesMutex.Unlock()
	if t, ok := valueTables.Load(of); ok {
		return t.(*table[T])
	}
	t := newTable[T](nil)
	valueTables.Store(of, t)
	return t
}

var valueTablesMutex sync.Mutex

// What is said often, and so made once.
var (
	errPopEmpty  error = &Error{Op: "pop", Status: ErrEmpty}
	errPopClosed error = &Error{Op: "pop", Status: ErrClosed}
	errPushFull  error = &Error{Op: "push", Status: ErrFull}
	errRetry     error = &Error{Op: "steal", Status: ErrRetry}
)

func popFailure(result int64) error {
	switch Status(result) {
	case ErrEmpty:
		return errPopEmpty
	case ErrClosed:
		return errPopClosed
	case ErrRetry:
		return errRetry
	}
	return failure("pop", result)
}

func pushFailure(result int64) error {
	if Status(result) == ErrFull {
		return errPushFull
	}
	return failure("push", result)
}
