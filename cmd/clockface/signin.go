package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"clockface/cmd/internal/station"
	"clockface/localdb"
)

type signInCommand struct {
	Login     string `help:"Login; the password is read from standard input." xor:"who" placeholder:"LOGIN"`
	TokenFile string `help:"File with the owner's token. Default without --login: owner.token in the data folder." xor:"who" type:"path" placeholder:"FILE"`
}

// Help is shown by --help.
func (signInCommand) Help() string {
	return `The sign-in lasts until sign-out, at most 14 days. While the cloud cannot be reached, the password of an earlier sign-in on this device opens it.

Examples:
  clockface sign-in --login owner@example.com < password.txt
  clockface sign-in --token-file ~/.local/share/clockface/desktop/owner.token`
}

// Run signs the person in and keeps the session in the data folder.
func (c *signInCommand) Run(ctx context.Context, env *environment) error {
	return env.read(ctx, func(s *station.Station) error {
		actor, err := c.signIn(ctx, env, s)
		if err != nil {
			return err
		}
		if err := s.DB.SaveSession(ctx, actor); err != nil {
			return fmt.Errorf("keep sign-in: %w", err)
		}
		_, err = fmt.Fprintf(env.out, "Signed in as %s (%s) until %s.\n", actor.Name, actor.Role,
			forPeople(actor.Grant.ExpiresUS))
		return err
	})
}

func (c *signInCommand) signIn(ctx context.Context, env *environment, s *station.Station) (*localdb.Actor, error) {
	if c.Login != "" {
		password, err := env.readSecret("Password: ")
		if err != nil {
			return nil, err
		}
		return s.SignIn(ctx, c.Login, password)
	}
	file := c.TokenFile
	if file == "" {
		file = filepath.Join(env.dir(), "owner.token")
	}
	token, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.TokenFile == "":
		return nil, usagef("who signs in is missing: give --login LOGIN (there is no owner.token in %s)", env.dir())
	case err != nil:
		return nil, fmt.Errorf("read token: %w", err)
	}
	return s.SignInWithToken(ctx, string(token))
}

type signOutCommand struct{}

// Run ends the session.
func (signOutCommand) Run(ctx context.Context, env *environment) error {
	return env.read(ctx, func(s *station.Station) error {
		if err := s.DB.EndSession(ctx); err != nil {
			return fmt.Errorf("end sign-in: %w", err)
		}
		_, err := fmt.Fprintln(env.out, "Signed out.")
		return err
	})
}
