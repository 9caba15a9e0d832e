package localdb

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"clockface/sync/op"
	"clockface/timeclock"
)

// row is one row of a synced table.
type row struct {
	id        string
	rev       int64
	seq       int64 // 0 = made here, the cloud's row has not come yet
	deleted   bool
	changedUS int64
	changedBy string
	values    map[string]any // by column name, typed as op.Column says
}

// table is a synced table with its SQL.
type table struct {
	op.Table
	selectByID string
	selectSeq  string
	upsert     string
}

// tables holds every synced table's SQL by name.
var tables = makeTables()

func makeTables() map[string]table {
	out := map[string]table{}
	for _, t := range op.Tables() {
		out[t.Name] = withSQL(t)
	}
	return out
}

// tableByName returns a synced table with its SQL.
func tableByName(name string) (table, bool) {
	t, ok := tables[name]
	return t, ok
}

func withSQL(t op.Table) table {
	names := columnNames(t)
	marks, sets := make([]string, len(names)), make([]string, 0, len(names))
	for i, n := range names {
		marks[i] = fmt.Sprintf("$%d", i+1)
		if n != `"id"` && n != `"company_id"` {
			sets = append(sets, n+" = excluded."+n)
		}
	}
	list := strings.Join(names, ", ")
	return table{Table: t,
		selectByID: "SELECT " + list + " FROM " + t.Name + " WHERE id = $1",
		selectSeq:  "SELECT seq FROM " + t.Name + " WHERE id = $1",
		upsert: "INSERT INTO " + t.Name + " (" + list + ") VALUES (" + strings.Join(marks, ", ") +
			") ON CONFLICT (id) DO UPDATE SET " + strings.Join(sets, ", "),
	}
}

// columnNames lists every column of a synced table, quoted, in the order of
// [row.args] and [row.targets].
func columnNames(t op.Table) []string {
	names := []string{`"company_id"`, `"id"`}
	for _, c := range t.Columns {
		names = append(names, `"`+c.Name+`"`)
	}
	return append(names, `"rev"`, `"seq"`, `"deleted"`, `"changed_us"`, `"changed_by"`)
}

// args returns the row's values in the order of columnNames; a column that the
// row does not set gets its zero.
func (r row) args(t op.Table, company timeclock.CompanyID) []any {
	args := []any{string(company), r.id}
	for _, c := range t.Columns {
		v, ok := r.values[c.Name]
		if !ok {
			v = c.Zero()
		}
		args = append(args, v)
	}
	return append(args, r.rev, r.seq, r.deleted, r.changedUS, r.changedBy)
}

func (t *tx) writeRow(tb table, company timeclock.CompanyID, r row) error {
	if err := t.exec(tb.upsert, r.args(tb.Table, company)...); err != nil {
		return fmt.Errorf("write %s %s: %w", tb.Name, r.id, err)
	}
	return nil
}

// readRow returns the row of that id, or false when there is none.
func readRow(q querier, tb table, id string) (row, bool, error) {
	r := row{values: make(map[string]any, len(tb.Columns))}
	var company string
	targets := []any{&company, &r.id}
	cells := make([]any, len(tb.Columns))
	for i, c := range tb.Columns {
		cells[i] = newCell(c)
		targets = append(targets, cells[i])
	}
	targets = append(targets, &r.rev, &r.seq, &r.deleted, &r.changedUS, &r.changedBy)
	err := q.queryRow(tb.selectByID, id).Scan(targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, false, nil
	}
	if err != nil {
		return row{}, false, fmt.Errorf("read %s %s: %w", tb.Name, id, err)
	}
	for i, c := range tb.Columns {
		r.values[c.Name] = cellValue(cells[i])
	}
	return r, true, nil
}

func newCell(c op.Column) any {
	switch c.Type {
	case op.Int:
		return new(int64)
	case op.Bool:
		return new(bool)
	case op.Float:
		return new(float64)
	case op.Bytes:
		return new([]byte)
	}
	return new(string)
}

func cellValue(cell any) any {
	switch v := cell.(type) {
	case *int64:
		return *v
	case *bool:
		return *v
	case *float64:
		return *v
	case *[]byte:
		if *v == nil {
			return []byte{}
		}
		return *v
	case *string:
		return *v
	}
	return nil
}

// fromCloud turns a travelling row into a stored one. Columns that an older
// cloud does not send are zero.
func fromCloud(t op.Table, in op.Row) (row, error) {
	values, err := t.ParseDoc(in.Doc)
	if err != nil {
		return row{}, fmt.Errorf("row %s: %w", in.ID, err)
	}
	r := row{id: in.ID, rev: in.Rev, seq: in.Seq, deleted: in.Deleted, values: values}
	r.changedUS, _ = values["changed_us"].(int64)
	r.changedBy, _ = values["changed_by"].(string)
	return r, nil
}
