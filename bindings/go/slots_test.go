package libsched

import "testing"

// A table gives back the memory of what once was in it.
func TestTableShrinks(t *testing.T) {
	const values = 1000 * blockSlots
	all := newTable[[64]byte](nil)
	for round := 0; round < 2; round++ {
		slots := make([]uintptr, values)
		for i := range slots {
			slots[i] = all.put([64]byte{byte(i)})
		}
		for i, slot := range slots {
			want(t, "value", all.remove(slot)[0], byte(i))
		}
		kept := 0
		for _, b := range *all.blocks.Load() {
			if b != nil {
				kept++
			}
		}
		if kept > tableShards+all.mostFree() {
			t.Fatalf("%d blocks are kept for nothing", kept)
		}
		if n := len(*all.blocks.Load()); n > values/blockSlots+tableShards {
			t.Fatalf("%d blocks have been numbered", n)
		}
	}
}
