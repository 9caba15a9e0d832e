package sync

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

const (
	// gatherFor is how long a changed replica is left to change more, so that
	// what belongs together travels together.
	gatherFor = 50 * time.Millisecond
	// pollEvery is how often an idle device asks without any hint.
	pollEvery = time.Minute
	// firstDelay and longestDelay bound the back-off.
	firstDelay   = time.Second
	longestDelay = 5 * time.Minute
	// changeGap is how long after a failed try a new punch starts another one
	// before the back-off has passed.
	changeGap = 10 * time.Second
	// waitGap is the pause after a long poll that failed or that answered
	// without any news at once.
	waitGap = 5 * time.Second
)

// Options of a [Replicator]. Clock is needed; the rest has defaults.
type Options struct {
	Clock func() op.Clock  // the device's clocks
	Now   func() time.Time // nil = time.Now
	Rand  func() float64   // in [0,1) for the jitter; nil = math/rand
	Log   *slog.Logger     // nil = none
	// OnSync, when set, is called after each round that had something answered
	// or brought rows: how many ops were answered and how many still wait.
	OnSync func(acked, waiting int)
}

// State is what a program shows of the connection.
type State struct {
	Online      bool      // the newest round went through
	Revoked     bool      // the cloud knows this device no more: punches are sent, nothing is pulled
	LastContact time.Time // when a round last went through; zero = never
	LastError   error     // why the newest round did not; nil when Online
}

// A Replicator keeps a replica and the cloud alike. It pushes before it pulls,
// pushes at once when the replica changes, pulls when the cloud hints at
// something new, and backs off with full jitter while the cloud is away.
type Replicator struct {
	store  Store
	client *Client
	o      Options
	nudge  chan struct{}

	round    sync.Mutex // one round at a time; guards what follows
	started  bool
	batch    int // ops of the next push
	estimate offsetEstimate
	savedUS  int64 // offset as the store has it

	mu    sync.Mutex // guards state
	state State
}

// NewReplicator returns a replicator between the store and the cloud of c, which
// must have credentials.
func NewReplicator(store Store, c *Client, o Options) *Replicator {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Replicator{store: store, client: c, o: o, nudge: make(chan struct{}, 1), batch: op.MaxOps}
}

// State returns how the newest round ended.
func (r *Replicator) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Nudge makes [Replicator.Run] try again at once, also during a back-off.
func (r *Replicator) Nudge() {
	select {
	case r.nudge <- struct{}{}:
	default: // one is waiting already
	}
}

// Once pushes until nothing waits and pulls until there is no more. It returns
// how many ops got their final status, also when it ends with an error.
func (r *Replicator) Once(ctx context.Context) (acked int, err error) {
	acked, rows, err := r.sync(ctx)
	r.note(ctx, acked, rows, err)
	return acked, err
}

// Run is the device loop. It returns nil once ctx ends, and ends for nothing
// else: what goes wrong is in [Replicator.State] and tried again.
func (r *Replicator) Run(ctx context.Context) error {
	w := newHintWaiter(r.client, r.store, r.o.Now)
	defer w.stop()
	changes := r.store.Changes()
	for tries := 0; ; {
		began := r.o.Now()
		_, err := r.Once(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			tries++
			d := r.delay(tries, err)
			r.o.Log.Warn("sync round ended early", "err", err, "next_try_in", d.Round(time.Millisecond))
			r.backOff(ctx, d, began, changes)
		default:
			tries = 0
			r.idle(ctx, w, changes)
		}
	}
}

// delay returns the pause before the next try: anything up to a bound that
// doubles, so that devices that lost the cloud together do not come back
// together, and never less than the cloud asked for.
func (r *Replicator) delay(tries int, err error) time.Duration {
	bound := longestDelay
	if shift := tries - 1; shift < 16 {
		bound = min(longestDelay, firstDelay<<shift)
	}
	d := time.Duration(r.o.Rand() * float64(bound))
	var ce *CloudError
	if errors.As(err, &ce) && ce.RetryAfter > 0 {
		d = ce.RetryAfter + time.Duration(r.o.Rand()*float64(firstDelay))
	}
	return d
}

// backOff returns after d, or earlier when somebody asks or something new waits
// to be sent and the last try began a while ago.
func (r *Replicator) backOff(ctx context.Context, d time.Duration, began time.Time, changes <-chan struct{}) {
	end := time.NewTimer(d)
	defer end.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-r.nudge:
			return
		case _, open := <-changes:
			if !open {
				changes = nil // the store was closed; a closed channel would spin
				continue
			}
			if r.o.Now().Sub(began) >= changeGap && r.somethingWaits(ctx) {
				return
			}
		}
	}
}

// idle returns when there is a reason for another round.
func (r *Replicator) idle(ctx context.Context, w *hintWaiter, changes <-chan struct{}) {
	poll := time.NewTimer(pollEvery)
	defer poll.Stop()
	for {
		w.start(ctx)
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			return
		case <-r.nudge:
			return
		case <-w.retry():
		case a := <-w.answers:
			if w.hints(ctx, a) {
				return
			}
		case _, open := <-changes:
			if !open {
				changes = nil
				continue
			}
			if r.somethingWaits(ctx) {
				sleep(ctx, gatherFor)
				return
			}
		}
	}
}

// somethingWaits reports whether an op is unanswered. A replica that cannot say
// is taken to have one: the round will then name the trouble.
func (r *Replicator) somethingWaits(ctx context.Context) bool {
	n, err := r.store.Unanswered(ctx)
	return err != nil || n > 0
}

// note keeps how a round ended and tells who wants to know.
func (r *Replicator) note(ctx context.Context, acked, rows int, err error) {
	if ctx.Err() != nil && err != nil {
		return // the round was stopped, which says nothing about the cloud
	}
	now := r.o.Now()
	r.mu.Lock()
	r.state.Online, r.state.LastError = err == nil, err
	switch {
	case err == nil:
		r.state.LastContact, r.state.Revoked = now, false
	case HasCode(err, op.CodeUnauthorized):
		r.state.Revoked = true
	}
	r.mu.Unlock()
	if e := r.store.NoteContact(ctx, timeclock.MicrosOf(now), err); e != nil {
		r.o.Log.Warn("note contact with the cloud", "err", e)
	}
	if r.o.OnSync == nil || acked == 0 && rows == 0 {
		return
	}
	waiting, e := r.store.Unanswered(ctx)
	if e != nil {
		r.o.Log.Warn("count waiting ops", "err", e)
		return
	}
	r.o.OnSync(acked, waiting)
}

// sleep returns after d or when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
