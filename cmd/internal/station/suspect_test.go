package station

import (
	"os"
	"path/filepath"
	"testing"

	"clockface/cmd/internal/cloudtest"
	punchsync "clockface/sync"
	"clockface/sync/op"
	"clockface/timeclock"
)

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// TestSuspectKioskIsEnrolledAnew goes the way that docs/operations.md tells when
// a data folder was restored from a copy: nothing in the folder is lost, and the
// same PC goes on with its keys under a new id.
func TestSuspectKioskIsEnrolledAnew(t *testing.T) {
	c := cloudtest.Start(t)
	folders := t.TempDir()
	live, restored, fresh := filepath.Join(folders, "live"), filepath.Join(folders, "restored"), filepath.Join(folders, "fresh")
	kiosk := enrolled(t, c, timeclock.Kiosk, live)
	actor, err := kiosk.SignInWithToken(t.Context(), c.OwnerToken())
	if err != nil {
		t.Fatal(err)
	}
	who := timeclock.EmployeeID(op.NewID())
	if err := kiosk.DB.Put(t.Context(), actor, "employee", string(who), map[string]any{"number": "7", "name": "Ada Lovelace", "active": true}, nil); err != nil {
		t.Fatal(err)
	}
	if err := kiosk.DB.SetPIN(t.Context(), kiosk.Keys, actor, who, "4711"); err != nil {
		t.Fatal(err)
	}
	if err := kiosk.DB.SaveSession(t.Context(), actor); err != nil {
		t.Fatal(err)
	}
	kiosk.drain(t)
	kiosk.Close()
	copyFolder(t, live, restored)

	kiosk = enrolled(t, c, timeclock.Kiosk, live)
	kiosk.punch(t, who, timeclock.In)
	kiosk.drain(t)
	kiosk.Close()

	suspect, err := Open(t.Context(), Config{Dir: restored, Profile: timeclock.Kiosk})
	if err != nil {
		t.Fatal(err)
	}
	defer suspect.Close()
	waiting := (&device{Station: suspect}).punch(t, who, timeclock.Out)
	_, err = suspect.Replicator.Once(t.Context())
	if !punchsync.HasCode(err, op.CodeChainBroken) {
		t.Fatalf("a restored folder: %v, want %s", err, op.CodeChainBroken)
	}
	wantExplained(t, err, ExitRefused, "Keep the folder")
	if states, err := suspect.DB.SyncStates(t.Context(), []timeclock.PunchID{waiting}); err != nil || states[waiting] != op.Queued && states[waiting] != op.Sent {
		t.Errorf("the punch is %q, want it to wait; %v", states[waiting], err)
	}

	c.Revoke(suspect.Identity.Device)
	copyFolder(t, filepath.Join(restored, "keys"), filepath.Join(fresh, "keys"))
	again := enrolled(t, c, timeclock.Kiosk, fresh)
	if again.Identity.Device == suspect.Identity.Device {
		t.Error("the device has its old id")
	}
	found, skipped, err := again.DB.Templates(t.Context(), again.Keys, timeclock.PIN)
	if err != nil || len(found) != 1 || len(skipped) != 0 {
		t.Errorf("%d PINs can be used, %v cannot; %v", len(found), skipped, err)
	}
	_, err = again.DB.UseSession(t.Context())
	wantExplained(t, err, ExitNotEnrolled, "Nobody is signed in")
	again.punch(t, who, timeclock.Out)
	again.drain(t)
	wantEqual(t, c, []*device{again}, "punch", 2)
}
