package kiosk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"clockface/timeclock"
)

// book is records and people in memory.
type book struct {
	now       func() time.Time
	people    []timeclock.Employee
	hashes    map[timeclock.EmployeeID]string
	punches   []timeclock.Punch
	edits     []timeclock.Edit
	incidents []timeclock.Incident
	tries     []numbered
	err       error // of every write
}

type numbered struct {
	number string
	Try
}

func (b *book) RecordPunch(_ context.Context, p NewPunch) (timeclock.Punch, error) {
	if b.err != nil {
		return timeclock.Punch{}, b.err
	}
	at := timeclock.MicrosOf(b.now())
	punch := timeclock.Punch{ID: timeclock.PunchID(fmt.Sprintf("p%d", len(b.punches)+1)), Employee: p.Employee, Device: "here",
		Kind: p.Kind, Method: p.Method, Confidence: p.Confidence, Flags: p.Flags, At: at, Wall: at}
	b.punches = append(b.punches, punch)
	return punch, nil
}

func (b *book) SelfEdit(_ context.Context, punch timeclock.PunchID, cause timeclock.Cause, v timeclock.EditValues) error {
	if b.err != nil {
		return b.err
	}
	what := timeclock.Change
	if cause == timeclock.NotMe {
		what = timeclock.Void
	}
	b.edits = append(b.edits, timeclock.Edit{ID: fmt.Sprint(len(b.edits)), Punch: punch, What: what, Values: v, Cause: cause,
		Effective: true, N: int64(len(b.edits))})
	return nil
}

func (b *book) ReportIncident(_ context.Context, i timeclock.Incident) error {
	b.incidents = append(b.incidents, i)
	return b.err
}

func (b *book) LastEntries(_ context.Context, e timeclock.EmployeeID, n int) ([]timeclock.Entry, error) {
	all := slices.DeleteFunc(timeclock.Timeline(b.punches, b.edits, nil), func(x timeclock.Entry) bool { return x.Now.Employee != e })
	return all[max(0, len(all)-n):], nil
}

func (b *book) Incidents(_ context.Context, since timeclock.Micros) ([]timeclock.Incident, error) {
	return slices.DeleteFunc(slices.Clone(b.incidents), func(i timeclock.Incident) bool { return i.At < since }), nil
}

func (b *book) WrongPINs(_ context.Context, number string, since timeclock.Micros) (n int, err error) {
	for _, t := range b.tries {
		if t.number == number && !t.OK && timeclock.MicrosOf(t.At) >= since {
			n++
		}
	}
	return n, nil
}

func (b *book) AddPINTry(_ context.Context, number string, t Try) error {
	b.tries = append(b.tries, numbered{number, t})
	return b.err
}

func (b *book) LastPINTries(_ context.Context, n int) ([]Try, error) {
	var out []Try
	for _, t := range b.tries[max(0, len(b.tries)-n):] {
		out = append(out, t.Try)
	}
	return out, nil
}

func (b *book) find(fits func(timeclock.Employee) bool) (timeclock.Employee, error) {
	if i := slices.IndexFunc(b.people, fits); i >= 0 {
		return b.people[i], nil
	}
	return timeclock.Employee{}, ErrNoSuchPerson
}

func (b *book) ByID(_ context.Context, id timeclock.EmployeeID) (timeclock.Employee, error) {
	return b.find(func(e timeclock.Employee) bool { return e.ID == id })
}

func (b *book) ByNumber(_ context.Context, number string) (timeclock.Employee, error) {
	return b.find(func(e timeclock.Employee) bool { return e.Number == number })
}

func (b *book) PINHash(_ context.Context, id timeclock.EmployeeID) (string, error) {
	return b.hashes[id], nil
}

// countedPINs compares in the clear and counts, so that a test sees equal work.
type countedPINs struct{ checks int }

func (c *countedPINs) Verify(hash, pin string) (bool, error) { c.checks++; return hash == pin, nil }
func (c *countedPINs) Decoy() string                         { return "0000" }

