package localdb_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// device is a replica under test with a clock that the test moves.
type device struct {
	*localdb.DB
	t     *testing.T
	dir   string
	cloud ed25519.PrivateKey
	wall  time.Time
	mono  int64
}

const (
	company = timeclock.CompanyID("01900000-0000-7000-8000-00000000c000")
	deviceA = timeclock.DeviceID("01900000-0000-7000-8000-00000000d000")
	siteA   = timeclock.SiteID("01900000-0000-7000-8000-00000000e000")
	member  = timeclock.MembershipID("01900000-0000-7000-8000-00000000a000")
	anna    = timeclock.EmployeeID("01900000-0000-7000-8000-0000000000a1")
	bert    = timeclock.EmployeeID("01900000-0000-7000-8000-0000000000b2")
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// newDevice opens an enrolled kiosk in a fresh folder.
func newDevice(t *testing.T) *device {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") // keys of tests stay out of the desktop's key store
	return newDeviceIn(t, t.TempDir())
}

func newDeviceIn(t *testing.T, dir string) *device {
	t.Helper()
	d := &device{t: t, dir: dir, wall: start, mono: 1_000_000,
		cloud: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
	d.open()
	err := d.SaveEnrolment(t.Context(), localdb.Identity{Company: company, Device: deviceA, Site: siteA, Profile: timeclock.Kiosk,
		Name: "Gate", CloudURL: "http://127.0.0.1:1", CloudKey: d.cloud.Public().(ed25519.PublicKey)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *device) open() {
	d.t.Helper()
	db, err := localdb.Open(d.t.Context(), d.dir, localdb.Options{
		Now:   func() time.Time { return d.wall },
		Clock: func() op.Clock { return op.Clock{Wall: timeclock.MicrosOf(d.wall), Mono: d.mono, Boot: "boot1"} },
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.DB = db
	d.t.Cleanup(func() { db.Close() }) // safe twice
}

// pass lets time go by.
func (d *device) pass(by time.Duration) {
	d.wall = d.wall.Add(by)
	d.mono += by.Microseconds()
}

func (d *device) punch(e timeclock.EmployeeID, k timeclock.PunchKind) timeclock.Punch {
	d.t.Helper()
	p, err := d.RecordPunch(d.t.Context(), localdb.NewPunch{Employee: e, Kind: k, Method: timeclock.ByFace, Confidence: 0.9, Source: timeclock.FromKiosk})
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// actor returns somebody who is signed in, without the slow keeping of the grant.
func (d *device) actor(role timeclock.Role) *localdb.Actor {
	answer, key := d.grant(role)
	return localdb.NewActor(answer, key)
}

// signIn keeps and opens a grant as the cloud gives it.
func (d *device) signIn(role timeclock.Role, secret string) *localdb.Actor {
	d.t.Helper()
	answer, key := d.grant(role)
	a, err := d.SaveSignIn(d.t.Context(), answer, key, []byte(secret))
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

func (d *device) grant(role timeclock.Role) (op.SignInAnswer, ed25519.PrivateKey) {
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	g := op.Grant{ID: op.NewID(), Company: company, Membership: member, Device: deviceA, ActorKey: public,
		IssuedUS: timeclock.MicrosOf(d.wall), ExpiresUS: timeclock.MicrosOf(d.wall.AddDate(0, 0, 14))}
	g.Signature = ed25519.Sign(d.cloud, g.SigningBytes())
	return op.SignInAnswer{Grant: g, Role: role, Name: "Ms. Boss"}, key
}

// outbox returns every unanswered op.
func (d *device) outbox() []op.Op {
	d.t.Helper()
	ops, _, _, err := d.Outbox(d.t.Context(), op.MaxOps, op.MaxSent)
	if err != nil {
		d.t.Fatal(err)
	}
	return ops
}

func (d *device) answer(results ...op.Result) {
	d.t.Helper()
	if err := d.ApplyPush(d.t.Context(), op.PushAnswer{Results: results}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *device) pull(cursor string, rows ...op.Row) {
	d.t.Helper()
	if err := d.ApplyPage(d.t.Context(), op.PullAnswer{Cursor: cursor, Rows: rows}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *device) entry(id timeclock.PunchID) timeclock.Entry {
	d.t.Helper()
	e, err := d.Entry(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return e
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error = %v, want %v", got, want)
	}
}

func TestEveryColumnOfTheSyncedTablesIsThere(t *testing.T) {
	d := newDevice(t)
	db := openRaw(t, filepath.Join(d.dir, localdb.FileName))
	for _, tb := range op.Tables() {
		want := map[string]bool{"company_id": true, "id": true, "rev": true, "seq": true, "deleted": true, "changed_us": true, "changed_by": true}
		for _, c := range tb.Columns {
			want[c.Name] = true
		}
		rows, err := db.QueryContext(t.Context(), "SELECT name, \"notnull\", pk FROM pragma_table_info($1)", tb.Name)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var name string
			var notNull bool
			var key int
			if err := rows.Scan(&name, &notNull, &key); err != nil {
				t.Fatal(err)
			}
			if !want[name] {
				t.Errorf("%s has a column %s that is not synced", tb.Name, name)
			}
			if !notNull && key == 0 {
				t.Errorf("%s.%s may be NULL", tb.Name, name)
			}
			delete(want, name)
		}
		rows.Close()
		for name := range want {
			t.Errorf("%s lacks the column %s", tb.Name, name)
		}
	}
}

func TestAPunchIsRowAndOpOnTheChain(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	d.pass(time.Hour)
	d.punch(anna, timeclock.Out)

	ops := d.outbox()
	if len(ops) != 2 || ops[0].N != 1 || ops[1].N != 2 {
		t.Fatalf("outbox = %+v, want ops 1 and 2", ops)
	}
	var b op.PunchBody
	if err := op.Decode(ops[0].Body, &b); err != nil {
		t.Fatal(err)
	}
	if b.ID != p.ID || b.By != string(anna) || b.Wall != timeclock.MicrosOf(start) {
		t.Errorf("body = %+v, want the punch %+v", b, p)
	}
	n, h, err := d.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := op.ChainHash(op.ChainHash(nil, company, deviceA, ops[0]), company, deviceA, ops[1])
	if n != 2 || string(h) != string(want) {
		t.Errorf("head = %d %x, want 2 %x", n, h, want)
	}
	entries := must(d.Entries(t.Context(), localdb.Query{}))(t)
	if len(entries) != 2 || entries[0].ID != p.ID || entries[0].Seq != 0 || entries[0].Status != timeclock.Counted {
		t.Errorf("entries = %+v", entries)
	}
}

func TestADeviceThatIsNotEnrolledRecordsNothing(t *testing.T) {
	db := must(localdb.Open(t.Context(), t.TempDir(), localdb.Options{}))(t)
	defer db.Close()
	_, err := db.RecordPunch(t.Context(), localdb.NewPunch{Employee: anna, Kind: timeclock.In, Method: timeclock.ByPIN})
	wantErr(t, err, localdb.ErrNotEnrolled)
	_, err = db.Identity(t.Context())
	wantErr(t, err, localdb.ErrNotEnrolled)
}

func TestASupervisorsEditAndApprovalAreSigned(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	boss := d.actor(timeclock.Manager)
	later := p.At + 60_000_000
	edit := must(d.EditPunch(t.Context(), boss, localdb.NewEdit{Punch: p.ID, What: timeclock.Retime,
		Values: timeclock.EditValues{At: &later}, Cause: timeclock.WrongTime, Reason: "stood in the queue"}))(t)
	dec := must(d.DecidePunch(t.Context(), boss, p.ID, timeclock.Approve, ""))(t)
	if dec.Seen != edit.ID {
		t.Errorf("the approval saw %q, want the edit %q", dec.Seen, edit.ID)
	}
	e := d.entry(p.ID)
	if e.Status != timeclock.Approved || e.Now.At != later || e.At != p.At || e.Newest != dec.ID || e.DecidedBy != string(member) {
		t.Errorf("entry = %+v", e)
	}
	for _, o := range d.outbox()[1:] {
		if !op.VerifyAct(boss.Grant.ActorKey, company, deviceA, o) {
			t.Errorf("op %d of kind %s is not signed by the actor", o.N, o.Kind)
		}
	}
}

func TestOwnUnsentEventsFoldAfterAcknowledgedOnesInTheirOrder(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	boss := d.actor(timeclock.Manager)
	for _, v := range []timeclock.Verdict{timeclock.Approve, timeclock.Reject, timeclock.Approve, timeclock.Withdraw, timeclock.Reject} {
		must(d.DecidePunch(t.Context(), boss, p.ID, v, ""))(t)
	}
	// Somebody else's approval arrives late with a sequence: own unsent ones still come after it.
	d.pull("1.9", op.Row{Table: "punch_decision", ID: op.NewID(), Rev: 1, Seq: 9, Doc: []byte(`{"op_id":"x","punch_id":"` + string(p.ID) +
		`","seen":"","verdict":"approve","reason":"","by":"other","at_us":1,"effective":true}`)})
	e := d.entry(p.ID)
	if e.Status != timeclock.Rejected || e.DecidedBy != string(member) || len(e.Decisions) != 6 {
		t.Errorf("status = %s by %s of %d decisions, want rejected by %s of 6", e.Status, e.DecidedBy, len(e.Decisions), member)
	}
}

func TestOfSeveralUnsentEditsTheLastCounts(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	boss := d.actor(timeclock.Manager)
	var last string
	for i := range 12 { // ids are made within one millisecond, so that only their place on the chain orders them
		at := p.At + timeclock.Micros(i*1_000_000)
		e := must(d.EditPunch(t.Context(), boss, localdb.NewEdit{Punch: p.ID, What: timeclock.Retime,
			Values: timeclock.EditValues{At: &at}, Cause: timeclock.WrongTime}))(t)
		if e.Seen != last {
			t.Fatalf("edit %d saw %q, want the one before, %q", i, e.Seen, last)
		}
		last = e.ID
		if got := d.entry(p.ID); got.Now.At != at {
			t.Fatalf("after edit %d the punch is at %d, want %d", i, got.Now.At, at)
		}
	}
}

func TestCommitsWaitForTheDisk(t *testing.T) {
	if mode := newDevice(t).Synchronous(t); mode != 2 {
		t.Errorf("synchronous = %d, want 2 (FULL)", mode)
	}
}

func TestAClockThatIsSetBackKeepsTheOrderOfPunches(t *testing.T) {
	d := newDevice(t)
	in := d.punch(anna, timeclock.In)
	d.wall, d.mono = d.wall.Add(-26*time.Hour), d.mono+3_600_000_000
	entries := must(d.Entries(t.Context(), localdb.Query{Employee: anna, Limit: 10}))(t)
	if kind, _ := timeclock.Next(entries, timeclock.MicrosOf(d.wall), timeclock.MaxSession); kind != timeclock.Out {
		t.Fatalf("next = %s, want out", kind)
	}
	out := d.punch(anna, timeclock.Out)
	entries = must(d.Entries(t.Context(), localdb.Query{Employee: anna, Limit: 10}))(t)
	if len(entries) != 2 || entries[0].ID != in.ID || entries[1].ID != out.ID {
		t.Fatalf("order = %v, want the in first", entries)
	}
	if kind, _ := timeclock.Next(entries, timeclock.MicrosOf(d.wall), timeclock.MaxSession); kind != timeclock.In {
		t.Errorf("next = %s, want in", kind)
	}
	if entries[1].Wall != timeclock.MicrosOf(d.wall) {
		t.Errorf("wall = %d, want what the clock showed, %d", entries[1].Wall, timeclock.MicrosOf(d.wall))
	}
}

func TestSelfServiceIsForThisDeviceAndTenMinutes(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	out := timeclock.Out
	must(d.SelfEdit(t.Context(), p.ID, timeclock.OtherDirection, timeclock.EditValues{Kind: &out}, ""))(t)
	must(d.SelfEdit(t.Context(), p.ID, timeclock.NotMe, timeclock.EditValues{}, ""))(t)
	if e := d.entry(p.ID); e.Status != timeclock.Voided || e.Now.Kind != timeclock.Out {
		t.Errorf("entry = %s %s, want voided out", e.Status, e.Now.Kind)
	}
	_, err := d.SelfEdit(t.Context(), p.ID, timeclock.WrongTime, timeclock.EditValues{}, "")
	wantErr(t, err, localdb.ErrForbidden)
	d.pass(11 * time.Minute)
	_, err = d.SelfEdit(t.Context(), p.ID, timeclock.NotMe, timeclock.EditValues{}, "")
	wantErr(t, err, localdb.ErrForbidden)
	_, err = d.SelfEdit(t.Context(), "nobody", timeclock.NotMe, timeclock.EditValues{}, "")
	wantErr(t, err, localdb.ErrNotFound)
}

func TestAnAddedPunchHasNoRowOfItsOwn(t *testing.T) {
	d := newDevice(t)
	boss := d.actor(timeclock.HR)
	at, kind, who := timeclock.MicrosOf(start), timeclock.Out, anna
	e := must(d.EditPunch(t.Context(), boss, localdb.NewEdit{What: timeclock.Add, Cause: timeclock.ForgotPunch,
		Values: timeclock.EditValues{At: &at, Kind: &kind, Employee: &who}}))(t)
	entries := must(d.Entries(t.Context(), localdb.Query{Employee: anna, From: at - 1, To: at + 1}))(t)
	if len(entries) != 1 || entries[0].ID != e.Punch || entries[0].Now.Kind != timeclock.Out {
		t.Fatalf("entries = %+v", entries)
	}
	must(d.DecidePunch(t.Context(), boss, e.Punch, timeclock.Approve, ""))(t)
	if got := d.entry(e.Punch).Status; got != timeclock.Approved {
		t.Errorf("status = %s, want approved", got)
	}
}

func TestARetimedPunchIsFoundAtItsNewTime(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	boss := d.actor(timeclock.Manager)
	yesterday, other := p.At-24*3600*1_000_000, bert
	must(d.EditPunch(t.Context(), boss, localdb.NewEdit{Punch: p.ID, What: timeclock.Change, Cause: timeclock.WrongPerson,
		Values: timeclock.EditValues{At: &yesterday, Employee: &other}}))(t)
	for _, tc := range []struct {
		name string
		q    localdb.Query
		want int
	}{
		{"the old day no longer has it", localdb.Query{From: p.At - 1}, 0},
		{"the new day has it", localdb.Query{From: yesterday, To: yesterday + 1}, 1},
		{"the first person no longer has it", localdb.Query{Employee: anna}, 0},
		{"the other person has it, with a limit too", localdb.Query{Employee: bert, Limit: 5}, 1},
	} {
		if got := must(d.Entries(t.Context(), tc.q))(t); len(got) != tc.want {
			t.Errorf("%s: %d entries, want %d", tc.name, len(got), tc.want)
		}
	}
}

func TestRightsAndGrantsAreCheckedHereToo(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	_, err := d.DecidePunch(t.Context(), nil, p.ID, timeclock.Approve, "")
	wantErr(t, err, localdb.ErrNoGrant)
	worker := d.actor(timeclock.Member)
	_, err = d.DecidePunch(t.Context(), worker, p.ID, timeclock.Approve, "")
	wantErr(t, err, localdb.ErrForbidden)
	boss := d.actor(timeclock.Manager)
	d.pass(15 * 24 * time.Hour)
	_, err = d.DecidePunch(t.Context(), boss, p.ID, timeclock.Approve, "")
	wantErr(t, err, localdb.ErrGrantExpired)
	if n := must(d.Unanswered(t.Context()))(t); n != 1 {
		t.Errorf("%d ops wait, want the punch alone", n)
	}
}

func TestDecidingManyIsAllOrNone(t *testing.T) {
	d := newDevice(t)
	p, q := d.punch(anna, timeclock.In), d.punch(bert, timeclock.In)
	boss := d.actor(timeclock.Manager)
	_, err := d.DecidePunches(t.Context(), boss, []timeclock.PunchID{p.ID, "missing", q.ID}, timeclock.Approve, "")
	wantErr(t, err, localdb.ErrNotFound)
	if got := d.entry(p.ID).Status; got != timeclock.Counted {
		t.Errorf("status = %s, want it undecided", got)
	}
	if n := must(d.Unanswered(t.Context()))(t); n != 2 {
		t.Errorf("%d ops wait, want the two punches", n)
	}
}

func TestCancelledContextRecordsNothing(t *testing.T) {
	d := newDevice(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := d.RecordPunch(ctx, localdb.NewPunch{Employee: anna, Kind: timeclock.In, Method: timeclock.ByPIN})
	wantErr(t, err, context.Canceled)
	if n := must(d.Unanswered(t.Context()))(t); n != 0 {
		t.Errorf("%d ops wait, want none", n)
	}
}
