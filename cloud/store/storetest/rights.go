package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"clockface/cloud/store"
	"clockface/sync/op"
	"clockface/timeclock"
)

func forgedActIsRejected(t *testing.T, w *world) {
	id := w.punch(t, w.ann)
	_, other, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	forger := &Actor{Grant: w.owner.Grant, Key: other}
	w.must(t, w.desktop, first(w.desktop.Decide(t, forger, id, "", timeclock.Approve)), op.Rejected, op.ReasonNoGrant)
	if n := w.count(t, "SELECT count(*) FROM punch_decision"); n != 0 {
		t.Errorf("%d decisions, want none", n)
	}
	w.must(t, w.desktop, first(w.desktop.Decide(t, w.owner, id, "", timeclock.Approve)), op.Accepted, "")
}

func foreignGrantIsRejected(t *testing.T, w *world) {
	id := w.punch(t, w.ann)
	other := NewDevice(t, w.store, w.company, timeclock.Desktop, w.clock.now())
	w.must(t, other, first(other.Decide(t, w.owner, id, "", timeclock.Approve)), op.Rejected, op.ReasonNoGrant)
}

func authorMustBeMember(t *testing.T, w *world) {
	id := w.punch(t, w.ann)
	b := op.DecisionBody{Head: op.NewHead("somebody else", w.owner.Grant.ID), ID: op.NewID(), Punch: id, Verdict: timeclock.Approve,
		Clock: w.desktop.Clock}
	w.must(t, w.desktop, w.desktop.Chain(t, w.owner, op.PunchDecisionAdd, b, nil), op.Rejected, op.ReasonForbidden)
}

func expiredGrant(t *testing.T, w *world) {
	a, b := w.punch(t, w.ann), w.punch(t, w.bob)
	w.pass(13 * 24 * time.Hour)
	inTime := first(w.desktop.Decide(t, w.owner, a, "", timeclock.Approve))
	w.pass(2 * 24 * time.Hour)
	late := first(w.desktop.Decide(t, w.owner, b, "", timeclock.Approve))
	answer, err := w.desktop.Push(w.store, inTime, late)
	if err != nil {
		t.Fatal(err)
	}
	if r := answer.Results[0]; r.Status != op.Accepted {
		t.Errorf("made while the grant held, sent after: %+v, want accepted", r)
	}
	if r := answer.Results[1]; r.Status != op.Rejected || r.Reason != op.ReasonNoGrant {
		t.Errorf("made after the grant: %+v, want rejected no_grant", r)
	}
}

