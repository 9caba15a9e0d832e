package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"clockface/cmd/internal/station"
	"clockface/desktop"
	"clockface/localdb"
	punchsync "clockface/sync"
	"clockface/sync/op"
	"clockface/timeclock"
)

// replica gives the desk what it reads of this PC's database.
type replica struct{ *localdb.DB }

// Entries returns the folded punches of the span.
func (r replica) Entries(ctx context.Context, s desktop.Span) ([]timeclock.Entry, error) {
	return r.DB.Entries(ctx, localdb.Query{From: s.From, To: s.To, Undecided: s.Undecided})
}

// Names returns who stands behind the ids in records.
func (r replica) Names(ctx context.Context) (desktop.Names, error) {
	members, err := r.MemberNames(ctx)
	if err != nil {
		return desktop.Names{}, fmt.Errorf("names of members: %w", err)
	}
	devices, err := r.DeviceNames(ctx)
	if err != nil {
		return desktop.Names{}, fmt.Errorf("names of devices: %w", err)
	}
	return desktop.Names{Members: members, Devices: devices}, nil
}

// SyncState returns how this PC stands with the cloud.
func (r replica) SyncState(ctx context.Context) (desktop.SyncState, error) {
	w, err := r.SyncStatus(ctx)
	if err != nil {
		return desktop.SyncState{}, err
	}
	return desktop.SyncState{Online: w.Online, Waiting: w.Queued + w.Sent, Refused: w.Rejected, Conflicts: w.Conflicts,
		LastContact: w.LastContactUS, LastError: w.LastError}, nil
}

// Refused returns the changes that the cloud did not take.
func (r replica) Refused(ctx context.Context) ([]desktop.Refused, error) {
	all, err := r.DB.Refused(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]desktop.Refused, len(all))
	for i, x := range all {
		out[i] = desktop.Refused{ID: x.OpID, Kind: string(x.Kind), Reason: x.Reason, At: x.MadeUS}
	}
	return out, nil
}

// actor writes to the replica in the name of the person who is signed in.
type actor struct {
	db     *localdb.DB
	opened *localdb.Actor
}

// Name returns the person's name.
func (a actor) Name() string { return a.opened.Name }

// Role returns the person's role.
func (a actor) Role() timeclock.Role { return a.opened.Role }

// Decide decides the punches in one transaction.
func (a actor) Decide(ctx context.Context, punches []timeclock.PunchID, v timeclock.Verdict, reason string) ([]timeclock.Decision, error) {
	d, err := a.db.DecidePunches(ctx, a.opened, punches, v, reason)
	return d, forDesk(err)
}

// Edit writes one edit.
func (a actor) Edit(ctx context.Context, c desktop.Change) (timeclock.Edit, error) {
	e, err := a.db.EditPunch(ctx, a.opened, localdb.NewEdit(c))
	return e, forDesk(err)
}

// ReopenPIN opens a person's PIN.
func (a actor) ReopenPIN(ctx context.Context, e timeclock.EmployeeID) error {
	return forDesk(a.db.ReopenPIN(ctx, a.opened, e))
}

// door lets people in by token, by a session kept open, or by password.
type door struct {
	station   *station.Station
	tokenFile string // empty: owner.token in dir, where it exists
	dir       string
}

// Resume uses the owner's token, else the session that the command line keeps.
func (d *door) Resume(ctx context.Context) (desktop.Actor, error) {
	token, err := d.token()
	if err != nil {
		return nil, err
	}
	var refused error
	if token != "" {
		a, err := d.station.SignInWithToken(ctx, token)
		if err == nil {
			return actor{d.station.DB, a}, nil
		}
		refused = forDesk(err)
	}
	a, err := d.station.DB.UseSession(ctx)
	switch {
	case err == nil:
		return actor{d.station.DB, a}, nil
	case refused != nil && !errors.Is(refused, desktop.ErrWrongSecret): // a token that a password has ended is none
		return nil, refused
	}
	return nil, desktop.ErrSignInNeeded
}

// token returns the owner's token, or nothing where there is none. A file that
// was named must exist.
func (d *door) token() (string, error) {
	file := d.tokenFile
	if file == "" {
		file = filepath.Join(d.dir, "owner.token")
	}
	token, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.tokenFile == "":
		return "", nil
	case err != nil:
		return "", fmt.Errorf("read token: %w", err)
	}
	return string(token), nil
}

// SignIn opens the door by password.
func (d *door) SignIn(ctx context.Context, login, password string) (desktop.Actor, error) {
	a, err := d.station.SignIn(ctx, login, password)
	if err != nil {
		return nil, forDesk(err)
	}
	return actor{d.station.DB, a}, nil
}

// SignOut ends a session that was kept open.
func (d *door) SignOut(ctx context.Context) error { return d.station.DB.EndSession(ctx) }

// known says which error of database and cloud is which of the desk's.
var known = []struct{ is, desk error }{
	{localdb.ErrWrongSecret, desktop.ErrWrongSecret},
	{localdb.ErrGrantExpired, desktop.ErrGrantEnded},
	{localdb.ErrNoGrant, desktop.ErrGrantEnded},
	{localdb.ErrForbidden, desktop.ErrNotAllowed},
	{localdb.ErrDiskFull, desktop.ErrDiskFull},
	{punchsync.ErrUnreachable, desktop.ErrCloudAway},
	{punchsync.ErrNonsense, desktop.ErrCloudAway},
	{context.DeadlineExceeded, desktop.ErrCloudAway},
}

// forDesk adds to an error what the desk calls it.
func forDesk(err error) error {
	var wait *localdb.WaitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wait):
		return fmt.Errorf("%w: %w", desktop.ErrTriesClosed, err)
	case punchsync.HasCode(err, op.CodeBadLogin):
		return fmt.Errorf("%w: %w", desktop.ErrWrongSecret, err)
	}
	for _, k := range known {
		if errors.Is(err, k.is) {
			return fmt.Errorf("%w: %w", k.desk, err)
		}
	}
	return err
}
