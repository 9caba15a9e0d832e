package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"clockface/sync/op"
	"clockface/timeclock"
)

// Pull returns the rows that changed after the cursor, oldest change first, as a
// device of d's profile may see them. It reads in one statement, so that rows and
// cursor belong to one moment. It returns ErrResync for a cursor of another
// epoch, from the future, or older than what is kept.
func (s *Store) Pull(ctx context.Context, d Device, cursor string, limit int) (op.PullAnswer, error) {
	epoch, after, err := parseCursor(cursor)
	if err != nil {
		return op.PullAnswer{}, err
	}
	if limit < 1 || limit > op.PageRows {
		limit = op.PageRows
	}
	feed := newFeed(d.Profile)
	answer := op.PullAnswer{ServerUS: s.nowUS(), Rows: []op.Row{}}
	var nowEpoch string
	var horizon int64
	err = each(ctx, s.read, feed.text, []any{string(d.Company), after, int64(limit) + 1}, func(rows *sql.Rows) error {
		r, t, err := feed.scan(rows, &answer.HeadSeq, &nowEpoch, &horizon)
		switch {
		case err != nil:
			return err
		case t == nil: // nothing changed: the counter alone
		case len(answer.Rows) == limit:
			answer.More = true
		default:
			answer.Rows = append(answer.Rows, r.wire(*t, d.Profile))
		}
		return nil
	})
	if err != nil {
		return op.PullAnswer{}, s.named(fmt.Errorf("pull of company %s: %w", d.Company, err))
	}
	if epoch != nowEpoch || after > answer.HeadSeq || after < horizon {
		return op.PullAnswer{}, fmt.Errorf("%w: %s", ErrResync, cursor)
	}
	next := answer.HeadSeq
	if answer.More {
		next = answer.Rows[len(answer.Rows)-1].Seq
	}
	answer.Cursor = formatCursor(nowEpoch, next)
	return answer, nil
}

// HeadSeq returns the newest sequence number of the company and its epoch.
func (s *Store) HeadSeq(ctx context.Context, c timeclock.CompanyID) (seq int64, epoch string, err error) {
	found, err := one(ctx, s.read, "SELECT seq, epoch FROM company_seq WHERE company_id = $1", []any{string(c)}, &seq, &epoch)
	if err != nil {
		return 0, "", s.named(fmt.Errorf("read counter of company %s: %w", c, err))
	}
	if !found {
		return 0, "", fmt.Errorf("%w: %s", ErrNoCompany, c)
	}
	return seq, epoch, nil
}

// CursorSeq returns the sequence number in a cursor, or an error that wraps
// ErrResync.
func CursorSeq(cursor string) (int64, error) {
	_, seq, err := parseCursor(cursor)
	return seq, err
}

func parseCursor(cursor string) (epoch string, seq int64, err error) {
	epoch, number, ok := strings.Cut(cursor, ".")
	seq, perr := strconv.ParseInt(number, 10, 64)
	if !ok || perr != nil || seq < 0 {
		return "", 0, fmt.Errorf("%w: cursor %q", ErrResync, cursor)
	}
	return epoch, seq, nil
}

func formatCursor(epoch string, seq int64) string { return epoch + "." + strconv.FormatInt(seq, 10) }

// feed is the statement behind a pull: the changed rows of all tables that a
// profile holds, in one list with as many columns of each type as the widest
// table needs.
type feed struct {
	text   string
	tables []op.Table
	slots  map[op.ColumnType]int
}

// columnTypes in the order in which the feed lists them.
func columnTypes() []op.ColumnType {
	return []op.ColumnType{op.Text, op.Int, op.Bool, op.Float, op.Bytes}
}

