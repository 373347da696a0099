//go:build !go1.21

package libsched

import "libsched/internal/raw"

// A Go before 1.21 gives a foreign thread 32 KiB of stack, of which it needs about half for itself.
func init() { raw.Upcall_limit_stack(14 << 10) }
