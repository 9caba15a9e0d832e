package demo

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"clockface/timeclock"
)

// Days is how long the story is.
const Days = 30

// decidedAfter is how many days a supervisor of the demo company lets punches
// wait: older ones are decided, younger ones fill the inbox.
const decidedAfter = 4

// quiet is kept free of punches before the end of the story, so that a person
// who steps in front of the kiosk is not inside the repeat window.
const quiet = 10 * time.Minute

// The shifts: indexes into shifts.
const (
	early = iota
	late
	night
)

// shifts begin that many minutes after midnight of the site and last eight and a
// half hours with the break.
var shifts = [...]int{early: 5*60 + 45, late: 13*60 + 45, night: 21*60 + 45}

const shiftLength = 8*time.Hour + 30*time.Minute

// A Punch is one punch of the story and what became of it.
type Punch struct {
	Person     string // number
	At         time.Time
	Kind       timeclock.PunchKind
	Method     timeclock.Method
	Confidence float64 // 0…1
	Flags      timeclock.Flags
	// NotMe: the person said that this is somebody else, a few seconds later.
	NotMe bool
	// RetimedTo is when it really was, as a supervisor corrected it; zero if not.
	RetimedTo time.Time
	Verdict   timeclock.Verdict // what a supervisor decided; empty = waits
	Reason    string            // of the verdict or the correction
}

// An Addition is a forgotten punch that a supervisor wrote down afterwards.
type Addition struct {
	Person string
	At     time.Time
	Kind   timeclock.PunchKind
	Reason string
}

// An Incident is trouble at the kiosk that was no punch.
type Incident struct {
	Person string // empty where nobody is known
	At     time.Time
	Kind   timeclock.IncidentKind
	Detail string
}

// A Month is the story, each list by time.
type Month struct {
	Punches   []Punch
	Additions []Addition
	Incidents []Incident
}

// NewMonth tells the Days days up to now for a site in that zone. Punches lie at
// least ten minutes before now.
func NewMonth(now time.Time, site *time.Location) Month {
	var m Month
	today := timeclock.DayOf(timeclock.MicrosOf(now), site)
	for _, p := range People() {
		var own []Punch
		for ago := Days; ago >= 0; ago-- {
			day := today.AddDays(-ago)
			if works(p, day) {
				own = append(own, workday(p, day, site)...)
			}
		}
		own = slices.DeleteFunc(own, func(q Punch) bool { return q.At.After(now.Add(-quiet)) })
		m.Punches = append(m.Punches, flagForgotten(own)...)
	}
	m.mistakeFaces(now)
	slices.SortStableFunc(m.Punches, func(a, b Punch) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Person, b.Person))
	})
	m.decide(today.AddDays(-decidedAfter), site)
	m.trouble(today, now, site)
	return m
}

// works reports whether the person's roster has the day: five of seven, the free
// two beside each other, everybody's elsewhere.
func works(p Person, d timeclock.Day) bool {
	return (ordinal(d)+p.offset)%7 < 5
}

// ordinal counts days since 1970.
func ordinal(d timeclock.Day) int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// chance returns the person's own dice for the day.
func chance(person string, d timeclock.Day) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(person))
	return rand.New(rand.NewPCG(h.Sum64(), uint64(ordinal(d))))
}

// workday returns the punches of one shift that begins on the day: in, mostly a
// break, out. Now and then somebody is late or forgets to punch out.
func workday(p Person, d timeclock.Day, site *time.Location) []Punch {
	dice := chance(p.Number, d)
	start := time.Date(d.Year, d.Month, d.Day, 0, shifts[p.shift], 0, 0, site)
	punch := func(kind timeclock.PunchKind, at time.Time) Punch {
		method, confidence := p.Method(), 1.0
		if method == timeclock.ByFace {
			confidence = 0.66 + 0.28*dice.Float64()
			if dice.IntN(12) == 0 {
				method, confidence = timeclock.ByPIN, 1 // the camera did not know them this time
			}
		}
		at = at.Add(time.Duration(dice.IntN(60)) * time.Second)
		return Punch{Person: p.Number, At: at, Kind: kind, Method: method, Confidence: confidence}
	}

	arrive := start.Add(-minutes(2, 9, dice))
	if dice.IntN(14) == 0 {
		arrive = start.Add(minutes(4, 26, dice))
	}
	out := []Punch{punch(timeclock.In, arrive)}
	if dice.IntN(8) != 0 {
		pause := start.Add(3*time.Hour + minutes(40, 80, dice))
		out = append(out, punch(timeclock.BreakStart, pause),
			punch(timeclock.BreakEnd, pause.Add(minutes(29, 38, dice))))
	}
	if dice.IntN(45) == 0 {
		return out // forgot to punch out
	}
	return append(out, punch(timeclock.Out, start.Add(shiftLength+minutes(0, 14, dice))))
}

