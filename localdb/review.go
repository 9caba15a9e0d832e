package localdb

import (
	"context"
	"fmt"

	"clockface/sync/op"
	"clockface/timeclock"
)

// EditPunch adds, retimes, changes or voids a punch in the actor's name. What
// the actor saw of the punch is taken from this replica, so an edit by somebody
// else that has not arrived here yet becomes a conflict in the cloud, not a loss.
func (db *DB) EditPunch(ctx context.Context, a *Actor, e NewEdit) (timeclock.Edit, error) {
	if err := e.check(); err != nil {
		return timeclock.Edit{}, fmt.Errorf("edit punch %s: %w", e.Punch, err)
	}
	if e.Punch == "" {
		e.Punch = timeclock.PunchID(op.NewID())
	}
	var out timeclock.Edit
	err := db.update(ctx, "edit punch "+string(e.Punch), func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		now := db.clock()
		if err := a.check(pos, pos.at(now), timeclock.EditPunch); err != nil {
			return err
		}
		seen := ""
		entry, err := loadEntry(t, e.Punch)
		switch {
		case e.What == timeclock.Add && err == nil:
			return fmt.Errorf("%w: it is there already", ErrInvalid)
		case e.What == timeclock.Add:
		case err != nil:
			return err
		default:
			seen = entry.Newest
		}
		out, err = t.addEdit(pos, now, e, seen, a.head(), a)
		return err
	})
	return out, err
}

// check returns what an edit lacks.
func (e NewEdit) check() error {
	v := e.Values
	switch {
	case e.What != timeclock.Add && e.Punch == "":
		return fmt.Errorf("%w: no punch is named", ErrInvalid)
	case v.Kind != nil && !v.Kind.Valid():
		return fmt.Errorf("%w: kind %q", ErrInvalid, *v.Kind)
	case e.Cause == "":
		return fmt.Errorf("%w: a cause is needed", ErrInvalid)
	}
	switch e.What {
	case timeclock.Add:
		if v.At == nil || v.Kind == nil || v.Employee == nil {
			return fmt.Errorf("%w: an added punch needs time, kind and employee", ErrInvalid)
		}
	case timeclock.Retime:
		if v.At == nil {
			return fmt.Errorf("%w: a new time is needed", ErrInvalid)
		}
	case timeclock.Change:
		if v.At == nil && v.Kind == nil && v.Employee == nil && v.Voided == nil {
			return fmt.Errorf("%w: a changed value is needed", ErrInvalid)
		}
	case timeclock.Void:
	default:
		return fmt.Errorf("%w: edit %q", ErrInvalid, e.What)
	}
	return nil
}

// addEdit writes an edit's row and op.
func (t *tx) addEdit(p *position, now op.Clock, e NewEdit, seen string, head op.Head, a *Actor) (timeclock.Edit, error) {
	b := op.EditBody{Head: head, ID: op.NewID(), Punch: e.Punch, Seen: seen, What: e.What, Values: e.Values,
		Cause: e.Cause, Reason: e.Reason, Clock: now}
	opID, at := op.NewID(), p.at(now)
	if err := t.append(p, newOp{id: opID, kind: op.PunchEditAdd, body: b, table: "punch_edit", row: b.ID, actor: a, made: now.Wall}); err != nil {
		return timeclock.Edit{}, err
	}
	values, err := op.EditRow(opID, b, at, true)
	if err != nil {
		return timeclock.Edit{}, err
	}
	if err := t.addRow(p, "punch_edit", b.ID, b.By, at, values); err != nil {
		return timeclock.Edit{}, err
	}
	return timeclock.Edit{ID: b.ID, Punch: e.Punch, Seen: seen, What: e.What, Values: e.Values, Cause: e.Cause,
		Reason: e.Reason, By: b.By, At: at, Effective: true, N: p.n}, nil
}

// DecidePunch approves or rejects a punch, or withdraws the verdict in force.
func (db *DB) DecidePunch(ctx context.Context, a *Actor, punch timeclock.PunchID, v timeclock.Verdict, reason string) (timeclock.Decision, error) {
	d, err := db.DecidePunches(ctx, a, []timeclock.PunchID{punch}, v, reason)
	if err != nil {
		return timeclock.Decision{}, err
	}
	return d[0], nil
}

// DecidePunches decides many punches in one transaction: all or none.
func (db *DB) DecidePunches(ctx context.Context, a *Actor, punches []timeclock.PunchID, v timeclock.Verdict, reason string) ([]timeclock.Decision, error) {
	if !v.Valid() {
		return nil, fmt.Errorf("decide: %w: verdict %q", ErrInvalid, v)
	}
	out := make([]timeclock.Decision, 0, len(punches))
	err := db.update(ctx, fmt.Sprintf("%s %d punches", v, len(punches)), func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		now := db.clock()
		if err := a.check(pos, pos.at(now), timeclock.DecidePunch); err != nil {
			return err
		}
		for _, id := range punches {
			d, err := t.addDecision(pos, now, a, id, v, reason)
			if err != nil {
				return fmt.Errorf("punch %s: %w", id, err)
			}
			out = append(out, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (t *tx) addDecision(p *position, now op.Clock, a *Actor, punch timeclock.PunchID, v timeclock.Verdict, reason string) (timeclock.Decision, error) {
	entry, err := loadEntry(t, punch)
	if err != nil {
		return timeclock.Decision{}, err
	}
	b := op.DecisionBody{Head: a.head(), ID: op.NewID(), Punch: punch, Seen: entry.Newest, Verdict: v, Reason: reason,
		Clock: now}
	opID, at := op.NewID(), p.at(now)
	if err := t.append(p, newOp{id: opID, kind: op.PunchDecisionAdd, body: b, table: "punch_decision", row: b.ID, actor: a, made: now.Wall}); err != nil {
		return timeclock.Decision{}, err
	}
	if err := t.addRow(p, "punch_decision", b.ID, b.By, at, op.DecisionRow(opID, b, at, true)); err != nil {
		return timeclock.Decision{}, err
	}
	return timeclock.Decision{ID: b.ID, Punch: punch, Seen: b.Seen, Verdict: v, Reason: reason, By: b.By, At: at,
		Effective: true, N: p.n}, nil
}
