package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// postgresWriters bounds the transactions that write at once.
const postgresWriters = 16

type postgresEngine struct{ url string }

func (postgresEngine) dialect() dialect { return goose.DialectPostgres }
func (postgresEngine) writers() int     { return postgresWriters }
func (postgresEngine) embedded() bool   { return false }

func (e postgresEngine) open(ctx context.Context) (write, read *sql.DB, err error) {
	cfg, err := pgx.ParseConfig(e.url)
	if err != nil {
		return nil, nil, fmt.Errorf("database address: %w", err)
	}
	cfg.RuntimeParams["lock_timeout"] = "2000" // milliseconds
	cfg.RuntimeParams["default_transaction_isolation"] = "read committed"
	cfg.RuntimeParams["application_name"] = "clockface-cloud"
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(postgresWriters + 8)
	db.SetMaxIdleConns(8)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%w: %w", ErrUnreachable, err), db.Close())
	}
	return db, db, nil
}

func (postgresEngine) trouble(err error) trouble {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch {
		case e.Code == "40001", e.Code == "40P01": // serialization failure, deadlock
			return retryable
		case e.Code == "55P03": // lock_timeout
			return busy
		case strings.HasPrefix(e.Code, "08"), strings.HasPrefix(e.Code, "57P"), e.Code == "53300":
			return away
		}
		return unexpected
	}
	var n net.Error
	var c *pgconn.ConnectError
	gone := errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err)
	if gone || errors.As(err, &c) || errors.As(err, &n) {
		return away
	}
	return unexpected
}
