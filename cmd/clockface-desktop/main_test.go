package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"clockface/assets"
	"clockface/cmd/internal/cloudtest"
	"clockface/cmd/internal/station"
	"clockface/desktop"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// start runs the program with its exit code and what it wrote to stderr.
func start(args ...string) (code int, errs string) {
	var out, err bytes.Buffer
	code = run(args, &out, &err, func(string) string { return "" })
	return code, err.String()
}

func TestStartsThatCannotWork(t *testing.T) {
	held := t.TempDir()
	unlock, err := localdb.Lock(held, "clockface-desktop")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a second window on a folder", []string{"--data", held}, station.ExitInUse, "is in use by clockface-desktop"},
		{"a folder that is not enrolled", []string{"--data", t.TempDir()}, station.ExitNotEnrolled, "enroll-code --db DB --profile desktop"},
		{"a size that is none", []string{"--data", t.TempDir(), "--size", "wide"}, station.ExitUsage, "Give width x height"},
		{"a flag that is none", []string{"--fast"}, station.ExitUsage, "unknown flag"},
		{"diagnostics that cannot be written", []string{"--data", t.TempDir(), "--stats", t.TempDir()}, station.ExitUsage, "cannot be written"},
	} {
		code, errs := start(c.args...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, %q; want %d and %q", c.name, code, errs, c.code, c.says)
		}
	}
}

// desk is a desk on a real replica of a real cloud.
type desk struct {
	*desktop.Desk
	station *station.Station
	dir     string
}

func newDesk(t *testing.T, c *cloudtest.Cloud) *desk {
	t.Helper()
	dir := t.TempDir()
	st, err := station.Open(t.Context(), station.Config{Dir: dir, CloudURL: c.URL(), Program: name,
		EnrollCode: c.EnrollCode(timeclock.Desktop), Profile: timeclock.Desktop})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	texts, err := assets.LoadCatalogue("desktop")
	if err != nil {
		t.Fatal(err)
	}
	return &desk{station: st, dir: dir, Desk: desktop.New(desktop.Options{Replica: replica{st.DB}, Door: &door{station: st, dir: dir},
		Memory: &memoryFile{dir: dir}, Texts: texts.For("en"), Now: time.Now})}
}

