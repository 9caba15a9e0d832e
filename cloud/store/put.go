package store

import (
	"context"
	"fmt"

	"clockface/sync/op"
	"clockface/timeclock"
)

// references are the columns that name a row of the same company; empty ones
// name none.
var references = map[string]string{
	"employee.department_id": "department", "employee.site_id": "site", "department.parent_id": "department",
	"membership.employee_id": "employee", "consent.employee_id": "employee", "credential.employee_id": "employee",
}

// applyPut merges the fields of a put into its row: the cloud's row stands, and
// fields that nobody else changed meanwhile are taken.
func (a *applier) applyPut(ctx context.Context, c *change) error {
	old, found, err := rowByID(ctx, a.tx, a.company, c.table, c.put.ID)
	if err != nil {
		return err
	}
	if err := a.mergePut(ctx, c, old, found); err != nil {
		return err
	}
	c.fate.row, err = a.tx.answerRow(ctx, a.company, c.table, c.put.ID, a.device.Profile)
	return err
}

func (a *applier) mergePut(ctx context.Context, c *change, old row, found bool) error {
	if ok, err := a.refersInside(ctx, c); err != nil || !ok {
		c.fate = rejected(op.ReasonNotFound)
		return err
	}
	if ok, err := a.numberFree(ctx, c); err != nil || !ok {
		c.fate = rejected(op.ReasonExists)
		return err
	}
	switch {
	case !found && c.put.BaseRev > 0:
		c.fate = rejected(op.ReasonNotFound)
		return nil
	case found && c.put.BaseRev == 0:
		c.fate = rejected(op.ReasonExists)
		return nil
	case !found:
		r := c.row(c.table, c.put.ID, c.set)
		r.deleted, _ = c.set["deleted"].(bool)
		c.seal(&r)
		c.fate = accepted()
		return a.tx.insertRows(ctx, a.company, c.table, []row{r})
	}
	if _, restores := c.set["deleted"]; old.deleted && !restores {
		c.fate = conflicts(op.ReasonDeleted)
		return a.addConflict(ctx, c, c.table.Name, old.id, op.ReasonDeleted, old.changedBy, c.put.Set)
	}
	if !c.mergesInto(old) {
		c.fate = conflicts(op.ReasonStaleBaseRev)
		return a.addConflict(ctx, c, c.table.Name, old.id, op.ReasonStaleBaseRev, old.changedBy, c.put.Set)
	}
	for name, v := range c.set {
		old.set(c.table, name, v)
	}
	c.seal(&old)
	old.rev, old.seq, old.changedUS, old.changedBy = old.rev+1, c.seq, int64(c.recv), c.head.By
	c.fate = accepted()
	return a.tx.updateRow(ctx, a.company, c.table, old)
}

// mergesInto reports whether the author saw the row as it is, or at least the
// fields that the put changes. What was sealed cannot be compared.
func (c *change) mergesInto(old row) bool {
	if c.put.BaseRev == old.rev {
		return true
	}
	for name, v := range c.set {
		now := old.field(c.table, name)
		was, told := c.was[name]
		if !sameValue(now, v) && !(told && sameValue(now, was)) {
			return false
		}
	}
	return c.put.SealedDigest == ""
}

// seal puts the sealed bytes into the row when the put brings some.
func (c *change) seal(r *row) {
	if c.put.SealedDigest != "" && c.sealed != nil {
		r.set(c.table, "sealed", c.sealed)
	}
}

// refersInside reports whether all rows that the put names are the company's own.
func (a *applier) refersInside(ctx context.Context, c *change) (bool, error) {
	for name, v := range c.set {
		target, ok := references[c.table.Name+"."+name]
		id, _ := v.(string)
		if !ok || id == "" {
			continue
		}
		if known, err := a.exists(ctx, target, id); err != nil || !known {
			return false, err
		}
	}
	return true, nil
}

// numberFree reports whether the employee number that the put sets, if it sets
// one, is nobody else's: people type it at a kiosk.
func (a *applier) numberFree(ctx context.Context, c *change) (bool, error) {
	number, _ := c.set["number"].(string)
	if c.table.Name != "employee" || number == "" {
		return true, nil
	}
	var id string
	found, err := one(ctx, a.tx, `SELECT id FROM employee WHERE company_id = $1 AND "number" = $2 AND NOT deleted AND id <> $3`,
		[]any{string(a.company), number, c.put.ID}, &id)
	if err != nil {
		return false, fmt.Errorf("look for employee number: %w", err)
	}
	return !found, nil
}

// answerRow returns the server's row as a device of the profile may see it, nil
// where there is none or the profile does not hold the table.
func (t tx) answerRow(ctx context.Context, c timeclock.CompanyID, table op.Table, id string, p timeclock.Profile) (*op.Row, error) {
	if !table.HeldBy(p) {
		return nil, nil
	}
	r, found, err := rowByID(ctx, t, c, table, id)
	if err != nil || !found {
		return nil, err
	}
	w := r.wire(table, p)
	return &w, nil
}
