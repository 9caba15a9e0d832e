//go:build e2e

package e2e

import (
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// A database is one SQLite file of a program. Other processes may have it open.
type database struct {
	name string // for messages
	path string
	db   *sql.DB
}

// openDatabase opens a file that is there until the test ends.
func openDatabase(t testing.TB, name, path string) *database {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("database of the %s: %v", name, err)
	}
	dsn := url.URL{Scheme: "file", Opaque: path, RawQuery: "_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		t.Fatalf("open database of the %s: %v", name, err)
	}
	t.Cleanup(func() { db.Close() })
	return &database{name: name, path: path, db: db}
}

// row is one row: column name → the value as an SQL literal, so that text,
// number, blob and NULL stay apart.
type row map[string]string

// rows returns the result of a query whose columns are to be compared.
func (d *database) rows(t testing.TB, table, where string, args ...any) []row {
	t.Helper()
	columns := d.columns(t, table)
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = fmt.Sprintf("quote(%q)", c)
	}
	query := fmt.Sprintf("SELECT %s FROM %q WHERE %s", strings.Join(quoted, ", "), table, where)
	result, err := d.db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %s: %v", d.name, query, err)
	}
	defer result.Close()
	var out []row
	for result.Next() {
		values := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := result.Scan(into...); err != nil {
			t.Fatalf("%s: read %s: %v", d.name, table, err)
		}
		r := row{}
		for i, c := range columns {
			r[c] = values[i]
		}
		out = append(out, r)
	}
	if err := result.Err(); err != nil {
		t.Fatalf("%s: read %s: %v", d.name, table, err)
	}
	return out
}

// columns returns the names of a table's columns in their order.
func (d *database) columns(t testing.TB, table string) []string {
	t.Helper()
	return d.texts(t, "SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
}

// texts returns the first column of a query's result.
func (d *database) texts(t testing.TB, query string, args ...any) []string {
	t.Helper()
	result, err := d.db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %s: %v", d.name, query, err)
	}
	defer result.Close()
	var out []string
	for result.Next() {
		var s string
		if err := result.Scan(&s); err != nil {
			t.Fatalf("%s: %s: %v", d.name, query, err)
		}
		out = append(out, s)
	}
	if err := result.Err(); err != nil {
		t.Fatalf("%s: %s: %v", d.name, query, err)
	}
	return out
}

// count returns the number that a query gives.
func (d *database) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := d.db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %s: %v", d.name, query, err)
	}
	return n
}

// copyTo leaves a copy that needs no other file beside it.
func (d *database) copyTo(t testing.TB, path string) *database {
	t.Helper()
	if _, err := d.db.ExecContext(t.Context(), "VACUUM INTO ?", path); err != nil {
		t.Fatalf("copy the database of the %s: %v", d.name, err)
	}
	return openDatabase(t, d.name, path)
}

// byID maps rows by a column.
func byID(rows []row, column string) map[string]row {
	out := make(map[string]row, len(rows))
	for _, r := range rows {
		out[r[column]] = r
	}
	return out
}

// difference says in which rows and columns two sets of rows with a column id
// differ; it returns "" when they are equal.
func difference(nameA string, a []row, nameB string, b []row) string {
	var out []string
	rowsA, rowsB := byID(a, "id"), byID(b, "id")
	for _, id := range slices.Sorted(maps.Keys(rowsA)) {
		other, ok := rowsB[id]
		if !ok {
			out = append(out, fmt.Sprintf("%s is in %s and not in %s", id, nameA, nameB))
			continue
		}
		for _, c := range slices.Sorted(maps.Keys(rowsA[id])) {
			if rowsA[id][c] != other[c] {
				out = append(out, fmt.Sprintf("%s: %s is %s in %s, %q in %s", id, c, rowsA[id][c], nameA, other[c], nameB))
			}
		}
		if len(other) != len(rowsA[id]) {
			out = append(out, fmt.Sprintf("%s: %d columns in %s, %d in %s", id, len(rowsA[id]), nameA, len(other), nameB))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rowsB)) {
		if _, ok := rowsA[id]; !ok {
			out = append(out, fmt.Sprintf("%s is in %s and not in %s", id, nameB, nameA))
		}
	}
	if len(out) > 10 {
		out = append(out[:10], fmt.Sprintf("and %d more", len(out)-10))
	}
	return strings.Join(out, "\n")
}

// eventually polls until done answers "", and fails with its last answer when
// the time is over.
func eventually(t testing.TB, within time.Duration, what string, done func() string) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		open := done()
		if open == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v: %s", what, within, open)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("%s: the test ends: %s", what, open)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
