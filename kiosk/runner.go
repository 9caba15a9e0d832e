package kiosk

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// How often the kiosk looks around by itself.
const (
	tickEvery    = 250 * time.Millisecond
	cameraRetry  = 2 * time.Second
	statusEvery  = time.Second
	glanceEvery  = 190 * time.Millisecond // between two looks for faces, unless one is being recognised; just under six frames of a camera
	lastPushTime = 2 * time.Second
	drainTime    = 5 * time.Second // for what is on its way to the disk when the kiosk ends
)

// Config is what a Runner needs. Clerk, Presenter, Camera, Cloud, Now and Tell
// must be set.
type Config struct {
	Clerk     ClerkConfig // Now, Tell and Log of it come from here
	Presenter *Presenter
	Camera    Camera
	Cloud     Cloud
	Speaker   Speaker         // nil: silent
	Changes   <-chan struct{} // hints that the records changed; may be nil
	Now       func() time.Time
	Tell      func(Notice)
	Log       *slog.Logger

	// Show gets each new view, Frame each picture while the live screen is up,
	// valid during the call only. Both may be nil and must not wait.
	Show  func(View)
	Frame func(*image.RGBA)

	// EndWithCamera ends the kiosk when a played camera has ended.
	EndWithCamera bool
}

// Runner runs a kiosk: it owns its goroutines and the state.
type Runner struct {
	Config
	clerk   *Clerk
	inputs  chan Input
	work    chan Effect
	results chan Input
	ended   chan struct{} // the camera has ended and all its sightings are posted
	done    chan struct{} // the state takes no more inputs

	previewed atomic.Bool  // the live screen is up
	looking   atomic.Bool  // a face is being recognised
	punches   atomic.Int64 // told in this run
}

// NewRunner returns a runner that has not started.
func NewRunner(c Config) *Runner {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	r := &Runner{
		Config: c, inputs: make(chan Input, 64), work: make(chan Effect), results: make(chan Input),
		ended: make(chan struct{}), done: make(chan struct{}),
	}
	c.Clerk.Now, c.Clerk.Tell, c.Clerk.Log = c.Now, r.tell, c.Log
	r.clerk = NewClerk(c.Clerk)
	return r
}

// Post hands an input to the kiosk. It may be called from any goroutine, also
// after the end, where it does nothing.
func (r *Runner) Post(in Input) {
	select {
	case r.inputs <- in:
	case <-r.done:
	}
}

// tell passes a notice on and counts punches for the last one.
func (r *Runner) tell(n Notice) {
	if n.Event == NoticePunched {
		r.punches.Add(1)
	}
	r.Tell(n)
}

// errCameraEnded ends the runner's goroutines once a played camera is done.
var errCameraEnded = errors.New("the played camera has ended")

// Run runs the kiosk until the context ends or, with EndWithCamera, the camera
// does; then it lets what is on its way reach the disk, tries a last push and
// tells how many punches there were. It returns nil then.
func (r *Runner) Run(ctx context.Context) error {
	faces, err := r.Camera.Reload(ctx)
	if err != nil {
		return fmt.Errorf("load the enrolled faces: %w", err)
	}
	limits, err := r.clerk.Remember(ctx)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.decide(ctx, limits) })
	g.Go(func() error { return r.carryOut(ctx) })
	g.Go(func() error { return r.watch(ctx, faces) })
	g.Go(func() error { return r.surroundings(ctx) })
	err = g.Wait()
	if err != nil && !errors.Is(err, errCameraEnded) && !errors.Is(err, context.Canceled) {
		return err
	}
	r.lastPush(context.WithoutCancel(ctx))
	r.tell(Notice{Event: NoticeEnded, Punches: int(r.punches.Load())})
	return nil
}

// decide owns the state. It ends with the context or the camera, after what was on
// its way has been answered.
func (r *Runner) decide(ctx context.Context, first Input) error {
	defer close(r.work)
	defer close(r.done)
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	f := &stateLoop{Runner: r}
	f.step(first)
	ended, stop := r.ended, ctx.Done()
	var deadline <-chan time.Time
	for {
		var work chan Effect
		var next Effect
		if len(f.queue) > 0 {
			work, next = r.work, f.queue[0]
		}
		select {
		case work <- next:
			f.queue = f.queue[1:]
		case in := <-r.inputs:
			f.step(in)
		case in := <-r.results:
			f.pending--
			f.step(in)
		case <-ticker.C:
			f.step(Tick{})
		case <-ended:
			f.takeRest()
			f.ending, ended = errCameraEnded, nil
		case <-stop:
			f.ending, stop = context.Cause(ctx), nil
			deadline = time.After(drainTime)
		case <-deadline:
			r.Log.Error("ended with work on its way to the disk", "left", f.pending)
			return f.ending
		}
		if f.ending != nil && f.pending == 0 {
			return f.ending
		}
	}
}

