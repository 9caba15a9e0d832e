package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// sqliteReaders is how many requests read at once; each connection costs up to
// 2 MB of page cache.
const sqliteReaders = 4

type sqliteEngine struct{ file string }

func (sqliteEngine) dialect() dialect { return goose.DialectSQLite3 }
func (sqliteEngine) writers() int     { return 1 }
func (sqliteEngine) embedded() bool   { return true }

// open makes the file private before SQLite sees it; the WAL takes over its
// mode. The writing pool has two connections although one writer is let in at a
// time: preparing a statement needs the second while a transaction is open.
func (e sqliteEngine) open(ctx context.Context) (write, read *sql.DB, err error) {
	if err := os.MkdirAll(filepath.Dir(e.file), 0o700); err != nil {
		return nil, nil, fmt.Errorf("make folder of database: %w", err)
	}
	f, err := os.OpenFile(e.file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: open database file: %w", ErrUnreachable, err)
	}
	if err := f.Close(); err != nil {
		return nil, nil, fmt.Errorf("close database file: %w", err)
	}
	common := []string{"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(2000)", "case_sensitive_like(ON)"}
	write, err = sql.Open("sqlite", e.dsn("immediate", common))
	if err != nil {
		return nil, nil, fmt.Errorf("open database %s: %w", e.file, err)
	}
	write.SetMaxOpenConns(2)
	write.SetMaxIdleConns(2)
	if err := write.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrUnreachable, e.file, err), write.Close())
	}
	read, err = sql.Open("sqlite", e.dsn("deferred", append(common, "query_only(ON)")))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open database %s: %w", e.file, err), write.Close())
	}
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return write, read, nil
}

func (e sqliteEngine) dsn(txlock string, pragmas []string) string {
	q := url.Values{"_txlock": {txlock}, "_pragma": pragmas}
	return "file:" + (&url.URL{Path: e.file}).EscapedPath() + "?" + q.Encode()
}

func (sqliteEngine) trouble(err error) trouble {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return unexpected
	}
	switch e.Code() & 0xff { // the low byte; 517 is a kind of 5
	case 5: // SQLITE_BUSY, and 517, SQLITE_BUSY_SNAPSHOT
		return retryable
	case 10, 13, 14: // SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
		return away
	}
	return unexpected
}
