package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"

	"clockface/cmd/internal/station"
	"clockface/demo"
	"clockface/localdb"
	"clockface/localdb/vault"
	"clockface/sync/op"
	"clockface/timeclock"
)

func TestDemoIsWrittenOnceAndAtItsOwnTimes(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s, actor := demoKiosk(t, ctx, dir)
	zone, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	month := demo.NewMonth(time.Now(), zone)
	people, punches := seedOnce(t, ctx, dir, s, actor, month)
	if people != len(demo.People()) || punches != len(month.Punches) {
		t.Errorf("added %d people and %d punches, want %d and %d", people, punches, len(demo.People()), len(month.Punches))
	}
	if people, punches = seedOnce(t, ctx, dir, s, actor, month); people != 0 || punches != 0 {
		t.Errorf("the second time %d people and %d punches were added, want none", people, punches)
	}
	checkStory(t, ctx, s.DB, month)
	checkMonotonicAnchor(t, ctx, s.DB)
}

// seedOnce runs a seeder as the command does.
func seedOnce(t *testing.T, ctx context.Context, dir string, s *station.Station, actor *localdb.Actor, month demo.Month) (people, punches int) {
	t.Helper()
	seeder, err := newSeeder(ctx, dir, s, actor)
	if err != nil {
		t.Fatal(err)
	}
	defer seeder.Close()
	people, punches, err = seeder.seed(ctx, month)
	if err != nil {
		t.Fatal(err)
	}
	return people, punches
}

// checkStory compares what the replica holds with the month that was told.
func checkStory(t *testing.T, ctx context.Context, db *localdb.DB, month demo.Month) {
	t.Helper()
	numbers := map[timeclock.EmployeeID]string{}
	employees, err := db.Employees(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range employees {
		numbers[e.ID] = e.Number
	}
	entries, err := db.Entries(ctx, localdb.Query{})
	if err != nil {
		t.Fatal(err)
	}
	type moment struct {
		person string
		at     timeclock.Micros
	}
	have := map[moment]timeclock.Entry{}
	for _, e := range entries {
		have[moment{numbers[e.Now.Employee], e.Now.At}] = e
	}
	for _, p := range month.Punches {
		at := p.At
		if !p.RetimedTo.IsZero() {
			at = p.RetimedTo
		}
		e, ok := have[moment{p.Person, timeclock.MicrosOf(at)}]
		want := map[timeclock.Verdict]timeclock.Status{"": timeclock.Counted, timeclock.Approve: timeclock.Approved,
			timeclock.Reject: timeclock.Rejected}[p.Verdict]
		if p.NotMe {
			want = timeclock.Voided
		}
		if !ok || e.Now.Kind != p.Kind || e.Status != want {
			t.Errorf("%s %s at %s: there = %v, kind %s, status %s; want status %s", p.Person, p.Kind, at, ok, e.Now.Kind, e.Status, want)
		}
	}
	for _, a := range month.Additions {
		if _, ok := have[moment{a.Person, timeclock.MicrosOf(a.At)}]; !ok {
			t.Errorf("the forgotten punch of %s at %s is missing", a.Person, a.At)
		}
	}
	if incidents, err := db.Incidents(ctx, 0); err != nil || len(incidents) != len(month.Incidents) {
		t.Errorf("%d incidents, %v; want %d", len(incidents), err, len(month.Incidents))
	}
}

// checkMonotonicAnchor anchors every punch that waits as the cloud will: it must
// come out at its own time, without a remark about the clock.
func checkMonotonicAnchor(t *testing.T, ctx context.Context, db *localdb.DB) {
	t.Helper()
	ops, _, _, err := db.Outbox(ctx, 5000, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	now := db.Clock()
	anchor := op.NewAnchor(now, now.Wall, now.Wall, nil)
	punches := 0
	for _, o := range ops {
		if o.Kind != op.PunchAdd {
			continue
		}
		punches++
		var body op.PunchBody
		if err := json.Unmarshal([]byte(o.Body), &body); err != nil {
			t.Fatal(err)
		}
		at, source, suspect := anchor.At(body.Clock)
		if d := at - body.Wall; source != "mono" || suspect || d < -1_000_000 || d > 1_000_000 {
			t.Fatalf("punch of %s is anchored by %s, %d µs away, suspect = %v", body.Wall.Time(), source, d, suspect)
		}
	}
	if punches == 0 {
		t.Error("no punch waits to be sent")
	}
}

// demoKiosk is an enrolled kiosk with one site and its owner signed in, without
// a cloud.
func demoKiosk(t *testing.T, ctx context.Context, dir string) (*station.Station, *localdb.Actor) {
	t.Helper()
	db, err := localdb.Open(ctx, dir, localdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	keys, err := vault.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	cloudPublic, cloudKey, _ := ed25519.GenerateKey(nil)
	id := localdb.Identity{Company: timeclock.CompanyID(op.NewID()), Device: timeclock.DeviceID(op.NewID()),
		Site: timeclock.SiteID(op.NewID()), Profile: timeclock.Kiosk, Name: "Demo", CloudKey: cloudPublic}
	doc, err := json.Marshal(map[string]any{"name": demo.Site, "zone": demo.Zone, "repeat_window_us": 0, "changed_us": 1, "changed_by": ""})
	if err != nil {
		t.Fatal(err)
	}
	actorPublic, actorKey, _ := ed25519.GenerateKey(nil)
	now := timeclock.MicrosOf(time.Now())
	grant := op.Grant{ID: op.NewID(), Company: id.Company, Membership: timeclock.MembershipID(op.NewID()), Device: id.Device,
		ActorKey: actorPublic, IssuedUS: now - 1_000_000, ExpiresUS: now + 3600*1_000_000}
	grant.Signature = ed25519.Sign(cloudKey, grant.SigningBytes())

	if err := db.SaveEnrolment(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := db.ApplyPage(ctx, op.PullAnswer{Cursor: "1.1", Rows: []op.Row{
		{Table: "site", ID: string(id.Site), Rev: 1, Seq: 1, Doc: doc}}}); err != nil {
		t.Fatal(err)
	}
	if err := db.EnsureCompanyKey(ctx, keys); err != nil {
		t.Fatal(err)
	}
	actor, err := db.SaveSignIn(ctx, op.SignInAnswer{Grant: grant, Role: timeclock.Owner, Name: "Owner"}, actorKey, []byte("token"))
	if err != nil {
		t.Fatal(err)
	}
	return &station.Station{DB: db, Keys: keys, Identity: id}, actor
}
