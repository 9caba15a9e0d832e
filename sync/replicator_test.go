package sync

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"clockface/sync/op"
)

// TestPunchIsNeverLostOrDoubled draws punches, rounds on a bad wire and crashes,
// then lets the wire heal: both sides must hold every punch once, in order.
func TestPunchIsNeverLostOrDoubled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		ctx := t.Context()
		bad := rapid.Bool().Draw(t, "bad wire")
		r.wire.breaks(func(*http.Request) fault {
			if !bad {
				return noFault
			}
			return fault(rapid.IntRange(0, int(faultKinds)-1).Draw(t, "fault"))
		})
		device := r.replicator(Options{})
		device.batch = rapid.IntRange(1, 5).Draw(t, "batch")
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1:
				r.store.punch()
			case 2:
				r.cloud.add("employee", op.NewID())
			case 3:
				device.Once(ctx)
			case 4: // the program dies and starts again
				device = r.replicator(Options{})
			}
		}
		bad = false
		if _, err := device.Once(ctx); err != nil {
			t.Fatalf("round on a good wire: %v", err)
		}
		if err := r.differences(); err != nil {
			t.Fatal(err)
		}
	})
}

// running starts the loop of a fresh rig inside a bubble and stops it at the end.
func running(t *testing.T, o Options, test func(*testing.T, *rig, *Replicator)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		device := r.replicator(o)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- device.Run(ctx) }()
		synctest.Wait()
		test(t, r, device)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func wantStatus(t *testing.T, s *memStore, id string, want op.Status) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := s.status[id]; got != want {
		t.Errorf("op is %q, want %q", got, want)
	}
}

func TestIdleDevicePushesAtOnce(t *testing.T) {
	running(t, Options{}, func(t *testing.T, r *rig, _ *Replicator) {
		time.Sleep(10 * time.Second)
		id := r.store.punch()
		time.Sleep(gatherFor + time.Millisecond)
		synctest.Wait()
		wantStatus(t, r.store, id, op.Accepted)
		r.sameAsCloud(t)
	})
}

func TestHintOfTheCloudBringsRows(t *testing.T) {
	running(t, Options{}, func(t *testing.T, r *rig, _ *Replicator) {
		time.Sleep(31 * time.Second) // one long poll has ended without news
		r.cloud.add("employee", "e-1")
		synctest.Wait()
		if _, ok := r.store.row("employee", "e-1"); !ok {
			t.Error("the row did not come with the hint")
		}
	})
}

func TestHintThatTheOwnPushCausedDoesNotSilenceTheNext(t *testing.T) {
	running(t, Options{}, func(t *testing.T, r *rig, _ *Replicator) {
		r.store.punch() // answers the open poll at once, with what this device fetches anyway
		time.Sleep(100 * time.Millisecond)
		r.cloud.add("employee", "e-1")
		synctest.Wait()
		if _, ok := r.store.row("employee", "e-1"); !ok {
			t.Error("the row did not come with the hint")
		}
	})
}

func TestLostHintCostsOnePollInterval(t *testing.T) {
	running(t, Options{}, func(t *testing.T, r *rig, _ *Replicator) {
		r.wire.breaks(func(req *http.Request) fault {
			if req.URL.Path == "/v1/sync/wait" {
				return requestLost
			}
			return noFault
		})
		time.Sleep(25 * time.Second) // the poll that was open ends; later ones are lost
		r.cloud.add("employee", "e-1")
		time.Sleep(pollEvery)
		synctest.Wait()
		if _, ok := r.store.row("employee", "e-1"); !ok {
			t.Error("the row did not come within a poll interval")
		}
	})
}

func TestIdleDeviceIsQuiet(t *testing.T) {
	running(t, Options{}, func(t *testing.T, r *rig, _ *Replicator) {
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := r.cloud.countRequests("/v1/sync/pull"); n > 15 {
			t.Errorf("%d pulls in ten idle minutes", n)
		}
		if n := r.cloud.countRequests("/v1/sync/wait"); n > 30 {
			t.Errorf("%d long polls in ten idle minutes", n)
		}
	})
}

