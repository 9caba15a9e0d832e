package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"clockface/cloud/store"
	"clockface/sync/op"
	"clockface/timeclock"
)

func replayIsHarmless(t *testing.T, w *world) {
	a, _ := w.kiosk.Punch(t, w.ann, timeclock.In)
	b, _ := w.kiosk.Punch(t, "nobody", timeclock.In)
	first, err := w.kiosk.Push(w.store, a, b)
	if err != nil {
		t.Fatal(err)
	}
	before := w.rows(t, w.kiosk, 0)
	w.kiosk.Tick(time.Second) // the same ops in a later request
	second, err := w.kiosk.Push(w.store, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first.Results, second.Results) || first.LastN != second.LastN {
		t.Errorf("second answer %+v, first %+v", second, first)
	}
	if after := w.rows(t, w.kiosk, 0); !reflect.DeepEqual(before, after) {
		t.Errorf("rows changed by a replay")
	}
	c, _ := w.kiosk.Punch(t, w.bob, timeclock.In)
	mixed, err := w.kiosk.Push(w.store, b, c) // one known, one new
	if err != nil || len(mixed.Results) != 2 || mixed.Results[0].Status != op.Quarantined || mixed.Results[1].Status != op.Accepted {
		t.Errorf("mixed push: %+v, %v", mixed, err)
	}
	if n := w.count(t, "SELECT count(*) FROM op WHERE device_id = $1", string(w.kiosk.ID)); n != 3 {
		t.Errorf("log holds %d ops of the kiosk, want 3", n)
	}
}

func gapIsRefused(t *testing.T, w *world) {
	w.punch(t, w.ann)
	w.kiosk.Punch(t, w.ann, timeclock.Out) // never sent
	o, _ := w.kiosk.Punch(t, w.ann, timeclock.In)
	_, err := w.kiosk.Push(w.store, o)
	var gap *store.GapError
	if !errors.As(err, &gap) || gap.LastN != 1 {
		t.Errorf("error %v, want a gap after 1", err)
	}
	state(t, w, w.kiosk, store.Active)
}

func state(t *testing.T, w *world, d *Device, want store.DeviceState) {
	t.Helper()
	got, err := w.store.Device(t.Context(), d.Company, d.ID)
	if err != nil || got.State != want {
		t.Errorf("device is %s (%v), want %s", got.State, err, want)
	}
}

func otherOpBreaksChain(t *testing.T, w *world) {
	w.punch(t, w.ann)
	w.kiosk.N, w.kiosk.H = 0, nil // as after an old disk image was restored
	o, _ := w.kiosk.Punch(t, w.ann, timeclock.Out)
	if _, err := w.kiosk.Push(w.store, o); !errors.Is(err, store.ErrChainBroken) {
		t.Errorf("error %v, want ErrChainBroken", err)
	}
	state(t, w, w.kiosk, store.Suspect)
}

func falseHashStopsDevice(t *testing.T, w *world) {
	w.punch(t, w.ann)
	w.kiosk.H = []byte("not the hash before")
	o, _ := w.kiosk.Punch(t, w.ann, timeclock.Out)
	if _, err := w.kiosk.Push(w.store, o); !errors.Is(err, store.ErrChainBroken) {
		t.Fatalf("error %v, want ErrChainBroken", err)
	}
	state(t, w, w.kiosk, store.Suspect)
	if n := w.count(t, "SELECT count(*) FROM punch"); n != 1 {
		t.Errorf("%d punches, want the first alone", n)
	}
	if _, err := w.kiosk.Push(w.store, o); !errors.Is(err, store.ErrChainBroken) {
		t.Errorf("a suspect device was let in: %v", err)
	}
}

func falseSignatureBreaksChain(t *testing.T, w *world) {
	o, _ := w.kiosk.Punch(t, w.ann, timeclock.In)
	r := w.kiosk.Request(o)
	r.Now.Wall++ // other clocks than those that were signed
	if _, err := w.kiosk.Send(w.store, r); !errors.Is(err, store.ErrChainBroken) {
		t.Errorf("error %v, want ErrChainBroken", err)
	}
}

func opIDHasOnePlace(t *testing.T, w *world) {
	o, _ := w.kiosk.Punch(t, w.ann, timeclock.In)
	w.must(t, w.kiosk, o, op.Accepted, "")
	o.N++
	w.kiosk.link(o)
	if _, err := w.kiosk.Push(w.store, o); !errors.Is(err, store.ErrChainBroken) {
		t.Errorf("error %v, want ErrChainBroken", err)
	}
}

