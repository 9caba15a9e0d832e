package station

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to look into the three databases

	"clockface/cmd/internal/cloudtest"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// badWire loses requests and answers by chance while it is told to.
type badWire struct {
	mu  sync.Mutex
	rng *rand.Rand
	bad bool
}

func newBadWire(seed uint64) *badWire { return &badWire{rng: rand.New(rand.NewPCG(seed, 1))} }

// start makes the wire bad, with the chances of that seed.
func (w *badWire) start(seed uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rng, w.bad = rand.New(rand.NewPCG(seed, 1)), true
}

func (w *badWire) set(bad bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bad = bad
}

// draw returns 0 when all goes well, which it does every other time on a bad wire.
func (w *badWire) draw() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.bad {
		return 0
	}
	return w.rng.IntN(10)
}

func (w *badWire) RoundTrip(r *http.Request) (*http.Response, error) {
	switch w.draw() {
	case 1, 2:
		return nil, fmt.Errorf("request lost")
	case 3, 4:
		res, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		return nil, io.ErrUnexpectedEOF
	case 5: // the request arrives twice
		if r.GetBody == nil {
			break
		}
		again, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		first := r.Clone(r.Context())
		if res, err := http.DefaultTransport.RoundTrip(first); err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		r.Body = again
	}
	return http.DefaultTransport.RoundTrip(r)
}

// device is one enrolled data folder.
type device struct {
	*Station
	dir  string
	wire *badWire
}

func enrolled(t *testing.T, c *cloudtest.Cloud, p timeclock.Profile, dir string) *device {
	t.Helper()
	d := &device{dir: dir, wire: newBadWire(uint64(len(p)))}
	s, err := Open(t.Context(), Config{Dir: dir, CloudURL: c.URL(), EnrollCode: c.EnrollCode(p), Profile: p,
		Program: "clockface-" + string(p), Transport: d.wire})
	if err != nil {
		t.Fatalf("open %s: %v", p, err)
	}
	t.Cleanup(func() { s.Close() })
	d.Station = s
	return d
}

// drain goes through rounds until nothing waits any more; errors of a bad wire
// are part of the test.
func (d *device) drain(t *testing.T) {
	t.Helper()
	d.wire.set(false)
	for range 3 {
		if _, err := d.Replicator.Once(t.Context()); err != nil {
			t.Fatalf("drain %s: %v", d.Identity.Profile, err)
		}
	}
	w, err := d.DB.SyncStatus(t.Context())
	if err != nil || w.Queued+w.Sent+w.Rejected+w.Conflicts > 0 {
		t.Errorf("%s after draining: %+v, %v", d.Identity.Profile, w, err)
	}
}

func (d *device) punch(t *testing.T, who timeclock.EmployeeID, kind timeclock.PunchKind) timeclock.PunchID {
	t.Helper()
	p, err := d.DB.RecordPunch(t.Context(), localdb.NewPunch{Employee: who, Kind: kind, Method: timeclock.ByPIN,
		Confidence: 1, Source: timeclock.FromKiosk})
	if err != nil {
		t.Fatalf("punch: %v", err)
	}
	return p.ID
}

// rows returns the table's rows by id, each as its column names and values.
func rows(t *testing.T, file, table string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.Query(`SELECT * FROM ` + table + ` ORDER BY id`)
	if err != nil {
		t.Fatalf("read %s of %s: %v", table, file, err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	order := make([]int, len(columns)) // the two engines' migrations may order columns differently
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(columns[a], columns[b]) })
	all := map[string]string{}
	for found.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := found.Scan(values...); err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		id := ""
		for _, i := range order {
			v := *values[i].(*any)
			fmt.Fprintf(&text, "%s=%v ", columns[i], v)
			if columns[i] == "id" {
				id = fmt.Sprint(v)
			}
		}
		all[id] = text.String()
	}
	return all
}

