package desktop

import (
	"cmp"
	"slices"

	"clockface/timeclock"
)

// event is an edit or a decision of a punch; exactly one is set.
type event struct {
	edit     *timeclock.Edit
	decision *timeclock.Decision
}

func (ev event) effective() bool {
	if ev.edit != nil {
		return ev.edit.Effective
	}
	return ev.decision.Effective
}

// order returns the cloud's sequence and the own order of what it has not
// acknowledged yet.
func (ev event) order() (seq, n int64) {
	if ev.edit != nil {
		return ev.edit.Seq, ev.edit.N
	}
	return ev.decision.Seq, ev.decision.N
}

func (ev event) at() timeclock.Micros {
	if ev.edit != nil {
		return ev.edit.At
	}
	return ev.decision.At
}

func (ev event) by() string {
	if ev.edit != nil {
		return ev.edit.By
	}
	return ev.decision.By
}

func (ev event) reason() string {
	if ev.edit != nil {
		return ev.edit.Reason
	}
	return ev.decision.Reason
}

// history returns all edits and decisions in the order in which they count:
// acknowledged ones by sequence, then the own ones that still wait.
func history(e timeclock.Entry) []event {
	if len(e.Edits) == 0 && len(e.Decisions) == 0 {
		return nil
	}
	all := make([]event, 0, len(e.Edits)+len(e.Decisions))
	for i := range e.Edits {
		all = append(all, event{edit: &e.Edits[i]})
	}
	for i := range e.Decisions {
		all = append(all, event{decision: &e.Decisions[i]})
	}
	slices.SortStableFunc(all, func(a, b event) int {
		seqA, nA := a.order()
		seqB, nB := b.order()
		switch {
		case seqA == seqB:
			return cmp.Compare(nA, nB)
		case seqA == 0:
			return 1
		case seqB == 0:
			return -1
		}
		return cmp.Compare(seqA, seqB)
	})
	return all
}

// lastEffective returns the newest event that took effect; the zero event where
// there is none.
func lastEffective(e timeclock.Entry) event {
	for _, ev := range slices.Backward(history(e)) {
		if ev.effective() {
			return ev
		}
	}
	return event{}
}

// waits reports whether the punch or anything about it has not reached the cloud.
func waits(e timeclock.Entry) bool {
	if e.Seq == 0 {
		return true
	}
	return slices.ContainsFunc(history(e), func(ev event) bool { seq, _ := ev.order(); return seq == 0 })
}

// A Step is one line of what a punch has been through.
type Step struct {
	When   string
	Who    string
	What   string // "Time changed", "Approved" …
	Before string // value before, empty where nothing has a value
	After  string
	Reason string
	Note   string // "not sent yet", "had no effect: …"; empty otherwise
}

// steps puts the punch and its events in words, oldest first.
func (w words) steps(s *snapshot, e timeclock.Entry) []Step {
	zone := s.zone(e.Now.Site)
	out := []Step{{
		When: w.dayAndTime(e.Punch.At, zone, s.now), Who: s.deviceName(w, e.Device),
		What: w.t.T("history.recorded"), After: w.kindAt(e.Punch, zone),
	}}
	if len(e.Edits) > 0 && e.Edits[0].What == timeclock.Add {
		out = nil // an added punch begins with the edit that added it
	}
	now := e.Punch
	for _, ev := range history(e) {
		st := Step{When: w.dayAndTime(ev.at(), zone, s.now), Who: s.who(w, ev.by()), Reason: w.reasonOf(ev)}
		if ev.edit != nil {
			w.editStep(s, &st, *ev.edit, &now, zone)
		} else {
			st.What = w.t.T("verdict." + string(ev.decision.Verdict))
		}
		seq, _ := ev.order()
		switch {
		case !ev.effective():
			st.Note = w.t.T("history.no_effect")
		case seq == 0:
			st.Note = w.t.T("history.not_sent")
		}
		out = append(out, st)
	}
	return out
}

// reasonOf joins the coded cause and the free text of an event.
func (w words) reasonOf(ev event) string {
	if ev.edit == nil || ev.edit.Cause == "" {
		return ev.reason()
	}
	cause := w.t.T("cause." + string(ev.edit.Cause))
	if ev.edit.Reason == "" {
		return cause
	}
	return w.t.T("history.cause_and_text", "cause", cause, "text", ev.edit.Reason)
}
