// Package station is what a kiosk, a desktop and the command line do alike at
// their start: take the data folder, open the replica and the keys, enrol the
// device when a code is given, and set up the way to the cloud.
//
// [Open] takes the folder for itself, [OpenBeside] shares it with the program
// that holds it. Everything that can go wrong comes back as an error for which
// [Explain] has one sentence with a remedy and an exit code.
package station

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"clockface/localdb"
	"clockface/localdb/vault"
	punchsync "clockface/sync"
	"clockface/sync/op"
	"clockface/timeclock"
)

// firstFill is how long a start waits for the rows of a company that the device
// was enrolled to just now; later ones come while it runs.
const firstFill = 20 * time.Second

// Config is what a program wants of its station.
type Config struct {
	Dir        string            // data folder; made when missing
	CloudURL   string            // empty = the one that was remembered
	EnrollCode string            // used when the folder is not enrolled yet
	Profile    timeclock.Profile // what the folder must be; empty = any
	Program    string            // name of the program that holds the folder
	DeviceName string            // for the enrolment; empty = the host's name
	Log        *slog.Logger      // nil = none
	// OnSync is told how many ops a round had answered and how many still wait.
	OnSync func(acked, waiting int)
	// OnWait is called when a request is not answered within 2 s; nil = not told.
	OnWait func()
	// Transport replaces the network; nil = the real one.
	Transport http.RoundTripper
}

// A Station is an opened data folder of an enrolled device.
type Station struct {
	DB         *localdb.DB
	Keys       *vault.Keys
	Identity   localdb.Identity
	Client     *punchsync.Client
	Replicator *punchsync.Replicator
	// Notes are sentences that whoever started the program should see, though
	// nothing failed: an enrol code that was not needed, a changed address.
	Notes []string

	log    *slog.Logger
	unlock func()
}

// Open takes the data folder for one program at a time and opens it. It enrols
// the device when the folder is not enrolled and a code is given; a device that
// is enrolled already goes on as it is. An unreachable cloud is an error only
// where a device must be enrolled.
func Open(ctx context.Context, c Config) (*Station, error) {
	unlock, err := localdb.Lock(c.Dir, c.Program)
	if err != nil {
		return nil, err
	}
	s, err := OpenBeside(ctx, c)
	if err != nil {
		unlock()
		return nil, err
	}
	s.unlock = unlock
	return s, nil
}

