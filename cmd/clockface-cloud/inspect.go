package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"clockface/cloud/store"
	"clockface/timeclock"
)

// company is the flags of commands that act on one company.
type company struct {
	database
	CompanyID string `name:"company-id" help:"Id of the company, where the database holds several."`
}

// with opens the database and calls f with the company that is meant.
func (c company) with(t *terminal, f func(*store.Store, timeclock.CompanyID) error) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	id, err := onlyCompany(t.ctx, s, c.CompanyID)
	if err == nil {
		err = f(s, id)
	}
	return errors.Join(err, s.Close())
}

type deviceCommand struct {
	List   deviceListCommand   `cmd:"" help:"List the devices with their state."`
	Revoke deviceRevokeCommand `cmd:"" help:"End a device's access, as after a theft. Punches that it still brings are put aside for a person to look at."`
}

type deviceListCommand struct{ company }

// Run prints one line a device.
func (c *deviceListCommand) Run(t *terminal) error {
	return c.with(t, func(s *store.Store, id timeclock.CompanyID) error {
		devices, err := s.Devices(t.ctx, id)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tPROFILE\tSTATE\tOPS\tLAST SEEN\tNAME")
		for _, d := range devices {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", d.ID, d.Profile, d.State, d.LastN, d.LastSeen.Time().Format(time.RFC3339), d.Name)
		}
		return w.Flush()
	})
}

type deviceRevokeCommand struct {
	company
	Device timeclock.DeviceID `arg:"" help:"Id of the device, from device list."`
}

// Run revokes the device.
func (c *deviceRevokeCommand) Run(t *terminal) error {
	return c.with(t, func(s *store.Store, id timeclock.CompanyID) error {
		if err := s.RevokeDevice(t.ctx, id, c.Device); err != nil {
			return err
		}
		_, err := fmt.Fprintln(t.out, "revoked")
		return err
	})
}

type verifyCommand struct{ company }

// Help says what is verified.
func (verifyCommand) Help() string {
	return `Recomputes every hash of every device's chain, checks the signatures of devices, people and the cloud, and the
time of every punch. Exit code 1 and the first thing that is not as it was signed when something was changed.`
}

// Run verifies the company's log.
func (c *verifyCommand) Run(t *terminal) error {
	return c.with(t, func(s *store.Store, id timeclock.CompanyID) error {
		v, err := s.Verify(t.ctx, id)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "verified: %d devices, %d ops, %d checkpoints, %d punches\n", v.Devices, v.Ops, v.Checkpoints, v.Punches)
		return err
	})
}

type rebuildCommand struct{ company }

// Help says when to use it.
func (rebuildCommand) Help() string {
	return `Makes the tables that devices see from the log again, and changes nothing when the log does not lead to the
fates it tells. Devices that pulled before keep what they have, since the rows come out the same.`
}

// Run rebuilds the company's tables.
func (c *rebuildCommand) Run(t *terminal) error {
	return c.with(t, func(s *store.Store, id timeclock.CompanyID) error {
		if err := s.Rebuild(t.ctx, id); err != nil {
			return err
		}
		_, err := fmt.Fprintln(t.out, "rebuilt")
		return err
	})
}
