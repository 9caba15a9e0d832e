package screens

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"clockface/assets/look"
	"clockface/kiosk"
	"clockface/timeclock"
)

var (
	upright = fyne.NewSize(480, 800)
	lyingSz = fyne.NewSize(800, 480)
	large   = fyne.NewSize(1280, 800)
	least   = fyne.NewSize(1024, 768) // that counts as spacious
	hall    = fyne.NewSize(1080, 1920)
)

// part of a screen as the test of fit sees it.
type laid struct {
	name string
	box  box
	text bool
}

// laidOut returns the texts, keys and clocks of what is shown, with their places
// in the window.
func laidOut(o fyne.CanvasObject, at fyne.Position) []laid {
	if !o.Visible() {
		return nil
	}
	at = at.Add(o.Position())
	where := box{at.X, at.Y, o.Size().Width, o.Size().Height}
	switch o := o.(type) {
	case *sentence:
		if o.segment.Text == "" {
			return nil
		}
		return []laid{{o.segment.Text, where, true}}
	case *key:
		return []laid{{"key " + o.label.segment.Text + string(o.icon), where, false}}
	case *clock:
		return []laid{{"clock " + o.text, where, false}}
	case *Preview:
		return []laid{{"preview", where, false}}
	case *fyne.Container:
		var all []laid
		for _, child := range o.Objects {
			all = append(all, laidOut(child, at)...)
		}
		return all
	}
	return nil
}

func (b box) inside(size fyne.Size) bool {
	const slack = 0.5
	return b.x >= -slack && b.y >= -slack && b.x+b.w <= size.Width+slack && b.y+b.h <= size.Height+slack
}

func (b box) overlaps(o box) bool {
	const slack = 1
	return b.x+slack < o.x+o.w && o.x+slack < b.x+b.w && b.y+slack < o.y+o.h && o.y+slack < b.y+b.h
}

// TestFits holds every screen in every language to the least sizes: nothing
// outside, nothing over anything else, no text cut off, no key too small to
// touch, and nothing that asks for a larger window.
func TestFits(t *testing.T) {
	for _, size := range []fyne.Size{upright, lyingSz, large, least, hall} {
		s := newStage(t, size, look.Light)
		for _, lang := range s.languages {
			for _, sample := range samples() {
				s.show(sample.state, lang.Tag)
				t.Run(fmt.Sprintf("%vx%v/%s/%s", size.Width, size.Height, lang.Tag, sample.name), func(t *testing.T) {
					checkFit(t, s, size)
				})
			}
		}
	}
}

func checkFit(t *testing.T, s *stage, size fyne.Size) {
	t.Helper()
	if wants := s.window.Content().MinSize(); wants.Width > 480 || wants.Height > 480 {
		t.Errorf("asks for %v", wants)
	}
	if got := s.window.Canvas().Size(); got != size {
		t.Fatalf("the window is %v, want %v", got, size)
	}
	parts := laidOut(s.ui.Content(), fyne.Position{})
	if len(parts) == 0 {
		t.Fatal("nothing is shown")
	}
	for i, p := range parts {
		if !p.box.inside(size) {
			t.Errorf("%q is outside: %+v", p.name, p.box)
		}
		for _, q := range parts[i+1:] {
			if p.name == "preview" || q.name == "preview" {
				continue // its note stands on it
			}
			if p.box.overlaps(q.box) {
				t.Errorf("%q %+v and %q %+v overlap", p.name, p.box, q.name, q.box)
			}
		}
	}
	checkTexts(t, s.ui.Content())
}

// checkTexts finds texts that need more height than they have, broken words, and
// keys that are too small.
func checkTexts(t *testing.T, o fyne.CanvasObject) {
	t.Helper()
	if !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *sentence:
		checkSentence(t, o)
	case *key:
		if o.Size().Width < target || o.Size().Height < target {
			t.Errorf("key %q is %v, too small to touch", o.label.text(), o.Size())
		}
		if o.label.Visible() {
			checkSentence(t, o.label)
			if h := o.label.MinSize().Height - 16; h > o.Size().Height {
				t.Errorf("key %q needs %v, has %v", o.label.text(), h, o.Size().Height)
			}
		}
	case *fyne.Container:
		for _, child := range o.Objects {
			checkTexts(t, child)
		}
	}
}

func checkSentence(t *testing.T, s *sentence) {
	t.Helper()
	if s.MinSize().Height > s.Size().Height+0.5 {
		t.Errorf("%q needs %v, has %v", s.text(), s.MinSize().Height, s.Size().Height)
	}
	if s.longestWord(s.segment.Style.SizeName) > s.Size().Width+1 {
		t.Errorf("%q breaks a word at %v", s.text(), s.Size().Width)
	}
}

// find returns the key with that text or icon on the screen.
func (s *stage) find(t *testing.T, name string) *key {
	t.Helper()
	for _, o := range test.LaidOutObjects(s.ui.Content()) {
		if k, ok := o.(*key); ok && k.Visible() && (k.label.text() == name || k.icon != "" && string(k.icon) == name) {
			return k
		}
	}
	t.Fatalf("no key %q on the screen %s", name, s.ui.View().Screen)
	return nil
}

