package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"clockface/sync/op"
	"clockface/timeclock"
)

// row is a row of a synced table. cells are in the order of the table's columns
// and have the columns' Go types.
type row struct {
	id        string
	rev, seq  int64
	deleted   bool
	changedUS int64
	changedBy string
	cells     []any
}

// newRow returns a fresh row with the named values; columns that are not named
// get their zero value.
func newRow(t op.Table, id string, values map[string]any) row {
	r := row{id: id, rev: 1, cells: make([]any, len(t.Columns))}
	for i, c := range t.Columns {
		v, ok := values[c.Name]
		if !ok {
			v = c.Zero()
		}
		r.cells[i] = v
	}
	return r
}

// field returns the value of a column; "deleted" is one.
func (r row) field(t op.Table, name string) any {
	if name == "deleted" {
		return r.deleted
	}
	for i, c := range t.Columns {
		if c.Name == name {
			return r.cells[i]
		}
	}
	return nil
}

func (r *row) set(t op.Table, name string, value any) {
	if name == "deleted" {
		r.deleted = value.(bool)
		return
	}
	for i, c := range t.Columns {
		if c.Name == name {
			r.cells[i] = value
		}
	}
}

func sameValue(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	return a == b
}

// columnNames returns the quoted names of the table's own columns.
func columnNames(t op.Table) []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = strconv.Quote(c.Name)
	}
	return names
}

// commonColumns stand before the own columns of every synced table.
const commonColumns = "id, rev, seq, deleted, changed_us, changed_by"

// targets returns places to scan commonColumns and the table's columns into.
func (r *row) targets(t op.Table) []any {
	to := []any{&r.id, &r.rev, &r.seq, &r.deleted, &r.changedUS, &r.changedBy}
	r.cells = make([]any, len(t.Columns))
	for _, c := range t.Columns {
		switch c.Type {
		case op.Text:
			to = append(to, new(string))
		case op.Int:
			to = append(to, new(int64))
		case op.Bool:
			to = append(to, new(bool))
		case op.Float:
			to = append(to, new(float64))
		case op.Bytes:
			to = append(to, new([]byte))
		}
	}
	return to
}

// take moves what was scanned into the cells.
func (r *row) take(targets []any) {
	for i, p := range targets[6:] {
		switch v := p.(type) {
		case *string:
			r.cells[i] = *v
		case *int64:
			r.cells[i] = *v
		case *bool:
			r.cells[i] = *v
		case *float64:
			r.cells[i] = *v
		case *[]byte:
			r.cells[i] = append([]byte{}, *v...)
		}
	}
}

func scanRow(rows *sql.Rows, t op.Table) (row, error) {
	var r row
	to := r.targets(t)
	if err := rows.Scan(to...); err != nil {
		return row{}, fmt.Errorf("read row of %s: %w", t.Name, err)
	}
	r.take(to)
	return r, nil
}

// rowByID reads one row of the company.
func rowByID(ctx context.Context, q querier, c timeclock.CompanyID, t op.Table, id string) (r row, found bool, err error) {
	text := "SELECT " + commonColumns + ", " + strings.Join(columnNames(t), ", ") +
		" FROM " + t.Name + " WHERE company_id = $1 AND id = $2"
	err = each(ctx, q, text, []any{string(c), id}, func(rows *sql.Rows) error {
		found = true
		r, err = scanRow(rows, t)
		return err
	})
	return r, found, err
}

// insertRows adds rows to a synced table.
func (t tx) insertRows(ctx context.Context, c timeclock.CompanyID, table op.Table, rows []row) error {
	columns := "(company_id, " + commonColumns + ", " + strings.Join(columnNames(table), ", ") + ")"
	values := make([][]any, len(rows))
	for i, r := range rows {
		v := make([]any, 0, 7+len(r.cells))
		values[i] = append(append(v, string(c), r.id, r.rev, r.seq, r.deleted, r.changedUS, r.changedBy), r.cells...)
	}
	return t.insert(ctx, table.Name, columns, values)
}

// updateRow writes every field of a row.
func (t tx) updateRow(ctx context.Context, c timeclock.CompanyID, table op.Table, r row) error {
	var b strings.Builder
	b.WriteString("UPDATE " + table.Name + " SET rev = $3, seq = $4, deleted = $5, changed_us = $6, changed_by = $7")
	for i, name := range columnNames(table) {
		fmt.Fprintf(&b, ", %s = $%d", name, 8+i)
	}
	b.WriteString(" WHERE company_id = $1 AND id = $2")
	args := append([]any{string(c), r.id, r.rev, r.seq, r.deleted, r.changedUS, r.changedBy}, r.cells...)
	if _, err := t.exec(ctx, b.String(), args...); err != nil {
		return fmt.Errorf("update %s %s: %w", table.Name, r.id, err)
	}
	return nil
}

// wire returns the row as a device of the profile gets it.
func (r row) wire(t op.Table, p timeclock.Profile) op.Row {
	return op.Row{Table: t.Name, ID: r.id, Rev: r.rev, Seq: r.seq, Deleted: r.deleted, Doc: r.doc(t, p)}
}

// doc writes the row as a JSON object: its columns, changed_us and changed_by.
func (r row) doc(t op.Table, p timeclock.Profile) json.RawMessage {
	b := make([]byte, 0, 64*(len(t.Columns)+2))
	b = append(b, '{')
	for i, c := range t.Columns {
		v := r.cells[i]
		if p != timeclock.Kiosk && slices.Contains(t.KioskOnly, c.Name) {
			v = c.Zero()
		}
		b = append(b, '"')
		b = append(b, c.Name...)
		b = append(b, '"', ':')
		b = appendJSON(b, v)
		b = append(b, ',')
	}
	b = append(b, `"changed_us":`...)
	b = strconv.AppendInt(b, r.changedUS, 10)
	b = append(b, `,"changed_by":`...)
	b = appendJSON(b, r.changedBy)
	return append(b, '}')
}

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		if plain(v) {
			b = append(b, '"')
			b = append(b, v...)
			return append(b, '"')
		}
		text, err := json.Marshal(v)
		if err != nil { // a string always has a JSON form
			return append(b, `""`...)
		}
		return append(b, text...)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	case []byte:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v)
		return append(b, '"')
	}
	return append(b, "null"...)
}

// plain reports whether s needs no escape in JSON.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}