// minutes returns from…to minutes.
func minutes(from, to int, dice *rand.Rand) time.Duration {
	return time.Duration(from+dice.IntN(to-from+1)) * time.Minute
}

// flagForgotten marks each "in" whose session before was never closed, as a
// kiosk does. The punches are one person's, by time.
func flagForgotten(own []Punch) []Punch {
	for i := 1; i < len(own); i++ {
		if own[i].Kind == timeclock.In && own[i-1].Kind != timeclock.Out {
			own[i].Flags = own[i].Flags.With(timeclock.LastMissingOut)
		}
	}
	return own
}

// mistakeFaces lets the kiosk take one person for another three times: the
// person says "Not me" and punches with the PIN a moment later.
func (m *Month) mistakeFaces(now time.Time) {
	left, gap := 3, 0
	for i := len(m.Punches) - 1; i >= 0 && left > 0; i-- {
		p := &m.Punches[i]
		if p.Kind != timeclock.In || p.Method != timeclock.ByPIN || p.Person == "101" || now.Sub(p.At) > 20*24*time.Hour {
			continue
		}
		if gap++; gap%13 != 1 { // spread over several people
			continue
		}
		left--
		m.Punches = append(m.Punches, Punch{Person: "101", At: p.At.Add(-22 * time.Second), Kind: timeclock.In,
			Method: timeclock.ByFace, Confidence: 0.52, NotMe: true})
	}
}

// decide gives the punches before the day their verdicts, corrects a few, and
// adds the forgotten ones. The punches are sorted.
func (m *Month) decide(before timeclock.Day, site *time.Location) {
	limit, _ := before.Bounds(site)
	last := map[string]int{} // person → index of the punch before
	for i := range m.Punches {
		p := &m.Punches[i]
		previous, seen := last[p.Person]
		if p.NotMe || !p.At.Before(limit.Time()) {
			continue
		}
		last[p.Person] = i
		p.Verdict = timeclock.Approve
		if p.Flags.Has(timeclock.LastMissingOut) && seen {
			m.Additions = append(m.Additions, m.forgotten(previous, site))
		}
		switch {
		case p.Kind == timeclock.Out && i%97 == 0:
			p.RetimedTo, p.Reason = p.At.Add(-35*time.Minute), "left for the doctor, punched when back for the coat"
		case p.Kind == timeclock.BreakStart && i%211 == 0:
			p.Verdict, p.Reason = timeclock.Reject, "no break on that day, as agreed"
		}
	}
}

// forgotten is the "out" that is missing after the punch at index i: the end of
// the shift on which it was made.
func (m *Month) forgotten(i int, site *time.Location) Addition {
	p := m.Punches[i]
	at := p.At.In(site)
	for _, person := range People() {
		if person.Number != p.Person {
			continue
		}
		start := time.Date(at.Year(), at.Month(), at.Day(), 0, shifts[person.shift], 0, 0, site)
		if start.After(at.Add(2 * time.Hour)) { // after midnight: the shift began the day before
			start = time.Date(at.Year(), at.Month(), at.Day()-1, 0, shifts[person.shift], 0, 0, site)
		}
		at = start.Add(shiftLength)
	}
	return Addition{Person: p.Person, At: at, Kind: timeclock.Out, Reason: "forgot to punch out, confirmed by phone"}
}

// trouble adds the incidents that a supervisor finds in the inbox.
func (m *Month) trouble(today timeclock.Day, now time.Time, site *time.Location) {
	moment := func(ago, hour, minute int) time.Time {
		d := today.AddDays(-ago)
		return time.Date(d.Year, d.Month, d.Day, hour, minute, 12, 0, site)
	}
	for _, i := range []Incident{
		{Person: "", At: moment(9, 13, 41), Kind: timeclock.CameraLost, Detail: "unplugged for 4 minutes"},
		{Person: "109", At: moment(3, 13, 38), Kind: timeclock.PINClosed, Detail: "5 wrong PINs within an hour"},
		{Person: "", At: moment(1, 21, 44), Kind: timeclock.PINWait, Detail: "3 wrong PINs in a row"},
	} {
		if i.At.Before(now) {
			m.Incidents = append(m.Incidents, i)
		}
	}
}
