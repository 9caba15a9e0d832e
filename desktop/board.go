package desktop

import (
	"cmp"
	"slices"

	"clockface/timeclock"
)

// Presence is where somebody stands today.
type Presence int

// The presences, in the order in which the board lists them.
const (
	Unclear Presence = iota // an old session was never closed and nothing came since
	OnBreak
	Here
	Gone // was here today
	Away // no punch today
)

// presenceKeys are the catalogue's words for the presences.
var presenceKeys = map[Presence]string{Unclear: "unclear", OnBreak: "break", Here: "in", Gone: "out", Away: "away"}

// BoardRow is one person on the board.
type BoardRow struct {
	Employee timeclock.EmployeeID
	Presence Presence
	State    string // "In since 07:58"
	Person   string
	Number   string
	First    string // first in of today
	Worked   string // of today, e.g. 3:12 h
	How      string // of the last punch
}

// Board is today as it stands.
type Board struct {
	Date    string // "Tue 17 Nov"
	Time    string // when the board was made, e.g. 14:05
	In      int
	OnBreak int
	Out     int // gone and away
	Unclear int
	Rows    []BoardRow
	Empty   string
}

// Board returns who is here, who is on a break and who is not, by state and name.
func (d *Desk) Board() Board {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, w := d.snap, d.words
	today := timeclock.DayOf(s.now, s.home)
	b := Board{Date: w.day(today), Time: w.clock(s.now, s.home)}
	for _, e := range s.employees {
		if !e.Active {
			continue
		}
		row := d.boardRow(e)
		switch row.Presence {
		case Here:
			b.In++
		case OnBreak:
			b.OnBreak++
		case Unclear:
			b.Unclear++
		default:
			b.Out++
		}
		b.Rows = append(b.Rows, row)
	}
	slices.SortStableFunc(b.Rows, func(x, y BoardRow) int {
		return cmp.Compare(x.Presence, y.Presence) // by name they are already
	})
	if len(b.Rows) == 0 {
		b.Empty = w.t.T("board.empty")
	}
	return b
}

func (d *Desk) boardRow(e timeclock.Employee) BoardRow {
	s, w := d.snap, d.words
	zone := s.zone(e.Site)
	from, to := timeclock.DayOf(s.now, zone).Bounds(zone)
	row := BoardRow{Employee: e.ID, Presence: Away, Person: e.Name, Number: e.Number}
	all := s.stretches[e.ID]
	total := timeclock.Micros(0)
	for _, st := range all {
		total += st.worked(from, to, s.now)
		if row.First == "" && st.in != nil && st.in.Now.At >= from {
			row.First = w.clock(st.in.Now.At, zone)
		}
	}
	if total > 0 {
		row.Worked = w.hours(total)
	}
	since := timeclock.Micros(0)
	if len(all) > 0 {
		row.Presence, since = presence(all[len(all)-1], from, s.now)
		row.How = w.lastHow(all[len(all)-1])
	}
	if row.Presence == Away {
		row.State, row.How = w.t.T("presence.away"), ""
		return row
	}
	when := w.clock(since, zone)
	if since < from {
		when = w.dayAndTime(since, zone, s.now)
	}
	row.State = w.t.T("presence."+presenceKeys[row.Presence], "time", when)
	return row
}

// presence tells from the last stretch where the person stands, and since when.
func presence(last stretch, dayStart, now timeclock.Micros) (Presence, timeclock.Micros) {
	switch {
	case last.out != nil && last.out.Now.At >= dayStart:
		return Gone, last.out.Now.At
	case last.out != nil:
		return Away, last.out.Now.At
	case !last.open(now):
		return Unclear, last.in.Now.At
	}
	if n := len(last.pauses); n > 0 && last.pauses[n-1].to == 0 {
		return OnBreak, last.pauses[n-1].from
	}
	return Here, last.in.Now.At
}

func (w words) lastHow(s stretch) string {
	if s.out != nil {
		return w.method(s.out.Method)
	}
	return w.method(s.in.Method)
}