// office is a clerk over a book, with a clock set by hand.
type office struct {
	*Clerk
	book *book
	pins *countedPINs
	now  time.Time
	told []Notice
}

func newOffice() *office {
	o := &office{now: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), pins: &countedPINs{}}
	o.book = &book{now: func() time.Time { return o.now }, people: []timeclock.Employee{ada, grace},
		hashes: map[timeclock.EmployeeID]string{ada.ID: "1234"}}
	o.Clerk = NewClerk(ClerkConfig{Records: o.book, People: o.book, PINs: o.pins, Device: "here",
		RepeatWindow: func() time.Duration { return 2 * time.Minute }, Now: o.book.now,
		Zone: func() *time.Location { return time.UTC },
		Tell: func(n Notice) { o.told = append(o.told, n) }})
	return o
}

func (o *office) punch(t *testing.T, who timeclock.Employee) Recorded {
	t.Helper()
	in := o.Do(t.Context(), Record{Request: 1, FirstSeen: o.now.Add(-time.Second),
		Who: timeclock.Identification{Employee: who.ID, Method: timeclock.ByFace, Confidence: 0.9}})
	r, ok := in.(Recorded)
	if !ok {
		t.Fatalf("%#v, want Recorded", in)
	}
	return r
}

func (o *office) try(t *testing.T, number, pin string) Checked {
	t.Helper()
	c, ok := o.Do(t.Context(), CheckPIN{Request: 1, Number: number, PIN: pin}).(Checked)
	if !ok {
		t.Fatal("no answer to a check")
	}
	return c
}

func (o *office) later(d time.Duration) { o.now = o.now.Add(d) }

func TestInThenOut(t *testing.T) {
	o := newOffice()
	for _, want := range []timeclock.PunchKind{timeclock.In, timeclock.Out, timeclock.In} {
		if got := o.punch(t, ada); got.Punch.Kind != want || got.Repeated {
			t.Errorf("punch %+v, want %s", got, want)
		}
		o.later(4 * time.Hour)
	}
	if n := o.told[1]; n.Event != NoticePunched || n.Took != time.Second {
		t.Errorf("told %+v, want punched after 1 s", n)
	}
}

func TestWithinTheWindowNothingNewIsRecorded(t *testing.T) {
	o := newOffice()
	first := o.punch(t, ada)
	o.later(119 * time.Second)
	again := o.punch(t, ada)
	if !again.Repeated || again.Punch.ID != first.Punch.ID || again.Punch.At != first.Punch.At {
		t.Errorf("again %+v, want the first one %+v", again, first)
	}
	if len(o.book.punches) != 1 {
		t.Errorf("%d punches, want 1", len(o.book.punches))
	}
	o.later(time.Second)
	if r := o.punch(t, ada); r.Repeated || r.Punch.Kind != timeclock.Out {
		t.Errorf("after the window %+v, want an out", r)
	}
}

func TestWindowHoldsAfterARestartAndWhenTheClockIsSet(t *testing.T) {
	o := newOffice()
	o.punch(t, ada)
	o.last = map[timeclock.EmployeeID]lastPunch{} // a new start
	o.later(time.Minute)
	if r := o.punch(t, ada); !r.Repeated {
		t.Error("a restart forgot the punch before it")
	}
	o.later(-time.Hour)
	o.last = map[timeclock.EmployeeID]lastPunch{}
	if r := o.punch(t, ada); r.Repeated {
		t.Error("a clock that was set back an hour makes the next punch a repetition")
	}
}

