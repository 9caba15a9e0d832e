package localdb_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clockface/localdb"
	"clockface/localdb/vault"
	"clockface/sync/op"
	"clockface/timeclock"
)

// newKeys returns the device's keys, and the company's key made by this kiosk.
func (d *device) newKeys() *vault.Keys {
	d.t.Helper()
	keys := must(vault.Open(d.dir))(d.t)
	d.pull("1.5", employeeRow(d.t, anna, "12", "Anna", 1, 4), employeeRow(d.t, bert, "13", "Bert", 1, 5))
	if err := d.EnsureCompanyKey(d.t.Context(), keys); err != nil {
		d.t.Fatal(err)
	}
	return keys
}

func (d *device) consent(a *localdb.Actor, e timeclock.EmployeeID) {
	d.t.Helper()
	d.put(a, "consent", op.NewID(), map[string]any{"employee_id": string(e), "kind": "face", "given_on": "2026-03-01"})
}

func TestTheFirstKioskMakesTheCompanyKeyOnce(t *testing.T) {
	d := newDevice(t)
	keys := must(vault.Open(d.dir))(t)
	if err := d.EnsureCompanyKey(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	if n := must(d.Unanswered(t.Context()))(t); n != 0 {
		t.Fatal("a key was made before it was known whether there is one")
	}
	d.pull("1.1")
	for range 2 {
		if err := d.EnsureCompanyKey(t.Context(), keys); err != nil {
			t.Fatal(err)
		}
	}
	ops := d.outbox()
	if len(ops) != 1 || ops[0].Kind != op.Put("company_key") {
		t.Fatalf("ops = %+v, want one company key", ops)
	}
	b := putBody(t, ops[0])
	if b.By != string(deviceA) || b.Grant != "" || b.BaseRev != 0 || b.Set["recipient"] == "" {
		t.Errorf("body = %+v", b)
	}
}

func TestAFaceNeedsAConsentAndComesBackWhole(t *testing.T) {
	d := newDevice(t)
	keys := d.newKeys()
	hr := d.actor(timeclock.HR)
	face := localdb.NewTemplate{Employee: anna, Kind: timeclock.FaceTemplate, Pack: "dlib", Label: "front", Vectors: [][]float32{{0.25, -1, 3}, {1, 2, 3}}}
	_, err := d.EnrolTemplate(t.Context(), keys, hr, face)
	wantErr(t, err, localdb.ErrNoConsent)
	d.consent(hr, anna)
	id := must(d.EnrolTemplate(t.Context(), keys, hr, face))(t)

	found, skipped, err := d.Templates(t.Context(), keys, timeclock.FaceTemplate)
	if err != nil || len(skipped) != 0 {
		t.Fatal(err, skipped)
	}
	want := []vault.Template{{Company: company, Employee: anna, Credential: id, Kind: timeclock.FaceTemplate, Pack: "dlib", Vectors: face.Vectors, Device: deviceA}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	ops := d.outbox()
	last := ops[len(ops)-1]
	if b := putBody(t, last); b.SealedDigest != op.SealedDigest(b.Salt, last.Sealed) || len(last.Sealed) == 0 {
		t.Errorf("the sealed template beside the op does not fit its digest")
	}

	if err := d.DeleteCredential(t.Context(), hr, id); err != nil {
		t.Fatal(err)
	}
	wantErr(t, d.DeleteCredential(t.Context(), hr, id), localdb.ErrNotFound)
	if left := must(d.Credentials(t.Context(), ""))(t); len(left) != 0 {
		t.Errorf("credentials = %+v, want none", left)
	}
}

func TestAPINIsReplacedNotAdded(t *testing.T) {
	d := newDevice(t)
	keys := d.newKeys()
	hr := d.actor(timeclock.HR)
	for _, pin := range []string{"123", "123456789", "12a4", ""} {
		wantErr(t, d.SetPIN(t.Context(), keys, hr, anna, pin), vault.ErrBadPIN)
	}
	for _, pin := range []string{"1234", "5678"} {
		if err := d.SetPIN(t.Context(), keys, hr, anna, pin); err != nil {
			t.Fatal(err)
		}
	}
	ops := d.outbox()
	if first, second := putBody(t, ops[len(ops)-2]), putBody(t, ops[len(ops)-1]); first.BaseRev != 0 || second.BaseRev != 1 || first.ID != second.ID {
		t.Errorf("PINs build on revisions %d and %d of %s and %s, want 0 and 1 of one row", first.BaseRev, second.BaseRev, first.ID, second.ID)
	}
	found, _, err := d.Templates(t.Context(), keys, timeclock.PIN)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d PINs, %v; want one", len(found), err)
	}
	for pin, want := range map[string]bool{"1234": false, "5678": true} {
		if got := must(vault.VerifyPIN(found[0].PINHash, pin))(t); got != want {
			t.Errorf("PIN %s: %v, want %v", pin, got, want)
		}
	}
	wantErr(t, d.SetPIN(t.Context(), keys, hr, "nobody", "1234"), localdb.ErrNotFound)
	wantErr(t, d.SetPIN(t.Context(), keys, d.actor(timeclock.Lead), anna, "1234"), localdb.ErrForbidden)
}

// A sealed value cannot be compared with what it was, so that the second of two
// unsent PINs has to name the revision which the first will make.
func TestUnsentPINsBuildOnEachOther(t *testing.T) {
	d := newDevice(t)
	keys := d.newKeys()
	d.answer(accepted(d.outbox()...)...)
	d.pull("1.9", op.Row{Table: "credential", ID: "pin1", Rev: 4, Seq: 9, Doc: []byte(`{"employee_id":"` + string(anna) + `","kind":"pin"}`)})
	hr := d.actor(timeclock.HR)
	for _, pin := range []string{"1234", "5678"} {
		if err := d.SetPIN(t.Context(), keys, hr, anna, pin); err != nil {
			t.Fatal(err)
		}
	}
	ops := d.outbox()
	if a, b := putBody(t, ops[0]), putBody(t, ops[1]); a.ID != "pin1" || a.BaseRev != 4 || b.BaseRev != 5 {
		t.Errorf("base revisions %d and %d of %s, want 4 and 5 of pin1", a.BaseRev, b.BaseRev, a.ID)
	}
}

func TestATemplateThatWasMovedToSomebodyElseIsSkipped(t *testing.T) {
	d := newDevice(t)
	keys := d.newKeys()
	hr := d.actor(timeclock.HR)
	if err := d.SetPIN(t.Context(), keys, hr, anna, "1234"); err != nil {
		t.Fatal(err)
	}
	had := must(d.Credentials(t.Context(), timeclock.PIN))(t)[0]
	d.put(hr, "credential", string(had.ID), map[string]any{"employee_id": string(bert)})
	found, skipped, err := d.Templates(t.Context(), keys, timeclock.PIN)
	if err != nil || len(found) != 0 || len(skipped) != 1 || !errors.Is(skipped[0], vault.ErrMismatch) {
		t.Errorf("found %v, skipped %v, %v; want it skipped as moved", found, skipped, err)
	}
}

func TestWithoutACompanyKeyNothingIsEnrolled(t *testing.T) {
	d := newDevice(t)
	d.pull("1.5", employeeRow(t, anna, "12", "Anna", 1, 4))
	keys := must(vault.Open(d.dir))(t)
	wantErr(t, d.SetPIN(t.Context(), keys, d.actor(timeclock.HR), anna, "1234"), localdb.ErrNoCompanyKey)
}
