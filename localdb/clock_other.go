//go:build !linux

package localdb

import (
	"time"

	"github.com/google/uuid"

	"clockface/sync/op"
	"clockface/timeclock"
)

// deviceClock uses Go's monotonic clock since the program's start, with an id of
// its own a start: elapsed times then only count within one run.
func deviceClock(now func() time.Time) func() op.Clock {
	start, boot := time.Now(), uuid.NewString()
	return func() op.Clock {
		return op.Clock{Wall: timeclock.MicrosOf(now()), Mono: time.Since(start).Microseconds(), Boot: boot}
	}
}