func TestWeekIsSummedUpWithThePunchJustMade(t *testing.T) {
	o := newOffice() // a Saturday, 08:00
	steps := []struct {
		later time.Duration
		want  time.Duration // worked this week, once the punch is made
	}{
		{0, 0},
		{4 * time.Hour, 4 * time.Hour},
		{time.Hour, 4 * time.Hour},
		{3*time.Hour + 45*time.Minute, 7*time.Hour + 45*time.Minute},
		{29 * time.Hour, 7*time.Hour + 45*time.Minute}, // Sunday, 21:45
		{8 * time.Hour, 5*time.Hour + 45*time.Minute},  // Monday, 05:45: a new week since midnight
	}
	for i, s := range steps {
		o.later(s.later)
		r := o.punch(t, ada)
		if r.Week != (Week{Worked: s.want, Known: true}) {
			t.Errorf("punch %d, %s at %v: week %+v, want %v", i+1, r.Punch.Kind, o.now, r.Week, s.want)
		}
	}
	p := o.book.punches[len(o.book.punches)-1]
	in := o.Do(t.Context(), Edit{Punch: p.ID, Employee: ada.ID, Cause: timeclock.OtherDirection, Kind: timeclock.In})
	if e, ok := in.(Edited); !ok || e.Week != (Week{Known: true}) {
		t.Errorf("the out turned into an in: %#v, want a week without hours", in)
	}
}

func TestWeekWithTooManyPunchesIsNotKnown(t *testing.T) {
	o := newOffice()
	for range lookBack {
		o.punch(t, ada)
		o.later(3 * time.Minute)
	}
	if r := o.punch(t, ada); r.Week.Known {
		t.Errorf("week %v from some of its punches", r.Week.Worked)
	}
}

func TestWithdrawnPunchIsNotRepeated(t *testing.T) {
	o := newOffice()
	p := o.punch(t, ada)
	if in := o.Do(t.Context(), Edit{Punch: p.Punch.ID, Cause: timeclock.NotMe}); in != (Edited{Punch: p.Punch.ID, Cause: timeclock.NotMe}) {
		t.Fatalf("edit: %#v", in)
	}
	o.later(20 * time.Second)
	if r := o.punch(t, ada); r.Repeated || r.Punch.Kind != timeclock.In {
		t.Errorf("after the withdrawal %+v, want a new in", r)
	}
}

func TestSupervisorIsToldByFlags(t *testing.T) {
	o := newOffice()
	o.punch(t, ada)
	o.later(20 * time.Hour)
	if r := o.punch(t, ada); r.Punch.Kind != timeclock.In || !r.Punch.Flags.Has(timeclock.LastMissingOut) {
		t.Errorf("after a forgotten out: %+v", r.Punch)
	}
	at := timeclock.MicrosOf(o.now.Add(-30 * time.Second))
	o.book.punches = append(o.book.punches, timeclock.Punch{ID: "there", Employee: grace.ID, Device: "elsewhere", Kind: timeclock.In, At: at, Wall: at})
	if r := o.punch(t, grace); r.Repeated || !r.Punch.Flags.Has(timeclock.TwinOf) {
		t.Errorf("half a minute after a punch elsewhere: %+v", r)
	}
}

func TestFullDiskRecordsNothing(t *testing.T) {
	o := newOffice()
	for err, want := range map[error]Problem{fmt.Errorf("insert: %w", ErrDiskFull): DiskIsFull, errors.New("locked"): NotRecorded} {
		o.book.err = err
		in := o.Do(t.Context(), Record{Request: 7, Who: timeclock.Identification{Employee: ada.ID, Method: timeclock.ByFace}})
		if in != (RecordFailed{Request: 7, Problem: want}) {
			t.Errorf("%v: %#v, want %s", err, in, want)
		}
	}
	for _, n := range o.told {
		if n.Event == NoticePunched {
			t.Errorf("told %+v", n)
		}
	}
}

func TestWhoHasLeftIsNotRecognised(t *testing.T) {
	o := newOffice()
	in := o.Do(t.Context(), Record{Request: 1, Who: timeclock.Identification{Employee: "gone", Method: timeclock.ByFace}})
	if in != (RecordFailed{Request: 1, Problem: NotRecognised}) {
		t.Errorf("%#v", in)
	}
}

