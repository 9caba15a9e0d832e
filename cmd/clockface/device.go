package main

import (
	"context"
	"errors"
	"fmt"

	"clockface/cmd/internal/station"
	"clockface/timeclock"
)

type deviceCommands struct {
	Enroll deviceEnrollCommand `cmd:"" help:"Enrol the data folder as a device of a company."`
}

type deviceEnrollCommand struct {
	Cloud   string            `help:"Address of the cloud, e.g. http://127.0.0.1:8080." required:"" placeholder:"URL"`
	Code    string            `help:"Single-use code, valid for 15 minutes." required:""`
	Profile timeclock.Profile `help:"kiosk or desktop; must be what the code was made for." required:"" enum:"kiosk,desktop"`
	Name    string            `help:"What people call the device. Default: the name of this host."`
}

// Help is shown by --help.
func (deviceEnrollCommand) Help() string {
	return `The kiosk and the desktop enrol themselves when they are started with --enroll-code; this command does it without a window. The code comes from: clockface-cloud enroll-code --db DB --profile kiosk --site SITE

Example:
  clockface device enroll --cloud https://clock.example.com --code K7QX2-M4PHR --profile kiosk --name "Front door"`
}

// Run enrols the folder; one that is enrolled stays as it is.
func (c *deviceEnrollCommand) Run(ctx context.Context, env *environment) (err error) {
	if env.data == "" {
		env.data = station.DefaultDir(c.Profile)
	}
	s, err := station.OpenBeside(ctx, station.Config{Dir: env.data, CloudURL: c.Cloud, EnrollCode: c.Code,
		Profile: c.Profile, DeviceName: c.Name, Program: "clockface", OnWait: env.sayWaiting})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, note := range s.Notes {
		fmt.Fprintln(env.out, note)
	}
	return nil
}
