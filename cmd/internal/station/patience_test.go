package station

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clockface/cmd/internal/cloudtest"
	"clockface/timeclock"
)

// onEnrolment is a network that treats enrolments and the rest differently.
type onEnrolment struct {
	delay time.Duration // of an enrolment
	rest  error         // of everything else; nil = it goes through
}

func (n onEnrolment) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/devices/enroll") {
		time.Sleep(n.delay)
	} else if n.rest != nil {
		return nil, n.rest
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestASlowCloudIsToldOnce(t *testing.T) {
	c := cloudtest.Start(t)
	told := 0
	s, err := OpenBeside(t.Context(), Config{Dir: t.TempDir(), CloudURL: c.URL(), EnrollCode: c.EnrollCode(timeclock.Desktop),
		Profile: timeclock.Desktop, OnWait: func() { told++ }, Transport: onEnrolment{delay: slow + 200*time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if told != 1 {
		t.Errorf("told %d times, want once for the one slow request", told)
	}
}

func TestAnEnrolmentThatFetchedNothingSaysSo(t *testing.T) {
	c := cloudtest.Start(t)
	s, err := OpenBeside(t.Context(), Config{Dir: filepath.Join(t.TempDir(), "d"), CloudURL: c.URL(),
		EnrollCode: c.EnrollCode(timeclock.Desktop), Profile: timeclock.Desktop, Transport: onEnrolment{rest: errors.New("cable pulled")}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if notes := strings.Join(s.Notes, "\n"); !strings.Contains(notes, "clockface sync now") {
		t.Errorf("notes: %s", notes)
	}
}
