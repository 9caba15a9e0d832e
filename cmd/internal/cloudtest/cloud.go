// Package cloudtest runs a real cloud on SQLite inside a test, so that programs
// of a kiosk or desktop can be tested against it: it can be stopped, started
// again on the same address, and asked for enrol codes and the owner's token.
package cloudtest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"clockface/cloud"
	"clockface/cloud/keys"
	"clockface/cloud/store"
	"clockface/timeclock"
)

// SiteName is the name of the company's one site.
const SiteName = "Main house"

// A Cloud is a running or stopped cloud with one company.
type Cloud struct {
	Company store.Company
	File    string // the SQLite database

	// Skew is how far the cloud's clock is ahead of the machine's from the next
	// Restart on.
	Skew time.Duration

	t       testing.TB
	address string // host:port, kept over a restart
	store   *store.Store
	handler *cloud.Server
	server  *http.Server
	served  chan error
}

// Start makes a company in a fresh database and serves it on a free port until
// the test ends.
func Start(t testing.TB) *Cloud {
	t.Helper()
	c := &Cloud{t: t, File: filepath.Join(t.TempDir(), "cloud.db"), address: "127.0.0.1:0"}
	c.Restart()
	t.Cleanup(c.Stop)
	var err error
	c.Company, err = c.store.CreateCompany(t.Context(), store.NewCompany{Name: "Test company", Site: SiteName,
		Zone: "Europe/Berlin", RepeatWindow: time.Second, OwnerName: "Olivia Owner"})
	if err != nil {
		t.Fatalf("make company: %v", err)
	}
	return c
}

// URL returns the cloud's address.
func (c *Cloud) URL() string { return "http://" + c.address }

// Restart serves the database again after Stop, on the same address.
func (c *Cloud) Restart() {
	c.t.Helper()
	ring, err := keys.FromSeed(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		c.t.Fatalf("make keys: %v", err)
	}
	skew := c.Skew
	now := func() time.Time { return time.Now().Add(skew) }
	c.store, err = store.Open(context.Background(), "sqlite:"+c.File, store.Config{Keys: ring, Now: now})
	if err != nil {
		c.t.Fatalf("open cloud database: %v", err)
	}
	listener, err := net.Listen("tcp", c.address)
	if err != nil {
		c.t.Fatalf("listen: %v", err)
	}
	c.address = listener.Addr().String()
	c.handler = cloud.NewServer(cloud.Config{Store: c.store, Now: now})
	c.server = &http.Server{Handler: c.handler}
	c.served = make(chan error, 1)
	go func() { c.served <- c.server.Serve(listener) }()
}

// Stop ends the cloud at once, as if its machine lost power; what it had
// committed stays. It may be called twice.
func (c *Cloud) Stop() {
	if c.server == nil {
		return
	}
	c.handler.EndWaits()
	c.server.Close()
	if err := <-c.served; !errors.Is(err, http.ErrServerClosed) {
		c.t.Errorf("serve: %v", err)
	}
	if err := c.store.Close(); err != nil {
		c.t.Errorf("close cloud database: %v", err)
	}
	c.server = nil
}

// EnrollCode makes a code for a device of that profile.
func (c *Cloud) EnrollCode(p timeclock.Profile) string {
	c.t.Helper()
	code, err := c.store.NewEnrollCode(context.Background(), c.Company.ID, p, SiteName, 15*time.Minute)
	if err != nil {
		c.t.Fatalf("make enrol code: %v", err)
	}
	return code
}

// ExpiredCode makes a code that is no longer valid.
func (c *Cloud) ExpiredCode(p timeclock.Profile) string {
	c.t.Helper()
	code, err := c.store.NewEnrollCode(context.Background(), c.Company.ID, p, SiteName, -time.Second)
	if err != nil {
		c.t.Fatalf("make enrol code: %v", err)
	}
	return code
}

// OwnerToken makes a token that the owner signs in with.
func (c *Cloud) OwnerToken() string {
	c.t.Helper()
	token, err := c.store.NewOwnerToken(context.Background(), c.Company.ID)
	if err != nil {
		c.t.Fatalf("make owner token: %v", err)
	}
	return token
}

// Revoke revokes a device.
func (c *Cloud) Revoke(d timeclock.DeviceID) {
	c.t.Helper()
	if err := c.store.RevokeDevice(context.Background(), c.Company.ID, d); err != nil {
		c.t.Fatalf("revoke device: %v", err)
	}
}

// SetPassword gives the owner a login and a password, which ends the token.
func (c *Cloud) SetPassword(login, password string) {
	c.t.Helper()
	if err := c.store.SetPassword(context.Background(), login, password); err != nil {
		c.t.Fatalf("set password: %v", err)
	}
}
