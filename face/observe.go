package face

import (
	"context"
	"errors"
	"image"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Observer is told what [Observe] reads and recognises.
type Observer struct {
	// Frame gets every frame at the source's rate, on the reading goroutine. The
	// frame is reused afterwards: copy it to keep it. May be nil.
	Frame func(*Frame)
	// Sighting gets what the watcher says of each frame it looked at, on the
	// recognising goroutine. Must not be nil.
	Sighting func(Sighting)
	// Interval is asked before each frame for the least time between two frames
	// that are recognised, e.g. 200 ms while the kiosk is idle. Nil means no limit.
	Interval func() time.Duration
	// Resting is asked whether nobody needs the frames that are not recognised,
	// e.g. while no preview is shown: a source that can passes over them. Nil
	// means that all are needed.
	Resting func() bool
	// Unreadable gets each picture of a played source that cannot be read, on the
	// reading goroutine; the playing goes on. Nil ends it with that error.
	Unreadable func(*PictureError)
}

// Observe reads the source until it ends and lets the watcher look at its
// frames, each on a goroutine of its own: recognition takes the newest frame
// whenever it is free, and those that came in between are dropped, not queued.
// While nobody is in view and nothing moves it does not look at all.
//
// It returns nil once the source has ended and the last frame is recognised,
// [ErrUnplugged] wrapped when the camera goes, and the context's error when
// that ends. It does not close the source.
func Observe(ctx context.Context, src Source, w *Watcher, o Observer) error {
	v := &observation{Observer: o, src: src, free: make(chan *Frame, 2), ready: make(chan *Frame, 1)}
	v.free <- &Frame{}
	v.free <- &Frame{}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(v.ready)
		return v.read(ctx)
	})
	g.Go(func() error { return v.recognise(ctx, w) })
	return g.Wait()
}

// observation is one run of Observe.
type observation struct {
	Observer
	src         Source
	free, ready chan *Frame
	busy        atomic.Bool // a frame is being recognised
	arrivals    arrivals

	at   time.Time     // when the source's newest frame was taken
	step time.Duration // between it and the one before
}

// came notes when the source's newest frame was taken.
func (v *observation) came(at time.Time) {
	v.at, v.step = at, at.Sub(v.at)
	v.arrivals.add(at)
}

// arrivals keeps when frames were taken, from the first on that came after the
// last one looked at. The reading goroutine adds, the recognising one asks.
type arrivals struct {
	mu sync.Mutex
	at []time.Time // in order
}

// add notes one frame.
func (a *arrivals) add(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = append(a.at, at)
}

// after returns when the first frame after that time was taken, zero where there
// is none, and forgets those before it.
func (a *arrivals) after(looked time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for n < len(a.at) && !a.at[n].After(looked) {
		n++
	}
	a.at = slices.Delete(a.at, 0, n)
	if len(a.at) == 0 {
		return time.Time{}
	}
	return a.at[0]
}

// interval returns the least time between two frames that are recognised.
func (v *observation) interval() time.Duration {
	if v.Interval == nil {
		return 0
	}
	return v.Interval()
}

// read reads until the end and offers frames to ready: each that is due, and
// while one is being recognised every one, so that the next look, if it is to
// follow at once, has not to wait for the camera.
func (v *observation) read(ctx context.Context) error {
	var f Frame
	var offered time.Time // when the last frame that was due was taken
	for {
		var bad *PictureError
		switch err := v.src.Read(ctx, &f); {
		case errors.Is(err, io.EOF):
			return nil
		case v.Unreadable != nil && errors.As(err, &bad):
			v.Unreadable(bad)
			continue
		case err != nil:
			return err
		}
		v.came(f.At)
		if v.Frame != nil {
			v.Frame(&f)
		}
		due := f.At.Sub(offered) >= v.interval()
		if due {
			offered = f.At
		}
		if due || v.busy.Load() {
			v.offer(&f)
		}
		if err := v.rest(ctx, offered); err != nil {
			return err
		}
	}
}

// offer copies the frame to ready, taking back the one that still waits there. Of
// the two buffers one at most is with the recogniser, so that one is always at
// hand and nothing here waits.
func (v *observation) offer(f *Frame) {
	var buffer *Frame
	select {
	case buffer = <-v.ready:
	default:
		buffer = <-v.free
	}
	f.copyTo(buffer)
	v.ready <- buffer
}

// rest passes over the frames that nobody will look at, as long as the next one
// is not due either. offered is when the last that was due was taken.
func (v *observation) rest(ctx context.Context, offered time.Time) error {
	src, ok := v.src.(skipper)
	if !ok || v.Resting == nil {
		return nil
	}
	for v.Resting() && !v.busy.Load() && v.at.Add(v.step).Sub(offered) < v.interval() {
		at, ok, err := src.Skip(ctx)
		if err != nil || !ok {
			return err
		}
		v.came(at)
	}
	return nil
}

// skipper is a [Source] that can pass over its next frame for less than it costs
// to read it.
type skipper interface {
	// Skip waits for the next frame and returns when it was taken; ok is false
	// where that frame has to be read.
	Skip(ctx context.Context) (at time.Time, ok bool, err error)
}

// recognise lets the watcher look at the frames of ready and gives the buffers back.
func (v *observation) recognise(ctx context.Context, w *Watcher) error {
	var still stillness
	var looked time.Time // when the last frame that was looked at was taken
	var known time.Time  // likewise, or found to be as empty as that one
	for f := range v.ready {
		if f.At.Sub(looked) >= v.interval() {
			f.Since = v.arrivals.after(known)
			known = f.At
			if !still.sameAsEmpty(f) {
				looked = f.At
				if err := v.look(ctx, w, f, &still); err != nil {
					return err
				}
			}
		}
		v.free <- f
	}
	return nil
}

// look lets the watcher look at one frame and passes on what it says.
func (v *observation) look(ctx context.Context, w *Watcher, f *Frame, still *stillness) error {
	v.busy.Store(true)
	s, err := w.Watch(ctx, f)
	if err != nil {
		return err
	}
	still.looked(f, s.State == Nobody)
	v.Sighting(s) // may change the interval
	v.busy.Store(false)
	return nil
}

// copyTo copies the frame into another, whose buffer is reused where the size fits.
func (f *Frame) copyTo(to *Frame) {
	to.Fit(f.Pix.Rect.Dx(), f.Pix.Rect.Dy())
	copy(to.Pix.Pix, f.Pix.Pix)
	to.N, to.At, to.Name = f.N, f.At, f.Name
}

// Fit makes Pix a picture of that size, keeping the buffer if it has it. A
// [Source] calls it before it fills the frame.
func (f *Frame) Fit(width, height int) {
	if f.Pix == nil || f.Pix.Rect != image.Rect(0, 0, width, height) {
		f.Pix = image.NewRGBA(image.Rect(0, 0, width, height))
	}
}
