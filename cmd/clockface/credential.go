package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"clockface/cmd/internal/station"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

type pinCommands struct {
	Set    pinSetCommand    `cmd:"" help:"Set a person's PIN; it is read from standard input."`
	Reopen pinReopenCommand `cmd:"" help:"Open a PIN that wrong tries have closed."`
}

type pinSetCommand struct {
	Employee string `help:"Number or id of the person." required:"" placeholder:"NUMBER|ID"`
}

// Help is shown by --help.
func (pinSetCommand) Help() string {
	return `The PIN has 4 to 8 digits. It replaces an earlier one and leaves this device only sealed: neither the cloud nor a desktop can read it.

Example:
  echo 4711 | clockface pin set --employee 12`
}

// Run sets the PIN in the name of who is signed in.
func (c *pinSetCommand) Run(ctx context.Context, env *environment) error {
	pin, err := env.readSecret("PIN: ")
	if err != nil {
		return err
	}
	if len(pin) < 4 || len(pin) > 8 || strings.Trim(pin, "0123456789") != "" {
		return usagef("a PIN has 4 to 8 digits and nothing else")
	}
	return env.act(ctx, func(s *station.Station, actor *localdb.Actor) error {
		person, err := employee(ctx, s, c.Employee)
		if err != nil {
			return err
		}
		if err := s.DB.SetPIN(ctx, s.Keys, actor, person.ID, pin); err != nil {
			return fmt.Errorf("set the PIN of %s: %w", person.Name, err)
		}
		_, err = fmt.Fprintf(env.out, "The PIN of %s (%s) is set.\n", person.Name, person.Number)
		return err
	})
}

type pinReopenCommand struct {
	Employee string `help:"Number or id of the person." required:"" placeholder:"NUMBER|ID"`
}

// Help is shown by --help.
func (pinReopenCommand) Help() string {
	return `Five wrong PINs within an hour close a number for an hour. This opens it at once, on every kiosk that hears of it.

Example:
  clockface pin reopen --employee 12`
}

// Run opens the PIN in the name of who is signed in.
func (c *pinReopenCommand) Run(ctx context.Context, env *environment) error {
	return env.act(ctx, func(s *station.Station, actor *localdb.Actor) error {
		person, err := employee(ctx, s, c.Employee)
		if err != nil {
			return err
		}
		if err := s.DB.ReopenPIN(ctx, actor, person.ID); err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.out, "The PIN of %s (%s) is open again.\n", person.Name, person.Number)
		return err
	})
}

type consentCommands struct {
	Add consentAddCommand `cmd:"" help:"Record a consent."`
}

type consentAddCommand struct {
	Employee string                   `help:"Number or id of the person." required:"" placeholder:"NUMBER|ID"`
	Kind     timeclock.CredentialKind `help:"What was agreed to: face or finger." enum:"face,finger" default:"face"`
	Given    string                   `help:"Day on which the person agreed." required:"" placeholder:"YYYY-MM-DD"`
}

// Help is shown by --help.
func (consentAddCommand) Help() string {
	return `A face or finger template can be enrolled only for a person whose consent is recorded.

Example:
  clockface consent add --employee 12 --kind face --given 2026-01-31`
}

// Run records the consent in the name of who is signed in.
func (c *consentAddCommand) Run(ctx context.Context, env *environment) error {
	day, err := time.Parse(time.DateOnly, c.Given)
	if err != nil {
		return usagef("--given %q is not a day like 2026-01-31", c.Given)
	}
	if day.After(env.now().Add(24 * time.Hour)) {
		return usagef("--given %s is in the future", c.Given)
	}
	return env.act(ctx, func(s *station.Station, actor *localdb.Actor) error {
		person, err := employee(ctx, s, c.Employee)
		if err != nil {
			return err
		}
		on, given, err := s.DB.Consent(ctx, person.ID, c.Kind)
		if err != nil {
			return err
		}
		if given {
			_, err := fmt.Fprintf(env.out, "The consent of %s is recorded already, given on %s.\n", person.Name, on)
			return err
		}
		if err := s.DB.Put(ctx, actor, "consent", op.NewID(), map[string]any{
			"employee_id": string(person.ID), "kind": string(c.Kind), "given_on": c.Given,
		}, nil); err != nil {
			return fmt.Errorf("record the consent of %s: %w", person.Name, err)
		}
		_, err = fmt.Fprintf(env.out, "The consent of %s (%s) is recorded.\n", person.Name, person.Number)
		return err
	})
}