// stateLoop is the state while it runs.
type stateLoop struct {
	*Runner
	state   State
	shown   View
	queue   []Effect // for the clerk, who takes one at a time
	pending int      // queued or with the clerk
	ending  error    // why it ends, nil while it does not
}

// takeRest handles what was posted before the camera ended.
func (f *stateLoop) takeRest() {
	for {
		select {
		case in := <-f.inputs:
			f.step(in)
		default:
			return
		}
	}
}

// step goes on by one input; nil only shows what time has changed.
func (f *stateLoop) step(in Input) {
	if in == nil {
		in = Tick{}
	}
	now := f.Now()
	var effects []Effect
	f.state, effects = Step(f.state, in, now)
	for _, e := range effects {
		f.begin(e)
	}
	f.previewed.Store(f.state.Screen == Live)
	view := f.Presenter.Show(f.state, now)
	if view != f.shown && f.Show != nil {
		f.Show(view)
	}
	f.shown = view
}

func (f *stateLoop) begin(e Effect) {
	switch e := e.(type) {
	case Tell:
		f.tell(e.Notice)
	case Sound:
		if f.Speaker != nil {
			f.Speaker.Play(e.Success)
		}
	case LookAgain:
		f.Camera.LookAgain()
	default:
		f.queue = append(f.queue, e)
		f.pending++
	}
}

// carryOut lets the clerk do one effect after the other. What has begun is finished
// even when the kiosk ends, so that the worker's screen stays true.
func (r *Runner) carryOut(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for e := range r.work {
		in := r.clerk.Do(ctx, e)
		select {
		case r.results <- in:
		case <-r.done:
		}
	}
	return nil
}

// watch keeps a camera open and passes on what it sees.
func (r *Runner) watch(ctx context.Context, faces int) error {
	ready := sync.OnceFunc(func() { r.tell(Notice{Event: NoticeReady, Faces: faces}) })
	o := r.observer(ready)
	for {
		err := r.Camera.Watch(ctx, o)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
			return r.cameraEnded()
		case errors.Is(err, ErrNoSource):
			return err
		}
		r.Log.Debug("camera away", "error", err)
		r.Post(CameraIs{State: CameraLost, Why: err.Error()})
		ready() // number and PIN work
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(cameraRetry):
		}
	}
}

// cameraEnded follows the end of a played camera.
func (r *Runner) cameraEnded() error {
	r.Post(CameraIs{State: CameraNone})
	if r.EndWithCamera {
		close(r.ended)
	}
	return nil
}

func (r *Runner) observer(ready func()) Observer {
	return Observer{
		Opened: func(c CameraState) {
			r.Post(CameraIs{State: c})
			ready()
		},
		Frame: func(pix *image.RGBA) {
			if r.Frame != nil && r.previewed.Load() {
				r.Frame(pix)
			}
		},
		Sighting: func(s Sighting) {
			r.looking.Store(s.Sight == Looking)
			r.Post(Seen{Sighting: s})
		},
		Unreadable: r.unreadable(),
		Interval: func() time.Duration {
			if r.looking.Load() {
				return 0
			}
			return glanceEvery
		},
		Resting: func() bool { return !r.previewed.Load() },
	}
}

// unreadable returns a function that tells once of each picture that cannot be
// read, however often the folder is played.
func (r *Runner) unreadable() func(path string, err error) {
	var told sync.Map // of paths
	return func(path string, err error) {
		if _, before := told.LoadOrStore(path, true); before {
			return
		}
		r.Log.Warn("picture of the played camera left out", "error", err)
		r.tell(Notice{Event: NoticeError, Code: "unreadable_picture", Message: err.Error()})
	}
}

// surroundings follows the records and the connection.
func (r *Runner) surroundings(ctx context.Context) error {
	ticker := time.NewTicker(statusEvery)
	defer ticker.Stop()
	var last SyncState
	changes := r.Changes
	for {
		if s, err := r.Cloud.Status(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("state of sync not read", "error", err)
		} else if err == nil && s != last {
			last = s
			r.Post(SyncIs{State: s})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case _, open := <-changes:
			if !open {
				changes = nil
				continue
			}
			if _, err := r.Camera.Reload(ctx); err != nil && ctx.Err() == nil {
				r.Log.Error("enrolled faces not loaded", "error", err)
			}
		}
	}
}

// lastPush sends what waits, if the cloud can be reached at once.
func (r *Runner) lastPush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lastPushTime)
	defer cancel()
	if err := r.Cloud.Flush(ctx); err != nil {
		r.Log.Info("kept here, sent later", "error", err)
	}
}
