package libsched

import "time"

const (
	// askEvery is how long tasks are run without a look at whether others should go first. Such a look costs more than a small task.
	askEvery = 5 * time.Microsecond
	// mostUntimed is how many small tasks are run without a look at the clock, which costs as much as they do. When tasks
	// become long just then, what is not begun is taken away after a millisecond (stuck.go).
	mostUntimed = 15
)

// askClock says after which tasks of a call it is time to ask. It reads the clock after each task at first, and after ever more of them
// while they are small.
type askClock struct {
	asked   time.Time
	read    time.Time
	untimed int // tasks between two readings
	since   int // tasks since the last reading
}

func newAskClock() askClock {
	now := time.Now()
	return askClock{asked: now, read: now}
}

func (c *askClock) isTime() bool {
	if c.since < c.untimed {
		c.since++
		return false
	}
	now := time.Now()
	if now.Sub(c.read) > askEvery/2 {
		c.untimed = 0
	} else if c.untimed < mostUntimed {
		c.untimed = 2*c.untimed + 1
	}
	c.since, c.read = 0, now
	if now.Sub(c.asked) <= askEvery {
		return false
	}
	c.asked = now
	return true
}
