package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"clockface/cmd/internal/station"
	"clockface/localdb"
	"clockface/timeclock"
)

// sendWithin is how long a command tries to send what it changed, or to fetch
// what it misses.
const sendWithin = 5 * time.Second

// dir returns the data folder: --data, or the kiosk's or desktop's of this user.
func (e *environment) dir() string {
	if e.data != "" {
		return e.data
	}
	kiosk, desktop := station.DefaultDir(timeclock.Kiosk), station.DefaultDir(timeclock.Desktop)
	if !holdsReplica(kiosk) && holdsReplica(desktop) {
		return desktop
	}
	return kiosk
}

func holdsReplica(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, localdb.FileName))
	return err == nil
}

// open opens the folder of an enrolled device. The caller closes it.
func (e *environment) open(ctx context.Context) (*station.Station, error) {
	dir := e.dir()
	if !holdsReplica(dir) {
		return nil, &station.NotEnrolledError{Dir: dir} // and no empty replica is left there
	}
	return station.OpenBeside(ctx, station.Config{Dir: dir, Program: "clockface", OnWait: e.sayWaiting})
}

// sayWaiting tells whoever sits at the terminal why nothing happens.
func (e *environment) sayWaiting() { fmt.Fprintln(e.errs, "Waiting for the cloud …") }

// read calls do with the opened folder.
func (e *environment) read(ctx context.Context, do func(*station.Station) error) (err error) {
	s, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

// act calls do with the opened folder and the person who is signed in, then
// sends what do changed.
func (e *environment) act(ctx context.Context, do func(*station.Station, *localdb.Actor) error) error {
	return e.read(ctx, func(s *station.Station) error {
		actor, err := s.DB.UseSession(ctx)
		if err != nil {
			return err
		}
		if err := do(s, actor); err != nil {
			return err
		}
		e.send(ctx, s)
		return nil
	})
}

// send tries to bring a change to the cloud soon. That it cannot is no failure:
// the change is kept in the outbox.
func (e *environment) send(ctx context.Context, s *station.Station) {
	if program, _, held, err := localdb.LockedBy(e.dir()); err == nil && held {
		fmt.Fprintf(e.errs, "Kept here; %s sends it.\n", program)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if _, err := s.Replicator.Once(ctx); err != nil {
		sentence, _ := station.Explain(err)
		fmt.Fprintln(e.errs, "Kept here, sent later: "+sentence)
	}
}

// employee returns the person with that number or id. One who is not known here
// may have been added elsewhere: then the cloud is asked once.
func employee(ctx context.Context, s *station.Station, numberOrID string) (timeclock.Employee, error) {
	p, err := employeeHere(ctx, s, numberOrID)
	if !errors.Is(err, localdb.ErrNotFound) {
		return p, err
	}
	asking, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if _, err := s.Replicator.Once(asking); err != nil {
		sentence, _ := station.Explain(err)
		return p, fmt.Errorf("no person has the number or id %q here, and the cloud could not be asked: %s", numberOrID, sentence)
	}
	p, err = employeeHere(ctx, s, numberOrID)
	if errors.Is(err, localdb.ErrNotFound) {
		return p, fmt.Errorf("no person has the number or id %q; see: clockface employee list", numberOrID)
	}
	return p, err
}

func employeeHere(ctx context.Context, s *station.Station, numberOrID string) (timeclock.Employee, error) {
	p, err := s.DB.EmployeeByNumber(ctx, numberOrID)
	if errors.Is(err, localdb.ErrNotFound) {
		p, err = s.DB.EmployeeByID(ctx, timeclock.EmployeeID(numberOrID))
	}
	return p, err
}

// printJSON writes v as indented JSON.
func (e *environment) printJSON(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
