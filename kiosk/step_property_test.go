package kiosk

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clockface/timeclock"
)

// desk answers effects in its own time, as the clerk does, and knows what it has
// committed.
type desk struct {
	open      []Effect
	committed map[timeclock.PunchID]timeclock.PunchKind
	withdrawn map[timeclock.PunchID]bool
}

// answer takes one of the open effects and returns an answer to it: of any kind
// that the clerk may give.
func (d *desk) answer(t *rapid.T) Input {
	i := rapid.IntRange(0, len(d.open)-1).Draw(t, "effect")
	e := d.open[i]
	d.open = append(d.open[:i:i], d.open[i+1:]...)
	works := rapid.Bool().Draw(t, "works")
	switch e := e.(type) {
	case Record:
		if !works {
			return RecordFailed{Request: e.Request, Problem: rapid.SampledFrom([]Problem{NotRecorded, DiskIsFull, NotRecognised}).Draw(t, "problem")}
		}
		id := timeclock.PunchID(fmt.Sprintf("p%d", len(d.committed)))
		kind := rapid.SampledFrom([]timeclock.PunchKind{timeclock.In, timeclock.Out}).Draw(t, "kind")
		d.committed[id] = kind
		return Recorded{Request: e.Request, Employee: ada, Repeated: rapid.Bool().Draw(t, "repeated"),
			Punch: timeclock.Punch{ID: id, Kind: kind, Method: e.Who.Method}}
	case CheckPIN:
		result := rapid.SampledFrom([]PINResult{PINRight, PINWrong, PINShut, PINNotChecked}).Draw(t, "result")
		return Checked{CheckPIN: e, Result: result, Employee: ada.ID, WrongInRow: rapid.IntRange(0, 9).Draw(t, "wrong")}
	case Edit:
		if !works {
			return EditFailed{Punch: e.Punch, Cause: e.Cause}
		}
		if e.Cause == timeclock.NotMe {
			d.withdrawn[e.Punch] = true
		} else {
			d.committed[e.Punch] = e.Kind
		}
		return Edited{Punch: e.Punch, Cause: e.Cause}
	}
	return Tick{}
}

// anything draws an input from people or surroundings.
func anything(t *rapid.T, now time.Time) Input {
	return rapid.SampledFrom([]Input{
		Touch{}, OpenPad{}, Digit{'1'}, Digit{'7'}, Digit{'x'}, Backspace{}, Enter{}, Enter{}, Cancel{}, SayNotMe{}, OtherDirection{},
		OpenLanguages{}, ChooseLanguage{"de"}, TypePIN{"1", "1234"}, Tick{}, face(ada), face(grace), stranger(), nobody(),
		Seen{Sighting{Sight: Looking, Reason: "too_small", FirstSeen: now}}, Seen{Sighting{Sight: Standing}},
		CameraIs{State: CameraLost}, CameraIs{State: CameraWorks}, SyncIs{SyncState{Online: true}},
	}).Draw(t, "input")
}

func newDesk() *desk {
	return &desk{committed: map[timeclock.PunchID]timeclock.PunchKind{}, withdrawn: map[timeclock.PunchID]bool{}}
}

// play takes one step: anything at all, or the answer to something open.
func (d *desk) play(t *rapid.T, s State, now time.Time) State {
	in := anything(t, now)
	if len(d.open) > 0 && rapid.Bool().Draw(t, "clerk") {
		in = d.answer(t)
	}
	s, effects := Step(s, in, now)
	for _, e := range effects {
		switch e.(type) {
		case Record, CheckPIN, Edit:
			d.open = append(d.open, e)
		}
	}
	return s
}

// TestNoPunchIsShownWithoutCommit plays at random and holds the one promise: what
// an answer names is committed, in the direction that it names, and not withdrawn.
func TestNoPunchIsShownWithoutCommit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk()
		now := time.Unix(1_800_000_000, 0)
		var s State
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 7000).Draw(t, "ms")) * time.Millisecond)
			s = d.play(t, s, now)
			if s.Screen != Answer {
				continue
			}
			kind, ok := d.committed[s.Answer.Punch]
			if !ok || d.withdrawn[s.Answer.Punch] || kind != s.Answer.Kind && !s.Answer.Busy {
				t.Fatalf("shown: %+v; committed: %v, withdrawn: %v", s.Answer, d.committed, d.withdrawn)
			}
		}
	})
}

// TestEveryScreenEndsByItself plays at random, then lets everybody go: within the
// longest wait the kiosk must be idle and have forgotten what was typed.
func TestEveryScreenEndsByItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		d := newDesk()
		var s State
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			s = d.play(t, s, now)
		}
		s, _ = Step(s, nobody(), now)
		for end := now.Add(longestWait + IdleTime + PINTime + FailureTime + LanguageTime); now.Before(end); now = now.Add(time.Second) {
			s, _ = Step(s, Tick{}, now)
		}
		if s.Screen != Idle || s.Number != "" || s.PIN != "" || s.Language != "" || !s.NoFaceTill.IsZero() {
			t.Fatalf("after everybody left: %+v", s)
		}
	})
}
