package camera

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"clockface/face"
)

// pictures writes one small bright PNG for each name and returns the folder.
func pictures(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	img := image.NewRGBA(image.Rect(0, 0, 20, 40))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, name := range names {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

type shown struct {
	name string
	at   time.Duration // since the first frame
	n    int64
}

// play reads a source to its end, spending work on each frame.
func play(t *testing.T, spec string, work time.Duration) []shown {
	t.Helper()
	src, err := Open(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f face.Frame
	var out []shown
	var first time.Time
	for {
		err := src.Read(context.Background(), &f)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if first.IsZero() {
			first = f.At
		}
		name := ""
		if f.Name != "" {
			name = filepath.Base(f.Name)
		}
		out = append(out, shown{name, f.At.Sub(first), f.N})
		time.Sleep(work)
	}
}

// order returns the names in the order in which they were shown.
func order(frames []shown) []string {
	var names []string
	for _, f := range frames {
		names = append(names, f.name)
	}
	return slices.Compact(names)
}

func TestPicturesPlayInNameOrderWithGaps(t *testing.T) {
	dir := pictures(t, "10.png", "2.PNG", "1.png", "b1.png", "a.png")
	if err := os.Mkdir(filepath.Join(dir, "sub.png"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	frames := play(t, "images:"+dir+"?fps=10&hold=500ms&gap=200ms&pace=none", 0)
	want := []string{"1.png", "", "10.png", "", "2.PNG", "", "a.png", "", "b1.png", ""}
	if got := order(frames); !slices.Equal(got, want) {
		t.Errorf("order = %q, want %q", got, want)
	}
	if got, want := len(frames), 5*(5+2); got != want {
		t.Errorf("frames = %d, want %d", got, want)
	}
	last := frames[len(frames)-1]
	if last.at != 3400*time.Millisecond || last.n != 35 {
		t.Errorf("last frame at %v with number %d, want 3.4s and 35", last.at, last.n)
	}
}

func TestLoopCountsFurtherRounds(t *testing.T) {
	dir := pictures(t, "a.png")
	frames := play(t, "images:"+dir+"?fps=10&hold=100ms&gap=100ms&loop=2&pace=none", 0)
	if got, want := len(frames), 6; got != want {
		t.Errorf("frames with loop=2 = %d, want %d", got, want)
	}
}

func TestRealPaceTakesTheTimeOfTheFrames(t *testing.T) {
	dir := pictures(t, "a.png", "b.png")
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		frames := play(t, "images:"+dir+"?fps=10&hold=1s&gap=500ms", 0)
		if got, want := len(frames), 30; got != want {
			t.Errorf("frames = %d, want %d", got, want)
		}
		if took := time.Since(start); took < 2900*time.Millisecond || took > 3*time.Second {
			t.Errorf("playing took %v, want 3 s less a frame", took)
		}
	})
}

func TestSlowReaderMissesFramesButNoPicture(t *testing.T) {
	dir := pictures(t, "a.png", "b.png", "c.png")
	synctest.Test(t, func(t *testing.T) {
		frames := play(t, "images:"+dir+"?fps=10&hold=300ms&gap=200ms", 450*time.Millisecond)
		want := []string{"a.png", "", "b.png", "", "c.png", ""}
		if got := order(frames); !slices.Equal(got, want) {
			t.Errorf("order = %q, want %q", got, want)
		}
		if len(frames) >= 15 {
			t.Errorf("frames = %d, want fewer than the 15 there are", len(frames))
		}
	})
}

func TestPictureAfterAPauseIsHeldInFull(t *testing.T) {
	dir := pictures(t, "a.png", "b.png")
	synctest.Test(t, func(t *testing.T) {
		src, err := Open("images:" + dir + "?fps=10&hold=500ms&gap=0s")
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		var f face.Frame
		held := 0
		for src.Read(context.Background(), &f) == nil {
			if f.N == 1 {
				time.Sleep(5 * time.Second)
			}
			if filepath.Base(f.Name) == "b.png" {
				held++
			}
		}
		if held != 5 {
			t.Errorf("frames of the picture after a pause = %d, want all 5", held)
		}
	})
}

func TestPictureIsScaledToFitInTheMiddle(t *testing.T) {
	src, err := Open("images:" + pictures(t, "tall.png") + "?pace=none&canvas=64x48")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f face.Frame
	if err := src.Read(context.Background(), &f); err != nil {
		t.Fatal(err)
	}
	white, empty := color.RGBA{255, 255, 255, 255}, grey(96)
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{{32, 24, white}, {32, 0, white}, {21, 47, white}, {42, 24, white}, {18, 24, empty}, {45, 24, empty}} {
		if got := f.Pix.RGBAAt(c.x, c.y); got != c.want {
			t.Errorf("pixel %d,%d = %v, want %v (20×40 becomes 24×48 in the middle)", c.x, c.y, got, c.want)
		}
	}
}

func TestCloseEndsAWaitingRead(t *testing.T) {
	dir := pictures(t, "a.png")
	synctest.Test(t, func(t *testing.T) {
		src, err := Open("images:" + dir + "?fps=0.1&hold=20s")
		if err != nil {
			t.Fatal(err)
		}
		var f face.Frame
		if err := src.Read(context.Background(), &f); err != nil {
			t.Fatal(err)
		}
		go src.Close()
		if err := src.Read(context.Background(), &f); !errors.Is(err, errClosed) {
			t.Errorf("Read during Close = %v, want %v", err, errClosed)
		}
		if err := src.Close(); err != nil {
			t.Errorf("second Close = %v", err)
		}
	})
}

func TestBadSpecificationsAreNamed(t *testing.T) {
	dir := pictures(t, "a.png")
	for _, c := range []struct{ spec, want string }{
		{"", "camera:0"},
		{"tape:1", "tape"},
		{"camera:front", "number"},
		{"camera:-1", "number"},
		{"images:", "path is missing"},
		{"images:" + dir + "?fps=0", "fps=0"},
		{"images:" + dir + "?fps=NaN", "fps=NaN"},
		{"images:" + dir + "?hold=2", "hold=2"},
		{"images:" + dir + "?gap=-1s", "gap=-1s"},
		{"images:" + dir + "?canvas=640", "canvas=640"},
		{"images:" + dir + "?canvas=1x99999", "canvas="},
		{"images:" + dir + "?loop=-2", "loop=-2"},
		{"images:" + dir + "?pace=fast", "pace=fast"},
		{"images:" + dir + "?speed=2", "speed"},
		{"images:" + dir + "?fps=abc", "fps=abc"},
		{"file:", "path is missing"},
		{"file:x?fps=3", "fps"},
	} {
		_, err := Parse(c.spec)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%q) = %v, want an error with %q", c.spec, err, c.want)
		}
	}
}

func TestFoldersThatCannotBePlayedAreNamedWhenOpened(t *testing.T) {
	for spec, want := range map[string]string{
		"images:" + filepath.Join(t.TempDir(), "none"): "none",
		"images:" + t.TempDir():                        "no .jpg",
	} {
		s, err := Parse(spec)
		if err != nil {
			t.Fatalf("Parse(%q) = %v, want that only opening looks at the folder", spec, err)
		}
		if _, err := s.Open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open of %q = %v, want an error with %q", spec, err, want)
		}
	}
}