// wantEqual fails unless the table has the same rows in the cloud and on both devices.
func wantEqual(t *testing.T, c *cloudtest.Cloud, devices []*device, table string, count int) {
	t.Helper()
	cloudRows := rows(t, c.File, table)
	if len(cloudRows) != count {
		t.Errorf("%d rows of %s in the cloud, want %d", len(cloudRows), table, count)
	}
	for _, d := range devices {
		mine := rows(t, filepath.Join(d.dir, localdb.FileName), table)
		for id, want := range cloudRows {
			if mine[id] != want {
				t.Errorf("%s %s\n %s: %s\n cloud: %s", table, id, d.Identity.Profile, mine[id], want)
			}
		}
		if len(mine) != len(cloudRows) {
			t.Errorf("%s has %d rows of %s, the cloud %d", d.Identity.Profile, len(mine), table, len(cloudRows))
		}
	}
}

// TestPunchReachesTheSupervisorAndTheDecisionComesBack goes the whole way with a
// real cloud and two real replicas, over a bad wire and with the cloud away for
// a while: what the kiosk recorded, the desktop decided and the cloud keeps are
// the same rows in the end.
func TestPunchReachesTheSupervisorAndTheDecisionComesBack(t *testing.T) {
	ctx := t.Context()
	c := cloudtest.Start(t)
	kiosk := enrolled(t, c, timeclock.Kiosk, t.TempDir())
	desktop := enrolled(t, c, timeclock.Desktop, t.TempDir())
	both := []*device{kiosk, desktop}
	actor, err := desktop.SignInWithToken(ctx, c.OwnerToken())
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}

	who := timeclock.EmployeeID(op.NewID())
	if err := desktop.DB.Put(ctx, actor, "employee", string(who), map[string]any{"number": "12", "name": "Grace Hopper",
		"site_id": string(desktop.Identity.Site), "active": true}, nil); err != nil {
		t.Fatalf("add employee: %v", err)
	}
	desktop.drain(t)
	kiosk.drain(t)
	if p, err := kiosk.DB.EmployeeByNumber(ctx, "12"); err != nil || p.Name != "Grace Hopper" {
		t.Fatalf("the kiosk knows %+v, %v", p, err)
	}

	// A bad wire, then no cloud at all, then a bad wire again.
	var punches []timeclock.PunchID
	record := func(n int, try bool) {
		for range n {
			kind := []timeclock.PunchKind{timeclock.In, timeclock.Out}[len(punches)%2]
			punches = append(punches, kiosk.punch(t, who, kind))
			if try {
				kiosk.Replicator.Once(ctx)
			}
		}
	}
	kiosk.wire.set(true)
	desktop.wire.set(true)
	record(12, true)
	c.Stop()
	record(7, false)
	if _, err := kiosk.Replicator.Once(ctx); err == nil {
		t.Error("a round went through without a cloud")
	}
	c.Restart()
	record(6, true)
	kiosk.drain(t)
	desktop.drain(t)

	entries, err := desktop.DB.Entries(ctx, localdb.Query{Undecided: true})
	if err != nil || len(entries) != len(punches) {
		t.Fatalf("the desktop has %d entries to decide, want %d; %v", len(entries), len(punches), err)
	}
	decide(t, desktop, actor, punches)
	if _, err := kiosk.DB.SelfEdit(ctx, punches[24], timeclock.NotMe, timeclock.EditValues{}, ""); err != nil {
		t.Fatalf("not me: %v", err)
	}
	for range 2 { // both ways, whoever comes first
		desktop.drain(t)
		kiosk.drain(t)
	}

	wantEqual(t, c, both, "punch", 25)
	wantEqual(t, c, both, "punch_edit", 2)
	wantEqual(t, c, both, "punch_decision", 4)
	wantEqual(t, c, both, "employee", 1)
	wantStatuses(t, both, map[timeclock.PunchID]timeclock.Status{
		punches[0]: timeclock.Approved, punches[1]: timeclock.Approved, punches[2]: timeclock.Rejected,
		punches[3]: timeclock.Counted, punches[4]: timeclock.Counted, punches[24]: timeclock.Voided,
	})
}

