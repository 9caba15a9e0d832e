package timeclock

import (
	"slices"
	"strings"
	"time"
)

// PunchKind is what a punch says.
type PunchKind string

// The punch kinds.
const (
	In         PunchKind = "in"
	Out        PunchKind = "out"
	BreakStart PunchKind = "break_start"
	BreakEnd   PunchKind = "break_end"
	Project    PunchKind = "project"
)

// Opposite returns Out for In and In for Out, BreakEnd for BreakStart and the
// reverse; other kinds are returned as they are.
func (k PunchKind) Opposite() PunchKind {
	switch k {
	case In:
		return Out
	case Out:
		return In
	case BreakStart:
		return BreakEnd
	case BreakEnd:
		return BreakStart
	}
	return k
}

// Valid reports whether k is one of the punch kinds.
func (k PunchKind) Valid() bool {
	return k == In || k == Out || k == BreakStart || k == BreakEnd || k == Project
}

// Method is how the person was identified.
type Method string

// The methods.
const (
	ByFace      Method = "face"
	ByFinger    Method = "finger"
	ByBadge     Method = "badge"
	ByPIN       Method = "pin"
	ByTerminal  Method = "terminal"
	ByWeb       Method = "web"
	ByManual    Method = "manual"
	ByAssistant Method = "assistant"
)

// Valid reports whether m is one of the methods.
func (m Method) Valid() bool {
	switch m {
	case ByFace, ByFinger, ByBadge, ByPIN, ByTerminal, ByWeb, ByManual, ByAssistant:
		return true
	}
	return false
}

// Source is the kind of program a punch was born in.
type Source string

// The sources. A web or mobile punch is pending until somebody decides.
const (
	FromKiosk    Source = "kiosk"
	FromTerminal Source = "terminal"
	FromDesktop  Source = "desktop"
	FromWeb      Source = "web"
	FromMobile   Source = "mobile"
)

// Flag is a remark about a punch that a supervisor should see.
type Flag string

// The flags.
const (
	// PlayedCamera: the picture came from a file or folder, not from a camera.
	PlayedCamera Flag = "played_camera"
	// ClockSuspect: the device's own clock and the anchored time differ by more than two minutes.
	ClockSuspect Flag = "clock_suspect"
	// TwinOf: the same person punched on another device within a minute.
	TwinOf Flag = "twin_of"
	// LastMissingOut: the session before this "in" was never closed.
	LastMissingOut Flag = "last_missing_out"
	// PINTrouble: this number had wrong PINs before this punch.
	PINTrouble Flag = "pin_trouble"
)

// Flags is a set of flags, stored as a comma-separated list.
type Flags []Flag

// ParseFlags reads the stored form.
func ParseFlags(s string) Flags {
	if s == "" {
		return nil
	}
	var f Flags
	for p := range strings.SplitSeq(s, ",") {
		f = append(f, Flag(p))
	}
	return f
}

// String returns the stored form, sorted, without repeats.
func (f Flags) String() string {
	s := make([]string, len(f))
	for i, v := range f {
		s[i] = string(v)
	}
	slices.Sort(s)
	return strings.Join(slices.Compact(s), ",")
}

// Has reports whether the set holds v.
func (f Flags) Has(v Flag) bool { return slices.Contains(f, v) }

// With returns the set with v in it.
func (f Flags) With(v Flag) Flags {
	if f.Has(v) {
		return f
	}
	return append(slices.Clone(f), v)
}

// A Punch is one event at a clock. It is never changed or deleted.
type Punch struct {
	ID         PunchID
	Employee   EmployeeID
	Device     DeviceID
	Site       SiteID
	Kind       PunchKind
	Method     Method
	Confidence float64 // 0…1 for biometric methods, 1 otherwise
	At         Micros  // the anchored time that counts
	Wall       Micros  // what the device's clock showed
	TimeSource string  // mono | offset | wall | manual: how At was found
	Flags      Flags
	Source     Source
	Place      string // free form, e.g. JSON of a location; may be empty
	Seq        int64  // the cloud's sequence; 0 = not yet acknowledged
}

// EditKind is what an edit does to its punch.
type EditKind string

// The edit kinds. Change with Values.Voided = false takes a void back.
const (
	Retime EditKind = "retime"
	Void   EditKind = "void"
	Add    EditKind = "add"
	Change EditKind = "change"
)

// Cause is the coded part of an edit's reason.
type Cause string

