package desktop

import (
	"slices"
	"time"

	"clockface/timeclock"
)

// Exception is a reason why a person should look at a punch or incident.
type Exception string

// The exceptions, worst first: see severity.
const (
	MissingOut   Exception = "missing_out"  // an "in" without its "out"
	MissingIn    Exception = "missing_in"   // an "out" without its "in"
	NotMe        Exception = "not_me"       // the worker withdrew it: wrong person
	Disagreement Exception = "disagreement" // two people changed it without seeing each other
	PINClosed    Exception = "pin_closed"
	PINWait      Exception = "pin_wait"
	CameraLost   Exception = "camera_lost"
	Undecided    Exception = "undecided" // web or mobile: counts only once somebody decides
	ClockSuspect Exception = "clock_suspect"
	Twin         Exception = "twin_of"
	PINTrouble   Exception = "pin_trouble"
	Played       Exception = "played_camera"
	Unsure       Exception = "low_confidence"
)

// severity lists the exceptions, worst first.
var severity = []Exception{MissingOut, MissingIn, NotMe, Disagreement, PINClosed, PINWait, CameraLost,
	Undecided, ClockSuspect, Twin, PINTrouble, Played, Unsure}

// Exceptions returns every exception, worst first.
func Exceptions() []Exception { return slices.Clone(severity) }

// rank is the place of the worst of the exceptions; none ranks behind all.
func rank(ex []Exception) int {
	if len(ex) == 0 {
		return len(severity)
	}
	return slices.Index(severity, ex[0])
}

// unsureBelow is the confidence under which a biometric match is an exception,
// verySureFrom the one from which the words say "very sure". The matcher refuses
// to answer at all far below; between the two lies what a person should confirm
// at a glance.
const (
	unsureBelow  = 0.6
	verySureFrom = 0.85
)

// flagged says which flag of a punch is which exception. A twin, a suspect
// clock and the like are settled by any decision; a missing punch is not.
var flagged = map[timeclock.Flag]Exception{
	timeclock.ClockSuspect: ClockSuspect,
	timeclock.TwinOf:       Twin,
	timeclock.PINTrouble:   PINTrouble,
	timeclock.PlayedCamera: Played,
}

// incidents says which kinds of incident ask for a look. pin_reopened is the
// answer to one and asks for none: see [snapshot.closedPIN].
var incidents = map[timeclock.IncidentKind]Exception{
	timeclock.PINClosed:  PINClosed,
	timeclock.PINWait:    PINWait,
	timeclock.CameraLost: CameraLost,
}

// ofEntry returns the exceptions that the punch itself carries, without those
// that only the row of punches before and after it shows. Worst first.
func ofEntry(e timeclock.Entry) []Exception {
	var ex []Exception
	if withdrawnByWorker(e) {
		ex = append(ex, NotMe)
	}
	if disputed(e) {
		ex = append(ex, Disagreement)
	}
	if e.Decided() {
		return ex
	}
	if e.Status == timeclock.Pending {
		ex = append(ex, Undecided)
	}
	for _, f := range e.Flags {
		if x, ok := flagged[f]; ok {
			ex = append(ex, x)
		}
	}
	if biometric(e.Method) && e.Confidence < unsureBelow {
		ex = append(ex, Unsure)
	}
	return ex
}

func biometric(m timeclock.Method) bool { return m == timeclock.ByFace || m == timeclock.ByFinger }

// withdrawnByWorker reports whether "Not me" stands and nobody has looked at it
// since.
func withdrawnByWorker(e timeclock.Entry) bool {
	if e.Status != timeclock.Voided {
		return false
	}
	last := lastEffective(e)
	return last.edit != nil && last.edit.Cause == timeclock.NotMe
}

// disputed reports whether an event that came to nothing is younger than
// everything that took effect, so that its author may think otherwise. The same
// verdict given twice is no dispute.
func disputed(e timeclock.Entry) bool {
	open := false
	for _, ev := range history(e) {
		confirms := ev.decision != nil && verdictStands(e, ev.decision.Verdict)
		open = !ev.effective() && !confirms
	}
	return open
}

