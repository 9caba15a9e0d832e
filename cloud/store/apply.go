package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

// twinWithin is how near two punches of one person on two devices are taken for
// one event seen twice.
const twinWithin = int64(time.Minute / time.Microsecond)

// applier writes what changes of one device say into the synced tables. Punches
// that follow each other are gathered and written together by flush.
type applier struct {
	tx      tx
	company timeclock.CompanyID
	device  Device
	single  bool // write each punch alone

	punches []*change
}

func newApplier(t tx, c timeclock.CompanyID, d Device, single bool) *applier {
	return &applier{tx: t, company: c, device: d, single: single}
}

// apply decides what becomes of a change and writes what it says. Its fate is
// known after the next flush.
func (a *applier) apply(ctx context.Context, c *change) error {
	if a.device.State == Revoked {
		c.refuse(op.ReasonRevoked)
		return nil
	}
	if c.unreadable != "" {
		c.refuse(c.unreadable)
		return nil
	}
	if c.punch == nil { // later changes may be about punches before them
		if err := a.flush(ctx); err != nil {
			return err
		}
	}
	reason, err := a.authorize(ctx, c)
	if err != nil {
		return err
	}
	if reason == "" {
		return a.project(ctx, c)
	}
	c.fate = rejected(reason)
	if c.put != nil {
		c.fate.row, err = a.tx.answerRow(ctx, a.company, c.table, c.put.ID, a.device.Profile)
	}
	return err
}

// project writes what an authorised change says.
func (a *applier) project(ctx context.Context, c *change) error {
	if c.punch != nil {
		a.punches = append(a.punches, c)
		if a.single {
			return a.flush(ctx)
		}
		return nil
	}
	if err := a.flush(ctx); err != nil {
		return err
	}
	switch {
	case c.edit != nil:
		return a.addEdit(ctx, c)
	case c.decision != nil:
		return a.addDecision(ctx, c)
	case c.incident != nil:
		return a.addIncident(ctx, c)
	}
	return a.applyPut(ctx, c)
}

// flush writes the gathered punches.
func (a *applier) flush(ctx context.Context) error {
	if len(a.punches) == 0 {
		return nil
	}
	gathered := a.punches
	a.punches = nil
	people, err := a.knownEmployees(ctx, gathered)
	if err != nil {
		return err
	}
	taken, err := a.takenPunches(ctx, gathered)
	if err != nil {
		return err
	}
	twins, err := a.elsewhere(ctx, gathered)
	if err != nil {
		return err
	}
	table, _ := op.TableByName("punch")
	rows := make([]row, 0, len(gathered))
	for _, c := range gathered {
		p := c.punch
		sha, used := taken[p.ID]
		switch {
		case !people[p.Employee]:
			c.fate = quarantined(op.ReasonUnknownEmp)
			continue
		case used && sha == string(c.sha[:]):
			c.fate = accepted() // the same punch came before under another op
			continue
		case used:
			c.fate = rejected(op.ReasonIDReused)
			continue
		}
		taken[p.ID] = string(c.sha[:])
		flags := timeclock.ParseFlags(p.Flags)
		if c.suspect {
			flags = flags.With(timeclock.ClockSuspect)
		}
		for _, at := range twins[p.Employee] {
			if d := at - int64(c.at); -twinWithin <= d && d <= twinWithin {
				flags = flags.With(timeclock.TwinOf)
			}
		}
		rows = append(rows, c.row(table, string(p.ID), op.PunchRow(c.op.ID, *p, a.device.ID, a.device.Site, c.at, c.source, flags)))
		c.fate = accepted()
	}
	return a.tx.insertRows(ctx, a.company, table, rows)
}

// row returns the fresh row that a change makes.
func (c *change) row(t op.Table, id string, values map[string]any) row {
	r := newRow(t, id, values)
	r.seq, r.changedUS, r.changedBy = c.seq, int64(c.recv), c.head.By
	return r
}

