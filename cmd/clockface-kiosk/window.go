package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"golang.org/x/sync/errgroup"

	"clockface/assets/look"
	"clockface/assets/sound"
	"clockface/kiosk"
	"clockface/kiosk/screens"
)

// window runs the kiosk in a window: full screen and not to be closed, or of the
// size that --size gives. It must be called on the main goroutine.
func (w *wiring) window(ctx context.Context, config kiosk.Config, others func(context.Context, *errgroup.Group)) error {
	size, err := w.size()
	if err != nil {
		return err
	}
	stats, err := openStats(w.Stats)
	if err != nil {
		return err
	}
	a := app.NewWithID("org.clockface.kiosk")
	a.Settings().SetTheme(look.Wall(w.mode()))
	win, err := newWindow(a)
	if err != nil {
		return errors.Join(err, stats.Close())
	}

	var runner *kiosk.Runner
	ui := screens.New(config.Presenter.Languages(), func(in kiosk.Input) { runner.Post(in) })
	config.Show = func(v kiosk.View) {
		fyne.Do(func() {
			ui.Show(v)
			stats.screen(v)
		})
	}
	config.Frame = ui.Preview.Offer
	if !w.Silent {
		config.Speaker = sound.Open(w.log)
	}
	runner = kiosk.NewRunner(config)

	ui.Attach(win)
	if size.IsZero() {
		win.SetFullScreen(true)
		win.SetCloseIntercept(func() {}) // nobody in front of it closes a kiosk
	} else {
		win.Resize(size)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	a.Lifecycle().SetOnStarted(func() {
		g.Go(func() error { return runner.Run(ctx) })
		g.Go(func() error { return stats.count(ctx, ui.Preview.Shown) })
		others(ctx, g)
		go func() {
			<-ctx.Done()
			fyne.Do(a.Quit)
		}()
	})
	win.ShowAndRun()
	stop() // the window is gone, by whatever way
	if err := g.Wait(); err != nil {
		return err
	}
	return stats.Close()
}

// errNoDisplay tells that there is nothing to draw on.
var errNoDisplay = errors.New("there is no display to draw on: start the kiosk in a graphical session, with DISPLAY set, or without a window by --headless")

// newWindow makes the window. Fyne panics where it cannot reach a display.
func newWindow(a fyne.App) (win fyne.Window, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v)", errNoDisplay, p)
		}
	}()
	return a.NewWindow("Clockface kiosk"), nil
}

// size returns the size that --size asks for, zero for the full screen.
func (w *wiring) size() (fyne.Size, error) {
	if w.Size == "" {
		return fyne.Size{}, nil
	}
	var width, height float32
	if _, err := fmt.Sscanf(strings.ToLower(w.Size), "%fx%f", &width, &height); err != nil || width < 320 || height < 320 {
		return fyne.Size{}, &usageError{sentence: fmt.Sprintf("--size %s: write width x height of at least 320x320, e.g. 480x800.", w.Size)}
	}
	return fyne.NewSize(width, height), nil
}

// mode returns the theme that the flags ask for.
func (w *wiring) mode() look.Mode {
	switch {
	case w.Contrast:
		return look.Contrast
	case w.Dark:
		return look.Dark
	}
	return look.Light
}
