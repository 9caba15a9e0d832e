package desktop

import (
	"context"
	"fmt"

	"clockface/timeclock"
)

// UndoName returns what Undo would take back, in words; empty for nothing.
func (d *Desk) UndoName() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.undo) == 0 {
		return ""
	}
	r := d.undo[len(d.undo)-1]
	return d.words.t.N(r.name, r.size())
}

// size is the number of punches that the reversal changes.
func (r reversal) size() int { return len(r.decided) + len(r.changes) }

// Undo takes the last action of this session back that is not taken back yet.
// Nothing is erased: verdicts are withdrawn and values edited back, by the
// person who is signed in. Where somebody else changed one of the punches
// meanwhile it changes nothing and returns ErrChangedMeanwhile.
func (d *Desk) Undo(ctx context.Context) (Done, error) {
	d.mu.Lock()
	actor, snap, w := d.actor, d.snap, d.words
	var r reversal
	if n := len(d.undo); n > 0 {
		r = d.undo[n-1]
	}
	d.mu.Unlock()
	switch {
	case actor == nil:
		return Done{}, fmt.Errorf("undo: %w", ErrSignInNeeded)
	case r.size() == 0:
		return Done{}, fmt.Errorf("undo: %w", ErrNothingToUndo)
	}
	if err := r.untouched(snap); err != nil {
		d.dropUndo()
		return Done{}, err
	}
	ids, err := r.apply(ctx, actor, w)
	if err != nil {
		return Done{}, err
	}
	d.dropUndo()
	return Done{Sentence: w.t.T("done.undone", "what", w.t.N(r.name, r.size())), Punches: ids}, d.refreshSome(ctx, ids)
}

func (d *Desk) dropUndo() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.undo); n > 0 {
		d.undo = d.undo[:n-1]
	}
}

// untouched checks that the action's own events are still the newest ones.
func (r reversal) untouched(s *snapshot) error {
	check := func(id timeclock.PunchID, newest string) error {
		if e, ok := s.entry(id); !ok || e.Newest != newest {
			return fmt.Errorf("undo on punch %s: %w", id, ErrChangedMeanwhile)
		}
		return nil
	}
	for _, b := range r.decided {
		if err := check(b.punch, b.newest); err != nil {
			return err
		}
	}
	for _, c := range r.changes {
		if err := check(c.change.Punch, c.newest); err != nil {
			return err
		}
	}
	return nil
}

// apply writes the reversal: verdicts in one transaction for each kind, then
// the edits. It returns the punches that it changed.
func (r reversal) apply(ctx context.Context, actor Actor, w words) ([]timeclock.PunchID, error) {
	var all []timeclock.PunchID
	reason := w.t.T("cause." + string(timeclock.Undo))
	for _, v := range []timeclock.Verdict{timeclock.Withdraw, timeclock.Approve, timeclock.Reject} {
		var ids []timeclock.PunchID
		for _, b := range r.decided {
			if b.before == v {
				ids = append(ids, b.punch)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if _, err := actor.Decide(ctx, ids, v, reason); err != nil {
			return nil, fmt.Errorf("undo %d verdicts: %w", len(ids), err)
		}
		all = append(all, ids...)
	}
	for _, c := range r.changes {
		if _, err := actor.Edit(ctx, c.change); err != nil {
			return nil, fmt.Errorf("undo on punch %s: %w", c.change.Punch, err)
		}
		all = append(all, c.change.Punch)
		if c.before == timeclock.Approve { // the edits ended the approval that it had
			if _, err := actor.Decide(ctx, []timeclock.PunchID{c.change.Punch}, c.before, reason); err != nil {
				return nil, fmt.Errorf("approve punch %s again: %w", c.change.Punch, err)
			}
		}
	}
	return all, nil
}