func poisonedOp(t *testing.T, w *world) {
	w.exec(t, "CREATE UNIQUE INDEX poison ON incident (company_id, detail)")
	var ops []op.Op
	for _, detail := range []string{"a", "a", "b"} {
		ops = append(ops, w.kiosk.Chain(t, nil, op.IncidentAdd, op.IncidentBody{Head: op.NewHead(string(w.kiosk.ID), ""), ID: op.NewID(),
			Kind: timeclock.CameraLost, Detail: detail, Clock: w.kiosk.Clock}, nil))
	}
	punch, _ := w.kiosk.Punch(t, w.ann, timeclock.In)
	a, err := w.kiosk.Push(w.store, append(ops, punch)...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range a.Results {
		got = append(got, string(r.Status)+" "+r.Reason)
	}
	if want := []string{"accepted ", "rejected internal", "accepted ", "accepted "}; !reflect.DeepEqual(got, want) {
		t.Errorf("results %q, want %q", got, want)
	}
	w.exec(t, "DROP INDEX poison")
	w.exec(t, "CREATE UNIQUE INDEX poison ON punch (company_id, employee_id)")
	again, _ := w.kiosk.Punch(t, w.ann, timeclock.Out)
	w.must(t, w.kiosk, again, op.Quarantined, op.ReasonInternal)
}

func heldCompany(t *testing.T, w *world) {
	tx, err := w.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("UPDATE company_seq SET seq = seq + 1 WHERE company_id = $1", string(w.company.ID)); err != nil {
		t.Fatal(err)
	}
	o, _ := w.kiosk.Punch(t, w.ann, timeclock.In)
	began := time.Now()
	if _, err := w.kiosk.Push(w.store, o); !errors.Is(err, store.ErrBusy) {
		t.Errorf("error %v, want ErrBusy", err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("told after %v", took)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	w.must(t, w.kiosk, o, op.Accepted, "")
}

func commitOrder(t *testing.T, w *world) {
	const devices, pushes = 4, 15
	var all sync.WaitGroup
	seq, epoch, err := w.store.HeadSeq(t.Context(), w.company.ID)
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, devices*pushes)
	for range devices {
		d := NewDevice(t, w.store, w.company, timeclock.Kiosk, w.clock.now())
		all.Go(func() {
			for range pushes {
				o, _ := d.Punch(t, w.ann, timeclock.In)
				for {
					_, err := d.Push(w.store, o)
					if errors.Is(err, store.ErrBusy) {
						continue
					}
					errs <- err
					break
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done); close(errs) }()
	seen := watchFeed(t, w, fmt.Sprintf("%s.%d", epoch, seq), done)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if seen != devices*pushes {
		t.Errorf("the feed brought %d punches, want %d", seen, devices*pushes)
	}
}

// watchFeed pulls from the cursor until done and once more, and returns how many
// punches came.
func watchFeed(t *testing.T, w *world, cursor string, done <-chan struct{}) int {
	t.Helper()
	dev, err := w.store.Device(t.Context(), w.desktop.Company, w.desktop.ID)
	if err != nil {
		t.Fatal(err)
	}
	punches, last := 0, false
	for {
		a, err := w.store.Pull(t.Context(), dev, cursor, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range a.Rows {
			if r.Table == "punch" {
				punches++
			}
		}
		cursor = a.Cursor
		if a.More {
			continue
		}
		if last {
			return punches
		}
		select {
		case <-done:
			last = true
		default:
		}
	}
}

func anchoredTimes(t *testing.T, w *world) {
	w.punch(t, w.ann)
	at := func(id timeclock.PunchID) (int64, string, string) {
		_, doc := w.row(t, w.kiosk, "punch", string(id))
		return doc["at_us"].(int64), doc["time_source"].(string), doc["flags"].(string)
	}
	// The wall clock is set back an hour; the clock since boot goes on.
	w.pass(time.Minute)
	w.kiosk.Clock.Wall -= timeclock.Micros(time.Hour.Microseconds())
	happened := w.clock.us.Load()
	o, id := w.kiosk.Punch(t, w.bob, timeclock.In)
	w.pass(30 * time.Second)
	now := timeclock.Micros(w.clock.us.Load())
	_, err := w.store.Push(t.Context(), store.Push{Company: w.kiosk.Company, Device: w.kiosk.ID, Request: w.kiosk.Request(o), RecvUS: now, TS: now})
	if err != nil {
		t.Fatal(err)
	}
	if got, source, flags := at(id); got != happened || source != "mono" || flags != string(timeclock.ClockSuspect) {
		t.Errorf("punch at %d by %s with flags %q, want %d by mono, clock_suspect", got, source, flags, happened)
	}
	// A punch from before a reboot: the offset of the push before counts.
	wall := w.kiosk.Clock.Wall
	o, id = w.kiosk.Punch(t, w.ann, timeclock.Out)
	w.kiosk.Clock.Boot, w.kiosk.Clock.Mono = op.NewID(), 5
	_, err = w.store.Push(t.Context(), store.Push{Company: w.kiosk.Company, Device: w.kiosk.ID, Request: w.kiosk.Request(o), RecvUS: now, TS: now})
	if err != nil {
		t.Fatal(err)
	}
	if got, source, _ := at(id); got != int64(wall)+time.Hour.Microseconds() || source != "offset" {
		t.Errorf("punch at %d by %s, want %d by offset", got, source, int64(wall)+time.Hour.Microseconds())
	}
}

func tampered(t *testing.T, w *world) {
	id := w.punch(t, w.ann)
	w.must(t, w.desktop, first(w.desktop.Decide(t, w.owner, id, "", timeclock.Approve)), op.Accepted, "")
	v, err := w.store.Verify(t.Context(), w.company.ID)
	if err != nil || v.Punches != 1 || v.Devices != 3 || v.Checkpoints < 4 {
		t.Fatalf("verify %+v: %v", v, err)
	}
	for what, c := range map[string][2]string{
		"a time":     {"UPDATE punch SET at_us = at_us + 1", "UPDATE punch SET at_us = at_us - 1"},
		"a body":     {"UPDATE op SET body = body || ' ' WHERE kind = 'punch.add'", "UPDATE op SET body = rtrim(body) WHERE kind = 'punch.add'"},
		"an anchor":  {"UPDATE checkpoint SET server_us = server_us + 1", "UPDATE checkpoint SET server_us = server_us - 1"},
		"an op gone": {"UPDATE op SET n = n + 1 WHERE kind = 'punch.add'", "UPDATE op SET n = n - 1 WHERE kind = 'punch.add'"},
	} {
		w.exec(t, c[0])
		if _, err := w.store.Verify(t.Context(), w.company.ID); !errors.Is(err, store.ErrLogDiffers) {
			t.Errorf("%s changed: %v, want ErrLogDiffers", what, err)
		}
		w.exec(t, c[1])
	}
}

func first[A, B any](a A, _ B) A { return a }
