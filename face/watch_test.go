package face

import (
	"context"
	"errors"
	"image"
	"io"
	"slices"
	"testing"
	"time"

	"clockface/timeclock"
)

// scripted is an embedder that finds in a frame what the script says for it.
type scripted struct {
	script []any // per frame: nothing, a face or several
	calls  int
	err    error
}

func (s *scripted) Pack() string { return "test" }
func (s *scripted) Dim() int     { return 2 }
func (s *scripted) Close() error { return nil }

func (s *scripted) Find(context.Context, *image.RGBA) ([]Found, error) {
	if s.err != nil {
		return nil, s.err
	}
	s.calls++
	switch v := s.script[min(s.calls, len(s.script))-1].(type) {
	case Found:
		return []Found{v}, nil
	case []Found:
		return v, nil
	}
	return nil, nil
}

const frameTime = time.Second / 15

// middle is where a face of 200 px stands in the middle of the frame.
var middle = image.Rect(220, 140, 420, 340)

func faceAt(box image.Rectangle, x, y float32) Found { return Found{Box: box, Vector: []float32{x, y}} }

// ann and bob are enrolled at 0,0 and 2,0 under a threshold of 0.5; stranger is far from both.
var (
	ann      = faceAt(middle, 0.1, 0)
	bob      = faceAt(middle, 2, 0.1)
	stranger = faceAt(middle, 1, 3)
)

