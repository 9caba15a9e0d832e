package main

import (
	"log/slog"
	"testing"
	"time"

	"clockface/cmd/internal/cloudtest"
	"clockface/cmd/internal/station"
	"clockface/kiosk"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// enrolled opens a fresh data folder as a device of the cloud's company, with
// the owner signed in.
func enrolled(t *testing.T, c *cloudtest.Cloud, p timeclock.Profile) (*station.Station, *localdb.Actor) {
	t.Helper()
	st, err := station.Open(t.Context(), station.Config{Dir: t.TempDir(), CloudURL: c.URL(), EnrollCode: c.EnrollCode(p),
		Profile: p, Program: "clockface-" + string(p)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	exchange(t, st)
	a, err := st.SignInWithToken(t.Context(), c.OwnerToken())
	if err != nil {
		t.Fatal(err)
	}
	return st, a
}

// exchange brings a device and its cloud to the same state.
func exchange(t *testing.T, st *station.Station) {
	t.Helper()
	if _, err := st.Replicator.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPINClosedAtTheKioskIsOpenedAtADesk takes a closed PIN from a kiosk through
// the cloud to a desktop, where somebody opens it, and back.
func TestPINClosedAtTheKioskIsOpenedAtADesk(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	c := cloudtest.Start(t)
	gate, owner := enrolled(t, c, timeclock.Kiosk)
	who := timeclock.EmployeeID(op.NewID())
	if err := gate.DB.Put(t.Context(), owner, "employee", string(who), map[string]any{"number": "12", "name": "Ada", "active": true}, nil); err != nil {
		t.Fatal(err)
	}
	if err := gate.DB.SetPIN(t.Context(), gate.Keys, owner, who, "4711"); err != nil {
		t.Fatal(err)
	}
	checks, err := newPINs()
	if err != nil {
		t.Fatal(err)
	}
	clerk := kiosk.NewClerk(kiosk.ClerkConfig{Records: records{gate.DB}, People: newPeople(gate, slog.New(slog.DiscardHandler)), PINs: checks,
		Device: gate.Identity.Device, RepeatWindow: func() time.Duration { return time.Minute },
		Zone: func() *time.Location { return time.UTC }, Now: time.Now, Tell: func(kiosk.Notice) {}})
	try := func(pin string) kiosk.Checked {
		t.Helper()
		got, ok := clerk.Do(t.Context(), kiosk.CheckPIN{Number: "12", PIN: pin}).(kiosk.Checked)
		if !ok {
			t.Fatal("a PIN was typed and nobody answers")
		}
		return got
	}
	for range 5 {
		try("0000")
	}
	clerk.Do(t.Context(), kiosk.TellSupervisor{Kind: timeclock.PINClosed, Number: "12"})
	if got := try("4711"); got.Result != kiosk.PINShut {
		t.Fatalf("after five wrong PINs the right one gives %v, want a closed number", got.Result)
	}
	exchange(t, gate)

	desk, supervisor := enrolled(t, c, timeclock.Desktop)
	if seen, err := desk.DB.Incidents(t.Context(), 0); err != nil || len(seen) != 1 || seen[0].Kind != timeclock.PINClosed || seen[0].Employee != who {
		t.Fatalf("the desk sees %+v, %v, want the closed PIN of %s", seen, err, who)
	}
	if err := desk.DB.ReopenPIN(t.Context(), supervisor, who); err != nil {
		t.Fatal(err)
	}
	exchange(t, desk)
	if refused, err := desk.DB.Refused(t.Context()); err != nil || len(refused) != 0 {
		t.Fatalf("the cloud refused %+v, %v", refused, err)
	}
	if got := try("4711"); got.Result != kiosk.PINShut {
		t.Errorf("before the kiosk has heard of it the PIN gives %v, want a closed number", got.Result)
	}
	exchange(t, gate)
	if got := try("4711"); got.Result != kiosk.PINRight || got.Employee != who {
		t.Errorf("opened again, the right PIN gives %+v, want it right for %s", got, who)
	}
}
