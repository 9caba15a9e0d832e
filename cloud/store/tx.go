package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	txTries  = 6
	gateWait = 2 * time.Second // like lock_timeout on PostgreSQL and busy_timeout on SQLite
	retryFor = 3 * time.Second // no new try after that; a device is better told to come again
)

// pool is a database/sql pool that remembers, for the embedded engine, prepared
// statements by their text: the driver would parse each text again. Only texts
// from a small set may go through it.
type pool struct {
	db       *sql.DB
	embedded bool

	mu      sync.Mutex
	stmts   map[string]*sql.Stmt
	inserts map[insertKey]string
}

// insertKey names the text of an INSERT; a table's columns are always the same.
type insertKey struct {
	table string
	rows  int
}

func newPool(db *sql.DB, embedded bool) *pool {
	return &pool{db: db, embedded: embedded, stmts: map[string]*sql.Stmt{}, inserts: map[insertKey]string{}}
}

func (p *pool) close() error { return p.db.Close() }

func (p *pool) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if st, ok := p.stmts[text]; ok {
		return st, nil
	}
	st, err := p.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.stmts[text] = st
	return st, nil
}

func (p *pool) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if !p.embedded {
		return p.db.QueryContext(ctx, text, args...)
	}
	st, err := p.stmt(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// tx is an open transaction that writes.
type tx struct {
	*sql.Tx
	pool *pool
}

func (t tx) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if !t.pool.embedded {
		return t.QueryContext(ctx, text, args...)
	}
	st, err := t.pool.stmt(ctx, text)
	if err != nil {
		return nil, err
	}
	return t.StmtContext(ctx, st).QueryContext(ctx, args...)
}

func (t tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	var res sql.Result
	var err error
	if t.pool.embedded {
		var st *sql.Stmt
		if st, err = t.pool.stmt(ctx, text); err != nil {
			return 0, err
		}
		res, err = t.StmtContext(ctx, st).ExecContext(ctx, args...)
	} else {
		res, err = t.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// querier is what reads: a pool, or an open transaction.
type querier interface {
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// one scans the first row of the answer and reports whether there was one.
func one(ctx context.Context, q querier, text string, args []any, into ...any) (bool, error) {
	found := false
	err := each(ctx, q, text, args, func(rows *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return rows.Scan(into...)
	})
	return found, err
}

// each calls f for every row of the answer.
func each(ctx context.Context, q querier, text string, args []any, f func(*sql.Rows) error) error {
	rows, err := q.query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// inTx runs f in a transaction that writes and commits it when f returns nil. It
// is the one place where a transaction is tried again. It returns errors that
// wrap ErrBusy and ErrUnreachable where that is what happened.
func (s *Store) inTx(ctx context.Context, f func(context.Context, tx) error) error {
	timer := time.NewTimer(gateWait)
	defer timer.Stop()
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-timer.C:
		return fmt.Errorf("%w: all writers taken", ErrBusy)
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.engine.embedded() {
		// The driver watches a context that can end with a goroutine a statement.
		// These transactions are short, and one whose client left is a replay later.
		ctx = context.WithoutCancel(ctx)
	}
	began := time.Now()
	for try := 1; ; try++ {
		err := s.tryTx(ctx, f)
		if err == nil || s.engine.trouble(err) != retryable || try == txTries || time.Since(began) > retryFor {
			return s.named(err)
		}
		pause := time.Duration(rand.Int64N(int64(5*time.Millisecond) << try))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Store) tryTx(ctx context.Context, f func(context.Context, tx) error) error {
	t, err := s.write.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(ctx, tx{t, s.write}); err != nil {
		if rerr := t.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) && !errors.Is(rerr, driver.ErrBadConn) {
			return errors.Join(err, rerr)
		}
		return err
	}
	return t.Commit()
}

// named wraps a driver's error in the sentinel that callers know.
func (s *Store) named(err error) error {
	if err == nil {
		return nil
	}
	switch s.engine.trouble(err) {
	case busy, retryable:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case away:
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// inLists are the lengths of IN lists that are used, so that few texts exist.
var inLists = []int{1, 4, 16, 50, 100, 500}

// inList returns "($from, …)" and the arguments for it; a short list is filled
// up with its last value. values must hold between 1 and 500.
func inList(from int, values []string) (string, []any) {
	args := make([]any, listSize(len(values)))
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return placeholders(from, len(args)), args
}

// listSize returns the length of list that n values are written in.
func listSize(n int) int {
	for _, size := range inLists {
		if size >= n {
			return size
		}
	}
	return n
}

// placeholders returns "($from, …, $from+n-1)".
func placeholders(from, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	b.WriteByte(')')
	return b.String()
}

// insertChunks are the numbers of rows that one INSERT brings, so that few texts exist.
var insertChunks = []int{100, 10, 1}

// insert adds rows of equal width to a table: columns is "(a, b, …)".
func (t tx) insert(ctx context.Context, table, columns string, rows [][]any) error {
	for len(rows) > 0 {
		n := 1
		for _, size := range insertChunks {
			if size <= len(rows) {
				n = size
				break
			}
		}
		width := len(rows[0])
		args := make([]any, 0, n*width)
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		if _, err := t.exec(ctx, t.pool.insertText(table, columns, n, width), args...); err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
		rows = rows[n:]
	}
	return nil
}

// insertText writes the INSERT. SQLite takes $1 for a name and looks each name
// up among all of a statement, which costs more than the rows of a wide insert:
// there the places stay without names.
func (p *pool) insertText(table, columns string, rows, width int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := insertKey{table, rows}
	if text, ok := p.inserts[key]; ok {
		return text
	}
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " " + columns + " VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		if p.embedded {
			b.WriteString("(?" + strings.Repeat(",?", width-1) + ")")
		} else {
			b.WriteString(placeholders(1+i*width, width))
		}
	}
	p.inserts[key] = b.String()
	return p.inserts[key]
}
