package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clockface/cloud/store"
	"clockface/cloud/store/storetest"
	"clockface/sync/op"
)

func TestStores(t *testing.T) {
	for name, open := range map[string]storetest.Open{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" {
				needPostgres(t)
			}
			storetest.Run(t, open)
		})
	}
}

func openSQLite(t testing.TB, cfg store.Config) (*store.Store, *sql.DB) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cloud.db")
	s, err := store.Open(t.Context(), "sqlite:"+file, cfg)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeBoth(t, s, db) })
	return s, db
}

func closeBoth(t testing.TB, s *store.Store, db *sql.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	for range 2 { // closing twice is allowed
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func needPostgres(t testing.TB) string {
	t.Helper()
	address := os.Getenv("CLOCKFACE_TEST_POSTGRES")
	if address == "" {
		t.Skip("CLOCKFACE_TEST_POSTGRES names no PostgreSQL to test on")
	}
	return address
}

// openPostgres gives every test a schema of its own.
func openPostgres(t testing.TB, cfg store.Config) (*store.Store, *sql.DB) {
	t.Helper()
	u, err := url.Parse(needPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	schema := "t" + strings.ReplaceAll(op.NewID(), "-", "")
	admin, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	s, err := store.Open(t.Context(), u.String(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closeBoth(t, s, db)
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, db
}

func TestMigrationsMatchTheSyncedTables(t *testing.T) {
	_, db := openSQLite(t, store.Config{})
	for _, table := range op.Tables() {
		got := describe(t, db, table.Name)
		want := map[string]string{"company_id": "TEXT", "id": "TEXT", "rev": "BIGINT", "seq": "BIGINT", "deleted": "BOOLEAN",
			"changed_us": "BIGINT", "changed_by": "TEXT"}
		for _, c := range table.Columns {
			want[c.Name] = map[op.ColumnType]string{op.Text: "TEXT", op.Int: "BIGINT", op.Bool: "BOOLEAN",
				op.Float: "DOUBLE PRECISION", op.Bytes: "BYTEA"}[c.Type]
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s has columns %v, want %v", table.Name, got, want)
		}
	}
}

// describe returns the columns and types of a table and complains of those that
// may be NULL.
func describe(t *testing.T, db *sql.DB, table string) map[string]string {
	t.Helper()
	rows, err := db.Query("SELECT name, type, \"notnull\" FROM pragma_table_info($1)", table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns := map[string]string{}
	for rows.Next() {
		var name, kind string
		var notNull bool
		if err := rows.Scan(&name, &kind, &notNull); err != nil {
			t.Fatal(err)
		}
		if !notNull {
			t.Errorf("%s.%s may be NULL", table, name)
		}
		columns[name] = kind
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return columns
}

func TestEveryKeyLeadsWithTheCompany(t *testing.T) {
	_, db := openSQLite(t, store.Config{})
	rows, err := db.Query(`SELECT m.name, i.name, c.name FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
		WHERE m.type = 'table' AND c.seqno = 0 AND m.name NOT IN ('account', 'directory', 'goose_db_version', 'sqlite_sequence')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var table, index, column string
		if err := rows.Scan(&table, &index, &column); err != nil {
			t.Fatal(err)
		}
		seen++
		if column != "company_id" {
			t.Errorf("index %s of %s leads with %s, want company_id", index, table, column)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if seen < 30 {
		t.Errorf("saw %d indexes only", seen)
	}
}

func TestDatabaseFileIsPrivate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub", "cloud.db")
	s, err := store.Open(t.Context(), "sqlite:"+file, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, f := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", filepath.Base(f), info.Mode().Perm())
		}
	}
}

func TestUnreachableDatabaseIsSaid(t *testing.T) {
	for address, unreachable := range map[string]bool{
		"postgres://127.0.0.1:1/none?connect_timeout=2": true,
		"sqlite:/dev/null/cloud.db":                     false,
		"mysql://x":                                     false,
		"sqlite:":                                       false,
	} {
		_, err := store.Open(t.Context(), address, store.Config{})
		if err == nil {
			t.Errorf("%s opened", address)
		}
		if got := errors.Is(err, store.ErrUnreachable); got != unreachable {
			t.Errorf("%s: unreachable = %v (%v), want %v", address, got, err, unreachable)
		}
	}
}
