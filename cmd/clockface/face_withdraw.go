package main

import (
	"context"
	"fmt"

	"clockface/cmd/internal/station"
	"clockface/localdb"
	"clockface/timeclock"
)

type faceWithdrawCommand struct {
	Employee string `help:"Number or id of the person." required:"" placeholder:"NUMBER|ID"`
}

// Help is shown by --help.
func (faceWithdrawCommand) Help() string {
	return `Every face template of the person is deleted, here at once and elsewhere with the next sync; number and PIN go on. The consent stays recorded.

Example:
  clockface face withdraw --employee 12`
}

// Run deletes the person's face templates in the name of who is signed in.
func (c *faceWithdrawCommand) Run(ctx context.Context, env *environment) error {
	return env.act(ctx, func(s *station.Station, actor *localdb.Actor) error {
		person, err := employee(ctx, s, c.Employee)
		if err != nil {
			return err
		}
		credentials, err := s.DB.Credentials(ctx, timeclock.FaceTemplate)
		if err != nil {
			return err
		}
		withdrawn := 0
		for _, credential := range credentials {
			if credential.Employee != person.ID {
				continue
			}
			if err := s.DB.DeleteCredential(ctx, actor, credential.ID); err != nil {
				return fmt.Errorf("withdraw the face of %s: %w", person.Name, err)
			}
			withdrawn++
		}
		if withdrawn == 0 {
			return fmt.Errorf("no face of %s (%s) is enrolled", person.Name, person.Number)
		}
		_, err = fmt.Fprintf(env.out, "The face of %s (%s) is withdrawn.\n", person.Name, person.Number)
		return err
	})
}
