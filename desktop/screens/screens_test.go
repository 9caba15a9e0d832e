package screens_test

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"clockface/assets"
	"clockface/assets/look"
	"clockface/desktop"
	"clockface/desktop/desktoptest"
	"clockface/desktop/screens"
	"clockface/timeclock"
)

// stage is a window on the test company. Work runs at once; timers wait until
// the test lets them.
type stage struct {
	*screens.Window
	t       *testing.T
	desk    *desktop.Desk
	replica *desktoptest.Replica
	door    *desktoptest.Door
	timers  []*timer
}

type timer struct {
	after   time.Duration
	f       func()
	stopped bool
}

// setup is what differs between stages.
type setup struct {
	lang    string
	mode    look.Mode
	size    fyne.Size
	replica *desktoptest.Replica
	role    timeclock.Role
	shut    bool // nobody is signed in
}

func newStage(t *testing.T, s setup) *stage {
	t.Helper()
	c, err := assets.LoadCatalogue("desktop")
	if err != nil {
		t.Fatal(err)
	}
	if s.replica == nil {
		s.replica = desktoptest.Company()
	}
	if s.lang == "" {
		s.lang = "en"
	}
	if s.role == "" {
		s.role = timeclock.Owner
	}
	if s.size.IsZero() {
		s.size = fyne.NewSize(1280, 800)
	}
	st := &stage{t: t, replica: s.replica}
	st.door = &desktoptest.Door{Open: !s.shut, Login: "olga", Password: "secret",
		Actor: desktoptest.Actor{On: s.replica, Person: "Olga Owner", As: s.role}}
	st.desk = desktop.New(desktop.Options{Replica: s.replica, Door: st.door, Memory: &desktoptest.Memory{},
		Texts: c.For(s.lang), Now: s.replica.Now})
	app := test.NewTempApp(t)
	st.Window = screens.New(app, screens.Config{Desk: st.desk, Catalogue: c, Size: s.size, Mode: s.mode,
		Spawn: func(work func()) { work() },
		After: func(d time.Duration, f func()) func() {
			tm := &timer{after: d, f: f}
			st.timers = append(st.timers, tm)
			return func() { tm.stopped = true }
		}})
	st.Fyne().Resize(s.size)
	t.Cleanup(st.Close)
	return st
}

// shown are the screens and how to get to each.
var shown = []struct {
	name string
	shut bool
	open func(*stage)
}{
	{name: "sign_in", shut: true, open: func(*stage) {}},
	{name: "inbox", open: func(s *stage) { s.key(fyne.KeyDown) }},
	{name: "board", open: func(s *stage) { s.menu(1, 1) }},
	{name: "people", open: func(s *stage) { s.menu(1, 2); s.key(fyne.KeyDown) }},
	{name: "devices", open: func(s *stage) { s.menu(1, 3) }},
	{name: "details", open: func(s *stage) { s.key(fyne.KeyDown); s.key(fyne.KeyReturn) }},
	{name: "undo", open: func(s *stage) { s.key(fyne.KeyEnd); s.rune('a') }},
	{name: "reject", open: func(s *stage) { s.key(fyne.KeyDown); s.rune('r') }},
	{name: "correct", open: func(s *stage) { s.key(fyne.KeyDown); s.rune('e') }},
	{name: "withdraw", open: func(s *stage) { s.key(fyne.KeyDown); s.rune('v') }},
}

// key types a key where nothing has the focus.
func (s *stage) key(k fyne.KeyName) { s.Fyne().Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k}) }

func (s *stage) rune(r rune) { s.Fyne().Canvas().OnTypedRune()(r) }

// menu runs an item of the main menu.
func (s *stage) menu(menu, item int) { s.Fyne().MainMenu().Items[menu].Items[item].Action() }

func TestScreenshots(t *testing.T) {
	dir := os.Getenv("CLOCKFACE_SCREENS")
	if dir == "" {
		t.Skip("CLOCKFACE_SCREENS names no folder for the pictures")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for mode, m := range map[string]look.Mode{"light": look.Light, "dark": look.Dark} {
		for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 480, Height: 800}} {
			for _, lang := range []string{"en", "de"} {
				for _, sc := range shown {
					s := newStage(t, setup{lang: lang, mode: m, size: size, shut: sc.shut})
					sc.open(s)
					name := fmt.Sprintf("desktop-%s-%.0fx%.0f-%s-%s.png", sc.name, size.Width, size.Height, mode, lang)
					s.save(filepath.Join(dir, name), m)
				}
			}
		}
	}
}

func (s *stage) save(file string, m look.Mode) {
	s.t.Helper()
	f, err := os.Create(file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, software.RenderCanvas(s.Fyne().Canvas(), look.Desk(m))); err != nil {
		s.t.Fatal(err)
	}
}
