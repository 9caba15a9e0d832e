package desktop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"clockface/timeclock"
)

// Done is an action that is on disk.
type Done struct {
	Sentence string // "Approved 3 punches."
	Punches  []timeclock.PunchID
	Verdict  timeclock.Verdict // of a decision; empty for an edit
	Lasting  bool              // Undo does not take it back
}

// reversal takes one action back: what to check, and what to write.
type reversal struct {
	name    string // what was done, for the sentence of the undo
	decided []decidedBefore
	changes []changeBack
}

// decidedBefore is a punch and the verdict that was in force before the action;
// Withdraw where there was none.
type decidedBefore struct {
	punch  timeclock.PunchID
	newest string // id of the event that the action left as the newest
	before timeclock.Verdict
}

// changeBack is an edit that undoes another, and the verdict to give again,
// since every edit ends an approval.
type changeBack struct {
	change Change
	newest string
	before timeclock.Verdict
}

// acting returns who acts and what the desk knows, or ErrNotAllowed.
func (d *Desk) acting(action timeclock.Action) (Actor, *snapshot, words, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.actor == nil:
		return nil, nil, words{}, ErrSignInNeeded
	case !timeclock.May(d.actor.Role(), action):
		return nil, nil, words{}, fmt.Errorf("%w: %s as %s", ErrNotAllowed, action, d.actor.Role())
	}
	return d.actor, d.snap, d.words, nil
}

// Approve approves those of the punches that can be: not withdrawn ones, and
// approved ones only where two people disagree.
func (d *Desk) Approve(ctx context.Context, punches []timeclock.PunchID) (Done, error) {
	return d.decide(ctx, punches, timeclock.Approve, "", "done.approved")
}