func (a *applier) knownEmployees(ctx context.Context, punches []*change) (map[timeclock.EmployeeID]bool, error) {
	known := map[timeclock.EmployeeID]bool{}
	list, args := inList(2, employeesOf(punches))
	err := each(ctx, a.tx, "SELECT id FROM employee WHERE company_id = $1 AND NOT deleted AND id IN "+list,
		append([]any{string(a.company)}, args...), func(rows *sql.Rows) error {
			var id timeclock.EmployeeID
			err := rows.Scan(&id)
			known[id] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("look up employees of punches: %w", err)
	}
	return known, nil
}

func employeesOf(punches []*change) []string {
	seen := map[timeclock.EmployeeID]bool{}
	var ids []string
	for _, c := range punches {
		if !seen[c.punch.Employee] {
			seen[c.punch.Employee] = true
			ids = append(ids, string(c.punch.Employee))
		}
	}
	return ids
}

// takenPunches returns the ids among those that exist, each with the digest of
// the body that made it.
func (a *applier) takenPunches(ctx context.Context, punches []*change) (map[timeclock.PunchID]string, error) {
	taken := map[timeclock.PunchID]string{}
	ids := make([]string, len(punches))
	for i, c := range punches {
		ids[i] = string(c.punch.ID)
	}
	list, args := inList(2, ids)
	err := each(ctx, a.tx, `SELECT p.id, o.body_sha FROM punch p JOIN op o ON o.company_id = p.company_id AND o.op_id = p.op_id
		WHERE p.company_id = $1 AND p.id IN `+list, append([]any{string(a.company)}, args...), func(rows *sql.Rows) error {
		var id timeclock.PunchID
		var sha []byte
		err := rows.Scan(&id, &sha)
		taken[id] = string(sha)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up punches: %w", err)
	}
	return taken, nil
}

// elsewhere returns when these people punched on other devices about then. It
// looks around each punch alone, since a batch may span weeks. SQLite keeps the
// order of a CROSS JOIN; by itself it would walk all punches first.
func (a *applier) elsewhere(ctx context.Context, punches []*change) (map[timeclock.EmployeeID][]int64, error) {
	n := listSize(len(punches))
	args := make([]any, 0, 2+3*n)
	args = append(args, string(a.company), string(a.device.ID))
	var around strings.Builder
	for i := range n {
		c := punches[min(i, len(punches)-1)]
		args = append(args, string(c.punch.Employee), int64(c.at)-twinWithin, int64(c.at)+twinWithin)
		if i > 0 {
			around.WriteByte(',')
		}
		fmt.Fprintf(&around, "(CAST($%d AS TEXT), CAST($%d AS BIGINT), CAST($%d AS BIGINT))", 3+3*i, 4+3*i, 5+3*i)
	}
	twins := map[timeclock.EmployeeID][]int64{}
	err := each(ctx, a.tx, `WITH around (person, after, until) AS (VALUES `+around.String()+`)
		SELECT p.employee_id, p.at_us FROM around CROSS JOIN punch p WHERE p.company_id = $1 AND p.device_id <> $2
		AND p.employee_id = around.person AND p.at_us BETWEEN around.after AND around.until`, args,
		func(rows *sql.Rows) error {
			var id timeclock.EmployeeID
			var at int64
			err := rows.Scan(&id, &at)
			twins[id] = append(twins[id], at)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("look up punches on other devices: %w", err)
	}
	return twins, nil
}

func (a *applier) addIncident(ctx context.Context, c *change) error {
	table, _ := op.TableByName("incident")
	if taken, err := a.exists(ctx, "incident", c.incident.ID); err != nil || taken {
		c.fate = rejected(op.ReasonIDReused)
		return err
	}
	if who := c.incident.Employee; who != "" {
		if known, err := a.exists(ctx, "employee", string(who)); err != nil || !known {
			c.fate = rejected(op.ReasonNotFound)
			return err
		}
	}
	c.fate = accepted()
	r := c.row(table, c.incident.ID, op.IncidentRow(c.op.ID, *c.incident, a.device.ID, c.at))
	return a.tx.insertRows(ctx, a.company, table, []row{r})
}

// exists reports whether the company has such a row, deleted or not.
func (a *applier) exists(ctx context.Context, table, id string) (bool, error) {
	var yes int
	found, err := one(ctx, a.tx, "SELECT 1 FROM "+table+" WHERE company_id = $1 AND id = $2", []any{string(a.company), id}, &yes)
	if err != nil {
		return false, fmt.Errorf("look for %s %s: %w", table, id, err)
	}
	return found, nil
}

// addConflict leaves a row that tells a person what met what; mine is what the
// refused author wanted.
func (a *applier) addConflict(ctx context.Context, c *change, table, id, reason, firstBy string, mine any) error {
	text, err := json.Marshal(mine)
	if err != nil {
		return fmt.Errorf("encode refused change %s: %w", c.op.ID, err)
	}
	t, _ := op.TableByName("conflict")
	r := c.row(t, conflictID(c.op.ID), map[string]any{"op_id": c.op.ID, "tbl": table, "row_id": id, "reason": reason,
		"by": c.head.By, "first_by": firstBy, "mine": string(text), "state": "open"})
	r.seq = c.seq + 1
	return a.tx.insertRows(ctx, a.company, t, []row{r})
}

// conflictID returns the id of the conflict that an op causes. It is the op's
// own, so that the log rebuilds to the same rows.
func conflictID(opID string) string { return opID }
