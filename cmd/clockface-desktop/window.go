package main

import (
	"context"
	"io"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"golang.org/x/sync/errgroup"

	"clockface/assets"
	"clockface/assets/look"
	"clockface/cmd/internal/launch"
	"clockface/cmd/internal/station"
	"clockface/desktop"
	"clockface/desktop/screens"
)

// boardEvery is how often the window reads again though nothing was written:
// times worked go on by themselves.
const boardEvery = time.Minute

// show runs the window and, beside it, the device loop. It returns once the
// window is closed or the context has ended, and everything it started has too.
func show(ctx context.Context, st *station.Station, o options, size fyne.Size, report io.Writer, log *slog.Logger) error {
	catalogue, err := assets.LoadCatalogue("desktop")
	if err != nil {
		return err
	}
	memory := &memoryFile{dir: o.Data}
	lang := o.Lang
	if kept, err := memory.Load(); err == nil && kept.Language != "" {
		lang = kept.Language
	}
	desk := desktop.New(desktop.Options{Replica: replica{st.DB}, Door: &door{station: st, tokenFile: o.TokenFile, dir: o.Data},
		Memory: memory, Texts: catalogue.For(lang), Now: time.Now, Log: log})
	fyneApp := app.NewWithID("io.clockface.desktop")
	win, err := launch.NewWindow(fyneApp, "Clockface")
	if err != nil {
		return err
	}
	window := screens.New(fyneApp, win, screens.Config{Desk: desk, Catalogue: catalogue, Size: size, Mode: modeOf(o), Report: report})

	ctx, stop := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return st.Replicator.Run(ctx) })
	g.Go(func() error {
		tell(ctx, st.DB.Changes(), window.Changed)
		return nil
	})
	fyneApp.Lifecycle().SetOnStarted(func() {
		g.Go(func() error { // not before: Quit needs a running loop
			<-ctx.Done()
			fyne.Do(fyneApp.Quit)
			return nil
		})
	})
	window.Show()
	fyneApp.Run()
	window.Close()
	stop()
	return g.Wait()
}

// modeOf returns the look that the flags ask for.
func modeOf(o options) look.Mode {
	switch {
	case o.Dark:
		return look.Dark
	case o.Contrast:
		return look.Contrast
	}
	return look.Auto
}

// tell calls changed after each hint, and once in a while without one.
func tell(ctx context.Context, hints <-chan struct{}, changed func()) {
	tick := time.NewTicker(boardEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hints:
		case <-tick.C:
		}
		changed()
	}
}
