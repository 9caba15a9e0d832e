package screens_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"clockface/assets"
	"clockface/assets/look"
	"clockface/assets/look/looktest"
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
	report  io.Writer
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
	st.Window = screens.New(app, app.NewWindow("Clockface"), screens.Config{Desk: st.desk, Catalogue: c, Size: s.size, Mode: s.mode, Report: s.report,
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
	{name: "inbox", open: func(*stage) {}},
	{name: "board", open: func(s *stage) { s.menu(1, 1) }},
	{name: "people", open: func(s *stage) { s.menu(1, 2); s.key(fyne.KeyDown) }},
	{name: "devices", open: func(s *stage) { s.menu(1, 3) }},
	{name: "details", open: func(s *stage) { s.key(fyne.KeyReturn) }},
	{name: "closed_pin", open: func(s *stage) {
		s.choose("hedy " + s.desk.Texts().T("exception.pin_closed"))
		s.menu(2, 0)
	}},
	{name: "undo", open: func(s *stage) { s.choose("jane austen"); s.rune('a') }},
	{name: "reject", open: func(s *stage) { s.rune('r') }},
	{name: "correct", open: func(s *stage) { s.rune('e') }},
	{name: "withdraw", open: func(s *stage) { s.rune('v') }},
}

// key types a key where nothing has the focus.
func (s *stage) key(k fyne.KeyName) { s.Fyne().Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k}) }

// write types into the field that has the focus and ends with Enter.
func (s *stage) write(text string) {
	s.t.Helper()
	f := s.Fyne().Canvas().Focused()
	if f == nil {
		s.t.Fatalf("no field has the focus to take %q", text)
	}
	for _, r := range text {
		f.TypedRune(r)
	}
	f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
}

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
					looktest.Keep(t, filepath.Join(dir, name), software.RenderCanvas(s.Fyne().Canvas(), look.Desk(m)))
				}
			}
		}
	}
}

// menuHeight is what the main menu takes of the window, in dp; the test driver
// draws none.
const menuHeight = 34

func TestFits(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 1024, Height: 700}, {Width: 480, Height: 800}} {
		for _, lang := range []string{"en", "de", "es"} {
			s := newStage(t, setup{lang: lang, size: size})
			for _, sc := range shown {
				if sc.shut {
					continue
				}
				s.clear()
				sc.open(s)
				s.fits(sc.name+" in "+lang, size)
			}
			newStage(t, setup{lang: lang, size: size, shut: true}).fits("sign_in in "+lang, size)
		}
	}
}

// clear goes back to the whole inbox with nothing above it.
func (s *stage) clear() {
	for len(s.Fyne().Canvas().Overlays().List()) > 0 {
		s.key(fyne.KeyEscape)
	}
	s.desk.Filter("")
	s.menu(1, 0)
}

func (s *stage) fits(name string, size fyne.Size) {
	s.t.Helper()
	m := s.Fyne().Content().MinSize()
	for _, o := range s.Fyne().Canvas().Overlays().List() {
		m = m.Max(o.MinSize())
	}
	if m.Width > size.Width || m.Height+menuHeight > size.Height {
		s.t.Errorf("%s needs %v and the menu, the window has %v", name, m, size)
	}
	driver := fyne.CurrentApp().Driver()
	for _, o := range test.LaidOutObjects(s.Fyne().Content()) {
		text := screens.TextOf(o)
		if right := driver.AbsolutePositionForObject(o).X + o.Size().Width; text != "" && right > size.Width-12 {
			s.t.Errorf("%s: the button %q ends at %v of %v", name, text, right, size.Width)
		}
	}
}

// button returns the visible button with that text.
func (s *stage) button(text string) fyne.Tappable {
	s.t.Helper()
	b := s.find(text)
	if b == nil {
		s.t.Fatalf("no button %q", text)
	}
	return b
}

// find is button, nil where there is none.
func (s *stage) find(text string) fyne.Tappable {
	roots := []fyne.CanvasObject{s.Fyne().Content()}
	roots = append(roots, s.Fyne().Canvas().Overlays().List()...)
	for _, root := range roots {
		for _, o := range test.LaidOutObjects(root) {
			if b, ok := o.(interface {
				fyne.Tappable
				fyne.Disableable
			}); ok && o.Visible() && screens.TextOf(o) == text {
				return b
			}
		}
	}
	return nil
}

func (s *stage) tap(text string) { test.Tap(s.button(text)) }

// says reports whether a text of the window holds the words.
func (s *stage) says(words string) bool {
	return strings.Contains(test.RenderToMarkup(s.Fyne().Canvas()), words)
}

