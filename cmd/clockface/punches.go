package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"clockface/cmd/internal/station"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

type punchesCommands struct {
	List punchesListCommand `cmd:"" help:"List punches, oldest first."`
}

type punchesListCommand struct {
	From     string `help:"First day, where the device's site is. Default: no limit." placeholder:"YYYY-MM-DD"`
	To       string `help:"Last day. Default: no limit." placeholder:"YYYY-MM-DD"`
	Employee string `help:"Number or id of one person. Default: everybody." placeholder:"NUMBER|ID"`
	JSON     bool   `help:"Print JSON." name:"json"`
}

// Help is shown by --help.
func (punchesListCommand) Help() string {
	return `Punches are listed with the time, kind and person that their edits gave them.

Examples:
  clockface punches list --from 2026-03-01 --to 2026-03-31
  clockface punches list --employee 12 --json

JSON: a list of {id, employee, number, name, kind, at, at_us, method, confidence, flags, status, source, device, sync_state}: kind = in, out, break_start, break_end, project; at = RFC 3339 in the zone of the device's site; at_us = microseconds since 1970; confidence = 0 to 1; flags = list; status = pending, counted, approved, rejected, voided; sync_state = queued, sent, accepted, rejected, conflict, quarantined.`
}

// punchJSON is a punch in the JSON of list.
type punchJSON struct {
	ID         timeclock.PunchID    `json:"id"`
	Employee   timeclock.EmployeeID `json:"employee"`
	Number     string               `json:"number"`
	Name       string               `json:"name"`
	Kind       timeclock.PunchKind  `json:"kind"`
	At         string               `json:"at"`
	AtUS       timeclock.Micros     `json:"at_us"`
	Method     timeclock.Method     `json:"method"`
	Confidence float64              `json:"confidence"`
	Flags      timeclock.Flags      `json:"flags"`
	Status     timeclock.Status     `json:"status"`
	Source     timeclock.Source     `json:"source"`
	Device     timeclock.DeviceID   `json:"device"`
	SyncState  op.Status            `json:"sync_state"`
}

// Run lists the punches of this replica.
func (c *punchesListCommand) Run(ctx context.Context, env *environment) error {
	return env.read(ctx, func(s *station.Station) error {
		list, err := c.list(ctx, s)
		if err != nil {
			return err
		}
		if c.JSON {
			return env.printJSON(list)
		}
		w := tabwriter.NewWriter(env.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "TIME\tNUMBER\tNAME\tKIND\tMETHOD\tSTATUS\tSYNC\tFLAGS")
		for _, p := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.At, p.Number, p.Name, p.Kind, p.Method, p.Status, p.SyncState, p.Flags)
		}
		return w.Flush()
	})
}

func (c *punchesListCommand) list(ctx context.Context, s *station.Station) ([]punchJSON, error) {
	zone, err := siteZone(ctx, s)
	if err != nil {
		return nil, err
	}
	q, err := c.query(ctx, s, zone)
	if err != nil {
		return nil, err
	}
	entries, err := s.DB.Entries(ctx, q)
	if err != nil {
		return nil, err
	}
	people, err := s.DB.Employees(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[timeclock.EmployeeID]timeclock.Employee, len(people))
	for _, p := range people {
		byID[p.ID] = p
	}
	ids := make([]timeclock.PunchID, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	states, err := s.DB.SyncStates(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]punchJSON, len(entries))
	for i, e := range entries {
		list[i] = punchToJSON(e, byID[e.Now.Employee], states[e.ID], zone)
	}
	return list, nil
}

func punchToJSON(e timeclock.Entry, who timeclock.Employee, state op.Status, zone *time.Location) punchJSON {
	if state == "" {
		state = op.Accepted // it came from the cloud, or its op was pruned long after its end
	}
	flags := e.Flags
	if flags == nil {
		flags = timeclock.Flags{} // a list in JSON, never null
	}
	return punchJSON{
		ID: e.ID, Employee: e.Now.Employee, Number: who.Number, Name: who.Name, Kind: e.Now.Kind,
		At: e.Now.At.Time().In(zone).Format(time.RFC3339), AtUS: e.Now.At, Method: e.Method, Confidence: e.Confidence,
		Flags: flags, Status: e.Status, Source: e.Source, Device: e.Device, SyncState: state,
	}
}

// query turns the flags into what is asked of the replica.
func (c *punchesListCommand) query(ctx context.Context, s *station.Station, zone *time.Location) (localdb.Query, error) {
	var q localdb.Query
	if c.From != "" {
		day, err := parseDay("--from", c.From)
		if err != nil {
			return q, err
		}
		q.From, _ = day.Bounds(zone)
	}
	if c.To != "" {
		day, err := parseDay("--to", c.To)
		if err != nil {
			return q, err
		}
		_, q.To = day.Bounds(zone)
	}
	if c.Employee != "" {
		person, err := employee(ctx, s, c.Employee)
		if err != nil {
			return q, err
		}
		q.Employee = person.ID
	}
	return q, nil
}

func parseDay(flag, text string) (timeclock.Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return timeclock.Day{}, usagef("%s %q is not a day like 2026-01-31", flag, text)
	}
	return timeclock.Day{Year: t.Year(), Month: t.Month(), Day: t.Day()}, nil
}

// siteZone returns the time zone of the device's site, UTC where it is not known.
func siteZone(ctx context.Context, s *station.Station) (*time.Location, error) {
	site, err := s.DB.SiteOfDevice(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the device's site: %w", err)
	}
	zone, err := time.LoadLocation(site.Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone of site %s: %w", site.Name, err)
	}
	return zone, nil
}
