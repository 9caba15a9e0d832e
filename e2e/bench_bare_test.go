//go:build e2e && cgo && !nocamera

package e2e

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A bareEngine is SQLite alone with a copy of some of a program's tables and
// their indexes: what the program is compared with. One connection, prepared
// statements, WAL and synchronous FULL as in the program.
type bareEngine struct {
	conn          *sql.Conn
	begin, commit *sql.Stmt
	inserts       map[string]bareInsert // by table
}

// A bareInsert inserts rows into one table, one or manyRows with a call.
type bareInsert struct{ one, many *sql.Stmt }

const manyRows = 100

// newBareEngine makes a database beside the program's own one, so on the same disk.
func newBareEngine(t testing.TB, from *database, tables ...string) *bareEngine {
	t.Helper()
	path := filepath.Join(filepath.Dir(from.path), "bare.db")
	if err := os.RemoveAll(path); err != nil {
		t.Fatalf("remove the bare database: %v", err)
	}
	dsn := url.URL{Scheme: "file", Opaque: path, RawQuery: "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		t.Fatalf("open the bare database: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatalf("open the bare database: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	b := &bareEngine{conn: conn, inserts: map[string]bareInsert{}}
	b.begin, b.commit = b.prepare(t, "BEGIN IMMEDIATE"), b.prepare(t, "COMMIT")
	for _, name := range tables {
		for _, statement := range from.texts(t, "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC", name) {
			if _, err := conn.ExecContext(t.Context(), statement); err != nil {
				t.Fatalf("copy table %s: %v", name, err)
			}
		}
		columns := from.columns(t, name)
		row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",") + ")"
		insert := fmt.Sprintf(`INSERT INTO %q ("%s") VALUES `, name, strings.Join(columns, `","`)) + row
		b.inserts[name] = bareInsert{one: b.prepare(t, insert), many: b.prepare(t, insert+strings.Repeat(","+row, manyRows-1))}
	}
	return b
}

func (b *bareEngine) prepare(t testing.TB, statement string) *sql.Stmt {
	t.Helper()
	s, err := b.conn.PrepareContext(t.Context(), statement)
	if err != nil {
		t.Fatalf("prepare %s: %v", statement, err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A bareRow is a row as it is handed to the engine.
type bareRow struct {
	table  string
	values []any
}

// bareRows reads rows of a program's table, all columns in their order.
func (d *database) bareRows(t testing.TB, table, where string, args ...any) []bareRow {
	t.Helper()
	result, err := d.db.QueryContext(t.Context(), fmt.Sprintf("SELECT * FROM %q WHERE %s", table, where), args...)
	if err != nil {
		t.Fatalf("%s: read %s: %v", d.name, table, err)
	}
	defer result.Close()
	columns := d.columns(t, table)
	var out []bareRow
	for result.Next() {
		r := bareRow{table: table, values: make([]any, len(columns))}
		into := make([]any, len(columns))
		for i := range into {
			into[i] = &r.values[i]
		}
		if err := result.Scan(into...); err != nil {
			t.Fatalf("%s: read %s: %v", d.name, table, err)
		}
		for i, v := range r.values {
			if b, ok := v.([]byte); ok && b == nil {
				r.values[i] = []byte{} // the driver reads an empty blob as nil, which it would write as NULL
			}
		}
		out = append(out, r)
	}
	if err := result.Err(); err != nil {
		t.Fatalf("%s: read %s: %v", d.name, table, err)
	}
	return out
}

// insert writes each batch in one durable transaction and returns how long all
// took.
func (b *bareEngine) insert(t testing.TB, batches [][]bareRow) time.Duration {
	t.Helper()
	began := time.Now()
	for _, batch := range batches {
		if err := b.insertBatch(batch); err != nil {
			t.Fatalf("insert into the bare database: %v", err)
		}
	}
	return time.Since(began)
}

func (b *bareEngine) insertBatch(batch []bareRow) error {
	if _, err := b.begin.Exec(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for len(batch) > 0 {
		table, values, rows := batch[0].table, batch[0].values, 1
		insert := b.inserts[table].one
		if len(batch) >= manyRows && batch[manyRows-1].table == table { // a batch is sorted by table
			insert, values, rows = b.inserts[table].many, nil, manyRows
			for _, r := range batch[:rows] {
				values = append(values, r.values...)
			}
		}
		if _, err := insert.Exec(values...); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		batch = batch[rows:]
	}
	if _, err := b.commit.Exec(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