func TestPollThatAnswersAtOnceIsNotRepeatedAtOnce(t *testing.T) {
	running(t, Options{}, func(t *testing.T, r *rig, _ *Replicator) {
		r.wire.leadsTo(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path == "/v1/sync/wait" {
				r.cloud.mu.Lock()
				r.cloud.requests = append(r.cloud.requests, req.URL.Path)
				r.cloud.mu.Unlock()
				writeJSON(w, 200, op.WaitAnswer{})
				return
			}
			r.cloud.ServeHTTP(w, req)
		}))
		time.Sleep(time.Minute)
		if n := r.cloud.countRequests("/v1/sync/wait"); n > 15 {
			t.Errorf("%d long polls in a minute", n)
		}
	})
}

func TestBackOffGrowsToFiveMinutes(t *testing.T) {
	r := newRig(t)
	d := r.replicator(Options{Rand: func() float64 { return 1 }})
	for tries, want := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 10: longestDelay, 500: longestDelay,
	} {
		if got := d.delay(tries, ErrUnreachable); got != want {
			t.Errorf("after %d tries: pause up to %v, want %v", tries, got, want)
		}
	}
}

func TestOfflineDeviceAsksLessAndLess(t *testing.T) {
	running(t, Options{Rand: func() float64 { return 0.5 }}, func(t *testing.T, r *rig, d *Replicator) {
		time.Sleep(time.Second)
		var lost atomic.Int64
		r.wire.breaks(func(*http.Request) fault { lost.Add(1); return requestLost })
		id := r.store.punch()
		time.Sleep(time.Hour)
		if s := d.State(); s.Online || !errors.Is(s.LastError, ErrUnreachable) {
			t.Errorf("state after an hour offline: %+v", s)
		}
		if n := lost.Load(); n < 20 || n > 50 {
			t.Errorf("%d tries in an hour", n)
		}
		r.wire.breaks(nil)
		d.Nudge()
		synctest.Wait()
		wantStatus(t, r.store, id, op.Accepted)
		if s := d.State(); !s.Online || s.LastError != nil || !s.LastContact.Equal(time.Now()) {
			t.Errorf("state after coming back: %+v", s)
		}
	})
}

func TestNewPunchEndsALongBackOff(t *testing.T) {
	running(t, Options{Rand: func() float64 { return 1 }}, func(t *testing.T, r *rig, _ *Replicator) {
		r.wire.breaks(func(*http.Request) fault { return requestLost })
		r.store.punch()
		time.Sleep(20 * time.Minute) // a pause of five minutes has begun
		r.wire.breaks(nil)
		time.Sleep(changeGap)
		id := r.store.punch()
		synctest.Wait()
		wantStatus(t, r.store, id, op.Accepted)
	})
}

func TestCloudThatIsBusySetsThePause(t *testing.T) {
	running(t, Options{Rand: func() float64 { return 0 }}, func(t *testing.T, r *rig, _ *Replicator) {
		r.cloud.mu.Lock()
		r.cloud.retryIn = "7"
		r.cloud.problem = func(path string) *op.Problem {
			if path == "/v1/sync/push" {
				return &op.Problem{Status: 429, Code: op.CodeBusy}
			}
			return nil
		}
		r.cloud.mu.Unlock()
		r.store.punch()
		time.Sleep(6 * time.Second)
		if n := r.cloud.countRequests("/v1/sync/push"); n != 1 {
			t.Errorf("%d pushes in six seconds after Retry-After: 7", n)
		}
		time.Sleep(2 * time.Second)
		if n := r.cloud.countRequests("/v1/sync/push"); n != 2 {
			t.Errorf("%d pushes after the pause, want 2", n)
		}
	})
}