func testWatcher(t *testing.T, s *scripted, o WatchOptions) *Watcher {
	t.Helper()
	g := NewGallery("test", 2)
	mustAdd(t, g, "ann", []float32{0, 0})
	mustAdd(t, g, "bob", []float32{2, 0})
	w, err := NewWatcher(s, g, Rule{Threshold: 0.5, Margin: 0.05}, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// textured returns a frame with light and detail enough for the gate.
func textured() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range img.Pix {
		img.Pix[i] = uint8(60 + (i/4/7*31+i/4/640/9*57)%150)
	}
	return img
}

// repeat returns n times v.
func repeat(n int, v any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func script(parts ...[]any) []any {
	var out []any
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// watchAll runs the script at 15 frames a second and returns every sighting.
func watchAll(t *testing.T, frames []any, o WatchOptions) []Sighting {
	t.Helper()
	s := &scripted{script: frames}
	w := testWatcher(t, s, o)
	f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
	var out []Sighting
	for range frames {
		f.N++
		f.At = f.At.Add(frameTime)
		sighting, err := w.Watch(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, sighting)
	}
	return out
}

// A PC that manages two frames a second must not answer twice, nor never.
func TestSlowFramesAreOneAppearance(t *testing.T) {
	s := &scripted{script: script(repeat(6, ann), repeat(2, nil), repeat(6, ann))}
	w := testWatcher(t, s, WatchOptions{})
	f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
	var out []Sighting
	for range s.script {
		f.N++
		f.At = f.At.Add(600 * time.Millisecond)
		sighting, err := w.Watch(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, sighting)
	}
	if got, want := answers(out), []string{"ann", "ann"}; !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
}

// answers returns the answers in the order given, as words.
func answers(sightings []Sighting) []string {
	var out []string
	for _, s := range sightings {
		switch s.State {
		case Identified:
			out = append(out, string(s.Who.Employee))
		case Unknown:
			out = append(out, "unknown: "+string(s.Reason))
		}
	}
	return out
}

func TestAnswers(t *testing.T) {
	small := faceAt(image.Rect(300, 200, 340, 240), 0.1, 0)
	edge := faceAt(image.Rect(-100, 100, 100, 300), 0.1, 0)
	between := faceAt(middle, 1, 0)
	odd := faceAt(middle, 0.9, 0.4)
	away, gap := repeat(10, nil), repeat(3, nil)
	for _, c := range []struct {
		name   string
		frames []any
		want   []string
	}{
		{"an empty room gives no answer", repeat(30, nil), nil},
		{"one frame never decides", script(repeat(1, ann), away), nil},
		{"nor do two", script(repeat(2, ann), away), nil},
		{"three do", script(repeat(3, ann), away), []string{"ann"}},
		{"a person who stays is named once", repeat(150, ann), []string{"ann"}},
		{"a face lost for a moment has not left", script(repeat(5, ann), gap, repeat(5, ann)), []string{"ann"}},
		{"who comes back is named again", script(repeat(5, ann), away, repeat(5, ann)), []string{"ann", "ann"}},
		{"the next in the queue needs no empty frame", script(repeat(5, ann), repeat(8, bob)), []string{"ann", "bob"}},
		{"odd frames of a standing person make no second answer", script(repeat(5, ann), repeat(2, bob), repeat(5, ann)), []string{"ann"}},
		{"nor do many frames like nobody", script(repeat(5, ann), repeat(4, odd), repeat(9, ann)), []string{"ann"}},
		{"a face that changes before the answer starts over", script(repeat(2, ann), repeat(4, bob)), []string{"bob"}},
		{"a stranger is refused once", repeat(60, stranger), []string{"unknown: not_enrolled"}},
		{"and again for who stays longer than the answer", repeat(110, stranger), []string{"unknown: not_enrolled", "unknown: not_enrolled"}},
		{"halfway between two people is refused", script(repeat(40, between), away), []string{"unknown: not_enrolled"}},
		{"a face too far away is no failure", repeat(90, small), nil},
		{"a face at the edge is told so in the end", repeat(60, edge), []string{"unknown: at_edge"}},
		{"bad frames before good ones only cost time", script(repeat(5, small), repeat(4, ann)), []string{"ann"}},
	} {
		got := answers(watchAll(t, c.frames, WatchOptions{}))
		if len(got) != len(c.want) {
			t.Errorf("%s: answers = %q, want %q", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: answers = %q, want %q", c.name, got, c.want)
			}
		}
	}
}

func TestOddFramesOfAStandingPersonDoNotShow(t *testing.T) {
	all := watchAll(t, script(repeat(4, ann), repeat(2, bob), repeat(2, ann)), WatchOptions{})
	for i, s := range all[3:] {
		if s.State != Standing || s.Who.Employee != "ann" {
			t.Errorf("frame %d after the answer: %v %s, want ann standing", i+1, s.State, s.Who.Employee)
		}
	}
}

func TestAFrameThatDisagreesCostsOneMore(t *testing.T) {
	g := NewGallery("test", 2)
	mustAdd(t, g, "ann", []float32{0, 0})
	mustAdd(t, g, "bob", []float32{0.5, 0})
	s := &scripted{script: []any{faceAt(middle, 0.1, 0), faceAt(middle, 0.3, 0), faceAt(middle, 0.1, 0)}}
	w, err := NewWatcher(s, g, Rule{Threshold: 0.5, Margin: 0.05}, WatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
	for n := 1; n <= 4; n++ {
		f.At = f.At.Add(frameTime)
		sighting, err := w.Watch(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		if want := n == 4; (sighting.State == Identified) != want {
			t.Errorf("frame %d: %v, want identified only by the fourth", n, sighting.State)
		}
	}
}

func TestTheNextPersonCountsFromTheirFirstFrameAlsoInSlowTime(t *testing.T) {
	s := &scripted{script: script(repeat(3, ann), repeat(3, bob))}
	w := testWatcher(t, s, WatchOptions{})
	f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
	var last Sighting
	for range 6 {
		f.At = f.At.Add(300 * time.Millisecond) // two of them are longer than Left
		var err error
		if last, err = w.Watch(context.Background(), f); err != nil {
			t.Fatal(err)
		}
	}
	if last.State != Identified || last.Who.Employee != "bob" || last.At.Sub(last.FirstSeen) != 600*time.Millisecond {
		t.Errorf("last frame: %v %s after %v, want bob after 600ms", last.State, last.Who.Employee, last.At.Sub(last.FirstSeen))
	}
}

func TestTwoAboutEquallyNearAreAmbiguous(t *testing.T) {
	s := &scripted{script: repeat(1, faceAt(middle, 0.3, 0))}
	g := NewGallery("test", 2)
	mustAdd(t, g, "ann", []float32{0, 0})
	mustAdd(t, g, "twin", []float32{0.61, 0})
	w, err := NewWatcher(s, g, Rule{Threshold: 0.5, Margin: 0.05}, WatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
	for range 30 {
		f.At = f.At.Add(frameTime)
		sighting, err := w.Watch(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		if sighting.State == Identified {
			t.Fatalf("identified %s between two who look alike", sighting.Who.Employee)
		}
		if sighting.State == Unknown {
			if sighting.Reason != Ambiguous {
				t.Errorf("reason = %q, want %q", sighting.Reason, Ambiguous)
			}
			return
		}
	}
	t.Error("no answer in 30 frames")
}

func TestAnswerCarriesWhoAndSince(t *testing.T) {
	all := watchAll(t, script(repeat(2, nil), repeat(4, ann)), WatchOptions{Played: true})
	first := time.Unix(1000, 0).Add(3 * frameTime)
	s := all[4]
	if s.State != Identified {
		t.Fatalf("state after three frames = %v, want %v", s.State, Identified)
	}
	if !s.FirstSeen.Equal(first) || s.At.Sub(s.FirstSeen) != 2*frameTime {
		t.Errorf("first seen %v before the answer, want %v", s.At.Sub(s.FirstSeen), 2*frameTime)
	}
	if s.Who.Method != timeclock.ByFace || !s.Who.Flags.Has(timeclock.PlayedCamera) {
		t.Errorf("who = %+v, want by face from a played camera", s.Who)
	}
	if s.Who.Confidence < 0.9 || s.Who.Confidence > 1 {
		t.Errorf("confidence at a fifth of the threshold = %v, want 0.9 to 1", s.Who.Confidence)
	}
	if after := all[5]; after.State != Standing || after.Who.Employee != "ann" || after.Box != middle {
		t.Errorf("the frame after = %+v, want ann standing there", after)
	}
}

func TestTheNearerOfTwoIsNamed(t *testing.T) {
	far := faceAt(image.Rect(20, 100, 120, 200), 2, 0.1) // bob, half as large
	all := watchAll(t, repeat(4, []Found{far, ann}), WatchOptions{})
	if got := answers(all); len(got) != 1 || got[0] != "ann" {
		t.Errorf("answers = %q, want ann alone", got)
	}
	if all[0].Others != 1 {
		t.Errorf("others = %d, want 1", all[0].Others)
	}
}

func TestTwoSideBySideDoNotTakeTurns(t *testing.T) {
	left, right := image.Rect(40, 100, 240, 300), image.Rect(340, 100, 545, 305)
	frames := []any{faceAt(left, 0.1, 0)}
	for range 10 {
		frames = append(frames, []Found{faceAt(left, 0.1, 0), faceAt(right, 2, 0.1)})
	}
	if got := answers(watchAll(t, frames, WatchOptions{})); len(got) != 1 || got[0] != "ann" {
		t.Errorf("answers = %q, want ann alone although the other is a little larger", got)
	}
}

func TestForgetSeesWhoStandsThereAnew(t *testing.T) {
	s := &scripted{script: repeat(1, ann)}
	w := testWatcher(t, s, WatchOptions{})
	f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
	var named int
	for i := range 12 {
		if i == 6 {
			w.Forget()
		}
		f.At = f.At.Add(frameTime)
		sighting, err := w.Watch(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		if sighting.State == Identified {
			named++
		}
	}
	if named != 2 {
		t.Errorf("named %d times, want once before and once after Forget", named)
	}
}

func TestGalleryOfAnotherPackIsRefused(t *testing.T) {
	w := testWatcher(t, &scripted{}, WatchOptions{})
	if err := w.Use(NewGallery("other", 2), Rule{}); err == nil {
		t.Error("Use of a gallery of another pack = nil error")
	}
}

func TestAnEmbedderThatFailsIsNamedByFrame(t *testing.T) {
	broken := errors.New("broken")
	w := testWatcher(t, &scripted{err: broken}, WatchOptions{})
	if _, err := w.Watch(context.Background(), &Frame{Pix: textured(), N: 7}); !errors.Is(err, broken) {
		t.Errorf("Watch = %v, want %v", err, broken)
	}
}

// reel is a source of n equal frames, or endless with n < 0.
type reel struct {
	n   int
	err error // instead of the end
	at  time.Time
	pix *image.RGBA
}

func (r *reel) Played() bool { return true }
func (r *reel) Close() error { return nil }

func (r *reel) Read(ctx context.Context, into *Frame) error {
	if r.n == 0 {
		if r.err != nil {
			return r.err
		}
		return io.EOF
	}
	r.n--
	into.Fit(640, 480)
	if r.pix == nil {
		r.pix = textured()
	}
	copy(into.Pix.Pix, r.pix.Pix)
	r.at = r.at.Add(frameTime)
	into.N, into.At = into.N+1, r.at
	return ctx.Err()
}

// closeUp is an embedder that can look near a place and counts how it looked.
type closeUp struct {
	scripted
	whole, near int
	places      []image.Rectangle
	lost        bool // nothing is found near a place
}

func (c *closeUp) Find(ctx context.Context, img *image.RGBA) ([]Found, error) {
	c.whole++
	return c.scripted.Find(ctx, img)
}

func (c *closeUp) FindNear(ctx context.Context, img *image.RGBA, box image.Rectangle) ([]Found, error) {
	c.near++
	c.places = append(c.places, box)
	if c.lost {
		return nil, nil
	}
	return c.scripted.Find(ctx, img)
}

func TestOnlyTheFirstLookAtAFaceIsAtTheWholeFrame(t *testing.T) {
	for _, c := range []struct {
		name        string
		face        Found
		lost        bool
		whole, near int // of six frames
	}{
		{"until the answer", ann, false, 4, 2},
		{"again at the whole while it is not decided", stranger, false, 3, 3},
		{"and where the place is empty", ann, true, 6, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &closeUp{scripted: scripted{script: repeat(6, c.face)}, lost: c.lost}
			w := testWatcher(t, &e.scripted, WatchOptions{})
			w.embedder = e
			f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
			for range 6 {
				f.At = f.At.Add(frameTime)
				if _, err := w.Watch(t.Context(), f); err != nil {
					t.Fatal(err)
				}
			}
			if e.whole != c.whole || e.near != c.near {
				t.Errorf("%d looks at the whole frame and %d near the face, want %d and %d", e.whole, e.near, c.whole, c.near)
			}
			for _, p := range e.places {
				if p != middle {
					t.Errorf("looked near %v, want %v", p, middle)
				}
			}
		})
	}
}

func TestTighterBoxOfACloseLookIsNotTooSmall(t *testing.T) {
	wide, tight := ann, ann
	wide.Box, tight.Box = image.Rect(300, 100, 364, 164), image.Rect(304, 104, 360, 160)
	e := &closeUp{scripted: scripted{script: []any{wide, tight, tight}}}
	w := testWatcher(t, &e.scripted, WatchOptions{})
	w.embedder = e
	f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
	var s Sighting
	for range 3 {
		f.At = f.At.Add(frameTime)
		var err error
		if s, err = w.Watch(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	if s.State != Identified || e.near != 2 {
		t.Errorf("%s (%s) after %d close looks, want an answer after 2", s.State, s.Reason, e.near)
	}
}

func TestAnEmptyStillRoomIsLookedAtRarely(t *testing.T) {
	var still stillness
	f := &Frame{Pix: textured(), At: time.Unix(1000, 0)}
	looked := 0
	for range 60 { // 4 s
		f.At = f.At.Add(frameTime)
		if !still.sameAsEmpty(f) {
			looked++
			still.looked(f, true)
		}
	}
	if looked != 2 {
		t.Errorf("looked %d times in 4 s, want 2: at first and once anyway", looked)
	}
	for y := 100; y < 300; y++ {
		for x := 200; x < 400; x++ {
			f.Pix.Pix[f.Pix.PixOffset(x, y)+1] = 255
		}
	}
	if still.sameAsEmpty(f) {
		t.Error("something bright in the middle of the picture was not seen")
	}
}
