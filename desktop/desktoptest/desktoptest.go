// Package desktoptest stands in for a replica, its cloud and the people at the
// desk in tests of the desktop. Its [Replica] keeps state: what an [Actor]
// writes is folded into what the next read returns, as on a real one.
package desktoptest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"clockface/desktop"
	"clockface/timeclock"
)

// Replica is a replica in memory. Its fields may be set before use; Fail makes
// every write fail.
type Replica struct {
	People       []timeclock.Employee
	Places       []timeclock.Site
	Punches      []timeclock.Punch
	Edits        []timeclock.Edit
	Decisions    []timeclock.Decision
	Happenings   []timeclock.Incident
	Known        desktop.Names
	State        desktop.SyncState
	RefusedState []desktop.Refused
	Fail         error
	Now          func() time.Time

	mu sync.Mutex
	n  int64
}

// Employees returns the people by name.
func (r *Replica) Employees(context.Context) ([]timeclock.Employee, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := slices.Clone(r.People)
	slices.SortFunc(out, func(a, b timeclock.Employee) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// Sites returns the sites.
func (r *Replica) Sites(context.Context) ([]timeclock.Site, error) { return r.Places, nil }

// SiteOfDevice returns the first site.
func (r *Replica) SiteOfDevice(context.Context) (timeclock.Site, error) {
	if len(r.Places) == 0 {
		return timeclock.Site{}, nil
	}
	return r.Places[0], nil
}

// Entries returns the folded punches of the span by time.
func (r *Replica) Entries(_ context.Context, s desktop.Span) ([]timeclock.Entry, error) {
	var out []timeclock.Entry
	for _, e := range r.timeline() {
		if e.Now.At >= s.From && e.Now.At < s.To && (!s.Undecided || !e.Decided()) {
			out = append(out, e)
		}
	}
	return out, nil
}

// Entry returns one folded punch.
func (r *Replica) Entry(_ context.Context, id timeclock.PunchID) (timeclock.Entry, error) {
	for _, e := range r.timeline() {
		if e.ID == id {
			return e, nil
		}
	}
	return timeclock.Entry{}, fmt.Errorf("no punch %s", id)
}

func (r *Replica) timeline() []timeclock.Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return timeclock.Timeline(r.Punches, slices.Clone(r.Edits), slices.Clone(r.Decisions))
}

// Incidents returns those since then.
func (r *Replica) Incidents(_ context.Context, since timeclock.Micros) ([]timeclock.Incident, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.Happenings), func(i timeclock.Incident) bool { return i.At < since }), nil
}

// Names returns the known names.
func (r *Replica) Names(context.Context) (desktop.Names, error) {
	return desktop.Names{Members: maps.Clone(r.Known.Members), Devices: maps.Clone(r.Known.Devices)}, nil
}

// SyncState returns the state that was set, with the changes made since.
func (r *Replica) SyncState(context.Context) (desktop.SyncState, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.State
	s.Waiting += int(r.n)
	return s, nil
}

// Refused returns the refused changes that were set.
func (r *Replica) Refused(context.Context) ([]desktop.Refused, error) { return r.RefusedState, nil }

// Arrive adds an event of somebody else as a pull would bring it.
func (r *Replica) Arrive(e *timeclock.Edit, d *timeclock.Decision) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e != nil {
		r.Edits = append(r.Edits, *e)
	}
	if d != nil {
		r.Decisions = append(r.Decisions, *d)
	}
}

// Actor acts on the replica as a person of a role.
type Actor struct {
	On     *Replica
	Person string
	As     timeclock.Role
}

// Member is the membership under which every Actor writes.
const Member timeclock.MembershipID = "member-1"

// Name returns the person's name.
func (a Actor) Name() string { return a.Person }

// Role returns the person's role.
func (a Actor) Role() timeclock.Role { return a.As }

// Decide writes one decision a punch.
func (a Actor) Decide(_ context.Context, punches []timeclock.PunchID, v timeclock.Verdict, reason string) ([]timeclock.Decision, error) {
	a.On.mu.Lock()
	defer a.On.mu.Unlock()
	if a.On.Fail != nil {
		return nil, a.On.Fail
	}
	var out []timeclock.Decision
	for _, id := range punches {
		a.On.n++
		d := timeclock.Decision{ID: fmt.Sprintf("event-%d", a.On.n), Punch: id, Verdict: v, Reason: reason,
			By: string(Member), At: timeclock.MicrosOf(a.On.Now()), Effective: true, N: a.On.n}
		a.On.Decisions = append(a.On.Decisions, d)
		out = append(out, d)
	}
	return out, nil
}

// Edit writes one edit; an added punch gets an id.
func (a Actor) Edit(_ context.Context, c desktop.Change) (timeclock.Edit, error) {
	a.On.mu.Lock()
	defer a.On.mu.Unlock()
	if a.On.Fail != nil {
		return timeclock.Edit{}, a.On.Fail
	}
	a.On.n++
	if c.Punch == "" {
		c.Punch = timeclock.PunchID(fmt.Sprintf("added-%d", a.On.n))
	}
	e := timeclock.Edit{ID: fmt.Sprintf("event-%d", a.On.n), Punch: c.Punch, What: c.What, Values: c.Values,
		Cause: c.Cause, Reason: c.Reason, By: string(Member), At: timeclock.MicrosOf(a.On.Now()), Effective: true, N: a.On.n}
	a.On.Edits = append(a.On.Edits, e)
	return e, nil
}

// ReopenPIN writes the incident.
func (a Actor) ReopenPIN(_ context.Context, e timeclock.EmployeeID) error {
	a.On.mu.Lock()
	defer a.On.mu.Unlock()
	if a.On.Fail != nil {
		return a.On.Fail
	}
	a.On.n++
	a.On.Happenings = append(a.On.Happenings, timeclock.Incident{ID: fmt.Sprintf("event-%d", a.On.n), Employee: e,
		Kind: timeclock.PINReopened, At: timeclock.MicrosOf(a.On.Now())})
	return nil
}

// Door lets one person in. Open lets them in without a question.
type Door struct {
	Actor    Actor
	Open     bool
	Login    string
	Password string
	Err      error // instead of any sign-in
}

// Resume returns the person where the door stands open.
func (d *Door) Resume(context.Context) (desktop.Actor, error) {
	switch {
	case d.Err != nil:
		return nil, d.Err
	case !d.Open:
		return nil, desktop.ErrSignInNeeded
	}
	return d.Actor, nil
}

// SignIn returns the person for the one login and password.
func (d *Door) SignIn(_ context.Context, login, password string) (desktop.Actor, error) {
	switch {
	case d.Err != nil:
		return nil, d.Err
	case login != d.Login || password != d.Password:
		return nil, desktop.ErrWrongSecret
	}
	return d.Actor, nil
}

// SignOut closes the door.
func (d *Door) SignOut(context.Context) error {
	d.Open = false
	return nil
}

// Memory keeps the window's state in memory.
type Memory struct {
	mu   sync.Mutex
	Kept desktop.Remembered
}

// Load returns what was kept.
func (m *Memory) Load() (desktop.Remembered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Kept, nil
}

// Save keeps it.
func (m *Memory) Save(r desktop.Remembered) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Kept = r
	return nil
}
