package localdb_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"clockface/localdb"
)

// openRaw opens a database file without any of the replica's own code.
func openRaw(t testing.TB, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// rawRow returns every column of one row as it is stored.
func rawRow(t testing.TB, d *device, table, id string) map[string]any {
	t.Helper()
	rows, err := openRaw(t, filepath.Join(d.dir, localdb.FileName)).QueryContext(t.Context(), "SELECT * FROM "+table+" WHERE id = $1", id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatalf("no row %s in %s", id, table)
	}
	values := make([]any, len(names))
	targets := make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := rows.Scan(targets...); err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for i, name := range names {
		out[name] = values[i]
	}
	return out
}
