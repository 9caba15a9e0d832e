package kiosk

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"clockface/assets"
	"clockface/timeclock"
)

// wall is a runner with everything around it in memory, inside a synctest bubble.
type wall struct {
	*Runner
	book *book

	mu      sync.Mutex
	notices []Notice
	views   []View
	script  func(context.Context, Observer) error // what the camera shows; replaced while it runs
	opened  int
	flushed int
	sync    SyncState
	again   int
	reloads int
}

func (w *wall) Watch(ctx context.Context, o Observer) error {
	w.mu.Lock()
	w.opened++
	script := w.script
	w.mu.Unlock()
	return script(ctx, o)
}

func (w *wall) Reload(context.Context) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reloads++
	return 2, nil
}

func (w *wall) LookAgain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.again++
}

func (w *wall) Status(context.Context) (SyncState, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sync, nil
}

func (w *wall) Flush(ctx context.Context) error {
	w.mu.Lock()
	w.flushed++
	w.mu.Unlock()
	<-ctx.Done() // a cloud that does not answer
	return ctx.Err()
}

// events returns the kinds of what was told, in order.
func (w *wall) events() []NoticeKind {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []NoticeKind
	for _, n := range w.notices {
		out = append(out, n.Event)
	}
	return out
}

func (w *wall) shown() View {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.views[len(w.views)-1]
}

func newWall(t *testing.T, camera func(context.Context, Observer) error) *wall {
	t.Helper()
	c, err := assets.LoadCatalogue("kiosk")
	if err != nil {
		t.Fatal(err)
	}
	w := &wall{script: camera, book: &book{now: time.Now, people: []timeclock.Employee{ada, grace}, hashes: map[timeclock.EmployeeID]string{ada.ID: "1234"}}}
	w.Runner = NewRunner(Config{
		Clerk: ClerkConfig{Records: w.book, People: w.book, PINs: &countedPINs{}, Device: "here",
			RepeatWindow: func() time.Duration { return time.Minute }, Zone: func() *time.Location { return time.UTC }},
		Presenter: NewPresenter(c, "en", func() *time.Location { return time.UTC }),
		Camera:    w, Cloud: w, Now: time.Now, EndWithCamera: true,
		Tell: func(n Notice) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.notices = append(w.notices, n)
		},
		Show: func(v View) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.views = append(w.views, v)
		},
	})
	return w
}

// sees is a played camera in which people come one after the other.
func sees(people ...Input) func(context.Context, Observer) error {
	return func(_ context.Context, o Observer) error {
		o.Opened(CameraPlayed)
		for _, in := range people {
			if s, ok := in.(Seen); ok {
				o.Sighting(s.Sighting)
			}
			o.Sighting(Sighting{Sight: Nobody})
		}
		return nil
	}
}

// waits keeps a camera open until the kiosk ends.
func waits(ctx context.Context, o Observer) error {
	o.Opened(CameraWorks)
	<-ctx.Done()
	return ctx.Err()
}

func TestPlayedCameraEndsTheKioskAfterTheLastPunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWall(t, sees(face(ada), stranger(), face(grace)))
		began := time.Now()
		if err := w.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := w.events()
		for kind, want := range map[NoticeKind]int{NoticeReady: 1, NoticeIdentified: 2, NoticePunched: 2, NoticeUnknown: 1, NoticeEnded: 1} {
			n := 0
			for _, k := range got {
				if k == kind {
					n++
				}
			}
			if n != want {
				t.Errorf("%d times %s, want %d; told: %v", n, kind, want, got)
			}
		}
		if last := w.notices[len(w.notices)-1]; last.Event != NoticeEnded || last.Punches != 2 {
			t.Errorf("the last notice is %+v", last)
		}
		if took := time.Since(began); w.flushed != 1 || took > lastPushTime+time.Second {
			t.Errorf("%d last pushes, the end took %v", w.flushed, took)
		}
	})
}