func TestOwnersTokenOpensTheDeskWithoutAQuestion(t *testing.T) {
	c := cloudtest.Start(t)
	d := newDesk(t, c)
	if err := d.Resume(t.Context()); !errors.Is(err, desktop.ErrSignInNeeded) {
		t.Errorf("without a token: %v, want ErrSignInNeeded", err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, "owner.token"), []byte(c.OwnerToken()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p, ok := d.SignedIn(); !ok || p.Role != timeclock.Owner {
		t.Errorf("signed in %v as %+v", ok, p)
	}
	c.Stop()
	if err := d.Resume(t.Context()); err != nil {
		t.Errorf("with the cloud away the token does not open: %v", err)
	}
}

func TestPasswordOpensTheDeskOffline(t *testing.T) {
	c := cloudtest.Start(t)
	d := newDesk(t, c)
	c.SetPassword("owner@example.com", "correct horse battery")
	if err := d.SignIn(t.Context(), "owner@example.com", "wrong"); !errors.Is(err, desktop.ErrWrongSecret) {
		t.Errorf("wrong password: %v, want ErrWrongSecret", err)
	}
	if err := d.SignIn(t.Context(), "owner@example.com", "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	c.Stop()
	if err := d.SignIn(t.Context(), "owner@example.com", "correct horse battery"); err != nil {
		t.Errorf("offline: %v", err)
	}
	fresh := newDeskOffline(t, c)
	if err := fresh.SignIn(t.Context(), "owner@example.com", "correct horse battery"); !errors.Is(err, desktop.ErrCloudAway) {
		t.Errorf("a first sign-in offline: %v, want ErrCloudAway", err)
	}
}

// newDeskOffline is a desk that was enrolled before the cloud went away.
func newDeskOffline(t *testing.T, c *cloudtest.Cloud) *desk {
	t.Helper()
	c.Restart()
	d := newDesk(t, c)
	c.Stop()
	return d
}

func TestDeskNamesDevicesThatWereEnrolledSince(t *testing.T) {
	c := cloudtest.Start(t)
	d := newDesk(t, c)
	gate, err := station.Open(t.Context(), station.Config{Dir: t.TempDir(), CloudURL: c.URL(), Program: "clockface-kiosk",
		EnrollCode: c.EnrollCode(timeclock.Kiosk), Profile: timeclock.Kiosk, DeviceName: "Front gate"})
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close()
	if err := gate.DB.ReportIncident(t.Context(), timeclock.Incident{Kind: timeclock.CameraLost}); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*station.Station{gate, d.station} {
		if _, err := r.Replicator.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v := d.Inbox(); v.Len() != 1 || v.Row(0).How != "Front gate" {
		t.Errorf("the inbox has %d rows, the first from %q; want one from Front gate", v.Len(), v.Row(0).How)
	}
	var names []string
	for _, r := range d.Devices().Rows {
		names = append(names, r.Name)
	}
	if own := d.station.Identity.Name; len(names) != 2 || !slices.Contains(names, "Front gate") || !slices.Contains(names, own) {
		t.Errorf("devices %q, want Front gate and %s", names, own)
	}
}

// TestDecisionIsInTheReplicaAndTheCloud takes one punch through every action
// on a real database.
func TestDecisionIsInTheReplicaAndTheCloud(t *testing.T) {
	c := cloudtest.Start(t)
	d := newDesk(t, c)
	ctx := t.Context()
	a, err := d.station.SignInWithToken(ctx, c.OwnerToken())
	if err != nil {
		t.Fatal(err)
	}
	who := timeclock.EmployeeID(op.NewID())
	if err := d.station.DB.Put(ctx, a, "employee", string(who), map[string]any{"number": "1", "name": "Ada", "active": true}, nil); err != nil {
		t.Fatal(err)
	}
	at, kind := timeclock.MicrosOf(time.Now().Add(-time.Hour)), timeclock.In
	made, err := d.station.DB.EditPunch(ctx, a, localdb.NewEdit{What: timeclock.Add, Cause: timeclock.ForgotPunch,
		Values: timeclock.EditValues{At: &at, Kind: &kind, Employee: &who}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, "owner.token"), []byte(c.OwnerToken()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func(context.Context) error{d.Resume, d.Refresh} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	ids := []timeclock.PunchID{made.Punch}
	d.want(t, made.Punch, timeclock.Counted)
	d.does(t)(d.Approve(ctx, ids))
	d.want(t, made.Punch, timeclock.Approved)
	d.does(t)(d.Undo(ctx))
	d.want(t, made.Punch, timeclock.Counted)
	d.does(t)(d.Correct(ctx, made.Punch, desktop.Correction{At: at + 60_000_000, Kind: kind, Cause: timeclock.WrongTime}))
	d.does(t)(d.Approve(ctx, ids))
	d.does(t)(d.Withdraw(ctx, made.Punch, timeclock.DoublePunch, ""))
	d.want(t, made.Punch, timeclock.Voided)
	d.does(t)(d.Undo(ctx))
	d.want(t, made.Punch, timeclock.Approved)
	if _, err := d.station.Replicator.Once(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if s := d.Devices(); s.Waiting != 0 || s.Refused != 0 || s.Conflicts != 0 {
		t.Errorf("after sync: %d waiting, %d refused, %d conflicts", s.Waiting, s.Refused, s.Conflicts)
	}
	d.want(t, made.Punch, timeclock.Approved)
}

func (d *desk) does(t *testing.T) func(desktop.Done, error) {
	t.Helper()
	return func(_ desktop.Done, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (d *desk) want(t *testing.T, id timeclock.PunchID, want timeclock.Status) {
	t.Helper()
	e, err := d.station.DB.Entry(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if e.Status != want {
		t.Errorf("punch is %s, want %s", e.Status, want)
	}
}

func TestWindowsStateOutlivesTheProgram(t *testing.T) {
	m := &memoryFile{dir: t.TempDir()}
	if r, err := m.Load(); err != nil || r.Language != "" {
		t.Errorf("an empty folder: %+v, %v", r, err)
	}
	want := desktop.Remembered{Language: "es", Sort: desktop.ByPerson, Descending: true, Show: desktop.ShowClean}
	if err := m.Save(want); err != nil {
		t.Fatal(err)
	}
	got, err := m.Load()
	if err != nil || got.Language != want.Language || got.Sort != want.Sort || !got.Descending || got.Show != want.Show {
		t.Errorf("loaded %+v, %v; want %+v", got, err, want)
	}
	if err := os.WriteFile(m.path(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Load(); err == nil {
		t.Error("a torn file is read without a word")
	}
}
