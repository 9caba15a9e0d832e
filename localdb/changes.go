package localdb

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// pollChanges is how often other programs' commits are looked for: half a second
// is quick for a person and costs nothing.
const pollChanges = 500 * time.Millisecond

// changes tells listeners of commits: this program's own at once, those of
// others when they are found. It looks for them only while somebody listens.
type changes struct {
	others func(context.Context) (version int64, ok bool, err error)
	log    *slog.Logger

	mu        sync.Mutex
	listeners []chan struct{}
	stop      context.CancelFunc // nil until the first listener
	stopped   chan struct{}
	closed    bool
}

func newChanges(others func(context.Context) (int64, bool, error), log *slog.Logger) *changes {
	return &changes{others: others, log: log}
}

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

// poll watches the number that changes with others' commits.
func (c *changes) poll(ctx context.Context) {
	defer close(c.stopped)
	tick := time.NewTicker(pollChanges)
	defer tick.Stop()
	last := int64(-1)
	for {
		v, ok, err := c.others(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			c.log.Warn("watch replica for changes", "error", err)
		case ok:
			if last >= 0 && v != last {
				c.tell()
			}
			last = v
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
