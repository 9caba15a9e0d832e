package desktop

import (
	"time"

	"clockface/timeclock"
)

// Details is everything about one row.
type Details struct {
	ID         string
	Punch      timeclock.PunchID // empty for an incident
	Person     string
	Number     string
	Title      string   // "In 07:58"
	Day        string   // with its weekday
	Problems   []string // each exception as a sentence that says what to do
	Severity   Severity
	Facts      []Fact
	History    []Step
	Repair     string // words of the offered repair; empty for none
	RepairWhy  string // where its time comes from
	CanApprove bool
	CanReject  bool
	CanCorrect bool
	CanVoid    bool
	CanRestore bool
	CanReopen  bool   // a closed PIN, by Desk.ReopenPIN
	Denied     string // why this person may not decide; empty when they may
}

// Fact is a name and its value.
type Fact struct{ Name, Value string }

// Details returns the details of a row, or false where it is not there any more.
func (d *Desk) Details(id string) (Details, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.snap.incidents {
		if d.snap.incidents[i].ID == id {
			return d.incidentDetails(i), true
		}
	}
	e, ok := d.snap.entry(timeclock.PunchID(id))
	if !ok {
		return Details{}, false
	}
	return d.punchDetails(e), true
}

func (d *Desk) punchDetails(e timeclock.Entry) Details {
	s, w := d.snap, d.words
	zone := s.zone(e.Now.Site)
	p := s.person(e.Now.Employee)
	ex := s.problems[e.ID]
	v := Details{
		ID: string(e.ID), Punch: e.ID, Person: p.Name, Number: p.Number, Title: w.kindAt(e.Now, zone),
		Day:      w.day(timeclock.DayOf(e.Now.At, zone)),
		Severity: severityOf(item{exceptions: ex, decided: len(ex) == 0 && e.Decided()}),
		History:  w.steps(s, e), Denied: d.deny(timeclock.DecidePunch),
	}
	for _, x := range ex {
		v.Problems = append(v.Problems, w.t.T("advice."+string(x)))
	}
	v.Facts = []Fact{
		{w.t.T("fact.status"), w.t.T("status." + string(e.Status))},
		{w.t.T("fact.how"), w.how(e.Now)},
		{w.t.T("fact.device"), s.deviceName(w, e.Device)},
		{w.t.T("fact.sync"), w.sync(waits(e))},
	}
	if e.Edited {
		v.Facts = append(v.Facts, Fact{w.t.T("fact.recorded"), w.kindAt(e.Punch, zone)})
	}
	if e.DecidedBy != "" {
		v.Facts = append(v.Facts, Fact{w.t.T("fact.decided_by"), s.who(w, e.DecidedBy)})
	}
	mayEdit := d.deny(timeclock.EditPunch) == ""
	mayDecide := v.Denied == ""
	v.CanApprove = mayDecide && decidable(e, timeclock.Approve)
	v.CanReject = mayDecide && decidable(e, timeclock.Reject)
	v.CanCorrect = mayEdit && e.Status != timeclock.Voided
	v.CanVoid = mayEdit && e.Status != timeclock.Voided
	v.CanRestore = mayEdit && e.Status == timeclock.Voided
	if r, ok := s.repair(w, e); ok && mayEdit {
		v.Repair, v.RepairWhy = r.Words, r.Why
	}
	if v.Denied == "" && !mayEdit {
		v.Denied = d.deny(timeclock.EditPunch)
	}
	return v
}

func (d *Desk) incidentDetails(i int) Details {
	s, w := d.snap, d.words
	in := s.incidents[i]
	v := Details{
		ID: in.ID, Title: w.clock(in.At, s.home), Day: w.day(timeclock.DayOf(in.At, s.home)), Severity: Problem,
		Facts: []Fact{{w.t.T("fact.device"), s.deviceName(w, in.Device)}, {w.t.T("fact.sync"), w.sync(in.Seq == 0)}},
	}
	if in.Employee != "" {
		p := s.person(in.Employee)
		v.Person, v.Number = p.Name, p.Number
	}
	if ex, ok := incidents[in.Kind]; ok {
		v.Problems = []string{w.t.T("advice." + string(ex))}
	}
	if s.closedPIN(in) {
		v.Denied = d.deny(timeclock.ReopenPIN)
		v.CanReopen = v.Denied == ""
	}
	return v
}

// Draft is what the sheet for a correction starts from.
type Draft struct {
	Person string
	Old    string   // the value that stands, in words
	Days   []string // the day before, the day itself, the day after
	Day    int      // index of the day itself
	Time   string   // time of day as it stands
	Kind   timeclock.PunchKind

	at   timeclock.Micros
	days []timeclock.Day
}

// Draft returns the start of a correction, or false where the punch is gone.
func (d *Desk) Draft(id timeclock.PunchID) (Draft, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, w := d.snap, d.words
	e, ok := s.entry(id)
	if !ok {
		return Draft{}, false
	}
	zone := s.zone(e.Now.Site)
	day := timeclock.DayOf(e.Now.At, zone)
	dr := Draft{Person: s.person(e.Now.Employee).Name, Kind: e.Now.Kind, Day: 1, Time: w.clock(e.Now.At, zone),
		Old: w.t.T("punch.kind_at_day", "kind", w.kind(e.Now.Kind), "day", w.day(day), "time", w.clock(e.Now.At, zone)),
		at:  e.Now.At}
	for n := -1; n <= 1; n++ {
		dr.days = append(dr.days, day.AddDays(n))
		dr.Days = append(dr.Days, w.day(day.AddDays(n)))
	}
	return dr, true
}

// Instant returns the instant that a day of the draft and a typed time of day
// stand for where the punch was made. An unchanged text keeps the seconds. It
// returns ErrBadTime for a text that is no time.
func (d *Desk) Instant(id timeclock.PunchID, dr Draft, day int, text string) (timeclock.Micros, error) {
	if day == dr.Day && text == dr.Time {
		return dr.at, nil
	}
	hour, minute, err := ParseClock(text)
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.snap.entry(id)
	if !ok {
		return 0, ErrNothingToDo
	}
	c := dr.days[day]
	return timeclock.MicrosOf(time.Date(c.Year, c.Month, c.Day, hour, minute, 0, 0, d.snap.zone(e.Now.Site))), nil
}