func passwordRevokes(t *testing.T, w *world) {
	id := w.punch(t, w.ann)
	token, err := w.store.NewOwnerToken(t.Context(), w.company.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.SetPassword(t.Context(), "Olga@Example.com", "a long password"); err != nil {
		t.Fatal(err)
	}
	w.must(t, w.desktop, first(w.desktop.Decide(t, w.owner, id, "", timeclock.Approve)), op.Rejected, op.ReasonNoGrant)
	if _, err := w.store.AccountByToken(t.Context(), token); !errors.Is(err, store.ErrNoAccount) {
		t.Errorf("the token still works: %v", err)
	}
	a, err := w.store.AccountByLogin(t.Context(), " OLGA@example.com")
	if err != nil {
		t.Fatal(err)
	}
	actor := grant(t, w.store, w.desktop, a)
	w.must(t, w.desktop, first(w.desktop.Decide(t, actor, id, "", timeclock.Approve)), op.Accepted, "")
}

// member makes a membership of that role and signs it in on the desktop.
func (w *world) member(t *testing.T, role timeclock.Role) *Actor {
	t.Helper()
	account := op.NewID()
	w.exec(t, "INSERT INTO account (account_id, password_hash, state, changed_us) VALUES ($1, 'x', 'active', 0)", account)
	w.put(t, "membership", op.NewID(), 0, map[string]any{"account_id": account, "role": string(role), "name": "M", "state": "active"})
	return grant(t, w.store, w.desktop, store.Account{ID: account})
}

func rightIsNeeded(t *testing.T, w *world) {
	id := w.punch(t, w.ann)
	lead := w.member(t, timeclock.Lead)
	w.must(t, w.desktop, first(w.desktop.Decide(t, lead, id, "", timeclock.Approve)), op.Accepted, "")
	r := w.must(t, w.desktop, w.desktop.Put(t, lead, "employee", string(w.ann), 1, map[string]any{"name": "X"}, nil), op.Rejected, op.ReasonForbidden)
	if r.Row == nil || r.Row.ID != string(w.ann) {
		t.Errorf("a refused put is answered with %v, want the cloud's row", r.Row)
	}
	// A role that was taken away counts at once.
	w.put(t, "membership", string(lead.Grant.Membership), 1, map[string]any{"state": "closed"})
	w.must(t, w.desktop, first(w.desktop.Decide(t, lead, id, "", timeclock.Reject)), op.Rejected, op.ReasonForbidden)
}

func onlyOwnersMakeOwners(t *testing.T, w *world) {
	admin := w.member(t, timeclock.Admin)
	put := func(id string, rev int64, set map[string]any) op.Op {
		return w.desktop.Put(t, admin, "membership", id, rev, set, nil)
	}
	w.must(t, w.desktop, put(string(admin.Grant.Membership), 1, map[string]any{"role": "owner"}), op.Rejected, op.ReasonForbidden)
	w.must(t, w.desktop, put(string(w.company.Owner), 1, map[string]any{"state": "closed"}), op.Rejected, op.ReasonForbidden)
	w.must(t, w.desktop, put(op.NewID(), 0, map[string]any{"role": "lead", "state": "active"}), op.Accepted, "")
}

func kioskWithoutGrant(t *testing.T, w *world) {
	id := w.punch(t, w.ann)
	self := func(what timeclock.EditKind, cause timeclock.Cause, v timeclock.EditValues) op.Op {
		return w.kiosk.Chain(t, nil, op.PunchEditAdd, op.EditBody{Head: op.NewHead(string(w.kiosk.ID), ""), ID: op.NewID(), Punch: id, What: what,
			Cause: cause, Values: v, Clock: w.kiosk.Clock}, nil)
	}
	at := w.kiosk.Clock.Wall
	w.must(t, w.kiosk, self(timeclock.Retime, timeclock.NotMe, timeclock.EditValues{At: &at}), op.Rejected, op.ReasonNoGrant)
	w.must(t, w.kiosk, self(timeclock.Void, timeclock.WrongTime, timeclock.EditValues{}), op.Rejected, op.ReasonNoGrant)
	w.must(t, w.kiosk, self(timeclock.Void, timeclock.NotMe, timeclock.EditValues{}), op.Accepted, "")
	id = w.punch(t, w.ann)
	w.pass(11 * time.Minute)
	w.must(t, w.kiosk, self(timeclock.Void, timeclock.NotMe, timeclock.EditValues{}), op.Rejected, op.ReasonNoGrant)

	stamp := op.PutBody{Head: op.NewHead(string(w.kiosk.ID), ""), Clock: w.kiosk.Clock}
	key := func() op.Op {
		b := stamp
		b.ID, b.Set = op.NewID(), map[string]any{"recipient": "age1", "wrapped": "x", "endorsed_by": "", "signature": "AA=="}
		return w.kiosk.Chain(t, nil, op.Put("company_key"), b, nil)
	}
	w.must(t, w.kiosk, key(), op.Accepted, "")
	w.must(t, w.kiosk, key(), op.Rejected, op.ReasonNoGrant) // the first kiosk makes it, once
	b := stamp
	b.ID, b.Set = op.NewID(), map[string]any{"name": "Eve"}
	w.must(t, w.kiosk, w.kiosk.Chain(t, nil, op.Put("employee"), b, nil), op.Rejected, op.ReasonNoGrant)
	forOther := w.kiosk.PunchBody(w.ann, timeclock.In)
	forOther.By = string(w.bob)
	w.must(t, w.kiosk, w.kiosk.Chain(t, nil, op.PunchAdd, forOther, nil), op.Rejected, op.ReasonForbidden)
}

func desktopNeedsGrant(t *testing.T, w *world) {
	o, _ := w.desktop.Punch(t, w.ann, timeclock.In)
	w.must(t, w.desktop, o, op.Rejected, op.ReasonNoGrant)
}

func pinIsReopened(t *testing.T, w *world) {
	lead, worker := w.member(t, timeclock.Lead), w.member(t, timeclock.Member)
	d := w.desktop
	w.must(t, d, first(d.Incident(t, worker, timeclock.PINReopened, w.ann)), op.Rejected, op.ReasonForbidden)
	w.must(t, d, first(d.Incident(t, lead, timeclock.PINClosed, w.ann)), op.Rejected, op.ReasonForbidden)
	w.must(t, d, first(d.Incident(t, lead, timeclock.PINReopened, "")), op.Rejected, op.ReasonBadBody)
	w.must(t, d, first(d.Incident(t, nil, timeclock.PINReopened, w.ann)), op.Rejected, op.ReasonNoGrant)
	w.must(t, w.kiosk, first(w.kiosk.Incident(t, nil, timeclock.PINReopened, w.ann)), op.Rejected, op.ReasonNoGrant)

	other := w.newCompany(t, "Other")
	foreign := NewDevice(t, w.store, other, timeclock.Desktop, w.clock.now())
	w.must(t, foreign, first(foreign.Incident(t, SignIn(t, w.store, foreign), timeclock.PINReopened, w.ann)), op.Rejected, op.ReasonNotFound)
	foreignKiosk := NewDevice(t, w.store, other, timeclock.Kiosk, w.clock.now())
	w.must(t, foreignKiosk, first(foreignKiosk.Incident(t, nil, timeclock.PINClosed, w.ann)), op.Rejected, op.ReasonNotFound)
	if n := w.count(t, "SELECT count(*) FROM incident"); n != 0 {
		t.Fatalf("%d incidents after refused ones, want none", n)
	}

	o, id := d.Incident(t, lead, timeclock.PINReopened, w.ann)
	w.must(t, d, o, op.Accepted, "")
	if _, doc := w.row(t, w.kiosk, "incident", id); doc["kind"] != string(timeclock.PINReopened) || doc["employee_id"] != string(w.ann) {
		t.Errorf("the kiosk gets %v, want the opened PIN of %s", doc, w.ann)
	}
	if err := w.store.Rebuild(t.Context(), w.company.ID); err != nil {
		t.Error(err)
	}
}

func companiesAreApart(t *testing.T, w *world) {
	id := w.punch(t, w.ann)
	other := w.newCompany(t, "Other")
	foreign := NewDevice(t, w.store, other, timeclock.Desktop, w.clock.now())
	owner := SignIn(t, w.store, foreign)
	w.must(t, foreign, first(foreign.Decide(t, owner, id, "", timeclock.Approve)), op.Rejected, op.ReasonNotFound)
	w.must(t, foreign, foreign.Put(t, owner, "employee", string(w.ann), 1, map[string]any{"name": "X"}, nil), op.Rejected, op.ReasonNotFound)
	w.must(t, foreign, foreign.Put(t, owner, "consent", op.NewID(), 0, map[string]any{"employee_id": string(w.ann), "kind": "face"}, nil), op.Rejected, op.ReasonNotFound)
	moved := w.ann
	w.must(t, foreign, first(foreign.Edit(t, owner, timeclock.PunchID(op.NewID()), "", timeclock.Add,
		timeclock.EditValues{At: &foreign.Clock.Wall, Kind: new(timeclock.In), Employee: &moved})), op.Rejected, op.ReasonNotFound)
	kiosk := NewDevice(t, w.store, other, timeclock.Kiosk, w.clock.now())
	o, _ := kiosk.Punch(t, w.ann, timeclock.In)
	w.must(t, kiosk, o, op.Quarantined, op.ReasonUnknownEmp)
	for _, r := range w.rows(t, foreign, 0) {
		if r.ID == string(w.ann) || r.ID == string(id) {
			t.Errorf("company %s got row %s of another", other.ID, r.ID)
		}
	}
	// A device of one company is none of the other.
	if _, err := w.store.Device(t.Context(), other.ID, w.kiosk.ID); !errors.Is(err, store.ErrNoDevice) {
		t.Errorf("error %v, want ErrNoDevice", err)
	}
}

func revokedDevice(t *testing.T, w *world) {
	w.punch(t, w.ann)
	if err := w.store.RevokeDevice(t.Context(), w.company.ID, w.kiosk.ID); err != nil {
		t.Fatal(err)
	}
	o, _ := w.kiosk.Punch(t, w.bob, timeclock.In)
	w.must(t, w.kiosk, o, op.Quarantined, op.ReasonRevoked)
	if n := w.count(t, "SELECT count(*) FROM punch"); n != 1 {
		t.Errorf("%d punches, want 1", n)
	}
	b := op.IncidentBody{Head: op.NewHead(string(w.kiosk.ID), ""), ID: op.NewID(), Kind: timeclock.CameraLost}
	if _, err := w.kiosk.Push(w.store, w.kiosk.Chain(t, nil, op.IncidentAdd, b, nil)); !errors.Is(err, store.ErrDeviceRevoked) {
		t.Errorf("error %v, want ErrDeviceRevoked", err)
	}
}

func enrolCodes(t *testing.T, w *world) {
	code := func() string {
		c, err := w.store.NewEnrollCode(t.Context(), w.company.ID, timeclock.Kiosk, "Main site", 15*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	enrol := func(code string, p timeclock.Profile, key []byte) (timeclock.DeviceID, error) {
		a, err := w.store.Enroll(t.Context(), op.EnrollRequest{Code: code, PublicKey: key, Profile: p, Name: "n"})
		return a.Device, err
	}
	mine, theirs := publicKey(t), publicKey(t)
	c := code()
	id, err := enrol(" "+c+" ", timeclock.Kiosk, mine)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := enrol(c, timeclock.Kiosk, mine); err != nil || again != id {
		t.Errorf("a lost answer asked for again: %s %v, want %s", again, err, id)
	}
	for what, try := range map[string]func() error{
		"used by another": func() error { _, err := enrol(c, timeclock.Kiosk, theirs); return err },
		"other profile":   func() error { _, err := enrol(code(), timeclock.Desktop, theirs); return err },
		"unknown":         func() error { _, err := enrol("AAAAA-AAAAA", timeclock.Kiosk, theirs); return err },
		"expired": func() error {
			c := code()
			w.pass(16 * time.Minute)
			_, err := enrol(c, timeclock.Kiosk, theirs)
			return err
		},
	} {
		if err := try(); !errors.Is(err, store.ErrBadCode) {
			t.Errorf("%s: %v, want ErrBadCode", what, err)
		}
	}
	if _, err := enrol(c, timeclock.Desktop, mine); !errors.Is(err, store.ErrBadCode) {
		t.Errorf("a used code as another profile: %v, want ErrBadCode", err)
	}
	unused := code()
	var other *store.CodeProfileError
	if _, err := enrol(unused, timeclock.Desktop, theirs); !errors.As(err, &other) || other.Profile != timeclock.Kiosk {
		t.Errorf("a good code for another profile: %v, want it to name kiosk", err)
	}
	if _, err := enrol(unused, timeclock.Kiosk, theirs); err != nil {
		t.Errorf("the code after a try as another profile: %v", err)
	}
	if _, err := w.store.NewEnrollCode(t.Context(), w.company.ID, timeclock.Kiosk, "Mars", time.Minute); !errors.Is(err, store.ErrNoSite) {
		t.Errorf("error %v, want ErrNoSite", err)
	}
}

func deviceIsNamed(t *testing.T, w *world) {
	code, err := w.store.NewEnrollCode(t.Context(), w.company.ID, timeclock.Kiosk, "Main site", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	request := op.EnrollRequest{Code: code, PublicKey: publicKey(t), Profile: timeclock.Kiosk, Name: `Büro <2> "Süd" \ hinten`}
	a, err := w.store.Enroll(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Enroll(t.Context(), request); err != nil { // the answer got lost
		t.Fatal(err)
	}
	key := op.DeviceSetting(a.Device)
	want := op.DeviceCard{Name: request.Name, Profile: timeclock.Kiosk, Site: w.company.Site}
	named := func(when string) {
		for _, d := range []*Device{w.kiosk, w.desktop} {
			r, doc := w.row(t, d, "setting", key)
			text, _ := doc["value"].(string)
			var got op.DeviceCard
			if err := json.Unmarshal([]byte(text), &got); err != nil || got != want || doc["key"] != key || r.Rev != 1 {
				t.Errorf("%s, %s: %s %v, want %+v", when, d.ID, text, err, want)
			}
		}
	}
	named("enrolled")
	if err := w.store.RevokeDevice(t.Context(), w.company.ID, a.Device); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Rebuild(t.Context(), w.company.ID); err != nil {
		t.Fatal(err)
	}
	named("revoked, rebuilt")
	if _, err := w.store.Verify(t.Context(), w.company.ID); err != nil {
		t.Error(err)
	}
	foreign := NewDevice(t, w.store, w.newCompany(t, "Other"), timeclock.Desktop, w.clock.now())
	if _, doc := w.row(t, foreign, "setting", key); doc != nil {
		t.Errorf("another company gets %v", doc)
	}
}

func accounts(t *testing.T, w *world) {
	if _, err := w.store.AccountByToken(t.Context(), "guess"); !errors.Is(err, store.ErrNoAccount) {
		t.Errorf("error %v, want ErrNoAccount", err)
	}
	if err := w.store.SetPassword(t.Context(), "olga", "correct horse"); err != nil {
		t.Fatal(err)
	}
	a, err := w.store.AccountByLogin(t.Context(), "OLGA")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"correct horse": true, "wrong horse": false, "": false} {
		if got, err := a.CheckPassword(password); err != nil || got != want {
			t.Errorf("password %q: %v %v, want %v", password, got, err, want)
		}
	}
	if got, err := (store.Account{}).CheckPassword("x"); err != nil || got {
		t.Errorf("no account: %v %v, want false", got, err)
	}
	if err := w.store.SetPassword(t.Context(), "stranger", "correct horse"); !errors.Is(err, store.ErrNoAccount) {
		t.Errorf("error %v, want ErrNoAccount", err)
	}
	if _, err := w.store.NewOwnerToken(t.Context(), w.company.ID); !errors.Is(err, store.ErrNoAccount) {
		t.Errorf("a token beside a password: %v, want ErrNoAccount", err)
	}
	other := w.newCompany(t, "Other")
	d := NewDevice(t, w.store, other, timeclock.Desktop, w.clock.now())
	dev, err := w.store.Device(t.Context(), d.Company, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Grant(t.Context(), dev, a, publicKey(t)); !errors.Is(err, store.ErrNoMember) {
		t.Errorf("error %v, want ErrNoMember", err)
	}
}