func verdictStands(e timeclock.Entry, v timeclock.Verdict) bool {
	return v == timeclock.Approve && e.Status == timeclock.Approved ||
		v == timeclock.Reject && e.Status == timeclock.Rejected ||
		v == timeclock.Withdraw && !e.Decided()
}

// stretch is one presence of a person: from an in to its out. in or out is nil
// where that punch is missing.
type stretch struct {
	in, out *timeclock.Entry
	pauses  []pause
}

type pause struct{ from, to timeclock.Micros } // to 0 = still on it

// open reports whether the person may still be there.
func (s stretch) open(now timeclock.Micros) bool {
	return s.in != nil && s.out == nil && now-s.in.Now.At <= maxSession
}

const maxSession = timeclock.Micros(timeclock.MaxSession / time.Microsecond)

// stretches pairs one person's entries, given in order of time. Punches that do
// not count, twins and project switches take no part. A session that was left
// open for longer than timeclock.MaxSession, or that another "in" follows, has
// no out. An "out" that follows an "out" has no in; the very first entry is
// given the benefit of the doubt, since its "in" may be older than the list.
func stretches(entries []*timeclock.Entry) []stretch {
	var all []stretch
	var cur *stretch
	seen := false
	end := func() {
		if cur != nil {
			all = append(all, *cur)
			cur = nil
		}
	}
	for _, e := range entries {
		if !counted(*e) {
			continue
		}
		if cur != nil && e.Now.At-cur.in.Now.At > maxSession {
			end()
		}
		switch e.Now.Kind {
		case timeclock.In:
			end()
			cur = &stretch{in: e}
		case timeclock.BreakStart:
			if cur != nil {
				cur.pauses = append(cur.pauses, pause{from: e.Now.At})
			}
		case timeclock.BreakEnd:
			if cur != nil && len(cur.pauses) > 0 {
				cur.pauses[len(cur.pauses)-1].to = e.Now.At
			}
		case timeclock.Out:
			switch {
			case cur != nil:
				cur.out = e
				end()
			case seen:
				all = append(all, stretch{out: e})
			}
		}
		seen = true
	}
	end()
	return all
}

// counted reports whether the entry takes part in pairing. One that still waits
// for a decision does: leaving it out would make its partner look forgotten.
func counted(e timeclock.Entry) bool {
	return (e.Counts() || e.Status == timeclock.Pending) && !e.Flags.Has(timeclock.TwinOf) && e.Now.Kind != timeclock.Project
}

// worked returns how long the person worked in [from, to) of this stretch,
// pauses taken off. An open stretch lasts until now.
func (s stretch) worked(from, to, now timeclock.Micros) timeclock.Micros {
	if s.in == nil || s.out == nil && !s.open(now) {
		return 0
	}
	end := now
	if s.out != nil {
		end = s.out.Now.At
	}
	total := overlap(s.in.Now.At, end, from, to)
	for _, p := range s.pauses {
		if p.to == 0 {
			p.to = end
		}
		total -= overlap(p.from, min(p.to, end), from, to)
	}
	return max(total, 0)
}

func overlap(a, b, from, to timeclock.Micros) timeclock.Micros {
	return max(min(b, to)-max(a, from), 0)
}

// usualLength is the median length of the person's last closed stretches, ten
// at most, and eight hours for somebody who has none.
func usualLength(all []stretch) timeclock.Micros {
	const few, fallback = 10, timeclock.Micros(8 * time.Hour / time.Microsecond)
	var lengths []timeclock.Micros
	for _, s := range slices.Backward(all) {
		if s.in != nil && s.out != nil && len(lengths) < few {
			lengths = append(lengths, s.out.Now.At-s.in.Now.At)
		}
	}
	if len(lengths) == 0 {
		return fallback
	}
	slices.Sort(lengths)
	return lengths[len(lengths)/2]
}
