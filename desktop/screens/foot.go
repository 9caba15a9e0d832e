package screens

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
)

const (
	undoShown  = 30 * time.Second       // how long the bar offers the undo; Ctrl+Z works on
	busyShown  = 400 * time.Millisecond // work that takes longer shows that it goes on
	undoSecond = time.Second
)

// foot is the bar that tells what was done, or why not, and offers the undo. It
// also shows work that takes long.
type foot struct {
	w       *Window
	ground  *panel
	icon    *widget.Icon
	text    *widget.Label
	left    *line // seconds that the undo is still offered
	undo    *button
	close   *button
	halt    *button
	busy    *widget.Activity
	content *fyne.Container

	seconds int
	tick    func() // stops the next tick
	running int
}

func newFoot(w *Window) *foot {
	f := &foot{w: w, ground: newPanel(look.ColorSurface, theme.ColorNameSeparator, 10), icon: widget.NewIcon(nil),
		text: paragraph(""), left: newLine("", look.ColorQuiet, theme.SizeNameCaptionText, false), busy: widget.NewActivity(), tick: func() {}}
	f.undo = w.newButton(w.t().T("action.undo"), look.Icon(look.Undo, theme.ColorNameForeground), "Ctrl+Z", w.undo)
	f.close = w.newButton("", theme.CancelIcon(), "Esc", f.hide)
	f.close.Importance = widget.LowImportance
	f.halt = w.newButton(w.t().T("action.cancel"), nil, "", nil)
	right := container.NewHBox(container.New(least{fyne.NewSize(34, 20)}, container.New(middle{}, f.left)), f.undo, f.halt, f.close)
	left := container.New(margin{left: 4, top: 8, bottom: 8}, container.NewStack(container.New(least{fyne.NewSquareSize(22)}, f.icon), f.busy))
	f.content = container.NewStack(f.ground, container.New(margin{left: 8, top: 2, right: 6, bottom: 2},
		container.NewBorder(nil, nil, left, right, f.text)))
	f.halt.Hide()
	f.busy.Hide()
	f.content.Hide()
	w.name("undo", f.undo)
	w.name("foot_close", f.close)
	return f
}

// done says what was done and offers the undo for thirty seconds.
func (f *foot) done(sentence string, undo bool) {
	f.say(sentence, look.Icon(look.Tick, look.ColorSuccessText), look.ColorSuccessText)
	show(f.undo, undo)
	f.seconds = int(undoShown / undoSecond)
	f.count()
}

// problem says why something was not done; it stays until the next action or Esc.
func (f *foot) problem(sentence string) {
	f.say(sentence, look.Icon(look.Triangle, look.ColorProblemText), look.ColorProblemText)
	f.undo.Hide()
	f.left.set("", look.ColorQuiet)
	f.tick()
	f.w.root.Refresh()
}

func (f *foot) say(sentence string, icon fyne.Resource, edge fyne.ThemeColorName) {
	f.ground.stroke = edge
	f.ground.Refresh()
	f.icon.SetResource(icon)
	f.text.SetText(sentence)
	f.content.Show()
}

// count shows the seconds left and hides the bar at the end of them.
func (f *foot) count() {
	f.tick()
	if f.seconds <= 0 {
		f.hide()
		return
	}
	f.left.set(f.w.t().N("hint.undo_time", f.seconds), look.ColorQuiet)
	f.w.root.Refresh()
	f.tick = f.w.config.After(undoSecond, func() {
		f.seconds--
		f.count()
	})
}

// hide takes the bar away.
func (f *foot) hide() {
	f.tick()
	f.content.Hide()
	f.w.root.Refresh()
	f.w.report.settle()
}

// working shows, once work has taken 400 ms, that it goes on and can be stopped.
// The returned function ends that.
func (f *foot) working(stop context.CancelFunc) (settled func()) {
	f.running++
	shown, over := false, false
	halt := f.w.config.After(busyShown, func() {
		if over { // it ended while this call was on its way
			return
		}
		shown = true
		f.halt.OnTapped = stop
		f.halt.Show()
		f.busy.Show()
		f.busy.Start()
		f.icon.Hide()
		f.undo.Hide()
		f.text.SetText(f.w.t().T("sign_in.busy"))
		f.left.set("", look.ColorQuiet)
		f.content.Show()
		f.w.root.Refresh()
	})
	return func() {
		halt()
		over = true
		f.running--
		if !shown || f.running > 0 {
			return
		}
		f.busy.Stop()
		f.busy.Hide()
		f.halt.Hide()
		f.icon.Show()
		f.hide()
	}
}
