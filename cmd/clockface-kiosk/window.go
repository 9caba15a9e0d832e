package main

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"golang.org/x/sync/errgroup"

	"clockface/assets/look"
	"clockface/assets/sound"
	"clockface/cmd/internal/launch"
	"clockface/kiosk"
	"clockface/kiosk/screens"
)

// window runs the kiosk in a window: full screen and not to be closed, or of the
// size that --size gives. It must be called on the main goroutine.
func (w *wiring) window(ctx context.Context, config kiosk.Config, others func(context.Context, *errgroup.Group)) error {
	size, err := w.WindowSize(fyne.Size{})
	if err != nil {
		return err
	}
	stats, err := openStats(w.Stats)
	if err != nil {
		return err
	}
	a := app.NewWithID("org.clockface.kiosk")
	a.Settings().SetTheme(look.Wall(w.mode()))
	win, err := launch.NewWindow(a, "Clockface kiosk")
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
