package screens

import (
	"image"
	"image/color"
	"math"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"clockface/assets"
	"clockface/assets/look"
	"clockface/kiosk"
	"clockface/timeclock"
)

// sampleTime is a Saturday in autumn, at 08:01 where the kiosk stands.
var sampleTime = time.Date(2026, 11, 21, 7, 1, 0, 0, time.UTC)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("no time zones on this machine: %v", err)
	}
	return zone
}

// sample is one state of the kiosk with a name for its picture.
type sample struct {
	name  string
	state kiosk.State
}

// samples returns every screen, those that vary in several states, with the
// longest names and sentences that they may get.
func samples() []sample {
	at := timeclock.MicrosOf(sampleTime)
	grace := timeclock.Employee{ID: "e1", Number: "1906", Name: "Grace Brewster Hopper", Active: true}
	long := timeclock.Employee{ID: "e2", Number: "7", Name: "Maximiliane-Charlotte von Württemberg", Active: true}
	answer := func(a kiosk.Answered) kiosk.State {
		a.Punch, a.At = "p1", at
		a.Week = kiosk.Week{Worked: 23*time.Hour + 10*time.Minute, Known: true}
		return kiosk.State{Screen: kiosk.Answer, Answer: a, Camera: kiosk.CameraWorks, Sync: kiosk.SyncState{Online: true}}
	}
	live := func(change func(*kiosk.State)) kiosk.State {
		s := kiosk.State{Screen: kiosk.Live, Camera: kiosk.CameraWorks, Sync: kiosk.SyncState{Online: true}}
		change(&s)
		return s
	}
	failure := func(p kiosk.Problem) kiosk.State {
		return kiosk.State{Screen: kiosk.Failure, Failure: p, Camera: kiosk.CameraWorks}
	}
	return []sample{
		{"idle", kiosk.State{Screen: kiosk.Idle, Camera: kiosk.CameraWorks, Sync: kiosk.SyncState{Online: true}}},
		{"live", live(func(*kiosk.State) {})},
		{"live-hint", live(func(s *kiosk.State) { s.Recognising, s.Hint = true, "too_dark" })},
		{"live-played-offline", live(func(s *kiosk.State) {
			s.Camera, s.Sync = kiosk.CameraPlayed, kiosk.SyncState{Waiting: 128}
		})},
		{"live-no-camera", live(func(s *kiosk.State) { s.Camera = kiosk.CameraLost })},
		{"live-no-model", live(func(s *kiosk.State) { s.Camera = kiosk.NoRecognition })},
		{"live-disk", live(func(s *kiosk.State) { s.Disk = kiosk.DiskFails })},
		{"number", kiosk.State{Screen: kiosk.PINNumber, Number: "1906"}},
		{"number-offered", kiosk.State{Screen: kiosk.PINNumber, Offered: true}},
		{"pin", kiosk.State{Screen: kiosk.PINDigits, Number: "1906", PIN: "123"}},
		{"pin-full", kiosk.State{Screen: kiosk.PINDigits, Number: "1906", PIN: "12345678", Checking: 1}},
		{"answer-in", answer(kiosk.Answered{Employee: grace, Kind: timeclock.In, Method: timeclock.ByFace})},
		{"answer-out", answer(kiosk.Answered{Employee: long, Kind: timeclock.Out, Method: timeclock.ByFace})},
		{"answer-pin", answer(kiosk.Answered{Employee: grace, Kind: timeclock.In, Method: timeclock.ByPIN})},
		{"answer-break", answer(kiosk.Answered{Employee: grace, Kind: timeclock.BreakStart, Method: timeclock.ByPIN})},
		{"answer-repeated", answer(kiosk.Answered{Employee: long, Kind: timeclock.In, Method: timeclock.ByFace, Repeated: true})},
		{"failure-not-recognised", failure(kiosk.NotRecognised)},
		{"failure-wrong-pin", failure(kiosk.WrongPIN)},
		{"failure-pin-closed", failure(kiosk.PINIsClosed)},
		{"failure-not-recorded", failure(kiosk.NotRecorded)},
		{"failure-disk-full", failure(kiosk.DiskIsFull)},
		{"failure-not-withdrawn", failure(kiosk.NotWithdrawn)},
		{"failure-not-changed", failure(kiosk.NotChanged)},
		{"not-me", kiosk.State{Screen: kiosk.NotMe, Answer: kiosk.Answered{Punch: "p1"}}},
		{"not-me-nothing", kiosk.State{Screen: kiosk.NotMe}},
		{"waiting", kiosk.State{Screen: kiosk.Waiting, WaitUntil: sampleTime.Add(4*time.Minute + 27*time.Second)}},
		{"languages", kiosk.State{Screen: kiosk.Languages}},
	}
}

// stage is a kiosk's screens in a window of the test driver.
type stage struct {
	ui        *UI
	window    fyne.Window
	presenter func(lang string) *kiosk.Presenter
	posted    []kiosk.Input
	languages []assets.Language
}

func newStage(t testing.TB, size fyne.Size, mode look.Mode) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(look.Wall(mode))
	c, err := assets.LoadCatalogue("kiosk")
	if err != nil {
		t.Fatal(err)
	}
	zone := berlin(t)
	s := &stage{languages: c.Languages()}
	s.presenter = func(lang string) *kiosk.Presenter {
		return kiosk.NewPresenter(c, lang, func() *time.Location { return zone })
	}
	s.ui = New(s.languages, func(in kiosk.Input) { s.posted = append(s.posted, in) })
	s.window = test.NewTempWindow(t, nil)
	s.ui.Attach(s.window)
	s.window.Resize(size)
	s.ui.Preview.Offer(somebody())
	return s
}

// show draws a state in a language.
func (s *stage) show(state kiosk.State, lang string) kiosk.View {
	v := s.presenter(lang).Show(state, sampleTime)
	s.ui.Show(v)
	return v
}

// somebody draws head and shoulders in front of a wall: no real person.
func somebody() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	inside := func(x, y, cx, cy, rx, ry float64) bool {
		return math.Pow((x-cx)/rx, 2)+math.Pow((y-cy)/ry, 2) < 1
	}
	for y := range 480 {
		for x := range 640 {
			fx, fy := float64(x), float64(y)
			c := color.RGBA{uint8(150 + x/12), uint8(160 + x/14 - y/20), uint8(160 - y/12), 255}
			switch {
			case inside(fx, fy, 320, 200, 88, 118):
				c = color.RGBA{uint8(196 - x/16), uint8(150 - x/20), uint8(122 - x/24), 255}
			case inside(fx, fy, 320, 176, 104, 128):
				c = color.RGBA{58, 44, 40, 255}
			case inside(fx, fy, 320, 520, 220, 200):
				c = color.RGBA{52, 78, 98, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}
