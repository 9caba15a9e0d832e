package localdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

// keepAnswered is how long an answered op is kept: a cloud restored from a
// backup that old gets it again.
const keepAnswered = 30 * 24 * time.Hour

// ErrPruned tells that ops which the cloud asks for are no longer kept here.
var ErrPruned = errors.New("operations are no longer kept")

// Outbox returns the next ops without a final status, contiguous from the one
// after ackedN, at most max of them and about maxBytes of bodies, but always one
// when there is one, and marks them sent. headH is the chain hash at the last of
// them (at ackedN when there is none).
func (db *DB) Outbox(ctx context.Context, max, maxBytes int) (ops []op.Op, headH []byte, ackedN int64, err error) {
	err = db.update(ctx, "read outbox", func(t *tx) error {
		if err := t.queryRow("SELECT acked_n, (SELECT h FROM op WHERE n = acked_n) FROM meta").Scan(&ackedN, &headH); err != nil {
			return err
		}
		size := 0
		err := eachRow(t, `SELECT n, op_id, kind, body, sealed, asig, h FROM op WHERE n > $1 ORDER BY n LIMIT $2`, []any{ackedN, max},
			func(scan func(...any) error) error {
				var o op.Op
				var h []byte
				if err := scan(&o.N, &o.ID, &o.Kind, &o.Body, &o.Sealed, &o.ASig, &h); err != nil {
					return err
				}
				size += len(o.Body) + len(o.Sealed)
				if len(ops) > 0 && size > maxBytes {
					return nil
				}
				ops, headH = append(ops, o), h
				return nil
			})
		if err != nil || len(ops) == 0 {
			return err
		}
		if ops[0].N != ackedN+1 {
			return fmt.Errorf("%w: the chain goes on at %d, the cloud stands at %d", ErrPruned, ops[0].N, ackedN)
		}
		return t.exec("UPDATE op SET state = $1 WHERE n BETWEEN $2 AND $3 AND state = $4",
			string(op.Sent), ops[0].N, ops[len(ops)-1].N, string(op.Queued))
	})
	if err != nil {
		return nil, nil, 0, err
	}
	return ops, headH, ackedN, nil
}

// Head returns the newest op's number and chain hash; 0 and nil before the first.
func (db *DB) Head(ctx context.Context) (n int64, h []byte, err error) {
	err = db.view(ctx, "read chain head", func(q querier) error {
		_, err := oneRow(q.queryRow("SELECT n, h FROM op ORDER BY n DESC LIMIT 1"), &n, &h)
		return err
	})
	return n, h, err
}

// Unanswered returns the number of ops without a final status.
func (db *DB) Unanswered(ctx context.Context) (n int, err error) {
	err = db.view(ctx, "count outbox", func(q querier) error {
		return q.queryRow("SELECT count(*) FROM op WHERE n > (SELECT acked_n FROM meta)").Scan(&n)
	})
	return n, err
}

// RequeueSent makes ops that were sent without an answer queued again.
func (db *DB) RequeueSent(ctx context.Context) error {
	return db.update(ctx, "requeue outbox", func(t *tx) error {
		return t.exec("UPDATE op SET state = $1 WHERE n > (SELECT acked_n FROM meta) AND state = $2", string(op.Queued), string(op.Sent))
	})
}

// RewindTo makes every op after lastN queued again, answered ones too: the cloud
// was restored from a backup and has lost them. It returns [ErrPruned] when some
// of them are no longer kept.
func (db *DB) RewindTo(ctx context.Context, lastN int64) error {
	return db.update(ctx, fmt.Sprintf("rewind outbox to %d", lastN), func(t *tx) error {
		var first, newest int64
		if err := t.queryRow("SELECT coalesce(min(n), 0), coalesce(max(n), 0) FROM op").Scan(&first, &newest); err != nil {
			return err
		}
		if newest > lastN && first > lastN+1 {
			return fmt.Errorf("%w: the oldest kept is %d", ErrPruned, first)
		}
		if err := t.exec("UPDATE op SET state = $1, reason = '', ended_us = 0 WHERE n > $2", string(op.Queued), lastN); err != nil {
			return err
		}
		return t.exec("UPDATE meta SET acked_n = min($1, $2)", lastN, newest)
	})
}

// ApplyPush writes the fate of the ops that were sent, and the rows that came
// with it, in one transaction. Results for ops that are unknown here or have
// their fate already change nothing.
func (db *DB) ApplyPush(ctx context.Context, answer op.PushAnswer) error {
	return db.update(ctx, "apply answer to push", func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		now := db.nowUS()
		for _, r := range answer.Results {
			if err := t.applyResult(pos, r, now); err != nil {
				return fmt.Errorf("op %s: %w", r.ID, err)
			}
		}
		// Answers come in the order of the chain; a gap keeps acked_n before it.
		if err := t.exec(`UPDATE meta SET acked_n = coalesce((SELECT min(n) - 1 FROM op WHERE n > acked_n AND state IN ('queued', 'sent')),
			(SELECT max(n) FROM op), acked_n)`); err != nil {
			return err
		}
		return t.prune(now)
	})
}

