package timeclock

import "time"

// WeekOf returns the first instant of the week, Monday to Sunday, in which at
// falls where the site is, and the first instant of the next one. A week in
// which the clocks change is an hour shorter or longer than the others.
func WeekOf(at Micros, site *time.Location) (from, to Micros) {
	sinceMonday := (int(at.Time().In(site).Weekday()) + 6) % 7
	monday := DayOf(at, site).AddDays(-sinceMonday)
	from, _ = monday.Bounds(site)
	to, _ = monday.AddDays(7).Bounds(site)
	return from, to
}

// Worked returns how long a person worked between from and to: the sessions from
// an in to its out, without their breaks, each cut to the part that lies in
// between. A session that is still open counts up to now. One that lasts longer
// than [MaxSession] has lost its out and does not count, and neither does an in
// that another in follows. The entries are one person's in order of time; those
// that do not count as work are passed over.
func Worked(entries []Entry, from, to, now Micros) time.Duration {
	var total Micros
	var open session
	for _, e := range entries {
		if !e.Counts() || e.Now.At > now {
			continue
		}
		switch at := e.Now.At; e.Now.Kind {
		case In:
			open = session{began: at, since: at, open: true, working: true}
		case BreakStart:
			open.pause(at, from, to)
		case BreakEnd:
			open.since, open.working = at, open.open
		case Out:
			total += open.end(at, from, to)
			open = session{}
		}
	}
	total += open.end(now, from, to)
	return time.Duration(total) * time.Microsecond
}

// session is one from an in on, while its entries are gone through.
type session struct {
	began         Micros
	since         Micros // of the work that goes on
	worked        Micros // before that, within the time asked for
	open, working bool
}

// pause ends a stretch of work.
func (s *session) pause(at, from, to Micros) {
	if s.working {
		s.worked += max(0, min(at, to)-max(s.since, from))
		s.working = false
	}
}

// end returns what the session comes to when it ends at the time at.
func (s *session) end(at, from, to Micros) Micros {
	if !s.open || at-s.began > Micros(MaxSession/time.Microsecond) {
		return 0
	}
	s.pause(at, from, to)
	return s.worked
}
