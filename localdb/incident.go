package localdb

import (
	"context"
	"fmt"

	"clockface/sync/op"
	"clockface/timeclock"
)

// ReportIncident tells the supervisors of something that this device noticed and
// that is not a punch. ID, device and time are filled in. A PIN is opened again
// by a person: see [DB.ReopenPIN].
func (db *DB) ReportIncident(ctx context.Context, i timeclock.Incident) error {
	if !i.Kind.Valid() || i.Kind == timeclock.PINReopened {
		return fmt.Errorf("report incident: %w: kind %q", ErrInvalid, i.Kind)
	}
	return db.update(ctx, "report incident "+string(i.Kind), func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		return t.addIncident(pos, db.clock(), i, op.NewHead(string(pos.device), ""), nil)
	})
}

// ReopenPIN opens a person's PIN, which wrong tries have closed, in the actor's
// name. Every kiosk that hears of it forgets the wrong tries from before.
func (db *DB) ReopenPIN(ctx context.Context, a *Actor, e timeclock.EmployeeID) error {
	return db.update(ctx, "open the PIN of employee "+string(e), func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		now := db.clock()
		if err := a.check(pos, pos.at(now), timeclock.ReopenPIN); err != nil {
			return err
		}
		people, err := readEmployees(t, "id = $1", string(e))
		if err != nil {
			return err
		}
		if len(people) == 0 {
			return ErrNotFound
		}
		return t.addIncident(pos, now, timeclock.Incident{Kind: timeclock.PINReopened, Employee: e}, a.head(), a)
	})
}

// addIncident writes an incident's row and op.
func (t *tx) addIncident(p *position, now op.Clock, i timeclock.Incident, head op.Head, a *Actor) error {
	b := op.IncidentBody{Head: head, ID: op.NewID(), Employee: i.Employee, Kind: i.Kind, Detail: i.Detail,
		Clock: now}
	opID, at := op.NewID(), p.at(now)
	if err := t.append(p, newOp{id: opID, kind: op.IncidentAdd, body: b, table: "incident", row: b.ID, actor: a, made: now.Wall}); err != nil {
		return err
	}
	return t.addRow(p, "incident", b.ID, b.By, at, op.IncidentRow(opID, b, p.device, at))
}