// ApproveClean approves every undecided punch without an exception in one step.
// The sentence names how many there were and what is left.
func (d *Desk) ApproveClean(ctx context.Context) (Done, error) {
	d.mu.Lock()
	var punches []timeclock.PunchID
	for _, it := range d.inbox.items {
		if it.clean {
			punches = append(punches, it.punch)
		}
	}
	d.mu.Unlock()
	done, err := d.decide(ctx, punches, timeclock.Approve, "", "done.approved")
	if err != nil {
		return Done{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	done.Sentence = d.words.t.N("done.approved_clean", len(done.Punches), "left", d.inbox.clean, "open", d.inbox.open)
	return done, nil
}

// Reject says that the punches happened and are not paid. The reason is kept
// with each. Rejecting what the worker withdrew confirms the withdrawal.
func (d *Desk) Reject(ctx context.Context, punches []timeclock.PunchID, reason string) (Done, error) {
	if strings.TrimSpace(reason) == "" {
		return Done{}, fmt.Errorf("reject: %w", ErrReasonMissing)
	}
	return d.decide(ctx, punches, timeclock.Reject, strings.TrimSpace(reason), "done.rejected")
}

func (d *Desk) decide(ctx context.Context, punches []timeclock.PunchID, v timeclock.Verdict, reason, key string) (Done, error) {
	actor, snap, w, err := d.acting(timeclock.DecidePunch)
	if err != nil {
		return Done{}, err
	}
	back := reversal{name: key}
	var ids []timeclock.PunchID
	for _, id := range punches {
		e, ok := snap.entry(id)
		if !ok || !decidable(e, v) {
			continue
		}
		ids = append(ids, id)
		back.decided = append(back.decided, decidedBefore{punch: id, before: verdictInForce(e)})
	}
	if len(ids) == 0 {
		return Done{}, fmt.Errorf("%s: %w", v, ErrNothingToDo)
	}
	made, err := actor.Decide(ctx, ids, v, reason)
	if err != nil {
		return Done{}, fmt.Errorf("%s %d punches: %w", v, len(ids), err)
	}
	newest := make(map[timeclock.PunchID]string, len(made))
	for _, m := range made {
		newest[m.Punch] = m.ID
	}
	for i := range back.decided {
		back.decided[i].newest = newest[back.decided[i].punch]
	}
	d.finish(back)
	return Done{Sentence: w.t.N(key, len(ids)), Punches: ids, Verdict: v}, d.refreshSome(ctx, ids)
}

// decidable reports whether the verdict would say something new.
func decidable(e timeclock.Entry, v timeclock.Verdict) bool {
	switch v {
	case timeclock.Approve:
		return e.Status != timeclock.Voided && (e.Status != timeclock.Approved || disputed(e))
	case timeclock.Reject:
		return withdrawnByWorker(e) || e.Status != timeclock.Voided && (e.Status != timeclock.Rejected || disputed(e))
	}
	return true
}

func verdictInForce(e timeclock.Entry) timeclock.Verdict {
	switch e.Status {
	case timeclock.Approved:
		return timeclock.Approve
	case timeclock.Rejected:
		return timeclock.Reject
	}
	return timeclock.Withdraw
}

// Correction is what a person changes about a punch. At is the new instant.
type Correction struct {
	At     timeclock.Micros
	Kind   timeclock.PunchKind
	Cause  timeclock.Cause
	Reason string // free text; needed where the cause is OtherCause
}

// Causes returns the five causes that a correction or withdrawal chooses from.
func Causes() []timeclock.Cause {
	return []timeclock.Cause{timeclock.WrongTime, timeclock.ForgotPunch, timeclock.WrongPerson,
		timeclock.DoublePunch, timeclock.OtherCause}
}

// Correct gives a punch another time or direction. The recorded one is kept.
func (d *Desk) Correct(ctx context.Context, id timeclock.PunchID, c Correction) (Done, error) {
	actor, snap, w, err := d.acting(timeclock.EditPunch)
	if err != nil {
		return Done{}, err
	}
	e, ok := snap.entry(id)
	if !ok || c.At == e.Now.At && c.Kind == e.Now.Kind {
		return Done{}, fmt.Errorf("correct punch %s: %w", id, ErrNothingToDo)
	}
	if err := checkCause(c.Cause, c.Reason); err != nil {
		return Done{}, fmt.Errorf("correct punch %s: %w", id, err)
	}
	change := Change{Punch: id, What: timeclock.Change, Cause: c.Cause, Reason: strings.TrimSpace(c.Reason)}
	undo := Change{Punch: id, What: timeclock.Change, Cause: timeclock.Undo}
	if c.At != e.Now.At {
		change.Values.At, undo.Values.At = &c.At, &e.Now.At
	}
	if c.Kind != e.Now.Kind {
		change.Values.Kind, undo.Values.Kind = &c.Kind, &e.Now.Kind
	} else {
		change.What, undo.What = timeclock.Retime, timeclock.Retime
	}
	sentence := w.t.T("done.corrected", "person", snap.person(e.Now.Employee).Name,
		"before", w.kindAt(e.Now, snap.zone(e.Now.Site)),
		"after", w.kindAt(timeclock.Punch{Kind: c.Kind, At: c.At}, snap.zone(e.Now.Site)))
	return d.edit(ctx, actor, change, undo, verdictInForce(e), "done.corrected_short", sentence)
}

func checkCause(c timeclock.Cause, reason string) error {
	if c == "" || c == timeclock.OtherCause && strings.TrimSpace(reason) == "" {
		return ErrReasonMissing
	}
	return nil
}

// Withdraw says that the punch did not happen.
func (d *Desk) Withdraw(ctx context.Context, id timeclock.PunchID, cause timeclock.Cause, reason string) (Done, error) {
	actor, snap, w, err := d.acting(timeclock.EditPunch)
	if err != nil {
		return Done{}, err
	}
	e, ok := snap.entry(id)
	if !ok || e.Status == timeclock.Voided {
		return Done{}, fmt.Errorf("withdraw punch %s: %w", id, ErrNothingToDo)
	}
	if err := checkCause(cause, reason); err != nil {
		return Done{}, fmt.Errorf("withdraw punch %s: %w", id, err)
	}
	sentence := w.t.T("done.withdrawn", "person", snap.person(e.Now.Employee).Name,
		"punch", w.kindAt(e.Now, snap.zone(e.Now.Site)))
	return d.edit(ctx, actor,
		Change{Punch: id, What: timeclock.Void, Cause: cause, Reason: strings.TrimSpace(reason)},
		voided(id, false), verdictInForce(e), "done.withdrawn_short", sentence)
}

// Restore takes a withdrawal back, the worker's own too.
func (d *Desk) Restore(ctx context.Context, id timeclock.PunchID) (Done, error) {
	actor, snap, w, err := d.acting(timeclock.EditPunch)
	if err != nil {
		return Done{}, err
	}
	e, ok := snap.entry(id)
	if !ok || e.Status != timeclock.Voided {
		return Done{}, fmt.Errorf("restore punch %s: %w", id, ErrNothingToDo)
	}
	sentence := w.t.T("done.restored", "person", snap.person(e.Now.Employee).Name,
		"punch", w.kindAt(e.Now, snap.zone(e.Now.Site)))
	restore := voided(id, false)
	restore.Cause = timeclock.OtherCause
	return d.edit(ctx, actor, restore, voided(id, true), timeclock.Withdraw, "done.restored_short", sentence)
}

// voided is the undoing edit that sets or takes back a withdrawal.
func voided(id timeclock.PunchID, on bool) Change {
	what := timeclock.Change
	if on {
		what = timeclock.Void
	}
	return Change{Punch: id, What: what, Values: timeclock.EditValues{Voided: &on}, Cause: timeclock.Undo}
}

// Repair is what the desk offers for a missing punch.
type Repair struct {
	Words    string // "Add out 16:30"
	Why      string // "As usual: 8:30 h long"
	Employee timeclock.EmployeeID
	Kind     timeclock.PunchKind
	At       timeclock.Micros
}

// repair returns the likely missing punch beside e, or false where none is missing.
func (s *snapshot) repair(w words, e timeclock.Entry) (Repair, bool) {
	kind := timeclock.PunchKind("")
	for _, x := range s.problems[e.ID] {
		switch x {
		case MissingOut:
			kind = timeclock.Out
		case MissingIn:
			kind = timeclock.In
		}
	}
	if kind == "" {
		return Repair{}, false
	}
	usual := usualLength(s.stretches[e.Now.Employee])
	usual -= usual % timeclock.Micros(time.Minute/time.Microsecond)
	r := Repair{Employee: e.Now.Employee, Kind: kind, At: e.Now.At + usual}
	if kind == timeclock.In {
		r.At = e.Now.At - usual
	}
	r.At = s.between(e, r.At)
	r.Words = w.t.T("repair.add", "kind", w.kind(kind), "time", w.clock(r.At, s.zone(e.Now.Site)))
	r.Why = w.t.T("repair.why", "length", w.hours(max(r.At-e.Now.At, e.Now.At-r.At)))
	return r, true
}

// between moves the guess so that it does not pass the person's next or last
// punch, nor the present.
func (s *snapshot) between(e timeclock.Entry, guess timeclock.Micros) timeclock.Micros {
	const minute = timeclock.Micros(time.Minute / time.Microsecond)
	guess = min(guess, s.now)
	for _, st := range s.stretches[e.Now.Employee] {
		for _, other := range []*timeclock.Entry{st.in, st.out} {
			switch {
			case other == nil || other.ID == e.ID:
			case other.Now.At > e.Now.At && other.Now.At <= guess:
				guess = max(other.Now.At-minute, e.Now.At)
			case other.Now.At < e.Now.At && other.Now.At >= guess:
				guess = min(other.Now.At+minute, e.Now.At)
			}
		}
	}
	return guess
}

// Add adds the missing punch that the desk offered for the given one.
func (d *Desk) Add(ctx context.Context, id timeclock.PunchID) (Done, error) {
	actor, snap, w, err := d.acting(timeclock.EditPunch)
	if err != nil {
		return Done{}, err
	}
	e, ok := snap.entry(id)
	if !ok {
		return Done{}, fmt.Errorf("add beside punch %s: %w", id, ErrNothingToDo)
	}
	r, ok := snap.repair(w, e)
	if !ok {
		return Done{}, fmt.Errorf("add beside punch %s: %w", id, ErrNothingToDo)
	}
	sentence := w.t.T("done.added", "person", snap.person(r.Employee).Name, "kind", w.kind(r.Kind),
		"time", w.clock(r.At, snap.zone(e.Now.Site)))
	change := Change{What: timeclock.Add, Cause: timeclock.ForgotPunch,
		Values: timeclock.EditValues{At: &r.At, Kind: &r.Kind, Employee: &r.Employee}}
	return d.edit(ctx, actor, change, voided("", true), timeclock.Withdraw, "done.added_short", sentence)
}

// ReopenPIN opens the PIN that the incident tells was closed. Every kiosk that
// hears of it takes the PIN again, and the incident leaves every inbox. The
// right or wrong tries since cannot be taken back, so there is no undo.
func (d *Desk) ReopenPIN(ctx context.Context, incident string) (Done, error) {
	actor, snap, w, err := d.acting(timeclock.ReopenPIN)
	if err != nil {
		return Done{}, err
	}
	i := slices.IndexFunc(snap.incidents, func(in timeclock.Incident) bool { return in.ID == incident })
	if i < 0 || !snap.closedPIN(snap.incidents[i]) {
		return Done{}, fmt.Errorf("open PIN after incident %s: %w", incident, ErrNothingToDo)
	}
	who := snap.incidents[i].Employee
	if err := actor.ReopenPIN(ctx, who); err != nil {
		return Done{}, fmt.Errorf("open PIN of employee %s: %w", who, err)
	}
	return Done{Sentence: w.t.T("done.pin_reopened", "person", snap.person(who).Name), Lasting: true}, d.Refresh(ctx)
}

// edit writes a change and keeps how to take it back.
func (d *Desk) edit(ctx context.Context, actor Actor, change, undo Change, before timeclock.Verdict, name, sentence string) (Done, error) {
	made, err := actor.Edit(ctx, change)
	if err != nil {
		return Done{}, fmt.Errorf("%s punch %s: %w", change.What, change.Punch, err)
	}
	undo.Punch = made.Punch
	d.finish(reversal{name: name, changes: []changeBack{{change: undo, newest: made.ID, before: before}}})
	ids := []timeclock.PunchID{made.Punch}
	return Done{Sentence: sentence, Punches: ids}, d.refreshSome(ctx, ids)
}

// finish keeps the reversal and takes the marks away, which have served.
func (d *Desk) finish(r reversal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.undo = append(d.undo, r)
	d.inbox.marked = map[string]bool{}
}
