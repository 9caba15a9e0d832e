//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// siteName is the one site of every company here; its zone is not that of a
// build machine, so that a mix-up shows.
const (
	siteName = "North Gate"
	siteZone = "Europe/Berlin"
)

// A company is a cloud on SQLite with one site, and the folders of its owner's
// PC: kiosk and desktop run on it.
type company struct {
	place
	file    string // the cloud's database
	address string // host:port, the same after a restart
	cloud   *program
	kiosk   string // data folders
	desktop string
}

// newCompany makes the company with a repeat window of 1 s and starts its cloud.
func (p place) newCompany(t testing.TB) *company {
	t.Helper()
	c := &company{
		place: p, file: filepath.Join(p.work, "cloud", "cloud.db"), address: "127.0.0.1:0",
		kiosk: filepath.Join(p.work, "kiosk"), desktop: filepath.Join(p.work, "desktop"),
	}
	makeFolder(t, filepath.Dir(c.file))
	p.must(t, "", "clockface-cloud", "init", "--db", c.db(), "--company", "Main Job Works",
		"--site", siteName, "--zone", siteZone, "--owner-here", c.desktop, "--repeat-window", "1s")
	c.serve(t)
	return c
}

func (c *company) db() string    { return "sqlite:" + c.file }
func (c *company) url() string   { return "http://" + c.address }
func (c *company) token() string { return filepath.Join(c.desktop, "owner.token") }

var listening = regexp.MustCompile(`listening on http://(\S+)`)

// serve starts the cloud at the company's address; the first time the machine
// chooses the port.
func (c *company) serve(t testing.TB) {
	t.Helper()
	c.cloud = c.start(t, "cloud", "clockface-cloud", nil, "serve", "--addr", c.address, "--db", c.db())
	eventually(t, 15*time.Second, "the cloud listens", func() string {
		lines, ended, _ := c.cloud.out.from(0)
		if m := listening.FindStringSubmatch(strings.Join(lines, "\n")); m != nil {
			c.address = m[1]
			return ""
		}
		if ended {
			t.Fatalf("the cloud ended: %s", fileTail(c.cloud.logs, 5))
		}
		return "no line says so"
	})
}

// enrolCode returns a fresh code for a device of the profile.
func (c *company) enrolCode(t testing.TB, profile string) string {
	t.Helper()
	return c.must(t, "", "clockface-cloud", "enroll-code", "--db", c.db(), "--profile", profile, "--site", siteName)
}

// on runs the clockface command on a data folder and returns its stdout.
func (c *company) on(t testing.TB, data, stdin string, args ...string) string {
	t.Helper()
	return c.must(t, stdin, "clockface", append(args, "--data", data)...)
}

// enrolKiosk enrols the kiosk's folder and signs the owner in there.
func (c *company) enrolKiosk(t testing.TB) {
	t.Helper()
	c.on(t, c.kiosk, "", "device", "enroll", "--cloud", c.url(), "--code", c.enrolCode(t, "kiosk"), "--profile", "kiosk", "--name", "Kiosk at the gate")
	c.on(t, c.kiosk, "", "sign-in", "--token-file", c.token())
}

// hire adds a person with face and PIN.
func (c *company) hire(t testing.TB, p *person) {
	t.Helper()
	c.on(t, c.kiosk, "", "employee", "add", "--number", p.number, "--name", p.name)
	c.on(t, c.kiosk, p.pin(), "pin", "set", "--employee", p.number)
	c.on(t, c.kiosk, "", append([]string{"face", "enroll", "--employee", p.number, "--consent", "2026-01-05"}, p.enrolled...)...)
	p.id = strings.Trim(openDatabase(t, "kiosk", c.replica(c.kiosk)).
		rows(t, "employee", "number = ?", p.number)[0]["id"], "'")
}

// pin is a PIN that nobody else has.
func (p *person) pin() string { return "70" + p.number }

// replica is the database in a data folder.
func (c *company) replica(data string) string { return filepath.Join(data, "replica.db") }

// startKiosk runs the kiosk; more holds flags beyond folder, cloud and camera.
func (c *company) startKiosk(t testing.TB, env []string, camera string, more ...string) *program {
	t.Helper()
	return c.start(t, "kiosk", "clockface-kiosk", env,
		append([]string{"--data", c.kiosk, "--cloud", c.url(), "--camera", camera, "--models", c.models}, more...)...)
}

// A kioskEvent is one line of clockface-kiosk --headless.
type kioskEvent struct {
	Event      string
	Time       time.Time
	Employee   string
	Name       string
	Method     string
	Confidence float64
	MS         float64
	Punch      string
	Kind       string
	Reason     string
	Acked      int
	Waiting    int
	Code       string
	Message    string
	Punches    int
}

// is matches kiosk events by name.
func is(names ...string) func(kioskEvent) bool {
	return func(e kioskEvent) bool {
		for _, n := range names {
			if e.Event == n {
				return true
			}
		}
		return false
	}
}

func (e kioskEvent) String() string {
	return fmt.Sprintf("%s employee=%s name=%q method=%s confidence=%.2f reason=%s code=%s", e.Event, e.Employee, e.Name, e.Method, e.Confidence, e.Reason, e.Code)
}

// freeAddress returns a loopback address on which nothing listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().String()
}
