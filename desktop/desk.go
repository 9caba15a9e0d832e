package desktop

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"clockface/timeclock"
)

// Options are what a desk works with. Every field is needed but Log.
type Options struct {
	Replica Replica
	Door    Door
	Memory  Memory
	Texts   Texts
	Now     func() time.Time
	Log     *slog.Logger // nil: nothing is logged
}

// A Desk is the supervisor's desk: see the package comment. Make it with New.
type Desk struct {
	replica Replica
	door    Door
	memory  Memory
	now     func() time.Time
	log     *slog.Logger

	mu         sync.Mutex // guards what follows; never held while the replica is asked
	words      words
	actor      Actor
	snap       *snapshot
	remembered Remembered
	inbox      inbox
	undo       []reversal
}

// New returns a desk at which nobody is signed in and which knows nothing yet.
func New(o Options) *Desk {
	d := &Desk{replica: o.Replica, door: o.Door, memory: o.Memory, now: o.Now, log: o.Log,
		snap: &snapshot{home: time.UTC}}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	r, err := d.memory.Load()
	if err != nil {
		d.log.Warn("the window's state is not readable and starts afresh", "error", err)
	}
	d.remembered = r
	d.words = words{t: o.Texts, hours12: r.Hours12}
	d.snap.build()
	d.inbox.marked = map[string]bool{}
	d.rebuild()
	return d
}

// Remembered returns what the window kept from its last time.
func (d *Desk) Remembered() Remembered {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.remembered
}

// remember changes the remembered state and writes it. A failure costs only
// comfort, so it is logged and not shown.
func (d *Desk) remember(change func(*Remembered)) {
	d.mu.Lock()
	change(&d.remembered)
	r := d.remembered
	d.mu.Unlock()
	if err := d.memory.Save(r); err != nil {
		d.log.Warn("the window's state could not be kept", "error", err)
	}
}

// Speak changes the language of every view from now on.
func (d *Desk) Speak(t Texts) {
	d.remember(func(r *Remembered) { r.Language = t.Language() })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.words.t = t
	d.rebuild()
}

// UseHours12 switches between 7:58 pm and 19:58.
func (d *Desk) UseHours12(on bool) {
	d.remember(func(r *Remembered) { r.Hours12 = on })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.words.hours12 = on
}

// UseLook keeps the name of the look that the window was given.
func (d *Desk) UseLook(name string) { d.remember(func(r *Remembered) { r.Look = name }) }

// Texts returns the words of the desk's language.
func (d *Desk) Texts() Texts {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.words.t
}

// Person is who is signed in.
type Person struct {
	Name string
	Role timeclock.Role
}

// SignedIn returns who sits at the desk, or false.
func (d *Desk) SignedIn() (Person, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.actor == nil {
		return Person{}, false
	}
	return Person{Name: d.actor.Name(), Role: d.actor.Role()}, true
}

// Resume signs in without a question where the door allows it; otherwise it
// returns ErrSignInNeeded.
func (d *Desk) Resume(ctx context.Context) error {
	a, err := d.door.Resume(ctx)
	if err != nil {
		return fmt.Errorf("resume the sign-in: %w", err)
	}
	d.seat(a)
	return nil
}

// SignIn opens the desk to a person. It waits for the cloud only where this
// person has never signed in on this PC.
func (d *Desk) SignIn(ctx context.Context, login, password string) error {
	a, err := d.door.SignIn(ctx, login, password)
	if err != nil {
		return fmt.Errorf("sign in %s: %w", login, err)
	}
	d.seat(a)
	return nil
}

// SignOut closes the desk. What was changed stays and is still sent.
func (d *Desk) SignOut(ctx context.Context) error {
	d.seat(nil)
	if err := d.door.SignOut(ctx); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

func (d *Desk) seat(a Actor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.actor, d.undo, d.inbox.marked = a, nil, map[string]bool{}
}

// Deny returns why the person who is signed in may not do the action, in words;
// empty when they may.
func (d *Desk) Deny(action timeclock.Action) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.deny(action)
}

func (d *Desk) deny(action timeclock.Action) string {
	switch {
	case d.actor == nil:
		return d.words.t.T("deny.signed_out")
	case !timeclock.May(d.actor.Role(), action):
		return d.words.t.T("deny."+string(action), "role", d.words.t.T("role."+string(d.actor.Role())))
	}
	return ""
}

// Refresh reads the replica anew. Views keep answering from the old copy until
// it is done, and go on doing so when it returns an error.
func (d *Desk) Refresh(ctx context.Context) error {
	s, err := load(ctx, d.replica, timeclock.MicrosOf(d.now()))
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.snap = s
	d.rebuild()
	return nil
}

// refreshSome takes changed punches over, reading only these where they are few.
func (d *Desk) refreshSome(ctx context.Context, ids []timeclock.PunchID) error {
	const few = 50
	if len(ids) > few {
		return d.Refresh(ctx)
	}
	changed := make([]timeclock.Entry, 0, len(ids))
	for _, id := range ids {
		e, err := d.replica.Entry(ctx, id)
		if err != nil {
			return fmt.Errorf("read punch %s: %w", id, err)
		}
		changed = append(changed, e)
	}
	state, err := d.replica.SyncState(ctx)
	if err != nil {
		return fmt.Errorf("read sync state: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.snap = d.snap.with(changed, timeclock.MicrosOf(d.now()))
	d.snap.sync = state
	d.rebuild()
	return nil
}
