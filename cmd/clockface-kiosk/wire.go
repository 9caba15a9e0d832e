package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"clockface/assets"
	"clockface/cmd/internal/station"
	"clockface/face/camera"
	"clockface/face/models"
	"clockface/kiosk"
	"clockface/localdb"
	"clockface/timeclock"
)

// wiring puts the kiosk together.
type wiring struct {
	options
	source *camera.Spec // of --camera; nil: none
	in     io.Reader
	out    io.Writer
	log    *slog.Logger

	// notices is set once the kiosk can tell what happens; rounds of sync before
	// that, at the enrolment, are not told.
	notices atomic.Pointer[kiosk.NoticeWriter]
}

// tell writes a notice where the kiosk has no window.
func (w *wiring) tell(n kiosk.Notice) {
	out := w.notices.Load()
	if out == nil {
		w.log.Debug("notice", "event", n.Event)
		return
	}
	if err := out.Write(n); err != nil {
		w.log.Error("notice not written", "error", err)
	}
}

// synced tells that the cloud has acknowledged something or sent news.
func (w *wiring) synced(acked, waiting int) {
	w.tell(kiosk.Notice{Event: kiosk.NoticeSynced, Acked: acked, Waiting: waiting})
}

// run puts the parts together and runs them until the context ends, the window
// is told to, or a played camera has ended in a kiosk without a window.
func (w *wiring) run(ctx context.Context, st *station.Station) error {
	if w.Headless {
		w.notices.Store(kiosk.NewNoticeWriter(w.out, time.Now))
	}
	catalogue, err := assets.LoadCatalogue("kiosk")
	if err != nil {
		return err
	}
	staff := newPeople(st, w.log)
	if _, err := staff.reload(ctx, timeclock.FaceTemplate); err != nil {
		return err
	}
	sight, err := w.eyes(staff)
	if err != nil {
		return err
	}
	pins, err := newPINs()
	if err != nil {
		return err
	}
	site := newSite(ctx, st.DB, w.log)
	config := kiosk.Config{
		Clerk: kiosk.ClerkConfig{Records: records{st.DB}, People: staff, PINs: pins, Device: st.Identity.Device,
			RepeatWindow: site.repeatWindow, Zone: site.zone},
		Presenter: kiosk.NewPresenter(catalogue, w.Lang, site.zone),
		Camera:    sight, Cloud: link{st}, Changes: st.DB.Changes(), Now: time.Now, Tell: w.tell, Log: w.log,
		EndWithCamera: w.Headless,
	}
	others := func(ctx context.Context, g *errgroup.Group) {
		g.Go(func() error { return st.Replicator.Run(ctx) })
		g.Go(func() error { return site.follow(ctx, st.DB.Changes()) })
	}
	if w.Headless {
		err = w.headless(ctx, config, others)
	} else {
		err = w.window(ctx, config, others)
	}
	return errors.Join(err, sight.Close())
}

// eyes opens the models and says in one line if they cannot be used.
func (w *wiring) eyes(staff *people) (*eyes, error) {
	dir := w.Models
	if dir == "" {
		var err error
		if dir, err = models.DefaultDir(); err != nil {
			return nil, err
		}
	}
	e, err := newEyes(w.source, dir, staff, w.log)
	if err == nil && e.blind != nil {
		why, _, _ := strings.Cut(e.blind.Error(), "\n") // one line a file; the first is enough to act on
		message := "faces are not recognised, number and PIN go on: " + why
		w.log.Error(message)
		w.tell(kiosk.Notice{Event: kiosk.NoticeError, Code: "no_models", Message: message})
	}
	return e, err
}

// headless runs the kiosk without a window, with commands from stdin.
func (w *wiring) headless(ctx context.Context, config kiosk.Config, others func(context.Context, *errgroup.Group)) error {
	runner := kiosk.NewRunner(config)
	ctx, stop := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer stop()
		return runner.Run(ctx)
	})
	others(ctx, g)
	go w.commands(runner) // ends with the process: a read from stdin cannot be called off
	return g.Wait()
}

// commands hands the lines of stdin to the kiosk until they end.
func (w *wiring) commands(runner *kiosk.Runner) {
	lines := bufio.NewScanner(w.in)
	for lines.Scan() {
		in, err := kiosk.ParseCommand(lines.Bytes())
		if err != nil {
			w.tell(kiosk.Notice{Event: kiosk.NoticeError, Code: "bad_command", Message: err.Error()})
			continue
		}
		runner.Post(in)
	}
}

// site is where the kiosk stands. It may come, or change, while the kiosk runs.
type site struct {
	db  *localdb.DB
	log *slog.Logger
	now atomic.Pointer[place]
}

type place struct {
	zone         *time.Location
	repeatWindow time.Duration
}

func newSite(ctx context.Context, db *localdb.DB, log *slog.Logger) *site {
	s := &site{db: db, log: log}
	s.now.Store(&place{zone: time.Local, repeatWindow: duration(timeclock.DefaultRepeatWindow)})
	s.read(ctx)
	return s
}

func duration(m timeclock.Micros) time.Duration { return time.Duration(m) * time.Microsecond }

func (s *site) zone() *time.Location        { return s.now.Load().zone }
func (s *site) repeatWindow() time.Duration { return s.now.Load().repeatWindow }

// read takes over the site's row, if it is there.
func (s *site) read(ctx context.Context) {
	row, err := s.db.SiteOfDevice(ctx)
	if errors.Is(err, localdb.ErrNotFound) || ctx.Err() != nil {
		return
	}
	if err != nil {
		s.log.Error("site not read", "error", err)
		return
	}
	zone, err := time.LoadLocation(row.Zone)
	if err != nil {
		s.log.Error("time zone of the site is not known here; the machine's own is used", "site", row.ID, "error", err)
		zone = time.Local
	}
	s.now.Store(&place{zone: zone, repeatWindow: duration(row.RepeatWindow)})
}

// follow reads the site again after changes, until the context ends.
func (s *site) follow(ctx context.Context, changes <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-changes:
			if !open {
				return nil
			}
			s.read(ctx)
		}
	}
}
