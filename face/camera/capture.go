//go:build cgo && !nocamera

package camera

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"os"
	"runtime"
	"sync"
	"time"

	"gocv.io/x/gocv"

	"clockface/face"
)

// capture reads a camera or a film through OpenCV. Its mats are used under mu
// only: OpenCV's read cannot be interrupted, so Close waits for the frame that
// is being read.
type capture struct {
	label string // for errors: camera:0, clip.mp4

	mu     sync.Mutex
	closed bool
	video  *gocv.VideoCapture
	frame  gocv.Mat // as read, BGR
	small  gocv.Mat // scaled down, where the film is larger than a camera's frames
	rgba   gocv.Mat
	n      int64
}

func newCapture(label string, video *gocv.VideoCapture) *capture {
	return &capture{
		label: label, video: video,
		frame: gocv.NewMat(), small: gocv.NewMat(), rgba: gocv.NewMat(),
	}
}

// Close frees the device, after the frame that is being read.
func (c *capture) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	return errors.Join(c.frame.Close(), c.small.Close(), c.rgba.Close(), c.video.Close())
}

// grab reads one frame into c.frame and reports whether there was one. The
// caller holds mu.
func (c *capture) grab() bool {
	return c.video.Read(&c.frame) && !c.frame.Empty()
}

// deliver converts c.frame to RGBA into the reused buffer. The caller holds mu.
func (c *capture) deliver(into *face.Frame) error {
	mat := c.frame
	if fit := face.FitInto(image.Rect(0, 0, Width, Height), mat.Cols(), mat.Rows()); fit.Dx() < mat.Cols() {
		gocv.Resize(mat, &c.small, fit.Size(), 0, 0, gocv.InterpolationArea)
		mat = c.small
	}
	gocv.CvtColor(mat, &c.rgba, gocv.ColorBGRToRGBA)
	pix, err := c.rgba.DataPtrUint8()
	if err != nil {
		return fmt.Errorf("read a frame of %s: %w", c.label, err)
	}
	into.Fit(c.rgba.Cols(), c.rgba.Rows())
	copy(into.Pix.Pix, pix)
	c.n++
	into.N, into.Name = c.n, ""
	return nil
}

// device is a camera of this PC.
type device struct {
	*capture
	worked bool // it has given a frame
}

// failures in a row after which a camera that worked counts as unplugged: one
// frame may be lost on a busy bus.
const failures = 3

func openDevice(n int) (face.Source, error) {
	label := fmt.Sprintf("camera:%d", n)
	if runtime.GOOS == "linux" {
		if err := checkDeviceFile(label, fmt.Sprintf("/dev/video%d", n)); err != nil {
			return nil, err
		}
	}
	video, err := gocv.OpenVideoCapture(n)
	if err != nil {
		return nil, fmt.Errorf("%s does not open: plug it in again, or close the program that uses it (%w)", label, err)
	}
	video.Set(gocv.VideoCaptureFrameWidth, Width)
	video.Set(gocv.VideoCaptureFrameHeight, Height)
	video.Set(gocv.VideoCaptureBufferSize, 1) // an old frame would make the punch late
	return &device{capture: newCapture(label, video)}, nil
}

// checkDeviceFile finds the usual troubles before OpenCV prints its own lines
// about them.
func checkDeviceFile(label, path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not there (%s): plug a camera in, or name another one", label, path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be opened (%s): add this user to the group video and sign in again", label, path)
	case err != nil:
		return fmt.Errorf("%s does not open: plug it in again (%w)", label, err)
	}
	return f.Close()
}

// Played is false: the frames are live.
func (d *device) Played() bool { return false }

// Read waits for the camera's next frame, at most as long as the driver does.
func (d *device) Read(ctx context.Context, into *face.Frame) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for range failures {
		if err := ctx.Err(); err != nil {
			return err
		}
		if d.closed {
			return fmt.Errorf("read %s: %w", d.label, errClosed)
		}
		if d.grab() {
			d.worked = true
			into.At = time.Now()
			return d.deliver(into)
		}
	}
	if !d.worked {
		return fmt.Errorf("%s gives no picture: close the program that uses it, or plug it in again: %w", d.label, face.ErrUnplugged)
	}
	return fmt.Errorf("%s: %w", d.label, face.ErrUnplugged)
}