// decide approves two punches, rejects one, approves and withdraws one, and
// corrects one, over the desktop's bad wire.
func decide(t *testing.T, desktop *device, actor *localdb.Actor, punches []timeclock.PunchID) {
	t.Helper()
	ctx := t.Context()
	desktop.wire.set(true)
	if _, err := desktop.DB.DecidePunches(ctx, actor, punches[:2], timeclock.Approve, ""); err != nil {
		t.Fatalf("approve: %v", err)
	}
	if _, err := desktop.DB.DecidePunch(ctx, actor, punches[2], timeclock.Reject, "was not there"); err != nil {
		t.Fatalf("reject: %v", err)
	}
	desktop.Replicator.Once(ctx)
	earlier := timeclock.MicrosOf(time.Now().Add(-time.Hour))
	if _, err := desktop.DB.EditPunch(ctx, actor, localdb.NewEdit{Punch: punches[3], What: timeclock.Retime,
		Values: timeclock.EditValues{At: &earlier}, Cause: timeclock.WrongTime, Reason: "queue at the door"}); err != nil {
		t.Fatalf("correct: %v", err)
	}
	desktop.Replicator.Once(ctx)
	if _, err := desktop.DB.DecidePunch(ctx, actor, punches[4], timeclock.Withdraw, ""); err != nil {
		t.Fatalf("withdraw: %v", err)
	}
}

func wantStatuses(t *testing.T, devices []*device, want map[timeclock.PunchID]timeclock.Status) {
	t.Helper()
	for _, d := range devices {
		for id, status := range want {
			e, err := d.DB.Entry(t.Context(), id)
			if err != nil || e.Status != status {
				t.Errorf("%s: punch %s is %q, want %q; %v", d.Identity.Profile, id, e.Status, status, err)
			}
		}
	}
}

// TestLoopBringsAPunchToTheDesktopWithoutBeingAsked runs both device loops.
func TestLoopBringsAPunchToTheDesktopWithoutBeingAsked(t *testing.T) {
	c := cloudtest.Start(t)
	kiosk := enrolled(t, c, timeclock.Kiosk, t.TempDir())
	desktop := enrolled(t, c, timeclock.Desktop, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	var loops sync.WaitGroup
	for _, d := range []*device{kiosk, desktop} {
		loops.Go(func() {
			if err := d.Replicator.Run(ctx); err != nil {
				t.Errorf("loop of %s: %v", d.Identity.Profile, err)
			}
		})
	}
	defer loops.Wait()
	defer cancel()
	actor, err := desktop.SignInWithToken(ctx, c.OwnerToken())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	who := timeclock.EmployeeID(op.NewID())
	if err := desktop.DB.Put(ctx, actor, "employee", string(who), map[string]any{"number": "7", "name": "Ada Lovelace", "active": true}, nil); err != nil {
		t.Fatal(err)
	}
	// The person first: a punch of somebody whom the cloud does not know is quarantined.
	eventually(t, kiosk, func() error { _, err := kiosk.DB.EmployeeByID(ctx, who); return err })
	id := kiosk.punch(t, who, timeclock.In)
	eventually(t, desktop, func() error {
		e, err := desktop.DB.Entry(ctx, id)
		if err == nil && e.Seq == 0 {
			err = errors.New("not the cloud's row yet")
		}
		return err
	})
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the way there took %v", took)
	}
}

// eventually waits for changes of the device's replica until ok returns nil.
func eventually(t *testing.T, d *device, ok func() error) {
	t.Helper()
	changes := d.DB.Changes()
	deadline := time.After(10 * time.Second)
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-changes:
		case <-deadline:
			t.Fatalf("%s: %v; %+v", d.Identity.Profile, err, d.Replicator.State())
		}
	}
}