func (s *stage) status(id timeclock.PunchID) timeclock.Status {
	s.t.Helper()
	e, err := s.replica.Entry(context.Background(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return e.Status
}

// choose filters the list until the punch is its only row and selects it.
func (s *stage) choose(filter string) {
	s.desk.Filter(filter)
	s.menu(1, 0)
	s.key(fyne.KeyDown)
}

func TestApproveByTapAndUndo(t *testing.T) {
	s := newStage(t, setup{})
	s.choose("jane unsure")
	s.tap("Approve")
	if got := s.status(desktoptest.Vague); got != timeclock.Approved {
		t.Fatalf("after the tap the punch is %s", got)
	}
	if !s.says("Approved 1 punch.") {
		t.Error("the window does not say what was done")
	}
	s.tap("Undo")
	if got := s.status(desktoptest.Vague); got != timeclock.Counted {
		t.Errorf("after the undo the punch is %s", got)
	}
	if s.find("Undo") != nil || s.desk.UndoName() != "" {
		t.Error("an undo is offered where nothing is left to undo")
	}
}

func TestAfterAnActionTheNextRowIsChosen(t *testing.T) {
	s := newStage(t, setup{})
	s.menu(1, 0)
	second := s.desk.Inbox().Row(1).Person
	s.tap("Add “Out 16:27”")
	if got := s.desk.Inbox().Row(0).Person; got != second {
		t.Fatalf("the first row is %s's, want %s's", got, second)
	}
	s.button("Keep withdrawn") // the details show what took the repaired row's place
}

func TestApproveAllByTap(t *testing.T) {
	s := newStage(t, setup{})
	clean := s.desk.Inbox().Clean
	s.tap(fmt.Sprintf("Approve %d without exceptions", clean))
	if got := s.desk.Inbox().Clean; got != 0 {
		t.Errorf("%d clean punches left", got)
	}
}

func TestKeysMarkAndApprove(t *testing.T) {
	s := newStage(t, setup{})
	s.desk.Filter("jane unsure")
	s.menu(1, 0)
	s.key(fyne.KeySpace)
	if got := s.desk.Inbox().Marked; got != 1 {
		t.Fatalf("%d rows marked, want 1", got)
	}
	s.rune('a')
	if got := s.status(desktoptest.Vague); got != timeclock.Approved {
		t.Errorf("the marked punch is %s", got)
	}
	s.menu(2, 10) // undo
	if got := s.status(desktoptest.Vague); got != timeclock.Counted {
		t.Errorf("after the undo it is %s", got)
	}
}

func TestRejectAsksForTheReason(t *testing.T) {
	s := newStage(t, setup{})
	s.choose("jane unsure")
	s.rune('r')
	s.tap("Reject 1 punch")
	if !s.says("A reason is needed") || s.status(desktoptest.Vague) != timeclock.Counted {
		t.Error("a rejection without a reason was taken")
	}
	s.write("was not here")
	if got := s.status(desktoptest.Vague); got != timeclock.Rejected {
		t.Errorf("the punch is %s", got)
	}
}

func TestEscapeLeavesAPunchAsItIs(t *testing.T) {
	s := newStage(t, setup{})
	s.choose("jane unsure")
	for _, key := range []rune{'r', 'e', 'v'} {
		s.rune(key)
		if len(s.Fyne().Canvas().Overlays().List()) != 1 {
			t.Fatalf("%c opens no sheet", key)
		}
		if f := s.Fyne().Canvas().Focused(); f != nil && key != 'v' {
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		} else {
			s.key(fyne.KeyEscape)
		}
		if len(s.Fyne().Canvas().Overlays().List()) != 0 {
			t.Errorf("Esc does not close the sheet of %c", key)
		}
	}
	if e, err := s.replica.Entry(t.Context(), desktoptest.Vague); err != nil || e.Newest != "" {
		t.Errorf("something was written: %+v, %v", e, err)
	}
}

func TestWithdrawnPunchIsNotCorrected(t *testing.T) {
	s := newStage(t, setup{})
	s.choose("says not me")
	s.rune('e')
	if len(s.Fyne().Canvas().Overlays().List()) != 0 || !s.says("must be restored first") {
		t.Error("a withdrawn punch is offered for correction")
	}
}

func TestClosedPINIsReopenedByTapAndKeys(t *testing.T) {
	wide, narrow := fyne.NewSize(1280, 800), fyne.NewSize(480, 800)
	for name, c := range map[string]struct {
		size fyne.Size
		do   func(*stage)
	}{
		"tap":   {wide, func(s *stage) { s.tap("Reopen PIN") }},
		"O":     {wide, func(s *stage) { s.rune('o') }},
		"Enter": {wide, func(s *stage) { s.key(fyne.KeyReturn) }},
		"Enter for the details, Enter": {narrow, func(s *stage) {
			s.key(fyne.KeyReturn)
			if s.desk.Inbox().Len() != 1 {
				s.t.Error("the first Enter does more than to show the details")
			}
			s.key(fyne.KeyReturn)
		}},
	} {
		s := newStage(t, setup{size: c.size})
		s.rune('a') // something that could be undone
		s.choose("hedy pin closed")
		c.do(s)
		if n := len(s.replica.Happenings); n != 2 || s.replica.Happenings[1].Kind != timeclock.PINReopened {
			t.Errorf("%s: %d incidents, want the closed PIN and its opening", name, n)
		}
		if !s.says("PIN open again: Hedy Lamarr") || s.find("Undo") != nil {
			t.Errorf("%s: the window does not say it, or offers an undo", name)
		}
	}
}

func TestSignIn(t *testing.T) {
	s := newStage(t, setup{shut: true})
	s.write("olga")
	s.write("wrong")
	if !s.says("Login and password do not fit") {
		t.Fatal("the wrong password is not answered")
	}
	s.write("secret")
	if _, ok := s.desk.SignedIn(); !ok || !s.says("need a decision") {
		t.Error("the right password does not open the inbox")
	}
	s.menu(0, 1)
	if _, ok := s.desk.SignedIn(); ok {
		t.Error("signing out leaves somebody signed in")
	}
}

func TestRoleSeesWhyItMayNot(t *testing.T) {
	s := newStage(t, setup{role: timeclock.Admin})
	s.rune('a')
	if !s.says("may not approve or reject") {
		t.Error("the window does not say why")
	}
}

func TestLanguageChangesAtOnce(t *testing.T) {
	s := newStage(t, setup{})
	languages := s.Fyne().MainMenu().Items[3].Items[1].ChildMenu.Items
	for _, l := range languages {
		if l.Label == "Español" {
			l.Action()
		}
	}
	if !s.says("necesitan una decisión") {
		t.Error("the window goes on in English")
	}
}

func TestUndoBarLeavesAfterThirtySeconds(t *testing.T) {
	s := newStage(t, setup{})
	s.rune('a')
	if !s.says("Undo") {
		t.Fatal("no undo is offered")
	}
	seconds := 0
	for ; s.says("Approved 1 punch.") && seconds < 60; seconds++ {
		s.tick(time.Second)
	}
	if seconds != 30 {
		t.Errorf("the bar stays %d seconds, want 30", seconds)
	}
}

// tick runs the newest timer of that length that still waits.
func (s *stage) tick(d time.Duration) {
	for i := len(s.timers) - 1; i >= 0; i-- {
		if tm := s.timers[i]; !tm.stopped && tm.after == d {
			tm.stopped = true
			tm.f()
			return
		}
	}
}

func TestReportTellsScreensPlacesAndDecisions(t *testing.T) {
	var out bytes.Buffer
	s := newStage(t, setup{report: &out})
	for range 3 {
		s.tick(120 * time.Millisecond)
	}
	s.choose("jane unsure")
	s.rune('a')
	text := out.String()
	for _, want := range []string{`{"event":"screen","name":"inbox"}`, `"event":"layout"`, `"approve_all":[`, `"nav_board":[`,
		`"row:` + string(desktoptest.Forgotten) + `":[`, `{"event":"decided","punch":"vague","verdict":"approve"}`} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %s", want)
		}
	}
}

func TestMarkup(t *testing.T) {
	for _, name := range []string{"sign_in", "board", "devices"} {
		for _, sc := range shown {
			if sc.name == name {
				s := newStage(t, setup{shut: sc.shut, size: fyne.NewSize(1024, 700)})
				sc.open(s)
				test.AssertRendersToMarkup(t, name+".xml", s.Fyne().Canvas())
			}
		}
	}
}

func TestTwentyThousandRowsOpenAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	s := newStage(t, setup{replica: desktoptest.Many(20_000)})
	quickest := time.Hour
	for range 3 { // other programs run beside the test: the best of a few counts
		s.menu(1, 3)
		start := time.Now()
		s.menu(1, 0)
		quickest = min(quickest, time.Since(start))
	}
	if quickest > 200*time.Millisecond {
		t.Errorf("the inbox of %d rows opens in %v, want 200 ms at most", s.desk.Inbox().Len(), quickest)
	}
}
