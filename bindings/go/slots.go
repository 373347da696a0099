package libsched

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// A table keeps Go values that C knows by a number, so that no Go pointer is ever in C. The number is the table's own, and below that
// the block and the place in it.
//
// Slots come in blocks. A block gives each of its slots away once, by counting up, and begins anew when all have been given
// back; so taking a slot is one atomic addition, and giving many back is one too. A block stays where it is as long as
// a slot of it is in use, and a slot is used by one at a time: by who puts a value there, then by whom the engine gives the number to. Some
// empty blocks are kept; of others only the number is.
type table[T any] struct {
	base   uintptr
	shards [tableShards]tableShard[T]
	blocks atomic.Pointer[[]*block[T]] // by number; nil without one
	mutex  sync.Mutex                  // of what follows, and of changes of `blocks`
	free   []*block[T]
	unused []uintptr // numbers
	drop   func(T)
}

type tableShard[T any] struct {
	current atomic.Pointer[block[T]]
	_       [120]byte // goroutines that put share no cache line
}

type block[T any] struct {
	first   uintptr
	next    atomic.Uint32 // the slot to be given away
	_       [60]byte
	back    atomic.Uint32 // how many were given back
	current bool          // of a shard; by the table's mutex
	free    bool          // among those that are kept; the same
	items   [blockSlots]T
}

const (
	tableShards = 16
	spareBytes  = 4 << 20 // of empty blocks, that are kept for later
	tableShift  = 32
	blockBits   = 8
	blockSlots  = 1 << blockBits
)

// All tables, by their numbers.
var (
	tables      atomic.Pointer[[]discarder]
	tablesMutex sync.Mutex
)

type discarder interface{ discard(slot uintptr) }

// newTable makes a table whose values are given to drop when the engine discards them.
func newTable[T any](drop func(T)) *table[T] {
	t := &table[T]{drop: drop}
	none := []*block[T]{}
	t.blocks.Store(&none)
	tablesMutex.Lock()
	defer tablesMutex.Unlock()
	var all []discarder
	if old := tables.Load(); old != nil {
		all = append(all, *old...)
	}
	t.base = uintptr(len(all)) << tableShift
	all = append(all, t)
	tables.Store(&all)
	return t
}

// shardOfCaller spreads goroutines by where their stacks lie.
func shardOfCaller() uintptr {
	var here byte
	at := uintptr(unsafe.Pointer(&here)) >> 11
	return (at ^ at>>4 ^ at>>9) % tableShards
}

// put keeps a value in a slot of its own.
func (t *table[T]) put(value T) uintptr {
	shard := &t.shards[shardOfCaller()]
	for {
		b := shard.current.Load()
		if b != nil {
			if at := b.next.Add(1) - 1; at < blockSlots {
				b.items[at] = value
				return b.first + uintptr(at)
			}
		}
		t.replace(shard, b)
	}
}

// putAll keeps values in slots of their own.
func (t *table[T]) putAll(slots []uintptr, value func(i int) T) {
	shard := &t.shards[shardOfCaller()]
	for done := 0; done < len(slots); {
		b := shard.current.Load()
		if b != nil {
			n := uint32(min(len(slots)-done, blockSlots))
			at := b.next.Add(n) - n
			for end := at + n; at < end && at < blockSlots; at++ {
				b.items[at] = value(done)
				slots[done] = b.first + uintptr(at)
				done++
			}
		}
		if done < len(slots) {
			t.replace(shard, b)
		}
	}
}

// replace gives a shard another block in place of a full one.
func (t *table[T]) replace(shard *tableShard[T], full *block[T]) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if shard.current.Load() != full {
		return // somebody else has
	}
	if full != nil {
		if full.next.Load() < blockSlots {
			return // it has begun anew meanwhile
		}
		full.current = false
	}
	b := t.spare()
	b.current = true
	shard.current.Store(b)
}

func (t *table[T]) spare() *block[T] {
	if last := len(t.free) - 1; last >= 0 {
		b := t.free[last]
		t.free = t.free[:last]
		b.free = false
		return b
	}
	blocks := *t.blocks.Load()
	number := uintptr(len(blocks))
	last := len(t.unused) - 1
	if last >= 0 {
		number = t.unused[last]
	}
	b := &block[T]{first: t.base + number<<blockBits}
	if last >= 0 {
		t.unused = t.unused[:last]
		blocks[number] = b // which nobody reads before a slot of it is given away
		return b
	}
	blocks = append(blocks, b) // who reads the old slice does not look behind its end
	t.blocks.Store(&blocks)
	return b
}

func (t *table[T]) mostFree() int { return int(spareBytes / unsafe.Sizeof(block[T]{})) }

func (t *table[T]) block(slot uintptr) *block[T] {
	return (*t.blocks.Load())[(slot-t.base)>>blockBits]
}

// at is a slot's place, for whom the number was given to.
func (b *block[T]) at(slot uintptr) *T { return &b.items[slot%blockSlots] }

// take empties a slot, which is still to be given back.
func (b *block[T]) take(slot uintptr) T {
	var none T
	place := b.at(slot)
	value := *place
	*place = none
	return value
}

// giveBack gives back slots of a block, all of which were emptied.
func (t *table[T]) giveBack(b *block[T], slots uint32) {
	if b.back.Add(slots) != blockSlots {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	b.back.Store(0)
	if !b.current && !b.free {
		if len(t.free) >= t.mostFree() {
			number := (b.first - t.base) >> blockBits
			(*t.blocks.Load())[number] = nil
			t.unused = append(t.unused, number)
			return // with no slot to give away, for who still knows it as a shard's current one
		}
		b.free = true
		t.free = append(t.free, b)
	}
	b.next.Store(0) // from here on slots of it are given away, at once if it is a shard's current one
}

// remove takes the value out of a slot and gives that back.
func (t *table[T]) remove(slot uintptr) T {
	b := t.block(slot)
	value := b.take(slot)
	t.giveBack(b, 1)
	return value
}

// peek is the value of a slot, which stays there.
func (t *table[T]) peek(slot uintptr) T { return *t.block(slot).at(slot) }

func (t *table[T]) discard(slot uintptr) {
	value := t.remove(slot)
	if t.drop != nil {
		t.drop(value)
	}
}

// discardAll is told of what the engine will never use.
func discardAll(slots []uintptr) {
	all := *tables.Load()
	for _, slot := range slots {
		all[slot>>tableShift].discard(slot)
	}
}
