package localdb

import (
	"context"
	"encoding/json"
	"fmt"

	"clockface/sync/op"
	"clockface/timeclock"
)

// Cursor returns where the next pull begins; empty = this replica has never
// been filled.
func (db *DB) Cursor(ctx context.Context) (cursor string, err error) {
	err = db.view(ctx, "read cursor", func(q querier) error {
		return q.queryRow("SELECT cursor FROM meta").Scan(&cursor)
	})
	return cursor, err
}

// ApplyPage writes the rows of a pull together with its cursor. A row on which
// own ops are unanswered waits in held; rows of unknown tables, which a newer
// cloud may send, are passed over. A page that comes twice changes nothing.
func (db *DB) ApplyPage(ctx context.Context, page op.PullAnswer) error {
	if page.Cursor == "" {
		return fmt.Errorf("apply page: %w: it has no cursor", ErrInvalid)
	}
	return db.update(ctx, "apply page "+page.Cursor, func(t *tx) error {
		if err := t.applyRows(page.Rows, false); err != nil {
			return err
		}
		return t.exec("UPDATE meta SET cursor = $1", page.Cursor)
	})
}

// ApplySnapshot writes the rows of a snapshot page. On the last page AsOf is
// set: it becomes the cursor, and rows that the cloud no longer has are removed
// (never punches and what follows them). Snapshot rows overwrite rows with a
// higher sequence, which a cloud restored from a backup has forgotten; what is
// truly newer comes again by the pull from AsOf.
func (db *DB) ApplySnapshot(ctx context.Context, page op.SnapshotAnswer) error {
	return db.update(ctx, "apply snapshot", func(t *tx) error {
		if err := t.applyRows(page.Rows, true); err != nil {
			return err
		}
		for _, r := range page.Rows {
			if err := t.exec("INSERT INTO snapshot_seen (tbl, id) VALUES ($1, $2) ON CONFLICT DO NOTHING", r.Table, r.ID); err != nil {
				return err
			}
		}
		if page.AsOf == "" {
			return nil
		}
		if err := t.removeUnseen(); err != nil {
			return err
		}
		return t.exec("UPDATE meta SET cursor = $1", page.AsOf)
	})
}

func (t *tx) removeUnseen() error {
	for _, tb := range op.Tables() {
		if tb.Append {
			continue
		}
		err := t.exec("DELETE FROM "+tb.Name+" WHERE seq > 0 AND id NOT IN (SELECT id FROM snapshot_seen WHERE tbl = $1)", tb.Name)
		if err != nil {
			return fmt.Errorf("remove old rows of %s: %w", tb.Name, err)
		}
	}
	return t.exec("DELETE FROM snapshot_seen")
}

// applyRows writes rows of the cloud; anyway also where the local row claims a
// higher sequence.
func (t *tx) applyRows(rows []op.Row, anyway bool) error {
	pos, err := t.position()
	if err != nil {
		return err
	}
	busy, err := t.unansweredRows()
	if err != nil {
		return err
	}
	for _, r := range rows {
		tb, known := tableByName(r.Table)
		switch {
		case !known:
		case busy[rowKey{r.Table, r.ID}]:
			err = t.hold(r)
		default:
			err = t.applyRow(pos, tb, r, anyway)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type rowKey struct{ table, id string }

// unansweredRows returns the rows on which own ops wait for an answer.
func (t *tx) unansweredRows() (map[rowKey]bool, error) {
	busy := map[rowKey]bool{}
	err := eachRow(t, "SELECT tbl, row_id FROM op WHERE n > (SELECT acked_n FROM meta) AND state IN ('queued', 'sent')", nil,
		func(scan func(...any) error) error {
			var k rowKey
			if err := scan(&k.table, &k.id); err != nil {
				return err
			}
			busy[k] = true
			return nil
		})
	return busy, err
}

// applyRow writes a row when it is newer than the local one. A deleted row
// without a doc is a stub: this device does not hold the row (any more).
func (t *tx) applyRow(p *position, tb table, in op.Row, anyway bool) error {
	var have int64
	if _, err := oneRow(t.queryRow(tb.selectSeq, in.ID), &have); err != nil {
		return err
	}
	if have >= in.Seq && !anyway {
		return nil
	}
	if in.Deleted && len(in.Doc) == 0 {
		return t.unmake(tb, in.ID)
	}
	r, err := fromCloud(tb.Table, in)
	if err != nil {
		return err
	}
	if err := t.writeRow(tb, p.company, r); err != nil {
		return err
	}
	if tb.Name == "credential" && r.deleted {
		return t.dropSealed(timeclock.CredentialID(r.id))
	}
	return nil
}

// hold keeps a row of the cloud until the last own op on it is answered; the
// newest by sequence is kept.
func (t *tx) hold(r op.Row) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("hold %s %s: %w", r.Table, r.ID, err)
	}
	return t.exec(`INSERT INTO held (tbl, id, seq, doc) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tbl, id) DO UPDATE SET seq = excluded.seq, doc = excluded.doc WHERE excluded.seq > held.seq`,
		r.Table, r.ID, r.Seq, string(doc))
}

// releaseHeld writes the row that was held, if there is one. The local row
// carries own changes and an old sequence, so the held one always replaces it.
func (t *tx) releaseHeld(p *position, tb table, id string) error {
	var doc string
	found, err := oneRow(t.queryRow("SELECT doc FROM held WHERE tbl = $1 AND id = $2", tb.Name, id), &doc)
	if err != nil || !found {
		return err
	}
	var r op.Row
	if err := json.Unmarshal([]byte(doc), &r); err != nil {
		return fmt.Errorf("held %s %s: %w", tb.Name, id, err)
	}
	if err := t.applyRow(p, tb, r, true); err != nil {
		return err
	}
	return t.exec("DELETE FROM held WHERE tbl = $1 AND id = $2", tb.Name, id)
}
