package screens

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"clockface/assets"
	"clockface/assets/look"
	"clockface/desktop"
)

// Config is what a window is built from.
type Config struct {
	Desk      *desktop.Desk
	Catalogue *assets.Catalogue
	Size      fyne.Size // at the start, in dp
	Mode      look.Mode // unless the desk remembers another
	// Report gets one JSON object a line about the window's state; nil for none.
	Report io.Writer
	// Spawn runs work beside the toolkit's goroutine; nil: on a goroutine of its own.
	Spawn func(work func())
	// After calls f on the toolkit's goroutine later, unless stop is called
	// before; nil: by a timer.
	After func(d time.Duration, f func()) (stop func())
}

// place is one of the four places that the navigation offers.
type place int

const (
	inboxPlace place = iota
	boardPlace
	peoplePlace
	devicesPlace
)

var placeNames = [...]string{inboxPlace: "inbox", boardPlace: "board", peoplePlace: "people", devicesPlace: "devices"}

// view is what the window shows of one place.
type view interface {
	content() fyne.CanvasObject
	details() fyne.CanvasObject // nil where the place has none
	refresh()                   // draws what the desk now holds
	key(e *fyne.KeyEvent)
	rune(r rune)
	find() fyne.Focusable // the field that Ctrl+F goes to, or nil
}

// A Window is the supervisor's window. Its methods run on the toolkit's
// goroutine but for Changed.
type Window struct {
	app     fyne.App
	win     fyne.Window
	desk    *desktop.Desk
	config  Config
	report  *reporter
	ctx     context.Context
	stop    context.CancelFunc
	at      place
	views   map[place]view
	nav     *navigation
	foot    *foot
	shell   *shell
	root    *fyne.Container // nil while nobody is signed in
	signIn  *signInScreen   // nil while somebody is
	sheet   *sheet          // nil while none is open
	names   map[string]fyne.CanvasObject
	changed atomic.Int32 // 0 nothing to read, 1 reading, 2 reading and to be read again
}

// New fills win and opens it to whom the desk lets in without a
// question; others see the sign-in. Show it with [Window.Show].
func New(app fyne.App, win fyne.Window, c Config) *Window {
	w := &Window{app: app, win: win, desk: c.Desk, config: c, names: map[string]fyne.CanvasObject{}}
	w.ctx, w.stop = context.WithCancel(context.Background())
	if w.config.Spawn == nil {
		w.config.Spawn = func(work func()) { go work() }
	}
	if w.config.After == nil {
		w.config.After = afterOnToolkit
	}
	w.useLook(c.Desk.Remembered().Look)
	w.win.SetPadded(false)
	w.win.Resize(c.Size)
	w.win.SetOnClosed(w.stop)
	w.report = newReporter(w, c.Report)
	w.start()
	return w
}

// afterOnToolkit is After by a timer.
func afterOnToolkit(d time.Duration, f func()) (stop func()) {
	t := time.AfterFunc(d, func() { fyne.Do(f) })
	return func() { t.Stop() }
}

// Show shows the window.
func (w *Window) Show() { w.win.Show() }

// Fyne returns the toolkit's window.
func (w *Window) Fyne() fyne.Window { return w.win }

// Close ends what the window has under way. It may be called twice.
func (w *Window) Close() { w.stop() }

func (w *Window) t() desktop.Texts { return w.desk.Texts() }

// start signs in where the door stands open and shows what is due.
func (w *Window) start() {
	w.showWaiting()
	w.run(func(ctx context.Context) error {
		if err := w.desk.Resume(ctx); err != nil {
			return err
		}
		return w.desk.Refresh(ctx)
	}, func(err error) {
		w.show()
		switch {
		case err == nil || errors.Is(err, desktop.ErrSignInNeeded):
		case w.signIn != nil:
			w.signIn.say(w.desk.Sentence(err))
		default:
			w.foot.problem(w.desk.Sentence(err))
		}
	})
}

// show builds the whole content anew: at the start, after sign-in and sign-out,
// and when language or look changes.
func (w *Window) show() {
	w.closeSheet()
	w.names = map[string]fyne.CanvasObject{}
	if _, in := w.desk.SignedIn(); !in {
		w.showSignIn()
		return
	}
	w.signIn = nil
	w.nav, w.foot = newNavigation(w), newFoot(w)
	w.views = map[place]view{inboxPlace: newInboxView(w), boardPlace: newBoardView(w),
		peoplePlace: newPeopleView(w), devicesPlace: newDevicesView(w)}
	w.shell = &shell{side: w.nav.side, strip: w.nav.strip, foot: w.foot.content}
	w.root = container.New(w.shell)
	w.arrange(w.at)
	w.win.SetMainMenu(w.menu())
	w.win.SetContent(container.NewStack(newPanel(theme.ColorNameBackground, "", 0), w.root))
	w.win.Canvas().SetOnTypedKey(w.typedKey)
	w.win.Canvas().SetOnTypedRune(w.typedRune)
	w.goTo(w.at)
}

