package main

import (
	"context"
	"fmt"
	"time"

	"clockface/cmd/internal/station"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

type syncCommands struct {
	Status syncStatusCommand `cmd:"" help:"Tell what waits and how the last contact went."`
	Now    syncNowCommand    `cmd:"" help:"Send and fetch now."`
}

type syncStatusCommand struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// Help is shown by --help.
func (syncStatusCommand) Help() string {
	return `Example:
  clockface sync status --json

JSON: {cloud, company, device, profile, online, waiting, queued, sent, rejected, conflicts, oldest_us, last_contact_us, last_error, refused}: waiting = queued + sent; rejected and conflicts are of the last 30 days; oldest_us = when the oldest waiting change was made, last_contact_us = the last round that went through, both microseconds since 1970 or 0; refused = the last changes that the cloud did not take as they were meant, as {op, kind, row, state, reason, made_us}.`
}

// statusJSON is the JSON of sync status.
type statusJSON struct {
	Cloud         string              `json:"cloud"`
	Company       timeclock.CompanyID `json:"company"`
	Device        timeclock.DeviceID  `json:"device"`
	Profile       timeclock.Profile   `json:"profile"`
	Online        bool                `json:"online"`
	Waiting       int                 `json:"waiting"`
	Queued        int                 `json:"queued"`
	Sent          int                 `json:"sent"`
	Rejected      int                 `json:"rejected"`
	Conflicts     int                 `json:"conflicts"`
	OldestUS      timeclock.Micros    `json:"oldest_us"`
	LastContactUS timeclock.Micros    `json:"last_contact_us"`
	LastError     string              `json:"last_error"`
	Refused       []notTakenJSON      `json:"refused"`
}

// notTakenJSON is a change that the cloud did not take as it was meant.
type notTakenJSON struct {
	Op     string           `json:"op"`
	Kind   op.Kind          `json:"kind"`
	Row    string           `json:"row"`
	State  op.Status        `json:"state"`
	Reason string           `json:"reason"`
	MadeUS timeclock.Micros `json:"made_us"`
}

// Run prints the state of the exchange without asking the cloud.
func (c *syncStatusCommand) Run(ctx context.Context, env *environment) error {
	return env.read(ctx, func(s *station.Station) error {
		w, err := s.DB.SyncStatus(ctx)
		if err != nil {
			return err
		}
		refused, err := s.DB.Refused(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return env.printJSON(statusToJSON(s.Identity, w, refused))
		}
		fmt.Fprintf(env.out, "Cloud:        %s\nWaiting:      %d\nRefused:      %d, in conflict %d (last 30 days)\nLast contact: %s\n",
			s.Identity.CloudURL, w.Queued+w.Sent, w.Rejected, w.Conflicts, when(w.LastContactUS, env.now()))
		if w.LastError != "" {
			fmt.Fprintf(env.out, "Last trouble: %s\n", w.LastError)
		}
		for _, r := range refused {
			fmt.Fprintf(env.out, "Not taken:    %s of %s: %s (%s %s)\n", forPeople(r.MadeUS), r.Kind, r.State, r.Reason, r.Row)
		}
		return nil
	})
}

func statusToJSON(id localdb.Identity, w localdb.Waiting, refused []localdb.Refused) statusJSON {
	list := make([]notTakenJSON, len(refused))
	for i, r := range refused {
		list[i] = notTakenJSON{Op: r.OpID, Kind: r.Kind, Row: r.Row, State: r.State, Reason: r.Reason, MadeUS: r.MadeUS}
	}
	return statusJSON{Cloud: id.CloudURL, Company: id.Company, Device: id.Device, Profile: id.Profile,
		Online: w.Online, Waiting: w.Queued + w.Sent, Queued: w.Queued, Sent: w.Sent, Rejected: w.Rejected,
		Conflicts: w.Conflicts, OldestUS: w.OldestUS, LastContactUS: w.LastContactUS, LastError: w.LastError, Refused: list}
}

// when returns a past instant for people.
func when(at timeclock.Micros, now time.Time) string {
	if at == 0 {
		return "never"
	}
	return fmt.Sprintf("%s (%s ago)", forPeople(at), now.Sub(at.Time()).Round(time.Second))
}

// forPeople returns an instant as people of this machine's zone read it.
func forPeople(at timeclock.Micros) string { return at.Time().Local().Format("Mon 2 Jan 2006 15:04") }

type syncNowCommand struct {
	Timeout time.Duration `help:"Give up after this long." default:"30s"`
	JSON    bool          `help:"Print JSON." name:"json"`
}

// Help is shown by --help.
func (syncNowCommand) Help() string {
	return `Works beside a running kiosk or desktop too. Ends with exit code 5 when the cloud cannot be reached; nothing is lost then.

Example:
  clockface sync now --timeout 10s

JSON: {acked, waiting}: how many changes got their answer now, and how many still wait.`
}

// Run pushes until nothing waits and pulls until there is no more.
func (c *syncNowCommand) Run(ctx context.Context, env *environment) error {
	return env.read(ctx, func(s *station.Station) error {
		ctx, cancel := context.WithTimeout(ctx, c.Timeout)
		defer cancel()
		acked, err := s.Replicator.Once(ctx)
		if err != nil {
			return err
		}
		w, err := s.DB.SyncStatus(ctx)
		if err != nil {
			return err
		}
		waiting := w.Queued + w.Sent
		if c.JSON {
			return env.printJSON(struct {
				Acked   int `json:"acked"`
				Waiting int `json:"waiting"`
			}{acked, waiting})
		}
		_, err = fmt.Fprintf(env.out, "%d sent, %d waiting.\n", acked, waiting)
		return err
	})
}
