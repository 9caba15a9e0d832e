package cloud_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

// batchOf is the size of the batches that ingest is measured with.
const batchOf = 100

const day = timeclock.Micros(24 * time.Hour / time.Microsecond)

// BenchmarkIngest pushes batches over HTTP, signing and all; one client.
func BenchmarkIngest(b *testing.B) {
	w := newSite(b)
	staff := w.employees(b, 100)
	for n := 0; b.Loop(); n++ {
		now := w.kiosk.Clock
		// Each batch is a day of its own: real people do not punch at once all the time.
		w.kiosk.Clock = op.Clock{Wall: now.Wall - timeclock.Micros(n)*day, Mono: 1, Boot: "before"}
		ops := make([]op.Op, batchOf)
		for i := range ops {
			w.kiosk.Tick(10 * time.Second)
			ops[i], _ = w.kiosk.Punch(b, staff[i], timeclock.In)
		}
		w.kiosk.Clock = now
		var a op.PushAnswer
		w.push(b, w.kiosk, ops...).decode(b, &a)
		if a.LastN != w.kiosk.N {
			b.Fatalf("%+v", a)
		}
	}
	b.ReportMetric(float64(b.N*batchOf)/b.Elapsed().Seconds(), "punches/s")
}

// BenchmarkEngine inserts the rows that the punches of BenchmarkIngest leave, a
// batch a transaction, into the same schema: the limit of the engine.
func BenchmarkEngine(b *testing.B) {
	w := newSite(b)
	staff := w.employees(b, 100)
	ops := make([]op.Op, batchOf)
	for i := range ops {
		ops[i], _ = w.kiosk.Punch(b, staff[i], timeclock.In)
	}
	if _, err := w.kiosk.Push(w.store, ops...); err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "copy.db")
	engine := copyOf(b, w, file)
	statements := map[string]*sql.Stmt{}
	rows := map[string][][]any{}
	for _, table := range []string{"op", "punch"} {
		statements[table], rows[table] = tableRows(b, engine, table)
	}
	for n := 0; b.Loop(); n++ {
		tx, err := engine.Begin()
		if err != nil {
			b.Fatal(err)
		}
		for table, st := range statements {
			var args []any
			for i, r := range rows[table] {
				args = append(args, fresh(r, n*batchOf+i)...)
			}
			if _, err := tx.Stmt(st).Exec(args...); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*batchOf)/b.Elapsed().Seconds(), "punches/s")
}

func copyOf(b *testing.B, w *site, file string) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+w.file)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.Exec("VACUUM INTO $1", file); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	engine, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := engine.Close(); err != nil {
			b.Error(err)
		}
	})
	engine.SetMaxOpenConns(2)
	return engine
}

// tableRows returns a prepared insert of a whole batch into the table and the
// rows that are in it.
func tableRows(b *testing.B, db *sql.DB, table string) (*sql.Stmt, [][]any) {
	b.Helper()
	rows, err := db.Query("SELECT * FROM " + table + " ORDER BY seq DESC LIMIT " + fmt.Sprint(batchOf))
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		r := make([]any, len(columns))
		to := make([]any, len(columns))
		for i := range r {
			to[i] = &r[i]
		}
		if err := rows.Scan(to...); err != nil {
			b.Fatal(err)
		}
		for i := range r {
			if b, ok := r[i].([]byte); r[i] == nil || ok && b == nil {
				r[i] = []byte{} // how the driver reads an empty BYTEA
			}
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",") + ")"
	st, err := db.Prepare("INSERT INTO " + table + " VALUES " + strings.TrimSuffix(strings.Repeat(one+",", len(all)), ","))
	if err != nil {
		b.Fatal(err)
	}
	return st, all
}

// fresh returns the row under other keys, of the same length.
func fresh(r []any, n int) []any {
	r = append([]any{}, r...)
	r[0] = fmt.Sprintf("%036d", n)
	return r
}
