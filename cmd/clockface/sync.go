package main

import (
	"context"
	"fmt"
	"time"

	"clockface/cmd/internal/station"
	"clockface/localdb"
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

JSON: {cloud, company, device, profile, online, waiting, queued, sent, rejected, conflicts, oldest_us, last_contact_us, last_error}: waiting = queued + sent; rejected and conflicts are of the last 30 days; oldest_us = when the oldest waiting change was made, last_contact_us = the last round that went through, both microseconds since 1970 or 0.`
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
}

// Run prints the state of the exchange without asking the cloud.
func (c *syncStatusCommand) Run(ctx context.Context, env *environment) error {
	return env.read(ctx, func(s *station.Station) error {
		w, err := s.DB.SyncStatus(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return env.printJSON(statusToJSON(s.Identity, w))
		}
		fmt.Fprintf(env.out, "Cloud:        %s\nWaiting:      %d\nRefused:      %d, in conflict %d (last 30 days)\nLast contact: %s\n",
			s.Identity.CloudURL, w.Queued+w.Sent, w.Rejected, w.Conflicts, when(w.LastContactUS, env.now()))
		if w.LastError != "" {
			fmt.Fprintf(env.out, "Last trouble: %s\n", w.LastError)
		}
		return nil
	})
}

func statusToJSON(id localdb.Identity, w localdb.Waiting) statusJSON {
	return statusJSON{Cloud: id.CloudURL, Company: id.Company, Device: id.Device, Profile: id.Profile,
		Online: w.Online, Waiting: w.Queued + w.Sent, Queued: w.Queued, Sent: w.Sent, Rejected: w.Rejected,
		Conflicts: w.Conflicts, OldestUS: w.OldestUS, LastContactUS: w.LastContactUS, LastError: w.LastError}
}

// when returns a past instant for people.
func when(at timeclock.Micros, now time.Time) string {
	if at == 0 {
		return "never"
	}
	return fmt.Sprintf("%s (%s ago)", at.Time().Local().Format("Mon 2 Jan 2006 15:04:05"), now.Sub(at.Time()).Round(time.Second))
}

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
