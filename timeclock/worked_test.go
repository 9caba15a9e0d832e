package timeclock

import (
	"testing"
	"time"
)

func TestWorkedSumsSessionsWithoutBreaks(t *testing.T) {
	at := func(day, h, m int) Micros { return Micros((day*24+h)*60+m) * minute }
	is := func(kind PunchKind, at Micros, s Status) Entry {
		return Entry{Now: Punch{Kind: kind, At: at}, Status: s}
	}
	in := func(at Micros) Entry { return is(In, at, Counted) }
	out := func(at Micros) Entry { return is(Out, at, Approved) }
	from, to := at(7, 0, 0), at(14, 0, 0)
	for _, c := range []struct {
		name    string
		entries []Entry
		now     Micros
		want    time.Duration
	}{
		{"nothing yet", nil, at(8, 0, 0), 0},
		{"one session", []Entry{in(at(7, 8, 0)), out(at(7, 15, 45))}, at(8, 0, 0), 7*time.Hour + 45*time.Minute},
		{"two sessions", []Entry{in(at(7, 8, 0)), out(at(7, 12, 0)), in(at(7, 13, 0)), out(at(7, 17, 0))}, at(8, 0, 0), 8 * time.Hour},
		{"an open session counts to now", []Entry{in(at(7, 8, 0))}, at(7, 9, 30), 90 * time.Minute},
		{"the in just made counts nothing", []Entry{in(at(7, 8, 0)), out(at(7, 12, 0)), in(at(7, 13, 0))}, at(7, 13, 0), 4 * time.Hour},
		{"a break is left out", []Entry{in(at(7, 8, 0)), is(BreakStart, at(7, 12, 0), Counted), is(BreakEnd, at(7, 12, 30), Counted),
			out(at(7, 16, 0))}, at(8, 0, 0), 7*time.Hour + 30*time.Minute},
		{"a break that goes on counts no further", []Entry{in(at(7, 8, 0)), is(BreakStart, at(7, 12, 0), Counted)}, at(7, 13, 0), 4 * time.Hour},
		{"who goes home from the break worked until it", []Entry{in(at(7, 8, 0)), is(BreakStart, at(7, 12, 0), Counted),
			out(at(7, 13, 0))}, at(8, 0, 0), 4 * time.Hour},
		{"a break without a session is nothing", []Entry{is(BreakEnd, at(7, 12, 0), Counted)}, at(7, 13, 0), 0},
		{"a project switch changes nothing", []Entry{in(at(7, 8, 0)), is(Project, at(7, 9, 0), Counted), out(at(7, 10, 0))}, at(8, 0, 0), 2 * time.Hour},
		{"a night within the week", []Entry{in(at(8, 22, 0)), out(at(9, 6, 0))}, at(9, 7, 0), 8 * time.Hour},
		{"a night into the week counts from midnight", []Entry{in(at(6, 22, 0)), out(at(7, 6, 0))}, at(8, 0, 0), 6 * time.Hour},
		{"a night out of the week counts to midnight", []Entry{in(at(13, 22, 0)), out(at(14, 6, 0))}, at(14, 7, 0), 2 * time.Hour},
		{"the week before is left out", []Entry{in(at(5, 8, 0)), out(at(5, 16, 0))}, at(8, 0, 0), 0},
		{"16 h still count", []Entry{in(at(7, 6, 0)), out(at(7, 22, 0))}, at(8, 0, 0), 16 * time.Hour},
		{"more than 16 h has lost its out", []Entry{in(at(7, 6, 0)), out(at(7, 22, 1))}, at(8, 0, 0), 0},
		{"so has a session open for so long", []Entry{in(at(7, 6, 0))}, at(8, 8, 0), 0},
		{"an in that another follows does not count", []Entry{in(at(7, 8, 0)), in(at(8, 8, 0)), out(at(8, 9, 0))}, at(8, 10, 0), time.Hour},
		{"an out without an in is nothing", []Entry{out(at(7, 8, 0))}, at(8, 0, 0), 0},
		{"voided, rejected and pending punches are passed over", []Entry{in(at(7, 8, 0)), is(Out, at(7, 9, 0), Voided),
			is(Out, at(7, 10, 0), Rejected), is(Out, at(7, 11, 0), Pending), out(at(7, 12, 0))}, at(8, 0, 0), 4 * time.Hour},
		{"what is still to come does not count", []Entry{in(at(7, 8, 0)), out(at(7, 20, 0))}, at(7, 9, 0), time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Worked(c.entries, from, to, c.now); got != c.want {
				t.Errorf("Worked = %v, want %v", got, c.want)
			}
		})
	}
}

func TestWeekIsMondayToSundayWhereTheSiteIs(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("no time zone data on this machine: %v", err)
	}
	for _, c := range []struct {
		name, at, from string
		hours          int
	}{
		{"a Saturday", "2026-11-21T08:00:00+01:00", "2026-11-16T00:00:00+01:00", 168},
		{"the first instant of Monday", "2026-11-16T00:00:00+01:00", "2026-11-16T00:00:00+01:00", 168},
		{"the last minute of Sunday", "2026-11-22T23:59:00+01:00", "2026-11-16T00:00:00+01:00", 168},
		{"Sunday evening in UTC is Monday in Berlin", "2026-11-22T23:30:00Z", "2026-11-23T00:00:00+01:00", 168},
		{"the week that spring shortens", "2024-03-31T12:00:00+02:00", "2024-03-25T00:00:00+01:00", 167},
		{"the week that autumn lengthens", "2024-10-27T12:00:00+01:00", "2024-10-21T00:00:00+02:00", 169},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, to := WeekOf(instant(t, c.at), berlin)
			if want := instant(t, c.from); from != want || int((to-from)/(60*minute)) != c.hours {
				t.Errorf("from %v for %d h, want from %v for %d h", from.Time(), (to-from)/(60*minute), want.Time(), c.hours)
			}
		})
	}
}

// TestWorkedCountsRealHours: a night in which the clocks change is as long as it is.
func TestWorkedCountsRealHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("no time zone data on this machine: %v", err)
	}
	for _, c := range []struct {
		in, out string
		want    time.Duration
	}{
		{"2024-03-30T22:00:00+01:00", "2024-03-31T06:00:00+02:00", 7 * time.Hour},
		{"2024-10-26T22:00:00+02:00", "2024-10-27T06:00:00+01:00", 9 * time.Hour},
	} {
		in, out := instant(t, c.in), instant(t, c.out)
		from, to := WeekOf(out, berlin)
		entries := []Entry{{Now: Punch{Kind: In, At: in}, Status: Counted}, {Now: Punch{Kind: Out, At: out}, Status: Counted}}
		if got := Worked(entries, from, to, out); got != c.want {
			t.Errorf("%s to %s = %v, want %v", c.in, c.out, got, c.want)
		}
	}
}

func instant(t *testing.T, text string) Micros {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return MicrosOf(at)
}
