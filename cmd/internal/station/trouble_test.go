package station

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"clockface/cmd/internal/cloudtest"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// A site of two kiosks and two desktops that act without waiting for each other.
type site struct {
	t       *testing.T
	rng     *rand.Rand
	cloud   *cloudtest.Cloud
	kiosks  []*device
	desks   []*device
	actors  []*localdb.Actor
	who     timeclock.EmployeeID
	punches []timeclock.PunchID
	away    bool
}

func newSite(t *testing.T, seed uint64) *site {
	s := &site{t: t, rng: rand.New(rand.NewPCG(seed, 2)), cloud: cloudtest.Start(t)}
	for range 2 {
		s.kiosks = append(s.kiosks, enrolled(t, s.cloud, timeclock.Kiosk, t.TempDir()))
		s.desks = append(s.desks, enrolled(t, s.cloud, timeclock.Desktop, t.TempDir()))
	}
	s.who = hire(t, s.cloud, s.desks[0], s.kiosks[0])
	token := s.cloud.OwnerToken()
	for _, d := range s.desks {
		a, err := d.SignInWithToken(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		s.actors = append(s.actors, a)
	}
	for i, d := range s.all() {
		d.drain(t)
		d.wire.start(seed + uint64(i))
	}
	return s
}

func (s *site) all() []*device { return append(append([]*device{}, s.kiosks...), s.desks...) }

func (s *site) pick(devices []*device) *device { return devices[s.rng.IntN(len(devices))] }

// step does one thing that happens at such a site.
func (s *site) step() {
	if s.away && s.rng.IntN(4) == 0 {
		s.cloud.Restart()
		s.away = false
	}
	switch n := s.rng.IntN(24); {
	case n < 6:
		kind := []timeclock.PunchKind{timeclock.In, timeclock.Out}[s.rng.IntN(2)]
		s.punches = append(s.punches, s.pick(s.kiosks).punch(s.t, s.who, kind))
	case n < 7 && len(s.punches) > 0:
		// Refused with good reason on the kiosk that did not make the punch.
		s.pick(s.kiosks).DB.SelfEdit(s.t.Context(), s.anyPunch(), timeclock.NotMe, timeclock.EditValues{}, "")
	case n < 11:
		s.judge()
	case n < 12 && !s.away:
		s.cloud.Stop()
		s.away = true
	default:
		s.pick(s.all()).Replicator.Once(s.t.Context())
	}
}

func (s *site) anyPunch() timeclock.PunchID { return s.punches[s.rng.IntN(len(s.punches))] }

// judge lets one supervisor decide on or correct a punch that the desktop knows.
func (s *site) judge() {
	i := s.rng.IntN(len(s.desks))
	db, actor := s.desks[i].DB, s.actors[i]
	entries, err := db.Entries(s.t.Context(), localdb.Query{})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(entries) == 0 {
		return
	}
	id := entries[s.rng.IntN(min(len(entries), 3))].ID // a few punches, so that supervisors meet
	verdicts := []timeclock.Verdict{timeclock.Approve, timeclock.Reject, timeclock.Withdraw}
	if n := s.rng.IntN(4); n < len(verdicts) {
		_, err = db.DecidePunch(s.t.Context(), actor, id, verdicts[n], "")
	} else {
		at := timeclock.MicrosOf(time.Now().Add(-time.Duration(s.rng.IntN(3600)) * time.Second))
		_, err = db.EditPunch(s.t.Context(), actor, localdb.NewEdit{Punch: id, What: timeclock.Retime,
			Values: timeclock.EditValues{At: &at}, Cause: timeclock.WrongTime})
	}
	if err != nil {
		s.t.Errorf("judge: %v", err)
	}
}

// settle brings everybody up to date on a good wire with a cloud.
func (s *site) settle() {
	if s.away {
		s.cloud.Restart()
	}
	for range 3 {
		for _, d := range s.all() {
			d.wire.set(false)
			if _, err := d.Replicator.Once(s.t.Context()); err != nil {
				s.t.Fatalf("settle %s: %v", d.Identity.Profile, err)
			}
		}
	}
}

// TestEverybodyAgreesAfterAnyTrouble draws what people and networks do and wants
// the same rows everywhere in the end, with every punch once.
func TestEverybodyAgreesAfterAnyTrouble(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := newSite(t, seed)
			for range 120 {
				s.step()
			}
			s.settle()
			wantEqual(t, s.cloud, s.all(), "punch", len(s.punches))
			for _, table := range []string{"punch_edit", "punch_decision"} {
				wantEqual(t, s.cloud, s.all(), table, len(rows(t, s.cloud.File, table)))
			}
			for _, d := range s.all() {
				if n, err := d.DB.Unanswered(t.Context()); n > 0 || err != nil {
					t.Errorf("%s: %d ops unanswered, %v", d.Identity.Profile, n, err)
				}
				states, err := d.DB.SyncStates(t.Context(), s.punches)
				if err != nil {
					t.Error(err)
				}
				for id, state := range states {
					if state != op.Accepted {
						t.Errorf("punch %s is %s", id, state)
					}
				}
			}
		})
	}
}
