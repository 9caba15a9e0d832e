package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"clockface/sync/op"
)

// ErrBadPage says that a snapshot was asked for with parameters that make no sense.
var ErrBadPage = errors.New("snapshot page not understood")

// Page says which part of a snapshot is wanted.
type Page struct {
	Tables []string // empty = all that the profile holds
	After  string   // "<table>/<id>" of the last row before; empty = from the start
	Newest bool     // newest ids first
	Limit  int
}

// Snapshot returns rows by table and id, a page at a time. Only the first page
// carries the cursor to pull from afterwards: rows that change meanwhile come
// again by the pull.
func (s *Store) Snapshot(ctx context.Context, d Device, p Page) (op.SnapshotAnswer, error) {
	if p.Limit < 1 || p.Limit > op.PageRows {
		p.Limit = op.PageRows
	}
	answer := op.SnapshotAnswer{Rows: []op.Row{}}
	if p.After == "" {
		seq, epoch, err := s.HeadSeq(ctx, d.Company)
		if err != nil {
			return answer, err
		}
		answer.AsOf = formatCursor(epoch, seq)
	}
	afterTable, afterID, _ := strings.Cut(p.After, "/")
	begun := p.After == ""
	for _, t := range op.Tables() {
		if !t.HeldBy(d.Profile) || len(p.Tables) > 0 && !slices.Contains(p.Tables, t.Name) {
			continue
		}
		from := ""
		if !begun {
			if t.Name != afterTable {
				continue
			}
			begun, from = true, afterID
		}
		if err := s.page(ctx, d, t, from, p, &answer); err != nil {
			return op.SnapshotAnswer{}, err
		}
		if len(answer.Rows) == p.Limit {
			last := answer.Rows[len(answer.Rows)-1]
			answer.After = last.Table + "/" + last.ID
			return answer, nil
		}
	}
	if !begun {
		return op.SnapshotAnswer{}, fmt.Errorf("%w: after %q", ErrBadPage, p.After)
	}
	return answer, nil
}

// page adds the table's rows after that id until the page is full.
func (s *Store) page(ctx context.Context, d Device, t op.Table, from string, p Page, answer *op.SnapshotAnswer) error {
	order, beyond := "id", "id > $2"
	if p.Newest {
		order, beyond = "id DESC", "($2 = '' OR id < $2)"
	}
	text := "SELECT " + commonColumns + ", " + strings.Join(columnNames(t), ", ") + " FROM " + t.Name +
		" WHERE company_id = $1 AND " + beyond + " ORDER BY " + order + " LIMIT $3"
	err := each(ctx, s.read, text, []any{string(d.Company), from, int64(p.Limit - len(answer.Rows))}, func(rows *sql.Rows) error {
		r, err := scanRow(rows, t)
		if err == nil {
			answer.Rows = append(answer.Rows, r.wire(t, d.Profile))
		}
		return err
	})
	if err != nil {
		return s.named(fmt.Errorf("snapshot of %s: %w", t.Name, err))
	}
	return nil
}

// KnownOps returns those of the op ids that the company's log holds. ids must be
// at most op.MaxOps.
func (s *Store) KnownOps(ctx context.Context, d Device, ids []string) ([]string, error) {
	known := []string{}
	if len(ids) == 0 {
		return known, nil
	}
	list, args := inList(2, ids)
	err := each(ctx, s.read, "SELECT op_id FROM op WHERE company_id = $1 AND op_id IN "+list,
		append([]any{string(d.Company)}, args...), func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			known = append(known, id)
			return err
		})
	if err != nil {
		return nil, s.named(fmt.Errorf("look up known ops: %w", err))
	}
	return known, nil
}
