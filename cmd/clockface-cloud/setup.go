package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clockface/cloud/keys"
	"clockface/cloud/store"
	"clockface/timeclock"
)

// ownerToken is the name of the token file in the owner's data folder.
const ownerToken = "owner.token"

var errNoCompany = errors.New("the database holds no company")

// keyFile returns where the key file is.
func (d database) keyFile() string {
	if d.Key != "" {
		return d.Key
	}
	if file, ok := strings.CutPrefix(d.DB, "sqlite:"); ok {
		return file + ".key"
	}
	return "clockface-cloud.key"
}

// Validate is called by kong before a command runs: an address that cannot be
// meant shall leave no key file behind.
func (d database) Validate() error {
	if err := store.CheckAddress(d.DB); err != nil {
		return fmt.Errorf("--db: %w", err)
	}
	return nil
}

// open opens the database with the keys that are there.
func (d database) open(t *terminal) (*store.Store, error) {
	ring, err := keys.Load(d.keyFile())
	if err != nil {
		return nil, err
	}
	return store.Open(t.ctx, d.DB, store.Config{Keys: ring, Log: t.log})
}

// onlyCompany returns the company that is meant: the named one, or the only one.
func onlyCompany(ctx context.Context, s *store.Store, named string) (timeclock.CompanyID, error) {
	all, err := s.Companies(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case named != "":
		return timeclock.CompanyID(named), nil
	case len(all) == 0:
		return "", errNoCompany
	case len(all) > 1:
		return "", usageError("the database holds several companies: give --company-id")
	}
	return all[0], nil
}

type initCommand struct {
	database
	Company       string        `default:"My company" help:"Name of the company."`
	Site          string        `default:"Main site" help:"Name of its first site."`
	Zone          string        `placeholder:"IANA" help:"Time zone of the site, as Europe/Berlin. Default: this machine's."`
	OwnerName     string        `default:"Owner" help:"Name of the owner."`
	Login         string        `help:"Login of the owner; needs --password-stdin."`
	PasswordStdin bool          `help:"Read the owner's password from standard input."`
	OwnerHere     string        `type:"path" placeholder:"DIR" help:"Write a token into this data folder: programs of the owner on this PC sign in with it, without a password."`
	RepeatWindow  time.Duration `default:"120s" help:"The same person at the same kiosk within it makes no second punch."`
	JSON          bool          `name:"json" help:"Print the ids of company, site and owner as JSON."`
}

// Help returns examples.
func (initCommand) Help() string {
	return `Examples:
  clockface-cloud init --db sqlite:cloud.db --company "Bright Bakery" --zone Europe/Berlin --owner-here ~/.local/share/clockface/desktop
  clockface-cloud init --db postgres://clockface@db/clockface --login anna@example.com --password-stdin < password.txt`
}

// Run makes the company.
func (c *initCommand) Run(t *terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	password := ""
	if c.PasswordStdin {
		var err error
		if password, err = readPassword(t.in); err != nil {
			return err
		}
	}
	ring, err := keys.Create(c.keyFile())
	if err != nil {
		return err
	}
	s, err := store.Open(t.ctx, c.DB, store.Config{Keys: ring, Log: t.log})
	if err != nil {
		return err
	}
	return errors.Join(c.make(t, s, password), s.Close())
}

