package localdb

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"clockface/sync/op"
	"clockface/timeclock"
)

// deviceClock reads the clocks of this machine. The one since boot counts while
// the machine sleeps and is untouched by anyone who sets the wall clock.
func deviceClock(now func() time.Time) func() op.Clock {
	boot := bootID()
	return func() op.Clock {
		c := op.Clock{Wall: timeclock.MicrosOf(now()), Boot: boot}
		var ts unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
			c.Boot = "" // without a monotonic clock the cloud uses the offset
			return c
		}
		c.Mono = ts.Nano() / int64(time.Microsecond)
		return c
	}
}

// bootID is empty where the kernel does not tell it; the cloud then anchors
// times by the offset instead.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