func TestPunchesGoWhereNothingElseIsTaken(t *testing.T) {
	for name, refusal := range map[string]*op.Problem{
		"revoked device":  {Status: 401, Code: op.CodeUnauthorized},
		"too old program": {Status: 426, Code: op.CodeUpgrade},
	} {
		t.Run(name, func(t *testing.T) {
			running(t, Options{}, func(t *testing.T, r *rig, d *Replicator) {
				r.cloud.set(refusal)
				first := r.store.punch()
				edit := r.store.commit(op.PunchEditAdd, "")
				time.Sleep(time.Second)
				synctest.Wait()
				wantStatus(t, r.store, first, op.Accepted)
				wantStatus(t, r.store, edit, op.Sent) // tried once with the punch, then held back
				if s := d.State(); s.Online || s.Revoked != (refusal.Code == op.CodeUnauthorized) {
					t.Errorf("state: %+v", s)
				}
				r.cloud.set(nil)
				d.Nudge()
				synctest.Wait()
				wantStatus(t, r.store, edit, op.Accepted)
				if s := d.State(); !s.Online || s.Revoked {
					t.Errorf("state after a round went through: %+v", s)
				}
			})
		})
	}
}

func TestBatchIsHalvedUntilItFits(t *testing.T) {
	r := newRig(t)
	r.cloud.maxOps = 3
	for range 20 {
		r.store.punch()
	}
	acked, err := r.replicator(Options{}).Once(t.Context())
	if err != nil || acked != 20 {
		t.Errorf("acked %d of 20, %v", acked, err)
	}
	r.sameAsCloud(t)
}

func TestOpThatAloneIsTooLargeIsNamed(t *testing.T) {
	r := newRig(t)
	r.cloud.problem = func(path string) *op.Problem {
		if path == "/v1/sync/push" {
			return &op.Problem{Status: 413, Code: op.CodeTooLarge}
		}
		return nil
	}
	id := r.store.punch()
	r.cloud.add("employee", "e-1")
	_, err := r.replicator(Options{}).Once(t.Context())
	if err == nil || !HasCode(err, op.CodeTooLarge) {
		t.Fatalf("err = %v", err)
	}
	wantStatus(t, r.store, id, op.Sent)
	if _, ok := r.store.row("employee", "e-1"); !ok {
		t.Error("an op that cannot be sent must not keep rows from coming")
	}
}

func TestRestoredCloudGetsLostOpsAgain(t *testing.T) {
	r := newRig(t)
	d := r.replicator(Options{})
	for range 4 {
		r.store.punch()
	}
	if _, err := d.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The backup is older and has a new epoch.
	r.cloud.log, r.cloud.heads, r.cloud.rows, r.cloud.epoch = r.cloud.log[:2], r.cloud.heads[:2], r.cloud.rows[:2], "e2"
	r.store.punch()
	if _, err := d.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.store.rewound) != 1 || r.store.rewound[0] != 2 {
		t.Errorf("rewound to %v, want once to 2", r.store.rewound)
	}
	r.sameAsCloud(t)
}

func TestUnknownCursorIsAnsweredBySnapshot(t *testing.T) {
	r := newRig(t)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		r.cloud.add("employee", id)
	}
	r.store.cursor = "older.7"
	if _, err := r.replicator(Options{}).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.store.cursor != "e1.5" {
		t.Errorf("cursor = %q, want e1.5", r.store.cursor)
	}
	r.sameAsCloud(t)
}

func TestPageThatCannotBeWrittenIsPulledAgain(t *testing.T) {
	r := newRig(t)
	r.store.cursor = "e1.0"
	r.cloud.add("employee", "a")
	r.store.failPage = errors.New("disk full")
	d := r.replicator(Options{})
	if _, err := d.Once(t.Context()); err == nil {
		t.Fatal("a page that was not written counted as pulled")
	}
	if _, err := d.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.sameAsCloud(t)
}

func TestOnSyncTellsWhatWasAnsweredAndWaits(t *testing.T) {
	r := newRig(t)
	var acked, waiting = -1, -1
	d := r.replicator(Options{OnSync: func(a, w int) { acked, waiting = a, w }})
	if _, err := d.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if acked != -1 {
		t.Error("OnSync was called for a round without anything")
	}
	r.store.punch()
	if _, err := d.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if acked != 1 || waiting != 0 {
		t.Errorf("OnSync(%d, %d), want (1, 0)", acked, waiting)
	}
}
