package storetest

import (
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"clockface/cloud/store"
	"clockface/sync/op"
	"clockface/timeclock"
)

// Device is a kiosk or desktop as a test plays it: it builds signed chains and
// keeps its own clock.
type Device struct {
	Company timeclock.CompanyID
	ID      timeclock.DeviceID
	Key     ed25519.PrivateKey
	N       int64
	H       []byte
	Clock   op.Clock // moves on with Tick
}

// NewDevice enrols a device at the site.
func NewDevice(t testing.TB, s *store.Store, c store.Company, p timeclock.Profile, now time.Time) *Device {
	t.Helper()
	code, err := s.NewEnrollCode(t.Context(), c.ID, p, string(c.Site), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Enroll(t.Context(), op.EnrollRequest{Code: code, PublicKey: pub, Name: "test " + string(p), Profile: p, Schema: op.Schema})
	if err != nil {
		t.Fatal(err)
	}
	return &Device{Company: a.Company, ID: a.Device, Key: key,
		Clock: op.Clock{Wall: timeclock.MicrosOf(now), Mono: 1_000_000, Boot: op.NewID()}}
}

// Tick lets time pass on the device.
func (d *Device) Tick(by time.Duration) {
	d.Clock.Wall += timeclock.Micros(by.Microseconds())
	d.Clock.Mono += by.Microseconds()
}

// Chain appends an op to the device's chain. The actor may be nil.
func (d *Device) Chain(t testing.TB, actor *Actor, kind op.Kind, body any, sealed []byte) op.Op {
	t.Helper()
	text, err := op.Encode(body)
	if err != nil {
		t.Fatal(err)
	}
	o := op.Op{N: d.N + 1, ID: op.NewID(), Kind: kind, Body: text, Sealed: sealed}
	if actor != nil {
		o.ASig = op.SignAct(actor.Key, d.Company, d.ID, o.ID, kind, text)
	}
	d.link(o)
	return o
}

func (d *Device) link(o op.Op) {
	d.N, d.H = o.N, op.ChainHash(d.H, d.Company, d.ID, o)
}

// Request returns the push that brings the ops, the newest of which is the chain's head.
func (d *Device) Request(ops ...op.Op) op.PushRequest {
	return op.PushRequest{Now: d.Clock, Head: op.SignHead(d.Key, d.H, d.N, d.Clock), Ops: ops}
}

// Push brings the ops to the store at the device's own time.
func (d *Device) Push(s *store.Store, ops ...op.Op) (op.PushAnswer, error) {
	return d.Send(s, d.Request(ops...))
}

// Send brings a request to the store.
func (d *Device) Send(s *store.Store, r op.PushRequest) (op.PushAnswer, error) {
	return s.Push(context.Background(), store.Push{Company: d.Company, Device: d.ID, Request: r, RecvUS: d.Clock.Wall, TS: d.Clock.Wall})
}

// Actor is a person signed in on a device.
type Actor struct {
	Grant op.Grant
	Key   ed25519.PrivateKey
}

// SignIn signs the owner in with a fresh token.
func SignIn(t testing.TB, s *store.Store, d *Device) *Actor {
	t.Helper()
	token, err := s.NewOwnerToken(t.Context(), d.Company)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.AccountByToken(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return grant(t, s, d, a)
}

func grant(t testing.TB, s *store.Store, d *Device, a store.Account) *Actor {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	dev, err := s.Device(t.Context(), d.Company, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.Grant(t.Context(), dev, a, pub)
	if err != nil {
		t.Fatal(err)
	}
	return &Actor{Grant: answer.Grant, Key: key}
}

func (a *Actor) head() op.Head { return op.NewHead(string(a.Grant.Membership), a.Grant.ID) }

// Put builds the op by which the actor sets fields of a row.
func (d *Device) Put(t testing.TB, a *Actor, table, id string, baseRev int64, set, was map[string]any) op.Op {
	t.Helper()
	return d.Chain(t, a, op.Put(table), op.PutBody{Head: a.head(), ID: id, BaseRev: baseRev, Set: set, Was: was,
		Clock: d.Clock}, nil)
}

// PunchBody returns the body of a punch of that person now.
func (d *Device) PunchBody(e timeclock.EmployeeID, kind timeclock.PunchKind) op.PunchBody {
	return op.PunchBody{Head: op.NewHead(string(e), ""), ID: timeclock.PunchID(op.NewID()), Employee: e, Kind: kind,
		Method: timeclock.ByFace, Confidence: 0.9, Clock: d.Clock, Source: timeclock.FromKiosk}
}

// Punch builds the op of a punch without a grant.
func (d *Device) Punch(t testing.TB, e timeclock.EmployeeID, kind timeclock.PunchKind) (op.Op, timeclock.PunchID) {
	t.Helper()
	b := d.PunchBody(e, kind)
	return d.Chain(t, nil, op.PunchAdd, b, nil), b.ID
}

// Decide builds the op of a verdict.
func (d *Device) Decide(t testing.TB, a *Actor, p timeclock.PunchID, seen string, v timeclock.Verdict) (op.Op, string) {
	t.Helper()
	b := op.DecisionBody{Head: a.head(), ID: op.NewID(), Punch: p, Seen: seen, Verdict: v, Clock: d.Clock}
	return d.Chain(t, a, op.PunchDecisionAdd, b, nil), b.ID
}

// Edit builds the op of an edit.
func (d *Device) Edit(t testing.TB, a *Actor, p timeclock.PunchID, seen string, what timeclock.EditKind, v timeclock.EditValues) (op.Op, string) {
	t.Helper()
	b := op.EditBody{Head: a.head(), ID: op.NewID(), Punch: p, Seen: seen, What: what, Values: v, Cause: timeclock.OtherCause, Reason: "test",
		Clock: d.Clock}
	return d.Chain(t, a, op.PunchEditAdd, b, nil), b.ID
}

// Incident builds the op of an incident; the actor is nil for what a kiosk
// tells by itself.
func (d *Device) Incident(t testing.TB, a *Actor, kind timeclock.IncidentKind, e timeclock.EmployeeID) (op.Op, string) {
	t.Helper()
	b := op.IncidentBody{Head: op.NewHead(string(d.ID), ""), ID: op.NewID(), Employee: e, Kind: kind,
		Clock: d.Clock}
	if a != nil {
		b.Head = a.head()
	}
	return d.Chain(t, a, op.IncidentAdd, b, nil), b.ID
}
