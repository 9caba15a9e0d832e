package kiosk

import (
	"strings"
	"testing"
	"time"

	"clockface/assets"
	"clockface/timeclock"
)

func presenters(t *testing.T) map[string]*Presenter {
	t.Helper()
	c, err := assets.LoadCatalogue("kiosk")
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("Berlin", 3600)
	out := map[string]*Presenter{}
	for _, l := range c.Languages() {
		out[l.Tag] = NewPresenter(c, l.Tag, func() *time.Location { return zone })
	}
	return out
}

var morning = time.Date(2026, 11, 21, 7, 1, 0, 0, time.UTC) // 08:01 at the site

func TestAnswerNamesWhoAndWhen(t *testing.T) {
	p := presenters(t)["en"]
	a := Answered{Punch: "p", Employee: ada, Kind: timeclock.In, Method: timeclock.ByFace, At: timeclock.MicrosOf(morning)}
	for _, c := range []struct {
		name                        string
		change                      func(*Answered)
		title, detail, notMe, other string
	}{
		{"in by face", func(*Answered) {}, "Good morning, Ada L.", "Clocked in 08:01", "Not me", "Clock out instead"},
		{"out", func(a *Answered) { a.Kind = timeclock.Out }, "Goodbye, Ada L.", "Clocked out 08:01", "Not me", "Clock in instead"},
		{"by PIN", func(a *Answered) { a.Method = timeclock.ByPIN }, "Good morning, Ada L.", "Clocked in 08:01", "", "Clock out instead"},
		{"repeated", func(a *Answered) { a.Repeated = true }, "Good morning, Ada L.", "Already clocked in at 08:01", "Not me", ""},
		{"in the evening", func(a *Answered) { a.At += timeclock.Micros(12 * time.Hour / time.Microsecond) }, "Good evening, Ada L.", "Clocked in 20:01", "Not me", "Clock out instead"},
	} {
		b := a
		c.change(&b)
		v := p.Show(State{Screen: Answer, Answer: b}, morning)
		if v.Title != c.title || v.Detail != c.detail || v.NotMe != c.notMe || v.Other != c.other || v.Initials != "AL" {
			t.Errorf("%s: %q, %q, %q, %q, %q", c.name, v.Title, v.Detail, v.NotMe, v.Other, v.Initials)
		}
	}
}

func TestAnswerTellsTheHoursOfTheWeek(t *testing.T) {
	for lang, want := range map[string]string{"en": "This week 23:07 h", "de": "Diese Woche 23:07 h", "es": "Esta semana 23:07 h"} {
		p := presenters(t)[lang]
		a := Answered{Employee: ada, Kind: timeclock.Out, At: timeclock.MicrosOf(morning),
			Week: Week{Worked: 23*time.Hour + 7*time.Minute + 59*time.Second, Known: true}}
		if v := p.Show(State{Screen: Answer, Answer: a}, morning); v.Note != want {
			t.Errorf("%s says %q, want %q", lang, v.Note, want)
		}
		a.Week = Week{}
		if v := p.Show(State{Screen: Answer, Answer: a}, morning); v.Note != "" {
			t.Errorf("%s says %q of a week that is not known", lang, v.Note)
		}
	}
}

func TestAnswerSpeaksThePersonsLanguage(t *testing.T) {
	p := presenters(t)["en"]
	s := State{Screen: Answer, Answer: Answered{Employee: ada, Kind: timeclock.In, At: timeclock.MicrosOf(morning)}}
	s.Answer.Employee.Language = "de"
	if v := p.Show(s, morning); v.Language != "de" {
		t.Errorf("speaks %s, want the person's", v.Language)
	}
	s.Language = "es"
	if v := p.Show(s, morning); v.Language != "es" {
		t.Errorf("speaks %s, want the one chosen", v.Language)
	}
}