func newFeed(p timeclock.Profile) feed {
	f := feed{slots: map[op.ColumnType]int{}}
	for _, t := range op.Tables() {
		if !t.HeldBy(p) {
			continue
		}
		f.tables = append(f.tables, t)
		for kind, n := range countColumns(t) {
			f.slots[kind] = max(f.slots[kind], n)
		}
	}
	// PostgreSQL gives a column of a UNION the type of its first rows, and there
	// is no empty BYTEA that both engines can write: tables with bytes lead, the
	// others bring NULL.
	slices.SortStableFunc(f.tables, func(a, b op.Table) int {
		return countColumns(b)[op.Bytes] - countColumns(a)[op.Bytes]
	})
	parts := make([]string, len(f.tables))
	for i, t := range f.tables {
		parts[i] = f.part(i, t)
	}
	f.text = `SELECT h.seq, h.epoch, h.horizon_seq, u.* FROM company_seq h LEFT JOIN (` +
		strings.Join(parts, " UNION ALL ") + ` ORDER BY seq LIMIT $3) AS u ON TRUE WHERE h.company_id = $1 ORDER BY u.seq`
	return f
}

func countColumns(t op.Table) map[op.ColumnType]int {
	n := map[op.ColumnType]int{}
	for _, c := range t.Columns {
		n[c.Type]++
	}
	return n
}

// part is the SELECT of one table: its place in tables, the common columns, and
// its own columns in the slots of their types. The inner SELECT stays bare and
// limited, so that each table's index on seq is walked no further than needed.
func (f feed) part(place int, t op.Table) string {
	outer := []string{strconv.Itoa(place) + " AS tbl", commonColumns}
	for _, kind := range columnTypes() {
		own := columnsOf(t, kind)
		for slot := range f.slots[kind] {
			value := map[op.ColumnType]string{op.Text: "''", op.Int: "0", op.Bool: "FALSE", op.Float: "0.0", op.Bytes: "NULL"}[kind]
			if slot < len(own) {
				value = strconv.Quote(t.Columns[own[slot]].Name)
			}
			outer = append(outer, fmt.Sprintf("%s AS c%d_%d", value, kind, slot))
		}
	}
	return "SELECT " + strings.Join(outer, ", ") + " FROM (SELECT " + commonColumns + ", " + strings.Join(columnNames(t), ", ") +
		" FROM " + t.Name + " WHERE company_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS t" + strconv.Itoa(place)
}

// columnsOf returns the places of the table's columns of that type.
func columnsOf(t op.Table, kind op.ColumnType) []int {
	var places []int
	for i, c := range t.Columns {
		if c.Type == kind {
			places = append(places, i)
		}
	}
	return places
}

// scan reads a line of the feed; the table is nil where nothing changed.
func (f feed) scan(rows *sql.Rows, seq *int64, epoch *string, horizon *int64) (row, *op.Table, error) {
	var place sql.NullInt64
	var id, by sql.NullString
	var rev, rowSeq, changed sql.NullInt64
	var deleted sql.NullBool
	to := []any{seq, epoch, horizon, &place, &id, &rev, &rowSeq, &deleted, &changed, &by}
	texts, ints := make([]sql.NullString, f.slots[op.Text]), make([]sql.NullInt64, f.slots[op.Int])
	bools, floats := make([]sql.NullBool, f.slots[op.Bool]), make([]sql.NullFloat64, f.slots[op.Float])
	blobs := make([][]byte, f.slots[op.Bytes])
	for i := range texts {
		to = append(to, &texts[i])
	}
	for i := range ints {
		to = append(to, &ints[i])
	}
	for i := range bools {
		to = append(to, &bools[i])
	}
	for i := range floats {
		to = append(to, &floats[i])
	}
	for i := range blobs {
		to = append(to, &blobs[i])
	}
	if err := rows.Scan(to...); err != nil {
		return row{}, nil, err
	}
	if !place.Valid {
		return row{}, nil, nil
	}
	t := f.tables[place.Int64]
	r := row{id: id.String, rev: rev.Int64, seq: rowSeq.Int64, deleted: deleted.Bool, changedUS: changed.Int64,
		changedBy: by.String, cells: make([]any, len(t.Columns))}
	for _, kind := range columnTypes() {
		for slot, i := range columnsOf(t, kind) {
			switch kind {
			case op.Text:
				r.cells[i] = texts[slot].String
			case op.Int:
				r.cells[i] = ints[slot].Int64
			case op.Bool:
				r.cells[i] = bools[slot].Bool
			case op.Float:
				r.cells[i] = floats[slot].Float64
			case op.Bytes:
				r.cells[i] = append([]byte{}, blobs[slot]...)
			}
		}
	}
	return r, &t, nil
}