func TestTouchesAreReported(t *testing.T) {
	answer := kiosk.State{Screen: kiosk.Answer, Answer: kiosk.Answered{Punch: "p", Kind: timeclock.In, Method: timeclock.ByFace,
		Employee: timeclock.Employee{Name: "Ada Lovelace"}}}
	for _, c := range []struct {
		name  string
		state kiosk.State
		key   string
		want  kiosk.Input
	}{
		{"number and PIN from the live screen", kiosk.State{Screen: kiosk.Live}, "Number and PIN", kiosk.OpenPad{}},
		{"language from the live screen", kiosk.State{Screen: kiosk.Live}, "English", kiosk.OpenLanguages{}},
		{"a language", kiosk.State{Screen: kiosk.Languages}, "Deutsch", kiosk.ChooseLanguage{Tag: "de"}},
		{"a digit", kiosk.State{Screen: kiosk.PINNumber}, "7", kiosk.Digit{Rune: '7'}},
		{"the last digit back", kiosk.State{Screen: kiosk.PINNumber, Number: "1"}, "backspace", kiosk.Backspace{}},
		{"back from the pad", kiosk.State{Screen: kiosk.PINNumber}, "back", kiosk.Cancel{}},
		{"the number is complete", kiosk.State{Screen: kiosk.PINNumber, Number: "1"}, "Next", kiosk.Enter{}},
		{"not me", answer, "Not me", kiosk.SayNotMe{}},
		{"the other direction", answer, "Clock out instead", kiosk.OtherDirection{}},
		{"number and PIN after a failure", kiosk.State{Screen: kiosk.Failure, Failure: kiosk.NotRecognised}, "Number and PIN", kiosk.OpenPad{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, upright, look.Light)
			s.show(c.state, "en")
			test.Tap(s.find(t, c.key))
			if !slices.Equal(s.posted, []kiosk.Input{c.want}) {
				t.Errorf("reported %#v, want %#v", s.posted, c.want)
			}
		})
	}
}

func TestNextIsDeadUntilSomethingIsTyped(t *testing.T) {
	s := newStage(t, upright, look.Light)
	s.show(kiosk.State{Screen: kiosk.PINDigits, Number: "12", PIN: "123"}, "en")
	test.Tap(s.find(t, "Done"))
	if len(s.posted) != 0 {
		t.Errorf("reported %#v, want nothing", s.posted)
	}
}

func TestTouchBesideTheKeysIsReported(t *testing.T) {
	s := newStage(t, upright, look.Light)
	s.show(kiosk.State{Screen: kiosk.Idle}, "en")
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(240, 700))
	if !slices.Equal(s.posted, []kiosk.Input{kiosk.Touch{}}) {
		t.Errorf("reported %#v, want a touch", s.posted)
	}
}

func TestKeyboardWorksOnEveryScreen(t *testing.T) {
	want := []kiosk.Input{kiosk.Digit{Rune: '4'}, kiosk.Digit{Rune: '2'}, kiosk.Enter{}, kiosk.Backspace{}, kiosk.Cancel{}}
	for _, sample := range samples() {
		t.Run(sample.name, func(t *testing.T) {
			s := newStage(t, upright, look.Light)
			s.show(sample.state, "en")
			test.FocusNext(s.window.Canvas()) // as a Tab would
			if f := s.window.Canvas().Focused(); f != nil {
				t.Errorf("%T took the focus", f)
			}
			test.TypeOnCanvas(s.window.Canvas(), "4x2")
			for _, name := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyBackspace, fyne.KeyEscape, fyne.KeySpace} {
				s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: name})
			}
			if !slices.Equal(s.posted, want) {
				t.Errorf("reported %#v, want %#v", s.posted, want)
			}
		})
	}
}

func TestPreviewIsAMirror(t *testing.T) {
	s := newStage(t, upright, look.Light)
	pix := somebody()
	s.ui.Preview.Offer(pix)
	shown := s.ui.Preview.image.Image
	for _, x := range []int{0, 100, 639} {
		if got, want := shown.At(639-x, 40), pix.At(x, 40); got != want {
			t.Errorf("column %d shows %v, want %v", 639-x, got, want)
		}
	}
	if n := s.ui.Preview.Shown(); n != 2 {
		t.Errorf("%d pictures counted, want 2", n)
	}
}

func TestGroundTellsTheAnswer(t *testing.T) {
	s := newStage(t, upright, look.Dark)
	s.show(kiosk.State{Screen: kiosk.Answer, Answer: kiosk.Answered{Kind: timeclock.In}}, "en")
	success := s.ui.ground.fill.FillColor
	s.show(kiosk.State{Screen: kiosk.Failure, Failure: kiosk.WrongPIN}, "en")
	if problem := s.ui.ground.fill.FillColor; success == problem {
		t.Error("success and failure have one colour")
	}
}

func TestFrameRoundsTheCornersAndDrawsTheOval(t *testing.T) {
	s := newStage(t, upright, look.Light)
	plainRow := func(y int) uint8 { return 100 + uint8(y%2) }
	pix := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			pix.SetRGBA(x, y, color.RGBA{plainRow(y), plainRow(y), plainRow(y), 255})
		}
	}
	s.ui.Preview.Offer(pix)
	shown := s.ui.Preview.image.Image
	gray := func(x, y int) uint8 { return color.RGBAModel.Convert(shown.At(x, y)).(color.RGBA).R }
	for _, corner := range []image.Point{{0, 0}, {639, 0}, {0, 479}, {639, 479}} {
		if _, _, _, a := shown.At(corner.X, corner.Y).RGBA(); a != 0 {
			t.Errorf("the corner %v is not cleared", corner)
		}
	}
	if got := gray(320-134, 216); got < 200 { // half the oval's width left of the middle
		t.Errorf("the oval's edge has the brightness %d", got)
	}
	if got := gray(320, 216); got != plainRow(216) {
		t.Errorf("the middle of the oval has the brightness %d, want that of the picture", got)
	}
	if got := gray(320, 470); got > 45 {
		t.Errorf("the strip under the note has the brightness %d", got)
	}
}
