// Package screens draws a kiosk's [kiosk.View] with Fyne and reports touches and
// keys as [kiosk.Input]. It decides nothing.
//
// A [UI] holds one drawing per screen and swaps them. Every translated text
// wraps, no widget can take the focus, and each drawing places its parts itself
// (see place), upright or lying, so that nothing ever asks for more room than
// the window has: Fyne would then draw the picture beside the touch positions.
package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets"
	"clockface/assets/look"
	"clockface/kiosk"
)

// UI is the kiosk's window content. Its methods are called on Fyne's goroutine,
// but for [UI.Post] and [Preview.Offer].
type UI struct {
	// Preview shows the camera on the live screen.
	Preview *Preview

	post    func(kiosk.Input)
	ground  *ground
	root    *fyne.Container
	screens map[kiosk.Screen]screen
	view    kiosk.View
}

// screen is one drawing.
type screen interface {
	// draw takes over a view of its kind.
	draw(v kiosk.View)
	// content is what to show; always the same object.
	content() fyne.CanvasObject
}

// New returns the content for a kiosk that speaks these languages. Touches and
// keys go to post.
func New(languages []assets.Language, post func(kiosk.Input)) *UI {
	u := &UI{post: post, Preview: newPreview()}
	u.ground = newGround(func() { post(kiosk.Touch{}) })
	live := newLive(u.Preview, post)
	pad := newPad(post)
	u.screens = map[kiosk.Screen]screen{
		kiosk.Idle:      newIdle(),
		kiosk.Live:      live,
		kiosk.PINNumber: pad,
		kiosk.PINDigits: pad,
		kiosk.Answer:    newAnswer(post),
		kiosk.Failure:   newMessage(look.Cross, onProblem, post),
		kiosk.NotMe:     newMessage(look.Undo, onGround, post),
		kiosk.Waiting:   newWaiting(post),
		kiosk.Languages: newLanguages(languages, post),
	}
	u.root = container.NewStack(u.ground)
	return u
}

// Content returns what goes into the window.
func (u *UI) Content() fyne.CanvasObject { return u.root }

// Attach puts the content into a window and takes its keys.
func (u *UI) Attach(w fyne.Window) {
	w.SetPadded(false)
	w.SetContent(u.root)
	w.Canvas().SetOnTypedRune(u.typedRune)
	w.Canvas().SetOnTypedKey(u.typedKey)
}

func (u *UI) typedRune(r rune) {
	if r >= '0' && r <= '9' {
		u.post(kiosk.Digit{Rune: r})
	}
}

func (u *UI) typedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		u.post(kiosk.Enter{})
	case fyne.KeyBackspace, fyne.KeyDelete:
		u.post(kiosk.Backspace{})
	case fyne.KeyEscape:
		u.post(kiosk.Cancel{})
	}
}

// Show draws a view.
func (u *UI) Show(v kiosk.View) {
	s, ok := u.screens[v.Screen]
	if !ok {
		return
	}
	u.ground.paint(groundOf(v.Screen))
	u.view = v
	s.draw(v)
	if len(u.root.Objects) == 1 || u.root.Objects[1] != s.content() {
		u.root.Objects = []fyne.CanvasObject{u.ground, s.content()}
		if c := fyne.CurrentApp().Driver().CanvasForObject(u.root); c != nil {
			c.Unfocus()
		}
	}
	u.root.Refresh()
}

// View returns what is shown.
func (u *UI) View() kiosk.View { return u.view }

// groundOf returns the colour behind a screen.
func groundOf(s kiosk.Screen) fyne.ThemeColorName {
	switch s {
	case kiosk.Idle:
		return look.ColorNight
	case kiosk.Answer:
		return theme.ColorNameSuccess
	case kiosk.Failure:
		return theme.ColorNameError
	}
	return theme.ColorNameBackground
}

// ground is the coloured area behind everything. It takes the touches beside
// the buttons and hides the pointer.
type ground struct {
	widget.BaseWidget
	colour  fyne.ThemeColorName
	fill    *canvas.Rectangle
	touched func()
}

var _ desktop.Cursorable = (*ground)(nil)

func newGround(touched func()) *ground {
	g := &ground{fill: canvas.NewRectangle(theme.Color(look.ColorNight)), colour: look.ColorNight, touched: touched}
	g.ExtendBaseWidget(g)
	return g
}

func (g *ground) paint(c fyne.ThemeColorName) {
	if g.colour != c {
		g.colour = c
		g.Refresh()
	}
}

// Refresh takes over the theme's colour. The background is what the window is
// cleared with anyway: painting it again would cost a tenth of a live preview.
func (g *ground) Refresh() {
	g.fill.FillColor = theme.Color(g.colour)
	g.fill.Hidden = g.colour == theme.ColorNameBackground
	g.BaseWidget.Refresh()
}

// Tapped reports a touch beside the buttons.
func (g *ground) Tapped(*fyne.PointEvent) { g.touched() }

// Cursor hides the pointer.
func (g *ground) Cursor() desktop.Cursor { return desktop.HiddenCursor }

// CreateRenderer draws the area.
func (g *ground) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(g.fill) }