// The causes. The first three are those a kiosk may send without a grant.
const (
	NotMe          Cause = "not_me"
	OtherDirection Cause = "other_direction"
	LateReason     Cause = "late_reason"
	ForgotPunch    Cause = "forgot"
	WrongTime      Cause = "wrong_time"
	WrongPerson    Cause = "wrong_person"
	DoublePunch    Cause = "double"
	OtherCause     Cause = "other"
	Undo           Cause = "undo"
)

// SelfService reports whether a kiosk may send an edit of this cause on its own
// punch without anybody signed in.
func (c Cause) SelfService() bool { return c == NotMe || c == OtherDirection || c == LateReason }

// EditValues are the new values that an edit brings; nil fields stay as they are.
type EditValues struct {
	At       *Micros     `json:"at_us,omitempty"`
	Kind     *PunchKind  `json:"kind,omitempty"`
	Employee *EmployeeID `json:"employee_id,omitempty"`
	Voided   *bool       `json:"voided,omitempty"`
}

// An Edit is a later event that adds, retimes, changes or voids a punch.
type Edit struct {
	ID        string
	Punch     PunchID
	Seen      string // newest edit or decision of the punch that the author saw
	What      EditKind
	Values    EditValues
	Cause     Cause
	Reason    string
	By        string // membership, or device for self-service at a kiosk
	At        Micros // when it was made
	Effective bool
	Seq       int64 // 0 = not yet acknowledged
	N         int64 // order among the own unacknowledged ones
}

// Verdict is what a decision says.
type Verdict string

// The verdicts. Withdraw takes the verdict in force back.
const (
	Approve  Verdict = "approve"
	Reject   Verdict = "reject"
	Withdraw Verdict = "withdraw"
)

// Valid reports whether v is one of the verdicts.
func (v Verdict) Valid() bool { return v == Approve || v == Reject || v == Withdraw }

// A Decision is a later event that approves or rejects a punch.
type Decision struct {
	ID        string
	Punch     PunchID
	Seen      string
	Verdict   Verdict
	Reason    string
	By        string
	At        Micros
	Effective bool
	Seq       int64
	N         int64
}

// Status is the state of a punch in one word.
type Status string

// The states. Only Counted and Approved punches count as work.
const (
	Pending  Status = "pending"  // web or mobile, nobody has decided
	Counted  Status = "counted"  // kiosk or terminal, nobody has decided
	Approved Status = "approved" // somebody approved it as it now stands
	Rejected Status = "rejected" // it happened and is not paid
	Voided   Status = "voided"   // it did not happen
)

// Entry is a punch as it stands after its effective edits and decisions.
type Entry struct {
	Punch            // as recorded; for an added punch, as the edit gave it
	Now       Punch  // with the effective values
	Status    Status // what it stands at
	Edited    bool   // an effective edit changed time, kind or person
	Newest    string // id of the newest effective edit or decision, the `seen` of the next; empty when none
	DecidedBy string // who gave the verdict in force; empty when none
	Edits     []Edit // all, oldest first, the ineffective ones too
	Decisions []Decision
}

// Counts reports whether the punch counts as work.
func (e Entry) Counts() bool { return e.Status == Counted || e.Status == Approved }

// Decided reports whether nobody needs to decide any more.
func (e Entry) Decided() bool {
	return e.Status == Approved || e.Status == Rejected || e.Status == Voided
}

// Fold returns p as it stands after those edits and decisions that are
// effective, taken by Seq, then the unacknowledged ones (Seq 0) by N. An
// effective edit after an approval makes the punch undecided again. The slices
// hold events of this punch only and are sorted in place.
func Fold(p Punch, edits []Edit, decisions []Decision) Entry {
	less := func(seqA, nA, seqB, nB int64) int {
		switch {
		case seqA == seqB:
			return int(nA - nB)
		case seqA == 0:
			return 1
		case seqB == 0:
			return -1
		case seqA < seqB:
			return -1
		}
		return 1
	}
	slices.SortStableFunc(edits, func(a, b Edit) int { return less(a.Seq, a.N, b.Seq, b.N) })
	slices.SortStableFunc(decisions, func(a, b Decision) int { return less(a.Seq, a.N, b.Seq, b.N) })

	undecided := Counted
	if p.Source == FromWeb || p.Source == FromMobile {
		undecided = Pending
	}
	e := Entry{Punch: p, Now: p, Edits: edits, Decisions: decisions}
	verdict, voided := undecided, false
	i, j := 0, 0
	for i < len(edits) || j < len(decisions) {
		if j == len(decisions) || i < len(edits) && less(edits[i].Seq, edits[i].N, decisions[j].Seq, decisions[j].N) <= 0 {
			ed := edits[i]
			i++
			if !ed.Effective {
				continue
			}
			e.Newest = ed.ID
			if verdict == Approved {
				verdict, e.DecidedBy = undecided, ""
			}
			switch {
			case ed.What == Void:
				voided = true
			case ed.Values.Voided != nil:
				voided = *ed.Values.Voided
			}
			if ed.What != Add {
				e.Edited = e.apply(ed.Values) || e.Edited
			}
			continue
		}
		d := decisions[j]
		j++
		if !d.Effective {
			continue
		}
		e.Newest = d.ID
		switch d.Verdict {
		case Approve:
			verdict, e.DecidedBy = Approved, d.By
		case Reject:
			verdict, e.DecidedBy = Rejected, d.By
		case Withdraw:
			verdict, e.DecidedBy = undecided, ""
		}
	}
	e.Status = verdict
	if voided {
		e.Status = Voided
	}
	return e
}