// OpenBeside is Open without taking the folder: for the command line, which may
// act beside a running kiosk.
func OpenBeside(ctx context.Context, c Config) (*Station, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	db, err := localdb.Open(ctx, c.Dir, localdb.Options{Log: c.Log})
	if err != nil {
		return nil, err
	}
	s := &Station{DB: db, log: c.Log}
	if err := s.setUp(ctx, c); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (s *Station) setUp(ctx context.Context, c Config) error {
	keys, err := vault.Open(c.Dir)
	if err != nil {
		return fmt.Errorf("open keys in %s: %w", c.Dir, err)
	}
	s.Keys = keys
	fresh := false
	s.Identity, err = s.DB.Identity(ctx)
	switch {
	case errors.Is(err, localdb.ErrNotEnrolled):
		if s.Identity, err = s.enroll(ctx, c); err != nil {
			return err
		}
		fresh = true
	case err != nil:
		return fmt.Errorf("read identity: %w", err)
	default:
		if err := s.recognise(ctx, c); err != nil {
			return err
		}
	}
	if err := s.connect(c); err != nil {
		return err
	}
	if fresh {
		s.fill(ctx)
	}
	return nil
}

// enroll makes the device known to the cloud and keeps who it now is.
func (s *Station) enroll(ctx context.Context, c Config) (localdb.Identity, error) {
	if c.EnrollCode == "" || c.CloudURL == "" {
		return localdb.Identity{}, &NotEnrolledError{Dir: c.Dir, Profile: c.Profile}
	}
	client, err := s.newClient(c, c.CloudURL)
	if err != nil {
		return localdb.Identity{}, err
	}
	name := c.DeviceName
	if name == "" {
		if name, err = os.Hostname(); err != nil {
			name = string(c.Profile)
		}
	}
	a, err := client.Enroll(ctx, op.EnrollRequest{
		Code: c.EnrollCode, Name: name, Profile: c.Profile, Schema: op.Schema,
		PublicKey: s.Keys.Device().Public().(ed25519.PublicKey), AgeRecipient: s.Keys.Recipient(),
	})
	if err != nil {
		return localdb.Identity{}, fmt.Errorf("enrol at %s: %w", client.Address(), err)
	}
	id := localdb.Identity{Company: a.Company, Device: a.Device, Site: a.Site, Profile: c.Profile, Name: name,
		CloudURL: client.Address(), CloudKey: a.CloudKey}
	if err := s.DB.SaveEnrolment(ctx, id); err != nil {
		return localdb.Identity{}, fmt.Errorf("keep enrolment: %w", err)
	}
	s.note("Enrolled as %q (%s) at %s.", name, c.Profile, client.Address())
	s.noteIfReadable(client)
	return id, nil
}

// recognise checks that an enrolled folder is what the program takes it for and
// remembers a changed address.
func (s *Station) recognise(ctx context.Context, c Config) error {
	if c.Profile != "" && s.Identity.Profile != c.Profile {
		return &ProfileError{Dir: c.Dir, Have: s.Identity.Profile, Want: c.Profile}
	}
	if c.EnrollCode != "" {
		s.note("This data folder is enrolled already, as %q: the enrol code was not used.", s.Identity.Name)
	}
	if c.CloudURL == "" {
		return nil
	}
	client, err := s.newClient(c, c.CloudURL)
	if err != nil || client.Address() == s.Identity.CloudURL {
		return err
	}
	if err := s.DB.SaveCloudURL(ctx, client.Address()); err != nil {
		return fmt.Errorf("keep cloud address: %w", err)
	}
	s.note("The cloud's address is now %s; it was %s.", client.Address(), s.Identity.CloudURL)
	s.Identity.CloudURL = client.Address()
	s.noteIfReadable(client)
	return nil
}

// noteIfReadable says so where names and passwords cross a network in the clear.
func (s *Station) noteIfReadable(client *punchsync.Client) {
	if !client.Private() {
		s.note("The way to %s is not encrypted: others on the network can read names and passwords. Use an address with https.", client.Address())
	}
}

func (s *Station) newClient(c Config, address string) (*punchsync.Client, error) {
	transport := c.Transport
	if transport == nil {
		transport = punchsync.NewTransport()
	}
	if c.OnWait != nil {
		transport = patient{next: transport, after: slow, tell: c.OnWait}
	}
	return punchsync.NewClient(address, punchsync.ClientOptions{Transport: transport, Agent: c.Program})
}

// connect sets up client and replicator for the identity.
func (s *Station) connect(c Config) error {
	client, err := s.newClient(c, s.Identity.CloudURL)
	if err != nil {
		return err
	}
	s.Client = client.WithCredentials(punchsync.Credentials{Company: s.Identity.Company, Device: s.Identity.Device,
		Key: s.Keys.Device(), CloudKey: s.Identity.CloudKey})
	s.Replicator = punchsync.NewReplicator(s.DB, s.Client, punchsync.Options{
		Clock: s.DB.Clock, Log: c.Log,
		OnSync: func(acked, waiting int) {
			s.ensureCompanyKey()
			if c.OnSync != nil {
				c.OnSync(acked, waiting)
			}
		},
	})
	return nil
}

// fill brings the company's rows to a replica that has none, so that a first
// start shows people and not an empty screen, and sends the company's key where
// that first round made it. A failure is no obstacle: the device loop goes on
// trying.
func (s *Station) fill(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstFill)
	defer cancel()
	for range 2 {
		if _, err := s.Replicator.Once(ctx); err != nil {
			s.log.Warn("first fill of the replica", "err", err)
			sentence, _ := Explain(err)
			s.note("The company's people were not fetched yet: %s Fetch them with: clockface sync now; a kiosk or desktop that runs does it by itself.", sentence)
			return
		}
	}
}

// ensureCompanyKey makes the company's key on its first kiosk, or learns the one
// that was wrapped for this kiosk. It runs after rounds, since only what the
// cloud sent tells whether another kiosk made the key.
func (s *Station) ensureCompanyKey() {
	if s.Identity.Profile != timeclock.Kiosk {
		return
	}
	// The round that led here may have been the last one of its context.
	if err := s.DB.EnsureCompanyKey(context.Background(), s.Keys); err != nil {
		s.log.Warn("make the company key", "err", err)
	}
}

func (s *Station) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// Close closes the replica and gives the folder back. It may be called twice.
func (s *Station) Close() error {
	err := s.DB.Close()
	if s.unlock != nil {
		s.unlock()
		s.unlock = nil
	}
	return err
}
