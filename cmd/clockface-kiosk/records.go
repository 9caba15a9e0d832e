package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"clockface/cmd/internal/station"
	"clockface/kiosk"
	"clockface/localdb"
	"clockface/timeclock"
)

// records lets the kiosk write to its replica.
type records struct{ db *localdb.DB }

// RecordPunch stores a punch of this kiosk.
func (r records) RecordPunch(ctx context.Context, p kiosk.NewPunch) (timeclock.Punch, error) {
	punch, err := r.db.RecordPunch(ctx, localdb.NewPunch{Employee: p.Employee, Kind: p.Kind, Method: p.Method,
		Confidence: p.Confidence, Flags: p.Flags, Source: timeclock.FromKiosk})
	return punch, known(err)
}

// SelfEdit stores what a worker changes of their own punch.
func (r records) SelfEdit(ctx context.Context, punch timeclock.PunchID, cause timeclock.Cause, v timeclock.EditValues) error {
	_, err := r.db.SelfEdit(ctx, punch, cause, v, "")
	return known(err)
}

// ReportIncident stores what a supervisor should look at.
func (r records) ReportIncident(ctx context.Context, i timeclock.Incident) error {
	return known(r.db.ReportIncident(ctx, i))
}

// LastEntries returns a person's newest entries, oldest first.
func (r records) LastEntries(ctx context.Context, e timeclock.EmployeeID, n int) ([]timeclock.Entry, error) {
	return r.db.Entries(ctx, localdb.Query{Employee: e, Limit: n})
}

// Incidents returns those since an instant.
func (r records) Incidents(ctx context.Context, since timeclock.Micros) ([]timeclock.Incident, error) {
	return r.db.Incidents(ctx, since)
}

// WrongPINs counts the wrong PINs of a number since an instant.
func (r records) WrongPINs(ctx context.Context, number string, since timeclock.Micros) (int, error) {
	return r.db.PINTries(ctx, number, since)
}

// AddPINTry stores a try.
func (r records) AddPINTry(ctx context.Context, number string, t kiosk.Try) error {
	return known(r.db.AddPINTry(ctx, number, timeclock.MicrosOf(t.At), t.OK))
}

// LastPINTries returns the newest tries, oldest first.
func (r records) LastPINTries(ctx context.Context, n int) ([]kiosk.Try, error) {
	newest, err := r.db.LastPINTries(ctx, n)
	if err != nil {
		return nil, err
	}
	tries := make([]kiosk.Try, 0, len(newest))
	for _, t := range slices.Backward(newest) {
		tries = append(tries, kiosk.Try{At: t.At.Time(), OK: t.OK})
	}
	return tries, nil
}

// known turns those errors of the replica that the kiosk tells apart into its own.
func known(err error) error {
	switch {
	case errors.Is(err, localdb.ErrDiskFull):
		return fmt.Errorf("%w: %w", kiosk.ErrDiskFull, err)
	case errors.Is(err, localdb.ErrNotFound):
		return fmt.Errorf("%w: %w", kiosk.ErrNoSuchPerson, err)
	}
	return err
}

// link is what the kiosk sees of the connection to the cloud.
type link struct{ st *station.Station }

// Status returns whether the connection stands and what waits.
func (l link) Status(ctx context.Context) (kiosk.SyncState, error) {
	w, err := l.st.DB.SyncStatus(ctx)
	return kiosk.SyncState{Online: l.st.Replicator.State().Online, Waiting: w.Queued + w.Sent}, err
}

// Flush sends what waits.
func (l link) Flush(ctx context.Context) error {
	_, err := l.st.Replicator.Once(ctx)
	return err
}
