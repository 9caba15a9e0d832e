package localdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
)

// writer is the one connection that writes. It keeps every statement prepared,
// which is worth half of a punch's time, and lets one transaction in at a time.
type writer struct {
	gate  chan struct{} // holds one token
	pool  *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt

	// last is where the chain stood after this writer's newest transaction that
	// looked at it. It holds while the data version is still lastVersion.
	last        position
	lastVersion uint32
}

func openWriter(ctx context.Context, file string) (*writer, error) {
	pool, err := sql.Open("sqlite", dsn(file))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		pool.Close()
		return nil, err
	}
	w := &writer{gate: make(chan struct{}, 1), pool: pool, conn: conn, stmts: map[string]*sql.Stmt{}}
	w.gate <- struct{}{}
	return w, nil
}

func (w *writer) close() error {
	<-w.gate // never given back: later transactions see errClosed through their context or wait for nobody
	for _, s := range w.stmts {
		s.Close()
	}
	err := errors.Join(w.conn.Close(), w.pool.Close())
	close(w.gate)
	return err
}

// errClosed is returned by writes after Close.
var errClosed = errors.New("replica is closed")

// tx is one write transaction. Its statements are not cancelled half-way: they
// are short, and an action that was begun ends with a known outcome.
type tx struct {
	ctx     context.Context
	w       *writer
	version uint32    // of the data when it began
	pos     *position // nil until it was asked for
	changed bool      // a row was written
}

// update runs do in one write transaction and commits it. what names the action
// in errors. ctx ends the waiting for other writers of this program, not the
// transaction itself.
func (db *DB) update(ctx context.Context, what string, do func(t *tx) error) error {
	w := db.write
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	select {
	case _, open := <-w.gate:
		if !open {
			return fmt.Errorf("%s: %w", what, errClosed)
		}
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
	changed, err := w.run(context.WithoutCancel(ctx), do)
	w.gate <- struct{}{}
	if err != nil {
		return db.explain(what, err)
	}
	if changed {
		db.changes.tell()
	}
	return nil
}

// run reports whether the transaction changed anything.
func (w *writer) run(ctx context.Context, do func(t *tx) error) (changed bool, err error) {
	t := &tx{ctx: ctx, w: w}
	if _, err := t.run("BEGIN IMMEDIATE"); err != nil {
		return false, err
	}
	done := false
	defer func() {
		if !done { // an error, or a panic on its way out
			t.run("ROLLBACK") // fails where the engine has rolled back by itself
		}
	}()
	if t.version, err = w.dataVersion(); err != nil {
		return false, err
	}
	if err := do(t); err != nil {
		return false, err
	}
	if _, err := t.run("COMMIT"); err != nil {
		return false, err
	}
	done = true
	w.last = position{}
	if version, err := w.dataVersion(); err == nil && t.pos != nil { // else it is read again the next time
		w.last, w.lastVersion = *t.pos, version
	}
	return t.changed, nil
}

// othersVersion returns a number that changes when another connection commits,
// in this program or another; ok is false while this one is writing.
func (w *writer) othersVersion(ctx context.Context) (version int64, ok bool, err error) {
	select {
	case _, open := <-w.gate:
		if !open {
			return 0, false, nil
		}
	default:
		return 0, false, nil
	}
	defer func() { w.gate <- struct{}{} }()
	t := &tx{ctx: ctx, w: w}
	err = t.queryRow("PRAGMA data_version").Scan(&version)
	return version, err == nil, err
}

// dataVersion changes whenever the file's content does, by this connection or
// another one, in this program or another; what another one did is seen once a
// transaction has begun.
func (w *writer) dataVersion() (version uint32, err error) {
	err = w.conn.Raw(func(conn any) error {
		control, ok := conn.(sqlite.FileControl)
		if !ok {
			return errors.New("the SQLite driver tells no data version")
		}
		version, err = control.FileControlDataVersion("main")
		return err
	})
	return version, err
}

func (t *tx) stmt(text string) (*sql.Stmt, error) {
	if s, ok := t.w.stmts[text]; ok {
		return s, nil
	}
	s, err := t.w.conn.PrepareContext(t.ctx, text)
	if err != nil {
		return nil, err
	}
	t.w.stmts[text] = s
	return s, nil
}

func (t *tx) run(text string, args ...any) (sql.Result, error) {
	s, err := t.stmt(text)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(t.ctx, args...)
}

// exec runs a statement that writes rows.
func (t *tx) exec(text string, args ...any) error {
	r, err := t.run(text, args...)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	t.changed = t.changed || n > 0
	return err
}

// queryRow returns the first row; texts are constants, so that preparing them
// can only fail like the query itself.
func (t *tx) queryRow(text string, args ...any) *sql.Row {
	s, err := t.stmt(text)
	if err != nil {
		return t.w.conn.QueryRowContext(t.ctx, text, args...)
	}
	return s.QueryRowContext(t.ctx, args...)
}

func (t *tx) query(text string, args ...any) (*sql.Rows, error) {
	s, err := t.stmt(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.ctx, args...)
}

// querier is what reading needs: a write transaction or a read snapshot.
type querier interface {
	query(text string, args ...any) (*sql.Rows, error)
	queryRow(text string, args ...any) *sql.Row
}

// snapshot reads several tables as they were at one moment.
type snapshot struct {
	ctx context.Context
	tx  *sql.Tx
}

func (s snapshot) query(text string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(s.ctx, text, args...)
}

func (s snapshot) queryRow(text string, args ...any) *sql.Row {
	return s.tx.QueryRowContext(s.ctx, text, args...)
}

// view runs do on one snapshot of the replica.
func (db *DB) view(ctx context.Context, what string, do func(q querier) error) error {
	t, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return db.explain(what, err)
	}
	defer t.Rollback() // nothing to keep
	if err := do(snapshot{ctx, t}); err != nil {
		return db.explain(what, err)
	}
	return nil
}

// Primary and extended result codes of SQLite that have a meaning of their own.
const (
	codeBusy      = 5
	codeReadOnly  = 8
	codeCorrupt   = 11
	codeFull      = 13
	codeCantOpen  = 14
	codeNotADB    = 26
	codeShmSize   = 4874 // the write-ahead log's index could not grow
	primaryErrors = 0xff
)

// explain adds the action and turns engine codes into what callers branch on.
func (db *DB) explain(what string, err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch code := e.Code() & primaryErrors; {
		case code == codeFull, e.Code() == codeShmSize:
			return fmt.Errorf("%s: %w: free some space on the disk of %s", what, ErrDiskFull, db.dir)
		case code == codeCorrupt, code == codeNotADB:
			return fmt.Errorf("%s: %w", what, &CorruptError{File: db.file, Err: e})
		case code == codeReadOnly, code == codeCantOpen:
			return fmt.Errorf("%s: data folder %s cannot be written (give this user the right to it and its files): %w", what, db.dir, e)
		case code == codeBusy:
			return fmt.Errorf("%s: another program keeps the replica busy, try again: %w", what, e)
		}
	}
	if isDiskFull(err) {
		return fmt.Errorf("%s: %w: free some space on the disk of %s", what, ErrDiskFull, db.dir)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func isDiskFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// errReadOnly is the system's error for a file system mounted read-only.
const errReadOnly = syscall.EROFS
