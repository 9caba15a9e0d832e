package localdb

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"
)

// pollChanges is how often other programs' commits are looked for: half a second
// is quick for a person and costs nothing.
const pollChanges = 500 * time.Millisecond

// changes tells listeners of commits. It polls only while somebody listens.
type changes struct {
	read *sql.DB
	log  *slog.Logger

	mu        sync.Mutex
	listeners []chan struct{}
	stop      context.CancelFunc // nil until the first listener
	stopped   chan struct{}
	closed    bool
}

func newChanges(read *sql.DB, log *slog.Logger) *changes { return &changes{read: read, log: log} }

// Changes returns a channel that gets a hint after commits on this folder, by
// this or another program. Hints that come while one waits are one. The channel
// is closed by Close.
func (db *DB) Changes() <-chan struct{} { return db.changes.listen() }

func (c *changes) listen() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan struct{}, 1)
	if c.closed {
		close(ch)
		return ch
	}
	c.listeners = append(c.listeners, ch)
	if c.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		c.stop, c.stopped = stop, make(chan struct{})
		go c.poll(ctx)
	}
	return ch
}

func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	for _, ch := range c.listeners {
		select {
		case ch <- struct{}{}:
		default: // a hint waits there already
		}
	}
}

func (c *changes) close() {
	c.mu.Lock()
	stop, stopped := c.stop, c.stopped
	c.mu.Unlock()
	if stop != nil {
		stop()
		<-stopped
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	for _, ch := range c.listeners {
		close(ch)
	}
	c.listeners = nil
}

// poll watches data_version, which changes on a connection when another
// connection has committed. It keeps one connection, since the number means
// nothing on another.
func (c *changes) poll(ctx context.Context) {
	defer close(c.stopped)
	conn, err := c.read.Conn(ctx)
	if err != nil {
		c.log.Warn("watch replica for changes", "error", err)
		return
	}
	defer conn.Close()
	tick := time.NewTicker(pollChanges)
	defer tick.Stop()
	last := int64(-1)
	for {
		var v int64
		if err := conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&v); err != nil {
			if ctx.Err() == nil {
				c.log.Warn("watch replica for changes", "error", err)
			}
			return
		}
		if last >= 0 && v != last {
			c.tell()
		}
		last = v
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
