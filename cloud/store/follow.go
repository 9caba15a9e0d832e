package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

// addedTwice is how near two added punches of one person and kind are taken for
// the same forgotten punch.
const addedTwice = timeclock.Micros(15 * time.Minute / time.Microsecond)

// history is what followed a punch so far.
type history struct {
	exists    bool // as a punch or as an added one
	edits     []timeclock.Edit
	decisions []timeclock.Decision
	newest    string // id of the newest effective event; what `seen` must name
	newestBy  string
}

// historyOf reads what followed the punch, oldest first.
func (a *applier) historyOf(ctx context.Context, punch timeclock.PunchID) (history, error) {
	var h history
	var newestSeq int64
	args := []any{string(a.company), string(punch)}
	err := each(ctx, a.tx, `SELECT id, seq, what, "by", effective FROM punch_edit WHERE company_id = $1 AND punch_id = $2 ORDER BY seq`,
		args, func(rows *sql.Rows) error {
			var e timeclock.Edit
			if err := rows.Scan(&e.ID, &e.Seq, &e.What, &e.By, &e.Effective); err != nil {
				return err
			}
			h.edits = append(h.edits, e)
			h.exists = h.exists || e.What == timeclock.Add && e.Effective
			if e.Effective && e.Seq > newestSeq {
				newestSeq, h.newest, h.newestBy = e.Seq, e.ID, e.By
			}
			return nil
		})
	if err != nil {
		return h, fmt.Errorf("read edits of punch %s: %w", punch, err)
	}
	err = each(ctx, a.tx, `SELECT id, seq, verdict, "by", effective FROM punch_decision WHERE company_id = $1 AND punch_id = $2 ORDER BY seq`,
		args, func(rows *sql.Rows) error {
			var d timeclock.Decision
			if err := rows.Scan(&d.ID, &d.Seq, &d.Verdict, &d.By, &d.Effective); err != nil {
				return err
			}
			h.decisions = append(h.decisions, d)
			if d.Effective && d.Seq > newestSeq {
				newestSeq, h.newest, h.newestBy = d.Seq, d.ID, d.By
			}
			return nil
		})
	if err != nil {
		return h, fmt.Errorf("read decisions on punch %s: %w", punch, err)
	}
	if !h.exists {
		h.exists, err = a.exists(ctx, "punch", string(punch))
	}
	return h, err
}

// inForce returns the verdict that stands; Withdraw where none does. An
// effective edit ends an approval.
func (h history) inForce() timeclock.Verdict {
	v, since := timeclock.Withdraw, int64(0)
	for _, d := range h.decisions {
		if d.Effective {
			v, since = d.Verdict, d.Seq
		}
	}
	for _, e := range h.edits {
		if v == timeclock.Approve && e.Effective && e.Seq > since {
			return timeclock.Withdraw
		}
	}
	return v
}

// addEdit appends an edit. One whose author had not seen the newest event of the
// punch is kept without effect and left to a person.
func (a *applier) addEdit(ctx context.Context, c *change) error {
	e := *c.edit
	h, err := a.historyOf(ctx, e.Punch)
	if err != nil {
		return err
	}
	taken, err := a.exists(ctx, "punch_edit", e.ID)
	if err != nil {
		return err
	}
	personKnown := true
	if e.Values.Employee != nil {
		if personKnown, err = a.exists(ctx, "employee", string(*e.Values.Employee)); err != nil {
			return err
		}
	}
	reason, firstBy := "", h.newestBy
	switch {
	case taken:
		c.fate = rejected(op.ReasonIDReused)
		return nil
	case !personKnown, e.What != timeclock.Add && !h.exists:
		c.fate = rejected(op.ReasonNotFound)
		return nil
	case e.What == timeclock.Add && h.exists:
		c.fate = rejected(op.ReasonExists)
		return nil
	case e.What == timeclock.Add:
		if firstBy, err = a.addedBefore(ctx, e); err != nil {
			return err
		}
		if firstBy != "" {
			reason = op.ReasonExists
		}
	case e.Seen != h.newest:
		reason = op.ReasonStaleSeen
	}
	values, err := op.EditRow(c.op.ID, e, c.at, reason == "")
	if err != nil {
		return err
	}
	table, _ := op.TableByName("punch_edit")
	if err := a.tx.insertRows(ctx, a.company, table, []row{c.row(table, e.ID, values)}); err != nil {
		return err
	}
	if reason == "" {
		c.fate = accepted()
		return nil
	}
	c.fate = conflicts(reason)
	return a.addConflict(ctx, c, "punch_edit", e.ID, reason, firstBy, e)
}

// addedBefore returns the author of an effective edit that added a punch of the
// same person and kind about the same time; empty where there is none.
func (a *applier) addedBefore(ctx context.Context, e op.EditBody) (by string, err error) {
	err = each(ctx, a.tx, `SELECT "values", "by" FROM punch_edit WHERE company_id = $1 AND what = 'add' AND effective`,
		[]any{string(a.company)}, func(rows *sql.Rows) error {
			var text, author string
			if err := rows.Scan(&text, &author); err != nil {
				return err
			}
			var v timeclock.EditValues
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				return fmt.Errorf("values of an added punch: %w", err)
			}
			if v.At == nil || v.Kind == nil || v.Employee == nil {
				return nil
			}
			d := *v.At - *e.Values.At
			if *v.Employee == *e.Values.Employee && *v.Kind == *e.Values.Kind && -addedTwice <= d && d <= addedTwice {
				by = author
			}
			return nil
		})
	return by, err
}

// addDecision appends a decision. The verdict that is in force anyway changes
// nothing; any other one on a base that its author had not seen is a conflict.
func (a *applier) addDecision(ctx context.Context, c *change) error {
	d := *c.decision
	h, err := a.historyOf(ctx, d.Punch)
	if err != nil {
		return err
	}
	taken, err := a.exists(ctx, "punch_decision", d.ID)
	if err != nil {
		return err
	}
	switch {
	case taken:
		c.fate = rejected(op.ReasonIDReused)
		return nil
	case !h.exists:
		c.fate = rejected(op.ReasonNotFound)
		return nil
	case d.Seen == h.newest:
		c.fate = accepted()
	case d.Verdict == h.inForce():
		c.fate = fate{status: op.Accepted, reason: op.ReasonSameVerdict}
	default:
		c.fate = conflicts(op.ReasonStaleSeen)
	}
	table, _ := op.TableByName("punch_decision")
	r := c.row(table, d.ID, op.DecisionRow(c.op.ID, d, c.at, c.fate.reason == ""))
	if err := a.tx.insertRows(ctx, a.company, table, []row{r}); err != nil {
		return err
	}
	if c.fate.status != op.Conflict {
		return nil
	}
	return a.addConflict(ctx, c, "punch_decision", d.ID, op.ReasonStaleSeen, h.newestBy, d)
}
