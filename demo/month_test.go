package demo

import (
	"reflect"
	"testing"
	"time"

	"clockface/timeclock"
)

// zone loads the site's zone or ends the test.
func zone(t *testing.T) *time.Location {
	t.Helper()
	site, err := time.LoadLocation(Zone)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// hours returns every hour of a week that holds the end of summer time.
func hours(t *testing.T) []time.Time {
	var out []time.Time
	for h := range 7 * 24 {
		out = append(out, time.Date(2026, 10, 22, h, 17, 0, 0, zone(t)))
	}
	return out
}

func TestMonthIsTheSameAgain(t *testing.T) {
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, zone(t))
	if !reflect.DeepEqual(NewMonth(now, zone(t)), NewMonth(now, zone(t))) {
		t.Error("two tellings of one month differ")
	}
}

func TestNoScreenIsEmptyAtAnyHour(t *testing.T) {
	for _, now := range hours(t) {
		m := NewMonth(now, zone(t))
		in, waiting, exceptions := 0, 0, 0
		for _, entries := range timelines(m) {
			if len(entries) == 0 {
				continue
			}
			if last := entries[len(entries)-1]; last.Now.Kind != timeclock.Out && now.Sub(last.Now.At.Time()) < timeclock.MaxSession {
				in++
			}
		}
		for _, p := range m.Punches {
			if p.Verdict == "" {
				waiting++
				if p.NotMe || len(p.Flags) > 0 {
					exceptions++
				}
			}
		}
		if in < 1 || waiting < 50 || exceptions < 1 || len(m.Incidents) == 0 || len(m.Additions) == 0 {
			t.Errorf("%s: %d in, %d waiting, %d exceptions, %d incidents, %d additions; want some of each",
				now.Format("Mon 15:04"), in, waiting, exceptions, len(m.Incidents), len(m.Additions))
		}
	}
}

func TestPunchesAreWhatAKioskWouldHaveMade(t *testing.T) {
	for _, now := range hours(t) {
		m := NewMonth(now, zone(t))
		if n := len(m.Punches); n < 800 || n > 1600 {
			t.Errorf("%s: %d punches, want about 1200", now, n)
		}
		known := map[string]Person{}
		for _, p := range People() {
			known[p.Number] = p
		}
		for i, p := range m.Punches {
			who, ok := known[p.Person]
			switch {
			case !ok:
				t.Fatalf("punch of %s, whom nobody knows", p.Person)
			case i > 0 && p.At.Before(m.Punches[i-1].At):
				t.Fatalf("punch at %s comes after one at %s", p.At, m.Punches[i-1].At)
			case p.At.After(now.Add(-quiet)):
				t.Fatalf("punch at %s is too near to now, %s", p.At, now)
			case p.Method == timeclock.ByFace && who.Face == "":
				t.Fatalf("%s has no face enrolled and punched with it", p.Person)
			case p.Confidence <= 0 || p.Confidence > 1:
				t.Fatalf("confidence %v", p.Confidence)
			}
		}
		for person, entries := range timelines(m) {
			for i, e := range entries {
				kind, missing := timeclock.Next(entries[:i], e.At, timeclock.MaxSession)
				if work := e.Kind == timeclock.In || e.Kind == timeclock.Out; work && kind != e.Kind {
					t.Errorf("%s: %s at %s, a kiosk would have said %s", person, e.Kind, e.At.Time(), kind)
				}
				if missing != e.Flags.Has(timeclock.LastMissingOut) {
					t.Errorf("%s at %s: forgotten out flagged %v, want %v", person, e.At.Time(), !missing, missing)
				}
			}
		}
	}
}

// timelines returns each person's punches but the withdrawn ones, by time.
func timelines(m Month) map[string][]timeclock.Entry {
	out := map[string][]timeclock.Entry{}
	for _, p := range m.Punches {
		if p.NotMe {
			continue
		}
		q := timeclock.Punch{Kind: p.Kind, At: timeclock.MicrosOf(p.At), Flags: p.Flags, Source: timeclock.FromKiosk}
		out[p.Person] = append(out[p.Person], timeclock.Fold(q, nil, nil))
	}
	return out
}

func TestOnlyOlderPunchesAreDecided(t *testing.T) {
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, zone(t))
	m := NewMonth(now, zone(t))
	limit := time.Date(2026, 11, 17, 0, 0, 0, 0, zone(t))
	var verdicts, corrections int
	for _, p := range m.Punches {
		if decided := p.Verdict != ""; decided != (p.At.Before(limit) && !p.NotMe) {
			t.Errorf("%s at %s: decided = %v", p.Person, p.At, decided)
		}
		if p.Verdict == timeclock.Reject {
			verdicts++
		}
		if !p.RetimedTo.IsZero() {
			corrections++
		}
	}
	if verdicts == 0 || corrections == 0 {
		t.Errorf("%d rejected, %d corrected; want some of each", verdicts, corrections)
	}
	for _, a := range m.Additions {
		if a.At.After(now) || a.Reason == "" {
			t.Errorf("addition %+v lies in the future or gives no reason", a)
		}
	}
}

func TestEveryPersonIsToldApart(t *testing.T) {
	numbers, names, pins, faces := map[string]bool{}, map[string]bool{}, map[string]bool{}, 0
	for _, p := range People() {
		if numbers[p.Number] || names[p.Name] || pins[p.PIN] {
			t.Errorf("%s %s %s stands there twice", p.Number, p.Name, p.PIN)
		}
		numbers[p.Number], names[p.Name], pins[p.PIN] = true, true, true
		if p.Face != "" {
			faces++
		}
	}
	if faces != 3 || len(numbers) < faces+12 {
		t.Errorf("%d people, %d with a face; want 3 and a dozen more", len(numbers), faces)
	}
}