func TestOnlyACameraIsNotPlayed(t *testing.T) {
	for spec, want := range map[string]bool{"camera:0": false, "file:clip.mp4": true, "images:photos": true} {
		if s, err := Parse(spec); err != nil || s.Played() != want {
			t.Errorf("Parse(%q): played = %v, %v, want %v", spec, s.Played(), err, want)
		}
	}
}

func TestUnreadablePictureIsNamedAndPassedOver(t *testing.T) {
	dir := pictures(t, "a.png", "c.png")
	if err := os.WriteFile(filepath.Join(dir, "b.jpg"), []byte("\xff\xd8\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := Open("images:" + dir + "?pace=none&fps=1&hold=1s&gap=0s")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f face.Frame
	read := func() string {
		if err := src.Read(context.Background(), &f); err != nil {
			return err.Error()
		}
		return f.Name
	}
	for _, want := range []string{"a.png", "b.jpg: the file is cut off", "c.png", "EOF"} {
		if got := read(); !strings.HasSuffix(got, want) {
			t.Errorf("read = %q, want %q at the end", got, want)
		}
	}
}

func TestFolderOfUnreadablePicturesEndsEvenForEver(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bad.png"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := Open("images:" + dir + "?loop=-1&pace=none")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f face.Frame
	var bad *face.PictureError
	if err := src.Read(context.Background(), &f); !errors.As(err, &bad) || !strings.Contains(err.Error(), "bad.png") {
		t.Errorf("first Read = %v, want a PictureError that names bad.png", err)
	}
	if err := src.Read(context.Background(), &f); err == nil || errors.As(err, &bad) {
		t.Errorf("second Read = %v, want an error for the folder", err)
	}
}

// A large photo takes longer to read than a frame lasts.
func TestNextPictureIsReadyBeforeItsTurn(t *testing.T) {
	src, err := Open("images:" + pictures(t, "1.png", "2.png") + "?hold=1h")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f face.Frame
	if err := src.Read(t.Context(), &f); err != nil {
		t.Fatal(err)
	}
	played, ok := src.(*images)
	if !ok || filepath.Base(f.Name) != "1.png" {
		t.Fatalf("%T shows %s first", src, f.Name)
	}
	select {
	case second := <-played.coming:
		if second.err != nil || second.canvas == nil {
			t.Errorf("the second picture: %v", second.err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the second picture is not read while the first is shown")
	}
}

func TestSkippedFramesTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src, err := openImages(pictures(t, "1.png"), defaultImages())
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		var f face.Frame
		if err := src.Read(t.Context(), &f); err != nil {
			t.Fatal(err)
		}
		skipper, ok := src.(interface {
			Skip(context.Context) (time.Time, bool, error)
		})
		if !ok {
			t.Fatal("no frame can be passed over")
		}
		began := f.At
		for i := 1; ; i++ {
			at, ok, err := skipper.Skip(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !ok { // the picture is over
				if i != 30 {
					t.Errorf("%d frames passed over, want the 29 after the first", i-1)
				}
				return
			}
			if want := began.Add(time.Duration(i) * (time.Second / 15)); at.Sub(want).Abs() > time.Millisecond || time.Since(at).Abs() > time.Millisecond {
				t.Fatalf("frame %d taken %v after the first, now %v", i+1, at.Sub(began), time.Since(began))
			}
		}
	})
}