// The frames before the first look at a face are part of what a person waits.
func TestPunchTakesAsLongAsTheFaceHasBeenThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const waited = 350 * time.Millisecond
		w := newWall(t, func(_ context.Context, o Observer) error {
			o.Opened(CameraPlayed)
			first := time.Now()
			time.Sleep(waited)
			o.Sighting(Sighting{Sight: Known, FirstSeen: first, Who: timeclock.Identification{Employee: ada.ID, Method: timeclock.ByFace}})
			return nil
		})
		if err := w.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		timed := 0
		for _, n := range w.notices {
			if n.Event == NoticeIdentified || n.Event == NoticePunched {
				timed++
				if n.Took != waited {
					t.Errorf("%s took %v, want %v", n.Event, n.Took, waited)
				}
			}
		}
		if timed != 2 {
			t.Errorf("told %v, want identified and punched", w.events())
		}
	})
}

func TestSignalLetsTheCommitFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		w := newWall(t, func(ctx context.Context, o Observer) error {
			o.Opened(CameraWorks)
			o.Sighting(Sighting{Sight: Known, Who: timeclock.Identification{Employee: ada.ID, Method: timeclock.ByFace}})
			<-ctx.Done()
			return ctx.Err()
		})
		w.book.now = func() time.Time {
			stop() // the signal comes while the punch is being written
			time.Sleep(time.Second)
			return time.Now()
		}
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if got := w.events(); !slices.Contains(got, NoticePunched) || got[len(got)-1] != NoticeEnded || len(w.book.punches) != 1 {
			t.Errorf("told %v, %d punches", got, len(w.book.punches))
		}
	})
}

func TestCameraComesBackByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		w := newWall(t, func(_ context.Context, o Observer) error {
			o.Opened(CameraWorks)
			return errors.New("the camera was unplugged")
		})
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(time.Second)
		if v := w.shown(); v.Camera != CameraLost {
			t.Errorf("the sign shows %q", v.Camera)
		}
		w.Post(TypePIN{Number: "12", PIN: "1234"})
		time.Sleep(time.Millisecond)
		if v := w.shown(); v.Screen != Answer {
			t.Errorf("number and PIN without a camera lead to %s", v.Screen)
		}
		w.mu.Lock()
		w.script = waits
		w.mu.Unlock()
		time.Sleep(cameraRetry)
		if v := w.shown(); v.Camera != CameraWorks || w.opened != 2 {
			t.Errorf("after the retry: %q, opened %d times", v.Camera, w.opened)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestUnreadablePictureIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWall(t, func(_ context.Context, o Observer) error {
			o.Opened(CameraPlayed)
			for range 3 { // rounds of the folder
				o.Unreadable("photos/a.jpg", errors.New("picture photos/a.jpg: the file is cut off"))
				o.Unreadable("photos/b.jpg", errors.New("picture photos/b.jpg: the file is empty"))
			}
			return nil
		})
		if err := w.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, n := range w.notices {
			if n.Event == NoticeError && n.Code == "unreadable_picture" {
				told = append(told, n.Message)
			}
		}
		if want := []string{"picture photos/a.jpg: the file is cut off", "picture photos/b.jpg: the file is empty"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

func TestUselessCameraEndsTheKiosk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWall(t, func(context.Context, Observer) error { return fmt.Errorf("%w: no folder", ErrNoSource) })
		if err := w.Run(t.Context()); !errors.Is(err, ErrNoSource) {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestPictureIsPassedOnOnlyWhileItIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		frames := 0
		w := newWall(t, func(ctx context.Context, o Observer) error {
			o.Opened(CameraWorks)
			for ctx.Err() == nil {
				o.Frame(image.NewRGBA(image.Rect(0, 0, 4, 3)))
				time.Sleep(100 * time.Millisecond)
			}
			return ctx.Err()
		})
		w.Frame = func(*image.RGBA) { frames++ }
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(time.Second)
		if frames != 0 {
			t.Errorf("%d pictures while idle", frames)
		}
		w.Post(Touch{})
		time.Sleep(time.Second)
		if frames < 9 {
			t.Errorf("%d pictures in a second of the live screen", frames)
		}
		stop()
		<-ended
	})
}

func TestViewChangesWithTheMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		w := newWall(t, waits)
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(time.Second)
		first, n := w.shown().Clock, len(w.views)
		time.Sleep(50 * time.Second)
		if len(w.views) != n {
			t.Errorf("%d views while nothing changed", len(w.views)-n)
		}
		time.Sleep(10 * time.Second)
		if w.shown().Clock == first {
			t.Errorf("the clock still shows %s", first)
		}
		stop()
		<-ended
		w.Post(Touch{}) // after the end: does nothing, and does not hang
	})
}
