package libsched

import (
	"fmt"
	"math"
	"strings"
)

// checked makes of Go's numbers and texts what the engine knows, which is nothing negative and no text with a NUL. It keeps the first
// error, so that a list of options needs one look.
type checked struct{ wrong *Error }

func (c *checked) number32(what string, n int) uint32 {
	if n < 0 || uint64(n) >= math.MaxUint32 { // the largest has meanings of its own
		c.refuse("%s is %d", what, n)
		return 0
	}
	return uint32(n)
}

func (c *checked) number64(what string, n int) uint64 {
	if n < 0 {
		c.refuse("%s is %d", what, n)
		return 0
	}
	return uint64(n)
}

func (c *checked) text(what, text string) string {
	if at := strings.IndexByte(text, 0); at >= 0 {
		c.refuse("%s has a NUL after %q", what, text[:at])
		return ""
	}
	return text
}

func (c *checked) refuse(format string, args ...any) {
	if c.wrong == nil {
		c.wrong = &Error{Status: ErrRange, Text: fmt.Sprintf(format, args...)}
	}
}

func (c *checked) failure(op string) error {
	if c.wrong == nil {
		return nil
	}
	c.wrong.Op = op
	return c.wrong
}
