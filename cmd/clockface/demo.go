package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clockface/cmd/internal/station"
	"clockface/demo"
	"clockface/localdb"
)

// demoCommands fill a new company with invented people; "make run" uses them.
type demoCommands struct {
	Seed  demoSeedCommand  `cmd:"" help:"Write the demo company's people and a month of punches into this kiosk's replica."`
	Faces demoFacesCommand `cmd:"" help:"List who of the demo company has a face: number and folder of the face collection."`
}

type demoSeedCommand struct{}

// Help is shown by --help.
func (demoSeedCommand) Help() string {
	return `For a company made for the demo only: the invented punches cannot be taken away again. They are recorded at their own past times and travel to the cloud like all others. What is there already stays, so it may be run again.

Example:
  clockface demo seed --data build/run/kiosk`
}

// Run writes the company in the name of who is signed in.
func (demoSeedCommand) Run(ctx context.Context, env *environment) error {
	return env.act(ctx, func(s *station.Station, actor *localdb.Actor) (err error) {
		site, err := s.DB.SiteOfDevice(ctx)
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(site.Zone)
		if err != nil {
			return fmt.Errorf("zone of site %s: %w", site.Name, err)
		}
		seeder, err := newSeeder(ctx, env.dir(), s, actor)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, seeder.Close()) }()
		people, punches, err := seeder.seed(ctx, demo.NewMonth(env.now(), zone))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.out, "%d people and %d punches of the demo company were added.\n", people, punches)
		return err
	})
}

type demoFacesCommand struct{}

// Run prints a line a person.
func (demoFacesCommand) Run(env *environment) error {
	for _, p := range demo.People() {
		if p.Face == "" {
			continue
		}
		if _, err := fmt.Fprintln(env.out, p.Number, p.Face); err != nil {
			return err
		}
	}
	return nil
}