func TestPINsAreCheckedWithEqualWork(t *testing.T) {
	o := newOffice()
	for _, c := range []struct {
		name, number, pin string
		want              PINResult
	}{
		{"right", "12", "1234", PINRight},
		{"wrong", "12", "9999", PINWrong},
		{"no such number", "77", "9999", PINWrong},
		{"no such number, the decoy's PIN", "77", "0000", PINWrong},
		{"a person without PIN", "13", "9999", PINWrong},
	} {
		o.pins.checks = 0
		if got := o.try(t, c.number, c.pin); got.Result != c.want {
			t.Errorf("%s: %v, want %v", c.name, got.Result, c.want)
		}
		if o.pins.checks != 1 {
			t.Errorf("%s: %d comparisons, want 1", c.name, o.pins.checks)
		}
	}
}

func TestFiveWrongWithinAnHourCloseANumber(t *testing.T) {
	for _, number := range []string{"12", "77"} { // one of a person, one of nobody
		o := newOffice()
		for i := range 5 {
			got := o.try(t, number, "9999")
			if got.Result != PINWrong || got.JustClosed != (i == 4) || got.WrongInRow != i+1 {
				t.Errorf("number %s, try %d: %+v", number, i+1, got)
			}
			o.later(time.Minute)
		}
		o.pins.checks = 0
		if got := o.try(t, number, "1234"); got.Result != PINShut || o.pins.checks != 1 {
			t.Errorf("number %s: %+v after %d comparisons, want shut after one", number, got, o.pins.checks)
		}
		o.later(time.Hour)
		if got := o.try(t, number, "1234"); got.Result == PINShut {
			t.Errorf("number %s is still closed an hour later", number)
		}
	}
}

func TestClosedElsewhereAndReopened(t *testing.T) {
	o := newOffice()
	o.book.incidents = []timeclock.Incident{{Kind: timeclock.PINClosed, Employee: ada.ID, At: timeclock.MicrosOf(o.now)}}
	o.later(time.Minute)
	if got := o.try(t, "12", "1234"); got.Result != PINShut {
		t.Errorf("closed at another kiosk: %+v", got)
	}
	o.book.incidents = append(o.book.incidents, timeclock.Incident{Kind: timeclock.PINReopened, Employee: ada.ID, At: timeclock.MicrosOf(o.now)})
	if got := o.try(t, "12", "1234"); got.Result != PINRight {
		t.Errorf("opened by a supervisor: %+v", got)
	}
}

func TestSupervisorOpensWhatThisKioskClosed(t *testing.T) {
	o := newOffice()
	for range 5 {
		o.try(t, "12", "9999")
	}
	o.later(time.Minute)
	o.book.incidents = append(o.book.incidents, timeclock.Incident{Kind: timeclock.PINReopened, Employee: ada.ID, At: timeclock.MicrosOf(o.now)})
	o.later(time.Minute)
	if got := o.try(t, "12", "1234"); got.Result != PINRight {
		t.Errorf("%+v", got)
	}
}

func TestWrongPINsBeforeARightOneAreFlagged(t *testing.T) {
	o := newOffice()
	for range 3 {
		o.try(t, "12", "9999")
	}
	if got := o.try(t, "12", "1234"); !got.Flags.Has(timeclock.PINTrouble) || got.WrongInRow != 0 {
		t.Errorf("%+v", got)
	}
}

func TestIncidentNamesThePersonAndNeverWhatWasTyped(t *testing.T) {
	o := newOffice()
	o.Do(t.Context(), TellSupervisor{Kind: timeclock.PINWait, Number: "12"})
	o.Do(t.Context(), TellSupervisor{Kind: timeclock.PINWait, Number: "4711"})
	if got := o.book.incidents; got[0].Employee != ada.ID || got[1].Employee != "" || got[0].Detail+got[1].Detail != "" {
		t.Errorf("%+v", got)
	}
}

func TestRememberIsNotFooledByTheClock(t *testing.T) {
	o := newOffice()
	o.book.tries = []numbered{{"1", Try{At: o.now, OK: true}}, {"1", Try{At: o.now.Add(time.Hour)}}, {"2", Try{At: o.now.Add(2 * time.Hour)}}}
	in, err := o.Remember(t.Context())
	if err != nil || in != (Remembered{WrongInRow: 2, LastWrong: o.now}) {
		t.Errorf("%#v, %v", in, err)
	}
}
