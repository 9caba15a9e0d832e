package face

import (
	"context"
	"errors"
	"image"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestObserveShowsEveryFrameAndEndsWithTheSource(t *testing.T) {
	s := &scripted{script: repeat(1, ann)}
	w := testWatcher(t, s, WatchOptions{})
	frames, sightings := 0, 0
	err := Observe(context.Background(), &reel{n: 40}, w, Observer{
		Frame:    func(*Frame) { frames++ },
		Sighting: func(Sighting) { sightings++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	if frames != 40 || sightings < 1 || sightings > 40 {
		t.Errorf("frames = %d, sightings = %d, want 40 and 1 to 40", frames, sightings)
	}
}

func TestObserveReportsAnUnpluggedCamera(t *testing.T) {
	w := testWatcher(t, &scripted{script: repeat(1, nil)}, WatchOptions{})
	err := Observe(context.Background(), &reel{n: 3, err: ErrUnplugged}, w, Observer{Sighting: func(Sighting) {}})
	if !errors.Is(err, ErrUnplugged) {
		t.Errorf("Observe = %v, want %v", err, ErrUnplugged)
	}
}

func TestObserveEndsWhenRecognitionFails(t *testing.T) {
	broken := errors.New("broken")
	w := testWatcher(t, &scripted{err: broken}, WatchOptions{})
	err := Observe(context.Background(), &reel{n: -1}, w, Observer{Sighting: func(Sighting) {}})
	if !errors.Is(err, broken) {
		t.Errorf("Observe = %v, want %v", err, broken)
	}
}

func TestObserveKeepsTheInterval(t *testing.T) {
	s := &scripted{script: repeat(1, ann)}
	w := testWatcher(t, s, WatchOptions{})
	err := Observe(context.Background(), &reel{n: 45}, w, Observer{
		Sighting: func(Sighting) {},
		Interval: func() time.Duration { return time.Second },
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.calls > 3 {
		t.Errorf("recognised %d frames of 3 s at one a second, want at most 3", s.calls)
	}
}

// skippable is a reel whose frames may be passed over.
type skippable struct {
	reel
	read, skipped int
}

func (s *skippable) Read(ctx context.Context, into *Frame) error {
	s.read++
	return s.reel.Read(ctx, into)
}

func (s *skippable) Skip(context.Context) (time.Time, bool, error) {
	if s.n == 0 {
		return time.Time{}, false, nil
	}
	s.n--
	s.skipped++
	s.at = s.at.Add(frameTime)
	return s.at, true, nil
}

func TestObserveReadsFiveFramesASecondWhileResting(t *testing.T) {
	for _, c := range []struct {
		resting bool
		read    int // of 45 frames in 3 s, and once more at the end
	}{{true, 16}, {false, 46}} {
		src := &skippable{reel: reel{n: 45}}
		w := testWatcher(t, &scripted{script: repeat(1, nil)}, WatchOptions{})
		err := Observe(t.Context(), src, w, Observer{
			Sighting: func(Sighting) {},
			Interval: func() time.Duration { return 190 * time.Millisecond },
			Resting:  func() bool { return c.resting },
		})
		if err != nil {
			t.Fatal(err)
		}
		// A frame that comes while one is recognised is read in any case.
		if src.read < c.read || src.read > c.read+4 || src.read+src.skipped != 46 {
			t.Errorf("resting %v: %d frames read, %d passed over, want %d read", c.resting, src.read, src.skipped, c.read)
		}
	}
}

// door is a camera in front of which somebody steps at a frame; it is also the
// embedder that finds them from then on.
type door struct {
	scripted
	left, enters int // frames to come, and which one is the first with the face
	n            int
	entered      time.Time
	slow         time.Duration // what a look takes
}

func (d *door) Played() bool { return true }

func (d *door) Read(_ context.Context, into *Frame) error {
	at, ok := d.pass()
	if !ok {
		return io.EOF
	}
	into.Pix, into.N, into.At = image.NewRGBA(image.Rect(0, 0, 640, 480)), int64(d.n), at
	if d.n >= d.enters {
		into.Pix = textured()
	}
	return nil
}

func (d *door) Skip(context.Context) (time.Time, bool, error) {
	at, ok := d.pass()
	return at, ok, nil
}

func (d *door) pass() (time.Time, bool) {
	if d.left == 0 {
		return time.Time{}, false
	}
	time.Sleep(frameTime)
	d.left--
	d.n++
	if d.n == d.enters {
		d.entered = time.Now()
	}
	return time.Now(), true
}

func (d *door) Find(_ context.Context, img *image.RGBA) ([]Found, error) {
	time.Sleep(d.slow)
	if img.Pix[1] == 0 {
		return nil, nil
	}
	return []Found{ann}, nil
}

// While nobody is there most frames are not looked at: the face may have been in
// those, and its time counts from the first of them.
func TestFirstSeenIsNeverLaterThanTheFirstFrameWithTheFace(t *testing.T) {
	const glance = 190 * time.Millisecond
	for _, resting := range []bool{true, false} {
		for enters := 10; enters < 20; enters++ {
			synctest.Test(t, func(t *testing.T) {
				d := &door{left: 40, enters: enters, slow: 30 * time.Millisecond}
				w := testWatcher(t, &d.scripted, WatchOptions{})
				w.embedder = d
				var answer Sighting
				var looking atomic.Bool
				err := Observe(t.Context(), d, w, Observer{
					Sighting: func(s Sighting) {
						if s.State == Identified {
							answer = s
						}
						looking.Store(s.State == Looking)
					},
					Interval: func() time.Duration {
						if looking.Load() {
							return 0
						}
						return glance
					},
					Resting: func() bool { return resting },
				})
				if err != nil {
					t.Fatal(err)
				}
				if early := d.entered.Sub(answer.FirstSeen); answer.State != Identified || early < 0 || early > glance {
					t.Errorf("resting %v, face from frame %d: first seen %v before it came, want 0 to %v", resting, enters, early, glance)
				}
			})
		}
	}
}