// Skip waits for the camera's next frame without decoding it. A camera that went
// away shows in the next Read.
func (d *device) Skip(ctx context.Context) (at time.Time, ok bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return time.Time{}, false, err
	}
	if d.closed {
		return time.Time{}, false, fmt.Errorf("read %s: %w", d.label, errClosed)
	}
	began := time.Now()
	d.video.Grab(1)
	at = time.Now()
	// No camera gives frames this fast: nothing came, or what had waited in the
	// driver, and the next Read is to look at it.
	return at, at.Sub(began) > time.Millisecond, nil
}

// film is a video file.
type film struct {
	*capture
	o        playOptions
	path     string
	interval time.Duration
	at       time.Time // when the next frame is due
	got      bool      // this round has given a frame
	done     chan struct{}
	once     sync.Once
}

func openFilm(path string, o playOptions) (face.Source, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("play a film: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("play %s: is a folder; write images:%s to play its pictures", path, path)
	case info.Size() == 0:
		return nil, fmt.Errorf("play %s: the file is empty (0 bytes)", path)
	}
	video, err := gocv.VideoCaptureFile(path)
	if err != nil {
		return nil, fmt.Errorf("play %s: OpenCV finds no film in it", path)
	}
	fps := video.Get(gocv.VideoCaptureFPS)
	if math.IsNaN(fps) || fps < 1 || fps > 240 {
		fps = 25 // some containers name no rate
	}
	return &film{
		capture: newCapture(path, video), o: o, path: path,
		interval: time.Duration(float64(time.Second) / fps), done: make(chan struct{}),
	}, nil
}

// Played is true: the frames come from a file.
func (f *film) Played() bool { return true }

// Close ends a Read that waits.
func (f *film) Close() error {
	f.once.Do(func() { close(f.done) })
	return f.capture.Close()
}

// Read gives the film's next frame, waiting until it is due where the pace is
// real; frames that are late are left out.
func (f *film) Read(ctx context.Context, into *face.Frame) error {
	if f.at.IsZero() {
		f.at = time.Now()
	}
	if err := f.wait(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		if f.closed {
			return fmt.Errorf("play %s: %w", f.path, errClosed)
		}
		if !f.grab() {
			if err := f.rewind(); err != nil {
				return err
			}
			continue
		}
		f.got = true
		at := f.at
		f.at = f.at.Add(f.interval)
		if f.o.real && time.Since(f.at) > 0 {
			f.n++
			continue // the next one is due as well
		}
		into.At = at
		if err := f.deliver(into); err != nil {
			return err
		}
		into.Name = f.path
		return nil
	}
}

// Skip waits for the film's next frame without decoding it. Its end shows in the
// next Read.
func (f *film) Skip(ctx context.Context) (at time.Time, ok bool, err error) {
	if err := f.wait(ctx); err != nil {
		return time.Time{}, false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return time.Time{}, false, fmt.Errorf("play %s: %w", f.path, errClosed)
	}
	f.video.Grab(1)
	f.n++
	at = f.at
	f.at = f.at.Add(f.interval)
	return at, true, nil
}

// rewind starts the next round, or returns io.EOF after the last.
func (f *film) rewind() error {
	if !f.got {
		return fmt.Errorf("play %s: OpenCV finds no picture in it", f.path)
	}
	if f.o.loop == 0 {
		return io.EOF
	}
	if f.o.loop > 0 {
		f.o.loop--
	}
	f.got = false
	f.video.Set(gocv.VideoCapturePosFrames, 0)
	return nil
}

// wait sleeps until the next frame is due.
func (f *film) wait(ctx context.Context) error {
	if !f.o.real {
		return ctx.Err()
	}
	timer := time.NewTimer(time.Until(f.at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	case <-f.done:
		return nil // Read finds it closed
	}
}
