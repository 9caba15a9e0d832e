package localdb

import (
	"context"
	"fmt"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

// SelfEditWithin is how long after a punch its kiosk may still correct it
// without anybody signed in.
const SelfEditWithin = 10 * time.Minute

// RecordPunch makes a punch durable: its row and its op are on disk when it
// returns without an error. The punch keeps what the clock showed; its place
// among this device's punches is the order of these calls, so a clock that is
// set back does not reorder them.
func (db *DB) RecordPunch(ctx context.Context, p NewPunch) (timeclock.Punch, error) {
	if p.Employee == "" || !p.Kind.Valid() || !p.Method.Valid() {
		return timeclock.Punch{}, fmt.Errorf("record punch: %w: employee %q, kind %q, method %q", ErrInvalid, p.Employee, p.Kind, p.Method)
	}
	if p.ID == "" {
		p.ID = timeclock.PunchID(op.NewID())
	}
	var out timeclock.Punch
	err := db.update(ctx, "record punch", func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		now := db.clock()
		at, flags, opID := pos.at(now), p.Flags.String(), op.NewID()
		body := op.PunchBody{Head: op.NewHead(string(p.Employee), ""), ID: p.ID, Employee: p.Employee, Kind: p.Kind,
			Method: p.Method, Confidence: p.Confidence, Clock: now,
			Flags: flags, Source: p.Source, Place: p.Place}
		if err := t.append(pos, newOp{id: opID, kind: op.PunchAdd, body: body, table: "punch", row: string(p.ID), made: now.Wall}); err != nil {
			return err
		}
		out = timeclock.Punch{ID: p.ID, Employee: p.Employee, Device: pos.device, Site: pos.site, Kind: p.Kind,
			Method: p.Method, Confidence: p.Confidence, At: at, Wall: now.Wall, TimeSource: pos.timeSource(),
			Flags: p.Flags, Source: p.Source, Place: p.Place}
		return t.exec(insertPunch, string(pos.company), string(p.ID), opID, string(p.Employee), string(pos.device),
			string(pos.site), string(p.Kind), string(p.Method), p.Confidence, int64(at), int64(now.Wall), now.Mono, now.Boot,
			out.TimeSource, flags, string(p.Source), p.Place)
	})
	if err != nil {
		return timeclock.Punch{}, err
	}
	return out, nil
}

// insertPunch is written out, unlike the other tables' SQL: it is the one
// statement that a worker waits for.
const insertPunch = `INSERT INTO punch (company_id, id, op_id, employee_id, device_id, site_id, kind, method, confidence,
	at_us, wall_us, mono_us, boot_id, time_source, flags, source, place, rev, seq, deleted, changed_us, changed_by)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, 0, FALSE, $10, $4)`

// SelfEdit corrects a punch of this device without anybody signed in: not_me
// voids it, other_direction changes its kind, late_reason adds words. The punch
// must be at most [SelfEditWithin] old.
func (db *DB) SelfEdit(ctx context.Context, punch timeclock.PunchID, cause timeclock.Cause, values timeclock.EditValues, reason string) (timeclock.Edit, error) {
	e := NewEdit{Punch: punch, Cause: cause, Reason: reason}
	switch cause {
	case timeclock.NotMe:
		e.What = timeclock.Void
	case timeclock.OtherDirection:
		if values.Kind == nil || !values.Kind.Valid() {
			return timeclock.Edit{}, fmt.Errorf("correct punch %s: %w: other_direction needs a kind", punch, ErrInvalid)
		}
		e.What, e.Values = timeclock.Change, timeclock.EditValues{Kind: values.Kind}
	case timeclock.LateReason:
		e.What = timeclock.Change
	default:
		return timeclock.Edit{}, fmt.Errorf("correct punch %s: %w: %s needs somebody signed in", punch, ErrForbidden, cause)
	}
	var out timeclock.Edit
	err := db.update(ctx, "correct punch "+string(punch), func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		entry, err := loadEntry(t, punch)
		if err != nil {
			return err
		}
		now := db.clock()
		if entry.Device != pos.device {
			return fmt.Errorf("%w: it was made at another device", ErrForbidden)
		}
		if age := now.Wall - entry.Wall; age > timeclock.Micros(SelfEditWithin/time.Microsecond) {
			return fmt.Errorf("%w: it is more than %s old", ErrForbidden, SelfEditWithin)
		}
		out, err = t.addEdit(pos, now, e, entry.Newest, op.NewHead(string(pos.device), ""), nil)
		return err
	})
	return out, err
}

// addRow writes a row of an append-only table that was made here.
func (t *tx) addRow(p *position, name, id, by string, at timeclock.Micros, values map[string]any) error {
	tb, ok := tableByName(name)
	if !ok {
		return fmt.Errorf("%w: table %s", ErrNotFound, name)
	}
	return t.writeRow(tb, p.company, row{id: id, values: values, changedUS: int64(at), changedBy: by})
}