func TestDigitsAreNeverShown(t *testing.T) {
	for lang, p := range presenters(t) {
		for _, s := range []State{{Screen: PINNumber, Number: "98765"}, {Screen: PINDigits, Number: "98765", PIN: "43210"}} {
			v := p.Show(s, morning)
			if v.Dots != 5 {
				t.Errorf("%s/%s: %d dots, want 5", lang, s.Screen, v.Dots)
			}
			for _, text := range []string{v.Title, v.Detail, v.Note, v.Signs} {
				if strings.Contains(text, "98765") || strings.Contains(text, "43210") {
					t.Errorf("%s/%s shows %q", lang, s.Screen, text)
				}
			}
		}
	}
}

// TestEveryStateHasItsSentence finds keys that the catalogue lacks: they would
// be shown as they are.
func TestEveryStateHasItsSentence(t *testing.T) {
	var states []State
	for _, s := range []Screen{Idle, Live, PINNumber, PINDigits, NotMe, Waiting, Languages} {
		states = append(states, State{Screen: s})
	}
	for _, p := range []Problem{NotRecognised, WrongPIN, PINIsClosed, NotRecorded, DiskIsFull, NotWithdrawn, NotChanged} {
		states = append(states, State{Screen: Failure, Failure: p})
	}
	for _, k := range []timeclock.PunchKind{timeclock.In, timeclock.Out, timeclock.BreakStart, timeclock.BreakEnd, timeclock.Project} {
		for _, repeated := range []bool{false, true} {
			for hour := range 24 {
				at := timeclock.MicrosOf(morning.Add(time.Duration(hour) * time.Hour))
				states = append(states, State{Screen: Answer, Answer: Answered{Kind: k, Method: timeclock.ByFace, Repeated: repeated, At: at, Employee: ada,
					Week: Week{Known: true}}})
			}
		}
	}
	for _, c := range []CameraState{CameraStarting, CameraWorks, CameraPlayed, CameraLost, CameraNone, NoRecognition} {
		for _, hint := range []string{"", "too_small", "at_edge", "too_dark", "too_bright", "blurred", "a_new_word"} {
			states = append(states, State{Screen: Live, Camera: c, Hint: hint, Recognising: true, Disk: DiskFails, Sync: SyncState{Waiting: 1}})
		}
	}
	for lang, p := range presenters(t) {
		for _, s := range states {
			v := p.Show(s, morning)
			for _, text := range []string{v.Date, v.Title, v.Detail, v.Note, v.Pad, v.NotMe, v.Other, v.Back, v.Next, v.Signs, v.Chosen} {
				if looksLikeKey(text) {
					t.Errorf("%s/%s says %q", lang, s.Screen, text)
				}
			}
			if v.Title == "" && s.Screen != Idle {
				t.Errorf("%s/%s has no main text: %+v", lang, s.Screen, s)
			}
		}
	}
}

// looksLikeKey reports whether a text is a key of the catalogue: words with dots
// or underscores between them and no blank.
func looksLikeKey(text string) bool {
	return !strings.Contains(text, " ") && strings.ContainsAny(strings.TrimRight(text, "."), "._")
}

func TestSignsAreInWordsOnlyWhereSomethingIsOutOfTheOrdinary(t *testing.T) {
	p := presenters(t)["en"]
	for _, c := range []struct {
		name  string
		state State
		want  string
	}{
		{"all is well", State{Camera: CameraWorks, Sync: SyncState{Online: true}}, ""},
		{"sending", State{Camera: CameraWorks, Sync: SyncState{Online: true, Waiting: 2}}, ""},
		{"offline with nothing to send", State{Camera: CameraWorks}, ""},
		{"offline", State{Camera: CameraWorks, Sync: SyncState{Waiting: 3}}, "Kept here, sent later: 3"},
		{"played", State{Camera: CameraPlayed, Sync: SyncState{Online: true}}, "Played camera"},
		{"worst first", State{Camera: CameraLost, Disk: DiskFails}, "This clock cannot record · Camera away"},
	} {
		c.state.Screen = Live
		if got := p.Show(c.state, morning).Signs; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCountdown(t *testing.T) {
	for left, want := range map[time.Duration]string{0: "0:00", -time.Second: "0:00", 100 * time.Millisecond: "0:01", 30 * time.Second: "0:30", 5 * time.Minute: "5:00"} {
		if got := countdown(left); got != want {
			t.Errorf("countdown(%v) = %s, want %s", left, got, want)
		}
	}
}
