package camera

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"clockface/face"
)

// imageOptions are those of images:, see the package comment.
type imageOptions struct {
	playOptions
	fps           float64
	hold, gap     time.Duration
	width, height int
}

func defaultImages() imageOptions {
	return imageOptions{
		playOptions: defaultPlay(), fps: 15, hold: 2 * time.Second, gap: time.Second, width: Width, height: Height,
	}
}

// parseImages splits DIR?fps=15&….
func parseImages(rest string) (dir string, o imageOptions, err error) {
	dir, q, err := splitOptions(rest)
	if err != nil {
		return "", o, err
	}
	o = defaultImages()
	for key := range q {
		if err := o.set(key, q.Get(key)); err != nil {
			return "", o, err
		}
	}
	return dir, o, nil
}

// set takes over one option.
func (o *imageOptions) set(key, value string) (err error) {
	switch key {
	case "fps":
		o.fps, err = strconv.ParseFloat(value, 64)
		if err != nil || !(o.fps >= 0.1 && o.fps <= 240) {
			return fmt.Errorf("fps=%s: write frames a second, 0.1 to 240", value)
		}
	case "hold":
		o.hold, err = time.ParseDuration(value)
		if err != nil || o.hold <= 0 {
			return fmt.Errorf("hold=%s: write how long a picture stays, e.g. 2s", value)
		}
	case "gap":
		o.gap, err = time.ParseDuration(value)
		if err != nil || o.gap < 0 {
			return fmt.Errorf("gap=%s: write how long the frame is empty, e.g. 1s or 0s", value)
		}
	case "canvas":
		w, h, _ := strings.Cut(value, "x")
		o.width, err = strconv.Atoi(w)
		if err == nil {
			o.height, err = strconv.Atoi(h)
		}
		if err != nil || min(o.width, o.height) < 16 || max(o.width, o.height) > 4096 {
			return fmt.Errorf("canvas=%s: write width x height, e.g. 640x480", value)
		}
	case "loop":
		o.loop, err = parseLoop(value)
	case "pace":
		o.real, err = parsePace(value)
	default:
		return fmt.Errorf("%q is no option of images:; there are fps, hold, gap, canvas, loop and pace", key)
	}
	return err
}

// background is the grey of an empty frame: light enough that nobody takes the
// played camera for a broken one.
var background = image.NewUniform(grey(96))

func grey(level uint8) color.RGBA { return color.RGBA{level, level, level, 255} }

// images plays the pictures of a folder. Each picture and each gap is a segment
// of equal frames; the frames of a segment are timed from its first one, so
// that a slow reader misses frames but never a picture.
type images struct {
	o     imageOptions
	dir   string
	names []string

	next    int          // index of the picture to show next
	coming  <-chan drawn // the picture of that index; nil: not begun
	name    string
	canvas  *image.RGBA // what the segment shows
	left    int         // frames that the segment still has
	gapNext bool
	shown   bool      // a picture of this round could be read
	at      time.Time // when the next frame is due
	n       int64

	done  chan struct{}
	close sync.Once
}

func openImages(dir string, o imageOptions) (face.Source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("play the pictures of %s: %w", dir, err)
	}
	s := &images{o: o, dir: dir, done: make(chan struct{})}
	for _, e := range entries {
		if !e.IsDir() && face.IsPicture(e.Name()) {
			s.names = append(s.names, e.Name())
		}
	}
	if len(s.names) == 0 {
		return nil, fmt.Errorf("play the pictures of %s: there is no .jpg, .png or .pgm file in it", dir)
	}
	slices.Sort(s.names)
	s.canvas = image.NewRGBA(image.Rect(0, 0, o.width, o.height))
	return s, nil
}

// Played is true: the frames come from files.
func (s *images) Played() bool { return true }

// Close ends a Read that waits.
func (s *images) Close() error {
	s.close.Do(func() { close(s.done) })
	return nil
}

// Read gives the next frame, waiting until it is due where the pace is real.
// A picture that cannot be read gives a [*face.PictureError] once; the next Read
// goes on behind it. Only where no picture of the folder can be read that ends it.
func (s *images) Read(ctx context.Context, into *face.Frame) error {
	if err := s.closed(ctx); err != nil {
		return err
	}
	if s.left == 0 {
		if err := s.begin(); err != nil {
			return err
		}
	}
	if err := s.wait(ctx); err != nil {
		return err
	}
	into.Fit(s.o.width, s.o.height)
	copy(into.Pix.Pix, s.canvas.Pix)
	into.At = s.pass()
	into.N, into.Name = s.n, s.name
	return nil
}

