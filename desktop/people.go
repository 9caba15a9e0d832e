package desktop

import (
	"strings"

	"clockface/timeclock"
)

// PersonRow is one employee.
type PersonRow struct {
	ID     timeclock.EmployeeID
	Number string
	Name   string
	Shown  string // the name a kiosk shows
	State  string // "In since 07:58", or that the person has left
	Week   string // worked since Monday
	Active bool
}

// People is the list of employees by name.
type People struct {
	Summary string
	Rows    []PersonRow
	Empty   string
}

// People returns those employees whose name or number holds the text.
func (d *Desk) People(filter string) People {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, w := d.snap, d.words
	words := strings.Fields(strings.ToLower(filter))
	var p People
	for _, e := range s.employees {
		if !containsAll(strings.ToLower(e.Name+" "+e.Number), words) {
			continue
		}
		row := PersonRow{ID: e.ID, Number: e.Number, Name: e.Name, Shown: e.Display(), Active: e.Active,
			State: w.t.T("presence.left"), Week: w.hours(s.thisWeek(e))}
		if e.Active {
			row.State = d.boardRow(e).State
		}
		p.Rows = append(p.Rows, row)
	}
	p.Summary = w.t.N("people.summary", len(s.employees), "shown", len(p.Rows))
	switch {
	case len(s.employees) == 0:
		p.Empty = w.t.T("people.empty")
	case len(p.Rows) == 0:
		p.Empty = w.t.T("people.no_match")
	}
	return p
}

// thisWeek returns what the person worked since Monday.
func (s *snapshot) thisWeek(e timeclock.Employee) timeclock.Micros {
	zone := s.zone(e.Site)
	today := timeclock.DayOf(s.now, zone)
	sinceMonday := (int(s.now.Time().In(zone).Weekday()) + 6) % 7
	from, _ := today.AddDays(-sinceMonday).Bounds(zone)
	_, to := today.Bounds(zone)
	total := timeclock.Micros(0)
	for _, st := range s.stretches[e.ID] {
		total += st.worked(from, to, s.now)
	}
	return total
}

// PresenceLine is one presence of a person, or a part of one that is missing.
type PresenceLine struct {
	Day    string
	From   string // "–" where the punch is missing
	To     string // "–" where missing, empty while it lasts
	Length string
	Gap    bool // a punch is missing
}

// PersonDetails is a person's last two weeks.
type PersonDetails struct {
	Name   string
	Number string
	State  string
	Lines  []PresenceLine // newest first
	Empty  string
}

// Person returns the details of an employee, or false where there is none.
func (d *Desk) Person(id timeclock.EmployeeID) (PersonDetails, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, w := d.snap, d.words
	if _, ok := s.byID[id]; !ok {
		return PersonDetails{}, false
	}
	const days, missing = 14, "–"
	e := s.person(id)
	p := PersonDetails{Name: e.Name, Number: e.Number, State: d.boardRow(e).State}
	zone := s.zone(e.Site)
	today := timeclock.DayOf(s.now, zone)
	from, _ := today.AddDays(-days).Bounds(zone)
	all := s.stretches[id]
	for i := len(all) - 1; i >= 0; i-- {
		st := all[i]
		first := st.in
		if first == nil {
			first = st.out
		}
		if first.Now.At < from {
			break
		}
		l := PresenceLine{Day: w.dayNamed(timeclock.DayOf(first.Now.At, zone), today), From: missing, To: missing}
		if st.in != nil {
			l.From = w.clock(st.in.Now.At, zone)
		}
		switch {
		case st.out != nil:
			l.To = w.clock(st.out.Now.At, zone)
		case st.open(s.now):
			l.To = ""
		}
		l.Gap = l.From == missing || l.To == missing
		if !l.Gap {
			l.Length = w.hours(st.worked(first.Now.At, s.now, s.now))
		}
		p.Lines = append(p.Lines, l)
	}
	if len(p.Lines) == 0 {
		p.Empty = w.t.T("people.no_punches")
	}
	return p, true
}
