package face

import (
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"clockface/timeclock"
)

// savePNG writes img into a new folder and returns the path.
func savePNG(t *testing.T, dir, name string, img image.Image) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// testPack takes two vectors within 0.5 for one person when enrolling.
var testPack = Pack{Name: "test", Dim: 2, AtFMR3: 0.5}

func TestEnrolmentRefusesByNameAndGoesOn(t *testing.T) {
	dir := t.TempDir()
	large := savePNG(t, dir, "large.png", image.NewRGBA(image.Rect(0, 0, 2000, 10))) // too large to be looked at twice
	var files []string
	for _, name := range []string{"good1.png", "two.png", "small.png", "good2.png", "bob.png"} {
		files = append(files, savePNG(t, dir, name, textured()))
	}
	empty := filepath.Join(dir, "empty.jpg")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files = append([]string{large, empty}, files...)
	tiny := faceAt(image.Rect(100, 100, 130, 130), 0.1, 0)
	s := &scripted{script: []any{nil, ann, []Found{ann, bob}, tiny, ann, bob}}
	got, err := NewEnroller(s, testPack, "ann", NewGallery("test", 2)).Pictures(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	var accepted []string
	for _, a := range got.Accepted {
		accepted = append(accepted, filepath.Base(a.Name))
	}
	if want := []string{"good1.png", "good2.png"}; !slices.Equal(accepted, want) {
		t.Errorf("accepted = %q, want %q", accepted, want)
	}
	want := map[string]Reason{
		"large.png": NoFace, "empty.jpg": Unreadable, "two.png": SeveralFaces, "small.png": TooSmall, "bob.png": OtherPerson,
	}
	for _, r := range got.Refused {
		if name := filepath.Base(r.Name); want[name] != r.Reason {
			t.Errorf("%s refused for %q, want %q", name, r.Reason, want[name])
		}
		delete(want, filepath.Base(r.Name))
		if r.Error() == "" {
			t.Errorf("refusal of %s has no words", r.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("not refused: %v", want)
	}
}

func TestTheOddPictureIsLeftOutEvenIfItComesFirst(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"bob.png", "ann1.png", "ann2.png"} {
		files = append(files, savePNG(t, dir, name, textured()))
	}
	s := &scripted{script: []any{bob, ann, ann}}
	got, err := NewEnroller(s, testPack, "ann", NewGallery("test", 2)).Pictures(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Accepted) != 2 || len(got.Refused) != 1 || got.Refused[0].Name != files[0] {
		t.Errorf("accepted %d, refused %v, want the first refused", len(got.Accepted), got.Refused)
	}
}

func TestSecondLookFindsSmallFacesWhereTheyAre(t *testing.T) {
	double := Found{Box: image.Rect(20, 40, 60, 80), Landmarks: []image.Point{{30, 50}}, Vector: []float32{0, 0}}
	s := &scripted{script: []any{nil, double}}
	faces, err := Look(context.Background(), s, image.NewRGBA(image.Rect(0, 0, 50, 50)))
	if err != nil {
		t.Fatal(err)
	}
	if len(faces) != 1 || faces[0].Box != image.Rect(10, 20, 30, 40) || faces[0].Landmarks[0] != image.Pt(15, 25) {
		t.Errorf("faces = %+v, want one at half the coordinates", faces)
	}
}

func TestLiveEnrolmentTakesFramesApart(t *testing.T) {
	s := &scripted{script: script(repeat(2, nil), repeat(2, []Found{ann, bob}), repeat(1, ann))}
	got, err := NewEnroller(s, testPack, "ann", NewGallery("test", 2)).Live(context.Background(), &reel{n: 300, at: time.Unix(1000, 0)}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Accepted) != 5 || s.calls != 4+5 {
		t.Errorf("accepted %d of %d frames looked at, want 5 of 9", len(got.Accepted), s.calls)
	}
	if len(got.Refused) != 2 || got.Refused[0].Reason != NoFace || got.Refused[1].Reason != SeveralFaces {
		t.Errorf("refused = %+v, want no_face and several_faces once each", got.Refused)
	}
}

func TestLiveEnrolmentGivesUp(t *testing.T) {
	s := &scripted{script: repeat(1, nil)}
	src := &reel{n: -1, at: time.Unix(1000, 0)}
	got, err := NewEnroller(s, testPack, "ann", NewGallery("test", 2)).Live(context.Background(), src, 5)
	if err != nil || len(got.Accepted) != 0 {
		t.Errorf("Live = %+v, %v, want nothing and no error", got, err)
	}
	if waited := src.at.Sub(time.Unix(1000, 0)); waited > 31*time.Second {
		t.Errorf("watched for %v, want 30 s", waited)
	}
}

// margined is testPack with a margin, so that there are look-alikes.
var margined = Pack{Name: "test", Dim: 2, AtFMR3: 0.5, Margin: 0.1}

func TestOneFaceIsNotEnrolledForTwo(t *testing.T) {
	for _, c := range []struct {
		name    string
		known   map[timeclock.EmployeeID][]float32
		x, y    float32
		refused Reason
		who     timeclock.EmployeeID // with the refusal, or the look-alike
		alike   bool
	}{
		{"the first of all", nil, 0, 0, "", "", false},
		{"like nobody else", map[timeclock.EmployeeID][]float32{"bob": {2, 0}}, 0, 0, "", "", false},
		{"like the person's own", map[timeclock.EmployeeID][]float32{"ann": {0.4, 0}}, 0, 0, "", "", false},
		{"unlike the person's own", map[timeclock.EmployeeID][]float32{"ann": {0.6, 0}}, 0, 0, OtherPerson, "ann", false},
		{"somebody else's", map[timeclock.EmployeeID][]float32{"bob": {0.4, 0}}, 0, 0, EnrolledForOther, "bob", false},
		{"somebody else's, the person having a third face", map[timeclock.EmployeeID][]float32{"ann": {3, 0}, "bob": {0.1, 0}}, 0, 0, EnrolledForOther, "bob", false},
		{"nearly somebody else's", map[timeclock.EmployeeID][]float32{"ann": {0, 0}, "bob": {0.55, 0}}, 0, 0, "", "bob", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewGallery("test", 2)
			for who, v := range c.known {
				mustAdd(t, g, who, v)
			}
			s := &scripted{script: repeat(1, faceAt(middle, c.x, c.y))}
			got, err := NewEnroller(s, margined, "ann", g).Pictures(t.Context(), []string{savePNG(t, t.TempDir(), "new.png", textured())})
			if err != nil {
				t.Fatal(err)
			}
			if accepted := len(got.Accepted) == 1; accepted != (c.refused == "") {
				t.Fatalf("accepted = %v, refused = %v", accepted, got.Refused)
			}
			if c.refused != "" && (got.Refused[0].Reason != c.refused || got.Refused[0].Who != c.who) {
				t.Errorf("refused = %+v, want %s for %s", got.Refused, c.refused, c.who)
			}
			if alike := len(got.LookAlikes) == 1; alike != c.alike || alike && got.LookAlikes[0].Who != c.who {
				t.Errorf("look-alikes = %+v, want %v", got.LookAlikes, c.alike)
			}
		})
	}
}

func TestCameraSaysOnceThatTheFaceIsSomebodyElses(t *testing.T) {
	g := NewGallery("test", 2)
	mustAdd(t, g, "bob", []float32{0, 0})
	got, err := NewEnroller(&scripted{script: repeat(1, ann)}, testPack, "ann", g).Live(t.Context(), &reel{n: 300, at: time.Unix(1000, 0)}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Accepted) != 0 || len(got.Refused) != 1 || got.Refused[0].Reason != EnrolledForOther {
		t.Errorf("accepted %d, refused %+v, want one refusal", len(got.Accepted), got.Refused)
	}
}
