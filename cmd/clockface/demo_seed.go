package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clockface/cmd/internal/station"
	"clockface/demo"
	"clockface/localdb"
	"clockface/localdb/vault"
	"clockface/sync/op"
	"clockface/timeclock"
)

// storyClock is a device's clock that can be set to a moment of the past. It
// moves the wall clock and the time since boot together, so that the cloud finds
// the same moment by its anchor.
type storyClock struct {
	real func() op.Clock
	at   timeclock.Micros // 0 = now
}

func (c *storyClock) clock() op.Clock {
	now := c.real()
	if c.at == 0 {
		return now
	}
	return op.Clock{Wall: c.at, Mono: now.Mono - int64(now.Wall-c.at), Boot: now.Boot}
}

func (c *storyClock) now() time.Time { return c.clock().Wall.Time() }

// A seeder writes the demo company into a kiosk's replica. What is there already
// stays as it is, so that a run that was cut off can be repeated.
type seeder struct {
	office *localdb.DB // the real clock: what a supervisor does now
	kiosk  *localdb.DB // the story's clock: what happened at the kiosk
	story  *storyClock
	keys   *vault.Keys
	actor  *localdb.Actor

	employees map[string]timeclock.EmployeeID // by number
}

// newSeeder opens the folder a second time, with the story's clock.
func newSeeder(ctx context.Context, dir string, s *station.Station, actor *localdb.Actor) (*seeder, error) {
	story := &storyClock{real: s.DB.Clock}
	kiosk, err := localdb.Open(ctx, dir, localdb.Options{Now: story.now, Clock: story.clock})
	if err != nil {
		return nil, err
	}
	return &seeder{office: s.DB, kiosk: kiosk, story: story, keys: s.Keys, actor: actor,
		employees: map[string]timeclock.EmployeeID{}}, nil
}

// Close closes what newSeeder opened.
func (s *seeder) Close() error { return s.kiosk.Close() }

// seed writes people and month and returns how many of each were new.
func (s *seeder) seed(ctx context.Context, month demo.Month) (people, punches int, err error) {
	if people, err = s.people(ctx, demo.People()); err != nil {
		return 0, 0, err
	}
	if punches, err = s.month(ctx, month); err != nil {
		return people, punches, err
	}
	return people, punches, nil
}

// people writes departments, employees and PINs.
func (s *seeder) people(ctx context.Context, people []demo.Person) (added int, err error) {
	site, err := s.office.SiteOfDevice(ctx)
	if err != nil {
		return 0, err
	}
	departments, err := s.departments(ctx, people)
	if err != nil {
		return 0, err
	}
	for _, p := range people {
		known, err := s.office.EmployeeByNumber(ctx, p.Number)
		if err == nil {
			s.employees[p.Number] = known.ID
			continue
		}
		if !errors.Is(err, localdb.ErrNotFound) {
			return added, err
		}
		id := timeclock.EmployeeID(op.NewID())
		err = s.office.Put(ctx, s.actor, "employee", string(id), map[string]any{
			"number": p.Number, "name": p.Name, "short_name": timeclock.ShortName(p.Name), "language": p.Language,
			"department_id": string(departments[p.Department]), "site_id": string(site.ID), "active": true,
		}, nil)
		if err != nil {
			return added, fmt.Errorf("add employee %s: %w", p.Number, err)
		}
		if err := s.office.SetPIN(ctx, s.keys, s.actor, id, p.PIN); err != nil {
			return added, fmt.Errorf("set the PIN of employee %s: %w", p.Number, err)
		}
		s.employees[p.Number] = id
		added++
	}
	return added, nil
}

// departments makes those that are missing and returns all by name.
func (s *seeder) departments(ctx context.Context, people []demo.Person) (map[string]timeclock.DepartmentID, error) {
	names, err := s.office.Departments(ctx)
	if err != nil {
		return nil, err
	}
	byName := map[string]timeclock.DepartmentID{}
	for id, name := range names {
		byName[name] = id
	}
	for _, p := range people {
		if byName[p.Department] != "" {
			continue
		}
		id := timeclock.DepartmentID(op.NewID())
		if err := s.office.Put(ctx, s.actor, "department", string(id), map[string]any{"name": p.Department}, nil); err != nil {
			return nil, fmt.Errorf("add department %s: %w", p.Department, err)
		}
		byName[p.Department] = id
	}
	return byName, nil
}

