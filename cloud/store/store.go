// Package store keeps the cloud's data: the op log, what it says (the synced
// tables), devices, grants and accounts. One hand-written SQL text runs on
// SQLite and on PostgreSQL; what differs stands in sqlite.go and postgres.go.
//
// Everything that changes a company's data is an op that goes through the one
// apply behind [Store.Push] and leaves one row in the log, whatever became of
// it; what the cloud itself brings forth (see [Store.CreateCompany]) takes the
// same way on the chain of the company's own device. [Store.Rebuild] makes the
// synced tables from the log again.
//
// The company's counter row is the first thing every such transaction takes, so
// sequence numbers become visible in their own order and [Store.Pull] never
// misses a row. Times come from [Config.Now]; ids are UUIDv7.
package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"clockface/timeclock"
)

// The errors that callers tell apart.
var (
	ErrAddress       = errors.New("no address of a database")
	ErrUnreachable   = errors.New("database not reachable")
	ErrBusy          = errors.New("busy")
	ErrNoCompany     = errors.New("no such company")
	ErrCompanyExists = errors.New("a company exists already")
	ErrNoSite        = errors.New("no such site")
	ErrNoDevice      = errors.New("no such device")
	ErrNoAccount     = errors.New("no such account")
	ErrNoMember      = errors.New("account is no active member of the company")
	ErrBadCode       = errors.New("enrol code unknown, used or expired")
	ErrChainBroken   = errors.New("chain broken")
	ErrDeviceRevoked = errors.New("device revoked")
	ErrBadPush       = errors.New("push not understood")
	ErrResync        = errors.New("cursor no longer served")
)

// A GapError says that the ops of a push do not follow the last one known.
type GapError struct{ LastN int64 }

// Error tells the last op that is there.
func (e *GapError) Error() string { return fmt.Sprintf("ops missing after number %d", e.LastN) }

// A CodeProfileError says that an enrol code that still works is for a device of
// another profile. It is an ErrBadCode.
type CodeProfileError struct{ Profile timeclock.Profile }

// Error tells what the code is for.
func (e *CodeProfileError) Error() string { return "the enrol code is for a " + string(e.Profile) }

// Unwrap returns ErrBadCode.
func (e *CodeProfileError) Unwrap() error { return ErrBadCode }

// Keys gives the key that signs for a company; *keys.Ring in production.
type Keys interface {
	Company(timeclock.CompanyID) (ed25519.PrivateKey, error)
}

// Config is what a store needs of its surroundings. Now and Log may be left out.
type Config struct {
	Keys Keys
	Now  func() time.Time
	Log  *slog.Logger
}

// Store is safe for concurrent use.
type Store struct {
	engine engine
	write  *pool
	read   *pool
	gate   chan struct{} // one place per writer
	keys   Keys
	now    func() time.Time
	log    *slog.Logger
	boot   string // of the cloud's own clock; see cloudClock
	since  time.Time
}

// An engine is what differs between the databases.
type engine interface {
	// open returns the pools for writing and reading; they may be the same.
	open(ctx context.Context) (write, read *sql.DB, err error)
	dialect() dialect
	// writers is how many transactions may write at once.
	writers() int
	// embedded says that the database is a library in this process.
	embedded() bool
	// trouble tells by its code what kind of error the driver gave.
	trouble(err error) trouble
}

type trouble int

const (
	unexpected trouble = iota
	retryable          // the transaction may succeed when run again
	busy               // somebody holds what it needs for too long
	away               // no connection to the database
)

// CheckAddress returns an error that wraps ErrAddress unless Open would
// understand the address; it opens nothing.
func CheckAddress(address string) error {
	_, err := engineOf(address)
	return err
}

func engineOf(address string) (engine, error) {
	switch path, isFile := strings.CutPrefix(address, "sqlite:"); {
	case isFile && path != "":
		return sqliteEngine{file: path}, nil
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return postgresEngine{url: address}, nil
	}
	return nil, fmt.Errorf("%w: %q, want sqlite:PATH or postgres://…", ErrAddress, address)
}

// Open opens the database, brings its schema up to date and returns the store.
// The address is sqlite:PATH or postgres://…; the error wraps ErrAddress where it
// is neither, and ErrUnreachable where the database does not answer.
func Open(ctx context.Context, address string, cfg Config) (*Store, error) {
	e, err := engineOf(address)
	if err != nil {
		return nil, err
	}
	w, r, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{engine: e, keys: cfg.Keys, now: cfg.Now, log: cfg.Log,
		write: newPool(w, e.embedded()), read: newPool(r, e.embedded()),
		gate: make(chan struct{}, e.writers()), boot: newBoot(), since: cfg.Now()}
	if err := migrate(ctx, e.dialect(), w); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the database. It may be called twice.
func (s *Store) Close() error { return errors.Join(s.write.close(), s.read.close()) }

// nowUS returns the time in microseconds.
func (s *Store) nowUS() timeclock.Micros { return timeclock.MicrosOf(s.now()) }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var n int
	_, err := one(ctx, s.read, "SELECT count(*) FROM company_seq", nil, &n)
	if err != nil {
		return fmt.Errorf("ping database: %w", s.named(err))
	}
	return nil
}
