package kiosk

import (
	"time"

	"clockface/timeclock"
)

// The limits on wrong PINs.
const (
	wrongToWait  = 3                // in a row at this kiosk: everybody waits
	firstWait    = 30 * time.Second // doubled with each further wrong one
	longestWait  = 5 * time.Minute
	wrongToClose = 5         // within closedFor on one number: it is closed
	closedFor    = time.Hour // unless a supervisor opens it before
	troubleFrom  = 3         // wrong ones on a number before a right one that a supervisor should see
)

// Try is one attempt at a PIN.
type Try struct {
	At time.Time
	OK bool
}

// waitAfter returns how long nobody may type a PIN after that many wrong ones in
// a row; 0 for fewer than three.
func waitAfter(wrongInRow int) time.Duration {
	if wrongInRow < wrongToWait {
		return 0
	}
	wait := firstWait
	for range wrongInRow - wrongToWait {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}

// wrongInRow counts the wrong tries after the last right one. Tries are oldest
// first.
func wrongInRow(tries []Try) (n int, last time.Time) {
	for i := len(tries) - 1; i >= 0 && !tries[i].OK; i-- {
		if n == 0 {
			last = tries[i].At
		}
		n++
	}
	return n, last
}

// lastOpened returns when a supervisor last opened the person's PIN, 0 if never,
// and whether a kiosk has closed it since. The incidents are the person's within
// the last hour, in any order.
func lastOpened(incidents []timeclock.Incident) (opened timeclock.Micros, shut bool) {
	var closed timeclock.Micros
	for _, i := range incidents {
		switch i.Kind {
		case timeclock.PINReopened:
			opened = max(opened, i.At)
		case timeclock.PINClosed:
			closed = max(closed, i.At)
		}
	}
	return opened, closed > opened
}