// Skip waits for the next frame without copying it. The first frame of a picture
// is always to be read.
func (s *images) Skip(ctx context.Context) (at time.Time, ok bool, err error) {
	if s.left == 0 {
		return time.Time{}, false, nil
	}
	if err := s.wait(ctx); err != nil {
		return time.Time{}, false, err
	}
	return s.pass(), true, nil
}

// pass counts the frame that is due and returns when that is.
func (s *images) pass() (at time.Time) {
	at = s.at
	s.n++
	s.left--
	s.at = s.at.Add(s.interval())
	return at
}

func (s *images) interval() time.Duration {
	return time.Duration(float64(time.Second) / s.o.fps)
}

// begin prepares the next segment: the gap after the picture just shown, or the
// next picture.
func (s *images) begin() error {
	if s.gapNext {
		s.gapNext = false
		if s.left = s.frames(s.o.gap); s.left > 0 {
			s.name = ""
			draw.Draw(s.canvas, s.canvas.Rect, background, image.Point{}, draw.Src)
			return nil
		}
	}
	if s.next == len(s.names) {
		if err := s.nextRound(); err != nil {
			return err
		}
	}
	name := filepath.Join(s.dir, s.names[s.next])
	if s.coming == nil {
		s.coming = s.draw(s.next)
	}
	picture := <-s.coming
	s.next++
	s.coming = nil
	if s.next < len(s.names) || s.o.loop != 0 {
		s.coming = s.draw(s.next % len(s.names))
	}
	if picture.err != nil {
		return fmt.Errorf("play the pictures of %s: %w", s.dir, picture.err)
	}
	s.canvas = picture.canvas
	s.name, s.left, s.gapNext, s.shown = name, max(1, s.frames(s.o.hold)), true, true
	if s.o.real && !s.at.IsZero() && time.Since(s.at) > 0 {
		s.at = time.Now() // reading took longer than a frame: the picture starts now
	}
	return nil
}

// drawn is a picture on its canvas, or why it could not be read.
type drawn struct {
	canvas *image.RGBA
	err    error
}

// draw reads a picture and brings it to the size of the frames, beside the
// playing of the one before: a large photo takes longer than a frame lasts.
func (s *images) draw(index int) <-chan drawn {
	name, rect := filepath.Join(s.dir, s.names[index]), s.canvas.Rect
	done := make(chan drawn, 1) // nobody may be left to take it
	go func() {
		img, err := face.ReadPicture(name)
		if err != nil {
			done <- drawn{err: err}
			return
		}
		canvas := image.NewRGBA(rect)
		draw.Draw(canvas, rect, background, image.Point{}, draw.Src)
		face.Scale(canvas, face.FitInto(rect, img.Rect.Dx(), img.Rect.Dy()), img)
		done <- drawn{canvas: canvas}
	}()
	return done
}

// nextRound starts the folder over, or returns io.EOF after the last round.
func (s *images) nextRound() error {
	switch {
	case s.o.loop == 0:
		return io.EOF
	case !s.shown:
		return fmt.Errorf("play the pictures of %s: none of them can be read", s.dir)
	case s.o.loop > 0:
		s.o.loop--
	}
	s.next, s.shown = 0, false
	return nil
}

func (s *images) frames(d time.Duration) int { return int(d.Seconds()*s.o.fps + 0.5) }

// wait sleeps until the frame is due; of several that are due it leaves out
// all but the newest of the segment.
func (s *images) wait(ctx context.Context) error {
	if s.at.IsZero() {
		s.at = time.Now()
	}
	if !s.o.real {
		return nil
	}
	late := time.Since(s.at)
	if late < 0 {
		timer := time.NewTimer(-late)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-s.done:
		}
		return s.closed(ctx)
	}
	skip := min(int(late/s.interval()), s.left-1)
	s.left -= skip
	s.n += int64(skip)
	s.at = s.at.Add(time.Duration(skip) * s.interval())
	return nil
}

// closed returns why there is nothing to read any more, if so.
func (s *images) closed(ctx context.Context) error {
	select {
	case <-s.done:
		return fmt.Errorf("play the pictures of %s: %w", s.dir, errClosed)
	default:
		return ctx.Err()
	}
}

// errClosed is returned by a Read after Close.
var errClosed = errors.New("the camera is closed")
