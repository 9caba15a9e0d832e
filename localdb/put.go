package localdb

import (
	"bytes"
	"context"
	"fmt"
	"maps"

	"clockface/sync/op"
	"clockface/timeclock"
)

// Put sets fields of a row, or makes the row where there is none, in the actor's
// name. Fields that already have the value are left out; when none is left,
// nothing is done. sealed goes into the row's column of that name and travels
// beside the op. "deleted" is a field like any other.
func (db *DB) Put(ctx context.Context, a *Actor, table, id string, set map[string]any, sealed []byte) error {
	what := "change " + table + " " + id
	tb, ok := tableByName(table)
	if !ok || tb.Append {
		return fmt.Errorf("%s: %w: no such table", what, ErrInvalid)
	}
	return db.update(ctx, what, func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		now := db.clock()
		if err := a.check(pos, pos.at(now), tb.Write); err != nil {
			return err
		}
		return t.put(pos, now, tb, id, set, sealed, a.head(), a)
	})
}

// put writes the row and its op. The revision it builds on is the cloud's; own
// puts of the same row that are still unanswered are merged there by what each
// says the fields were. Two cases need the revision that those puts will have
// made: a row that was made here, which the cloud does not know yet, and sealed
// bytes, which nobody can compare.
func (t *tx) put(p *position, now op.Clock, tb table, id string, set map[string]any, sealed []byte, head op.Head, a *Actor) error {
	fields, err := tb.Fields(set)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	r, there, err := readRow(t, tb, id)
	if err != nil {
		return err
	}
	b := op.PutBody{Head: head, ID: id, Set: fields, Clock: now}
	if there {
		b.Was = changedFrom(r, fields)
		if len(fields) == 0 && sealed == nil {
			return nil
		}
		b.BaseRev = max(r.rev, 1)
		if sealed != nil {
			waiting, err := t.waitingOn(tb.Name, id)
			if err != nil {
				return err
			}
			b.BaseRev = r.rev + waiting
		}
	} else {
		r = row{id: id, values: map[string]any{}}
	}
	if sealed != nil {
		if _, ok := tb.Column("sealed"); !ok {
			return fmt.Errorf("%w: %s holds nothing sealed", ErrInvalid, tb.Name)
		}
		b.SealedDigest = op.SealedDigest(head.Salt, sealed)
		r.values["sealed"] = sealed
	}
	at := p.at(now)
	if err := t.append(p, newOp{id: op.NewID(), kind: op.Put(tb.Name), body: b, sealed: sealed, table: tb.Name, row: id, actor: a, made: now.Wall}); err != nil {
		return err
	}
	r.set(fields)
	r.changedUS, r.changedBy = int64(at), head.By
	return t.writeRow(tb, p.company, r)
}

// waitingOn counts the own unanswered ops on a row.
func (t *tx) waitingOn(table, id string) (n int64, err error) {
	err = t.queryRow(`SELECT count(*) FROM op WHERE n > (SELECT acked_n FROM meta) AND tbl = $1 AND row_id = $2
		AND state IN ('queued', 'sent')`, table, id).Scan(&n)
	return n, err
}

// set applies typed fields, "deleted" among them.
func (r *row) set(fields map[string]any) {
	maps.Copy(r.values, fields)
	if d, ok := fields["deleted"].(bool); ok {
		r.deleted = d
		delete(r.values, "deleted")
	}
}

// changedFrom removes the fields that do not change anything and returns what
// the others were.
func changedFrom(r row, fields map[string]any) (was map[string]any) {
	was = map[string]any{}
	for name, v := range fields {
		old := r.values[name]
		if name == "deleted" {
			old = r.deleted
		}
		if equalValues(old, v) {
			delete(fields, name)
			continue
		}
		was[name] = old
	}
	return was
}

func equalValues(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	return a == b
}

// dropSealed blanks the ciphertext of a deleted credential in ops that the
// cloud has answered: a deleted template shall not stay on the disk.
func (t *tx) dropSealed(id timeclock.CredentialID) error {
	return t.exec(`UPDATE op SET sealed = NULL WHERE tbl = 'credential' AND row_id = $1 AND n <= (SELECT acked_n FROM meta)`, string(id))
}