// month records the punches at their own times, then gives the verdicts now.
func (s *seeder) month(ctx context.Context, m demo.Month) (added int, err error) {
	there, err := s.punchesThere(ctx)
	if err != nil {
		return 0, err
	}
	var approved, rejected []timeclock.PunchID
	reasons := map[timeclock.PunchID]string{}
	for _, p := range m.Punches {
		if there[punchKey{s.employees[p.Person], timeclock.MicrosOf(p.At)}] {
			continue
		}
		id, err := s.punch(ctx, p)
		if err != nil {
			return added, fmt.Errorf("punch of %s at %s: %w", p.Person, p.At.Format(time.RFC3339), err)
		}
		added++
		switch p.Verdict {
		case timeclock.Approve:
			approved = append(approved, id)
		case timeclock.Reject:
			rejected = append(rejected, id)
			reasons[id] = p.Reason
		}
	}
	if added == 0 {
		return 0, nil
	}
	for _, id := range rejected {
		if _, err := s.office.DecidePunch(ctx, s.actor, id, timeclock.Reject, reasons[id]); err != nil {
			return added, fmt.Errorf("reject punch %s: %w", id, err)
		}
	}
	if _, err := s.office.DecidePunches(ctx, s.actor, approved, timeclock.Approve, ""); err != nil {
		return added, fmt.Errorf("approve %d punches: %w", len(approved), err)
	}
	return added, errors.Join(s.additions(ctx, m.Additions), s.incidents(ctx, m.Incidents))
}

// punchKey tells punches of the story apart: nobody punches twice at once.
type punchKey struct {
	employee timeclock.EmployeeID
	wall     timeclock.Micros
}

func (s *seeder) punchesThere(ctx context.Context) (map[punchKey]bool, error) {
	entries, err := s.office.Entries(ctx, localdb.Query{})
	if err != nil {
		return nil, err
	}
	there := make(map[punchKey]bool, len(entries))
	for _, e := range entries {
		there[punchKey{e.Employee, e.Wall}] = true
	}
	return there, nil
}

// punch records one punch of the story and what the person or a supervisor
// changed about it.
func (s *seeder) punch(ctx context.Context, p demo.Punch) (timeclock.PunchID, error) {
	s.story.at = timeclock.MicrosOf(p.At)
	made, err := s.kiosk.RecordPunch(ctx, localdb.NewPunch{Employee: s.employees[p.Person], Kind: p.Kind, Method: p.Method,
		Confidence: p.Confidence, Flags: p.Flags, Source: timeclock.FromKiosk})
	if err != nil {
		return "", err
	}
	if p.NotMe {
		s.story.at += 4_000_000 // the answer is up for five seconds
		_, err = s.kiosk.SelfEdit(ctx, made.ID, timeclock.NotMe, timeclock.EditValues{}, "")
	}
	if err == nil && !p.RetimedTo.IsZero() {
		at := timeclock.MicrosOf(p.RetimedTo)
		_, err = s.office.EditPunch(ctx, s.actor, localdb.NewEdit{Punch: made.ID, What: timeclock.Retime,
			Values: timeclock.EditValues{At: &at}, Cause: timeclock.WrongTime, Reason: p.Reason})
	}
	return made.ID, err
}

// additions writes the forgotten punches down.
func (s *seeder) additions(ctx context.Context, additions []demo.Addition) error {
	for _, a := range additions {
		at, kind, employee := timeclock.MicrosOf(a.At), a.Kind, s.employees[a.Person]
		_, err := s.office.EditPunch(ctx, s.actor, localdb.NewEdit{What: timeclock.Add, Cause: timeclock.ForgotPunch, Reason: a.Reason,
			Values: timeclock.EditValues{At: &at, Kind: &kind, Employee: &employee}})
		if err != nil {
			return fmt.Errorf("add the forgotten punch of %s at %s: %w", a.Person, a.At.Format(time.RFC3339), err)
		}
	}
	return nil
}

func (s *seeder) incidents(ctx context.Context, incidents []demo.Incident) error {
	for _, i := range incidents {
		s.story.at = timeclock.MicrosOf(i.At)
		err := s.kiosk.ReportIncident(ctx, timeclock.Incident{Employee: s.employees[i.Person], Kind: i.Kind, Detail: i.Detail})
		if err != nil {
			return fmt.Errorf("report the incident of %s: %w", i.At.Format(time.RFC3339), err)
		}
	}
	return nil
}