// apply sets the new values and reports whether time, kind or person changed.
func (e *Entry) apply(v EditValues) bool {
	if v.At != nil {
		e.Now.At = *v.At
	}
	if v.Kind != nil {
		e.Now.Kind = *v.Kind
	}
	if v.Employee != nil {
		e.Now.Employee = *v.Employee
	}
	return v.At != nil || v.Kind != nil || v.Employee != nil
}

// Timeline folds many punches at once and returns one entry a punch, those that
// only an Add edit brought included, by effective time, then id.
func Timeline(punches []Punch, edits []Edit, decisions []Decision) []Entry {
	byPunch := map[PunchID][]Edit{}
	for _, e := range edits {
		byPunch[e.Punch] = append(byPunch[e.Punch], e)
	}
	decs := map[PunchID][]Decision{}
	for _, d := range decisions {
		decs[d.Punch] = append(decs[d.Punch], d)
	}
	known := map[PunchID]bool{}
	out := make([]Entry, 0, len(punches))
	for _, p := range punches {
		known[p.ID] = true
		out = append(out, Fold(p, byPunch[p.ID], decs[p.ID]))
	}
	for _, e := range edits {
		if e.What != Add || known[e.Punch] || !e.Effective {
			continue
		}
		known[e.Punch] = true
		out = append(out, Fold(AddedPunch(e), byPunch[e.Punch], decs[e.Punch]))
	}
	slices.SortFunc(out, func(a, b Entry) int {
		if a.Now.At != b.Now.At {
			return int(min(max(a.Now.At-b.Now.At, -1), 1))
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out
}

// AddedPunch is the punch that an edit of kind Add stands for.
func AddedPunch(e Edit) Punch {
	p := Punch{ID: e.Punch, Method: ByManual, Confidence: 1, Source: FromDesktop, TimeSource: "manual", Seq: e.Seq}
	if e.Values.At != nil {
		p.At, p.Wall = *e.Values.At, *e.Values.At
	}
	if e.Values.Kind != nil {
		p.Kind = *e.Values.Kind
	}
	if e.Values.Employee != nil {
		p.Employee = *e.Values.Employee
	}
	return p
}

// MaxSession is how long a session may stay open before the next punch starts a
// new one: a forgotten "out" then becomes an exception instead of turning the
// next day's "in" into an "out".
const MaxSession = 16 * time.Hour

// Next decides whether a punch at the time at is an in or an out, from the
// person's entries so far in order of time. The calendar date never decides: an
// "out" after midnight closes the evening's "in". missingOut is true when the
// last session was left open for longer than maxSession, so that this punch is
// an "in" and the old session waits for a supervisor.
func Next(entries []Entry, at Micros, maxSession time.Duration) (kind PunchKind, missingOut bool) {
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if e.Status == Voided || e.Status == Rejected || e.Now.Kind == Project {
			continue
		}
		if e.Now.Kind == Out {
			return In, false
		}
		// in, break_start and break_end all mean that a session is open since the last in.
		since := e.Now.At
		for j := i; j >= 0 && entries[j].Now.Kind != Out; j-- {
			if entries[j].Now.Kind == In && entries[j].Status != Voided && entries[j].Status != Rejected {
				since = entries[j].Now.At
				break
			}
		}
		if at-since > Micros(maxSession/time.Microsecond) {
			return In, true
		}
		return Out, false
	}
	return In, false
}