// goTo shows a place.
func (w *Window) goTo(p place) {
	w.arrange(p)
	w.win.Canvas().Unfocus()
	w.draw()
	w.report.screen(placeNames[p])
}

// arrange puts a place and its details into the window.
func (w *Window) arrange(p place) {
	w.at = p
	v := w.views[p]
	w.shell.place, w.shell.details = v.content(), v.details()
	w.shell.hasDetails = w.shell.details != nil
	w.shell.showDetails = false
	if !w.shell.hasDetails {
		w.shell.details = container.NewWithoutLayout()
	}
	w.root.Objects = []fyne.CanvasObject{w.shell.side, w.shell.strip, w.shell.place, w.shell.details, w.shell.foot}
}

// draw shows what the desk now holds.
func (w *Window) draw() {
	if w.signIn != nil || w.root == nil {
		return
	}
	w.nav.refresh()
	w.views[w.at].refresh()
	w.root.Refresh()
	w.report.settle()
}

// openDetails shows the details where the list stands, if there is no room for
// both; closeDetails brings the list back.
func (w *Window) openDetails() {
	w.shell.showDetails = true
	w.draw()
}

func (w *Window) closeDetails() {
	w.shell.showDetails = false
	w.draw()
}

// detailsInstead reports whether details stand in the list's place.
func (w *Window) detailsInstead() bool {
	return w.shell.hasDetails && w.shell.showDetails && w.win.Canvas().Size().Width < detailsFrom
}

// detailsInSight reports whether details are shown, beside the list or in its place.
func (w *Window) detailsInSight() bool {
	return w.shell.hasDetails && (w.shell.showDetails || w.win.Canvas().Size().Width >= detailsFrom)
}

// run does work beside the toolkit's goroutine and then calls after on it. This
// is the only place where work comes back to the window.
func (w *Window) run(work func(ctx context.Context) error, after func(err error)) {
	ctx, cancel := context.WithCancel(w.ctx)
	settled := func() {}
	if w.foot != nil {
		settled = w.foot.working(cancel)
	}
	w.config.Spawn(func() {
		err := work(ctx)
		fyne.Do(func() {
			cancel()
			settled()
			if w.ctx.Err() == nil {
				after(err)
			}
		})
	})
}

// Changed tells that the replica has news. It may be called from any goroutine;
// calls while the window reads are gathered into one more reading.
func (w *Window) Changed() {
	for {
		switch w.changed.Load() {
		case 0:
			if w.changed.CompareAndSwap(0, 1) {
				w.config.Spawn(w.readNews)
				return
			}
		case 1:
			if w.changed.CompareAndSwap(1, 2) {
				return
			}
		default:
			return
		}
	}
}

// readNews reads until nothing has changed meanwhile. A failure leaves the old
// picture; the next news tries again.
func (w *Window) readNews() {
	for {
		err := w.desk.Refresh(w.ctx)
		fyne.Do(func() {
			switch {
			case w.ctx.Err() != nil:
			case err != nil && w.foot != nil:
				w.foot.problem(w.desk.Sentence(err))
			default:
				w.draw()
			}
		})
		if w.changed.CompareAndSwap(1, 0) {
			return
		}
		w.changed.Store(1)
	}
}

// act runs an action of the desk, then says what was done, with an undo, or why not.
func (w *Window) act(action func(ctx context.Context) (desktop.Done, error)) {
	var done desktop.Done
	w.run(func(ctx context.Context) error {
		var err error
		done, err = action(ctx)
		return err
	}, func(err error) {
		switch {
		case err != nil && done.Sentence == "":
			w.foot.problem(w.desk.Sentence(err))
			w.report.failed(err)
		default: // with an error after it was kept, only the reading of it failed: the next news brings it
			w.foot.done(done.Sentence, !done.Lasting && w.desk.UndoName() != "")
			w.report.decided(done)
			if v, ok := w.views[w.at].(*inboxView); ok {
				v.stay = true
			}
		}
		w.draw()
	})
}

// undo takes the last action back.
func (w *Window) undo() { w.act(w.desk.Undo) }

// signOut ends the session.
func (w *Window) signOut() {
	w.run(w.desk.SignOut, func(error) { w.show() })
}

// useLook sets the theme of that name; an unknown one is the configured.
func (w *Window) useLook(name string) {
	mode, ok := map[string]look.Mode{"light": look.Light, "dark": look.Dark, "contrast": look.Contrast}[name]
	if !ok {
		mode = w.config.Mode
	}
	w.app.Settings().SetTheme(look.Desk(mode))
}

// name makes a control known to the report.
func (w *Window) name(name string, o fyne.CanvasObject) { w.names[name] = o }

// hint shows what the control under the pointer does.
func (w *Window) hint(text string) {
	if w.nav != nil {
		w.nav.hint.SetText(text)
	}
}