// sentOp is an op that a result is about.
type sentOp struct {
	n     int64
	kind  op.Kind
	body  string
	table string
	row   string
}

func (t *tx) applyResult(p *position, r op.Result, now timeclock.Micros) error {
	switch r.Status {
	case op.Accepted, op.Rejected, op.Conflict, op.Quarantined:
	default:
		return fmt.Errorf("%w: status %q", ErrInvalid, r.Status)
	}
	o := sentOp{}
	found, err := oneRow(t.queryRow(`SELECT n, kind, body, tbl, row_id FROM op WHERE op_id = $1 AND state IN ('queued', 'sent')`, r.ID),
		&o.n, &o.kind, &o.body, &o.table, &o.row)
	if err != nil || !found {
		return err
	}
	if err := t.exec("UPDATE op SET state = $1, reason = $2, ended_us = $3 WHERE n = $4", string(r.Status), r.Reason, int64(now), o.n); err != nil {
		return err
	}
	return t.settle(p, o, r)
}

// settle brings the local row in line with an op's fate.
func (t *tx) settle(p *position, o sentOp, r op.Result) error {
	tb, ok := tableByName(o.table)
	if !ok {
		return nil // an op about no row
	}
	waiting := false
	if !tb.Append { // an event has one op
		left, err := t.waitingOn(o.table, o.row)
		if err != nil {
			return err
		}
		waiting = left > 0
	}
	switch {
	case tb.Append:
		if err := t.settleEvent(tb, o, r); err != nil {
			return err
		}
	case r.Row != nil:
		if err := t.hold(*r.Row); err != nil {
			return err
		}
		if r.Row.ID != o.row && r.Status != op.Accepted { // e.g. the number is taken by another row
			if err := t.unmake(tb, o.row); err != nil {
				return err
			}
		}
	case r.Status != op.Accepted && !waiting:
		if err := t.revert(p, tb, o, r.Reason); err != nil {
			return err
		}
	}
	if waiting {
		return nil
	}
	ids := []string{o.row}
	if r.Row != nil && r.Row.ID != o.row {
		ids = append(ids, r.Row.ID)
	}
	for _, id := range ids {
		if err := t.releaseHeld(p, tb, id); err != nil {
			return err
		}
	}
	return nil
}

// settleEvent ends an added event. A punch always stays, whatever the cloud
// said of it. An edit or decision that lost against another one has no effect
// any more; a rejected one never happened, and what it said is still in its op.
func (t *tx) settleEvent(tb table, o sentOp, r op.Result) error {
	void := r.Status == op.Conflict || r.Reason == op.ReasonSameVerdict
	switch {
	case o.kind == op.PunchAdd:
		return nil
	case r.Status == op.Rejected || r.Status == op.Quarantined:
		return t.exec("DELETE FROM "+tb.Name+" WHERE id = $1 AND seq = 0", o.row)
	case void && (o.kind == op.PunchEditAdd || o.kind == op.PunchDecisionAdd):
		return t.exec("UPDATE "+tb.Name+" SET effective = FALSE WHERE id = $1", o.row)
	}
	return nil
}

// revert undoes a refused put for which the cloud sent no row: a row that only
// exists here goes, an older one gets back what the author saw.
func (t *tx) revert(p *position, tb table, o sentOp, reason string) error {
	r, there, err := readRow(t, tb, o.row)
	if err != nil || !there {
		return err
	}
	if r.rev == 0 || reason == op.ReasonNotFound {
		return t.unmake(tb, o.row)
	}
	var b op.PutBody
	if err := op.Decode(o.body, &b); err != nil {
		return err
	}
	was, err := tb.Fields(b.Was)
	if err != nil {
		return err
	}
	r.set(was)
	return t.writeRow(tb, p.company, r)
}

func (t *tx) unmake(tb table, id string) error {
	return t.exec("DELETE FROM "+tb.Name+" WHERE id = $1", id)
}

// prune forgets ops that were answered long ago. The newest stays: it is the
// head of the chain.
func (t *tx) prune(now timeclock.Micros) error {
	before := now - timeclock.Micros(keepAnswered/time.Microsecond)
	var oldest timeclock.Micros
	found, err := oneRow(t.queryRow("SELECT ended_us FROM op ORDER BY n LIMIT 1"), &oldest)
	if err != nil || !found || oldest == 0 || oldest >= before {
		return err
	}
	return t.exec(`DELETE FROM op WHERE ended_us > 0 AND ended_us < $1 AND n < (SELECT max(n) FROM op)
		AND n < (SELECT acked_n FROM meta)`, int64(before))
}