func (c *initCommand) check() error {
	if (c.Login != "") != c.PasswordStdin {
		return usageError("--login and --password-stdin go together: the password is read from standard input")
	}
	if c.Zone == "" {
		c.Zone = machineZone()
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "Local" {
		return usageError(fmt.Sprintf("--zone %q is no IANA time zone, as Europe/Berlin", c.Zone))
	}
	if c.RepeatWindow < 0 {
		return usageError("--repeat-window must not be negative")
	}
	return nil
}

func (c *initCommand) make(t *terminal, s *store.Store, password string) error {
	made, exists, err := s.FirstCompany(t.ctx)
	if err != nil {
		return err
	}
	message := "already initialised"
	if !exists {
		message = "initialised"
		made, err = s.CreateCompany(t.ctx, store.NewCompany{Name: c.Company, Site: c.Site, Zone: c.Zone,
			RepeatWindow: c.RepeatWindow, OwnerName: c.OwnerName, Login: c.Login, Password: password})
		if err != nil {
			return err
		}
	}
	if c.OwnerHere != "" {
		if err := writeOwnerToken(t.ctx, s, made.ID, c.OwnerHere, exists); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(t.out).Encode(made)
	}
	_, err = fmt.Fprintf(t.out, "%s: company %s, site %s, owner %s\n", message, made.ID, made.Site, made.Owner)
	return err
}

// writeOwnerToken puts a fresh token into the folder. Where the company existed
// before, a token that lies there already stays.
func writeOwnerToken(ctx context.Context, s *store.Store, c timeclock.CompanyID, dir string, keep bool) error {
	file := filepath.Join(dir, ownerToken)
	if _, err := os.Stat(file); err == nil && keep {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for token file: %w", err)
	}
	token, err := s.NewOwnerToken(ctx, c)
	if errors.Is(err, store.ErrNoAccount) {
		return errors.New("the owner has a password: sign in with login and password, a token is not given any more")
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder of token file: %w", err)
	}
	part := file + ".part"
	if err := os.WriteFile(part, []byte(token+"\n"), 0o600); err != nil {
		return fmt.Errorf("write token file: %w", err)
	}
	if err := os.Rename(part, file); err != nil {
		return fmt.Errorf("write token file: %w", err)
	}
	return nil
}

// machineZone returns the IANA name of this machine's time zone, UTC where it
// cannot be told.
func machineZone() string {
	if tz := os.Getenv("TZ"); tz != "" {
		return tz
	}
	target, err := os.Readlink("/etc/localtime")
	if err != nil {
		return "UTC"
	}
	if _, zone, ok := strings.Cut(target, "zoneinfo/"); ok {
		return zone
	}
	return "UTC"
}

func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if len([]rune(line)) < 8 {
		return "", usageError("the password on standard input must have at least 8 characters")
	}
	return line, nil
}

type enrollCodeCommand struct {
	company
	Profile timeclock.Profile `required:"" enum:"kiosk,desktop" help:"What the device will be: kiosk or desktop."`
	Site    string            `required:"" help:"Name or id of the device's site."`
	TTL     time.Duration     `name:"ttl" default:"15m" help:"How long the code is valid."`
}

// Help returns an example.
func (enrollCodeCommand) Help() string {
	return `Example:
  clockface-kiosk --data kiosk --cloud http://127.0.0.1:8080 --enroll-code "$(clockface-cloud enroll-code --db sqlite:cloud.db --profile kiosk --site 'Main site')"`
}

// Run prints the code alone, so that a script can take it.
func (c *enrollCodeCommand) Run(t *terminal) error {
	if c.TTL <= 0 || c.TTL > 24*time.Hour {
		return usageError("--ttl must be more than nothing and at most 24h")
	}
	return c.with(t, func(s *store.Store, id timeclock.CompanyID) error {
		code, err := s.NewEnrollCode(t.ctx, id, c.Profile, c.Site, c.TTL)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(t.out, code)
		return err
	})
}

type accountCommand struct {
	SetPassword setPasswordCommand `cmd:"" help:"Set a password, read from standard input. It ends the owner's token and signs the account out everywhere."`
}

type setPasswordCommand struct {
	database
	Login string `required:"" help:"Login of the account; the owner without a login gets it."`
}

// Help returns an example.
func (setPasswordCommand) Help() string {
	return `Example:
  clockface-cloud account set-password --db sqlite:cloud.db --login anna@example.com < password.txt`
}

// Run sets the password.
func (c *setPasswordCommand) Run(t *terminal) error {
	password, err := readPassword(t.in)
	if err != nil {
		return err
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	if err := errors.Join(s.SetPassword(t.ctx, c.Login, password), s.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, "password set")
	return err
}
