package libsched

import "sync"

// during is an address of the engine's that is valid as long as one call of it lasts. Who has kept it beyond that gets ErrState, and the
// call does not end while somebody uses the address.
type during struct {
	mutex   sync.RWMutex
	address uintptr // 0 once the call has ended
}

func (d *during) use(call func(address uintptr) int64) int64 {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	if d.address == 0 {
		return int64(ErrState)
	}
	return call(d.address)
}

func (d *during) end() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.address = 0
}
