package face

import (
	"context"
	"errors"
	"image"
	"io"
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
	free, ready := make(chan *Frame, 2), make(chan *Frame, 1)
	free <- &Frame{}
	free <- &Frame{}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(ready)
		return readFrames(ctx, src, o, free, ready)
	})
	g.Go(func() error { return recognise(ctx, w, o, free, ready) })
	return g.Wait()
}

// readFrames reads until the end and offers copies of the frames to ready,
// taking back the one that still waits there. Of the two buffers one at most is
// with the recogniser, so that one is always at hand and nothing here waits.
func readFrames(ctx context.Context, src Source, o Observer, free, ready chan *Frame) error {
	var f Frame
	var last time.Time
	for {
		var bad *PictureError
		switch err := src.Read(ctx, &f); {
		case errors.Is(err, io.EOF):
			return nil
		case o.Unreadable != nil && errors.As(err, &bad):
			o.Unreadable(bad)
			continue
		case err != nil:
			return err
		}
		if o.Frame != nil {
			o.Frame(&f)
		}
		if o.Interval != nil && f.At.Sub(last) < o.Interval() {
			continue
		}
		last = f.At
		var buffer *Frame
		select {
		case buffer = <-ready:
		default:
			buffer = <-free
		}
		f.copyTo(buffer)
		ready <- buffer
	}
}

// recognise lets the watcher look at the frames of ready and gives the buffers back.
func recognise(ctx context.Context, w *Watcher, o Observer, free, ready chan *Frame) error {
	var still stillness
	for f := range ready {
		if !still.sameAsEmpty(f) {
			s, err := w.Watch(ctx, f)
			if err != nil {
				return err
			}
			still.looked(f, s.State == Nobody)
			o.Sighting(s)
		}
		free <- f
	}
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
