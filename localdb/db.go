package localdb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"clockface/sync/op"
	"clockface/timeclock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// FileName is the replica's file inside the data folder.
const FileName = "replica.db"

// readers is how many reads may run beside the one writer.
const readers = 4

// DB is an open replica. Its methods may be called from several goroutines.
type DB struct {
	dir   string
	file  string
	now   func() time.Time
	clock func() op.Clock
	log   *slog.Logger

	write *writer
	read  *sql.DB

	changes   *changes
	closeOnce sync.Once
	closeErr  error
}

// Open opens the replica of the data folder and brings its schema up to date.
// A missing folder or file is made, readable by its owner alone. A file that is
// no database gives a [CorruptError].
func Open(ctx context.Context, dir string, o Options) (*DB, error) {
	db := &DB{dir: dir, file: filepath.Join(dir, FileName), now: o.Now, clock: o.Clock, log: o.Log}
	if db.now == nil {
		db.now = time.Now
	}
	if db.clock == nil {
		db.clock = deviceClock(db.now)
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if err := prepareFolder(dir, db.file); err != nil {
		return nil, err
	}
	if err := db.openPools(ctx); err != nil {
		if db.write != nil {
			db.write.close()
		}
		if db.read != nil {
			db.read.Close()
		}
		return nil, db.explain("open replica", err)
	}
	db.changes = newChanges(db.write.othersVersion, db.log)
	return db, nil
}

func (db *DB) openPools(ctx context.Context) error {
	if err := db.migrate(ctx); err != nil {
		return err
	}
	var err error
	if db.write, err = openWriter(ctx, db.file); err != nil {
		return err
	}
	if db.read, err = sql.Open("sqlite", dsn(db.file, "query_only(1)")); err != nil {
		return err
	}
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	return db.read.PingContext(ctx)
}

// Close ends the replica's use. It may be called more than once.
func (db *DB) Close() error {
	db.closeOnce.Do(func() {
		db.changes.close()
		db.closeErr = errors.Join(db.read.Close(), db.write.close())
	})
	return db.closeErr
}

// Dir returns the data folder.
func (db *DB) Dir() string { return db.dir }

// Clock returns the device's clocks now.
func (db *DB) Clock() op.Clock { return db.clock() }

func (db *DB) nowUS() timeclock.Micros { return timeclock.MicrosOf(db.now()) }

// prepareFolder makes the folder and an empty 0600 file in it: SQLite gives its
// write-ahead log the file's own rights.
func prepareFolder(dir, file string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make data folder %s (choose another with --data): %w", dir, err)
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, errReadOnly):
		return fmt.Errorf("data folder %s cannot be written (give this user the right to it, or choose another with --data): %w", dir, err)
	case err != nil && isDiskFull(err):
		return fmt.Errorf("data folder %s: %w", dir, ErrDiskFull)
	case err != nil:
		return fmt.Errorf("open replica: %w", err)
	}
	return f.Close()
}

func dsn(file string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": append([]string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "case_sensitive_like(ON)"}, pragmas...)}
	abs, err := filepath.Abs(file)
	if err != nil {
		abs = file // the working directory is gone; a relative name is the best left
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: q.Encode()}).String()
}

// migrate brings the schema up to date. Two programs may start at the same
// moment, so it is done under a lock of its own.
func (db *DB) migrate(ctx context.Context) error {
	unlock, err := waitLock(filepath.Join(db.dir, "migrate.lock"))
	if err != nil {
		return fmt.Errorf("lock migrations: %w", err)
	}
	defer unlock()
	pool, err := sql.Open("sqlite", dsn(db.file))
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := pool.PingContext(ctx); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, files)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	current, known, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if current > known {
		return fmt.Errorf("replica %s was written by a newer Clockface (schema %d, this program knows %d): install the newer program", db.file, current, known)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate replica: %w", err)
	}
	return nil
}

// Check reads the whole file and returns a [CorruptError] when something in it
// is damaged. It takes seconds on a large replica.
func (db *DB) Check(ctx context.Context) error {
	var verdict string
	if err := db.read.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return db.explain("check replica", err)
	}
	if verdict != "ok" {
		return &CorruptError{File: db.file, Err: errors.New(verdict)}
	}
	return nil
}

// BackupTo writes a self-contained copy of the replica to a new file, readable
// by its owner alone. Keys are not part of it.
func (db *DB) BackupTo(ctx context.Context, file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("back up replica to %s: %w", file, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("back up replica to %s: %w", file, err)
	}
	pool, err := sql.Open("sqlite", dsn(db.file))
	if err != nil {
		return fmt.Errorf("back up replica: %w", err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "VACUUM INTO $1", file); err != nil {
		os.Remove(file)
		return db.explain("back up replica to "+file, err)
	}
	return nil
}
