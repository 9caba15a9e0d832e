package station

import (
	"net/http"
	"time"
)

// slow is how long a request may take before somebody in front of a terminal
// wonders whether anything happens.
const slow = 2 * time.Second

// patient tells when a request takes longer than after.
type patient struct {
	next  http.RoundTripper
	after time.Duration
	tell  func()
}

// RoundTrip sends the request; tell has returned when it returns.
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	told := make(chan struct{})
	timer := time.AfterFunc(p.after, func() { p.tell(); close(told) })
	defer func() {
		if !timer.Stop() {
			<-told
		}
	}()
	return p.next.RoundTrip(r)
}
