//go:build cgo && !nocamera

package dlib

import (
	"context"
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	goface "github.com/Kagami/go-face"
	"gocv.io/x/gocv"

	"clockface/face"
	"clockface/face/camera"
	"clockface/face/models"
	"clockface/timeclock"
)

// modelsDir returns the folder of the models, or skips.
func modelsDir(t testing.TB) string {
	t.Helper()
	dir, err := models.DefaultDir()
	if err != nil {
		t.Skip(err)
	}
	pack, err := models.ByName(face.Dlib)
	if err != nil {
		t.Fatal(err)
	}
	if err := models.Check(dir, pack); err != nil {
		t.Skipf("the dlib models are not there: %v", err)
	}
	return dir
}

func open(t testing.TB) face.Embedder {
	t.Helper()
	e, err := Open(modelsDir(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// collection returns the folder of photos of three people that gocv brings.
func collection(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "gocv.io/x/gocv").Output()
	if err != nil {
		t.Skipf("go list does not find the gocv module: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "contrib", "att_faces")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the gocv module has no photos: %v", err)
	}
	return dir
}

// photos returns the photos of one person of the collection, in no special order.
func photos(t testing.TB, person string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(collection(t), person, "*.pgm"))
	if err != nil || len(files) < 4 {
		t.Skipf("photos of %s = %d (%v), want at least 4", person, len(files), err)
	}
	return files
}

// presidents returns the folder of obama's and biden's photos, or skips.
func presidents(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("CLOCKFACE_FACES")
	if dir == "" {
		t.Skip("CLOCKFACE_FACES is not set: no photos of the face-recognition package")
	}
	if _, err := os.Stat(filepath.Join(dir, "biden.jpg")); err != nil {
		t.Skipf("the photos of the face-recognition package are not there: %v", err)
	}
	return dir
}

// enrol adds the person's photos to the gallery; each must be accepted.
func enrol(t *testing.T, e face.Embedder, g *face.Gallery, who timeclock.EmployeeID, files []string) {
	t.Helper()
	pack, err := face.PackByName(e.Pack())
	if err != nil {
		t.Fatal(err)
	}
	got, err := face.NewEnroller(e, pack, who, g).Pictures(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got.Refused {
		t.Errorf("refused: %v", r)
	}
	for _, v := range got.Vectors() {
		if err := g.Add(who, v); err != nil {
			t.Fatal(err)
		}
	}
}

// answersTo plays the files as a camera, as fast as frames are read, and
// returns what the watcher answered to each picture.
func answersTo(t *testing.T, e face.Embedder, g *face.Gallery, files []string) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src, err := camera.Open("images:" + dir + "?pace=none&hold=1200ms&gap=600ms&fps=5")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	pack, err := face.PackByName(e.Pack())
	if err != nil {
		t.Fatal(err)
	}
	w, err := face.NewWatcher(e, g, pack.Prior(face.DefaultFMR), face.WatchOptions{Played: src.Played()})
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string][]string{}
	var f face.Frame
	for src.Read(context.Background(), &f) == nil {
		s, err := w.Watch(context.Background(), &f)
		if err != nil {
			t.Fatal(err)
		}
		picture := filepath.Base(s.Picture)
		switch s.State {
		case face.Identified:
			answers[picture] = append(answers[picture], string(s.Who.Employee))
		case face.Unknown:
			answers[picture] = append(answers[picture], string(s.Reason))
		}
	}
	return answers
}

func TestPeopleAreNamedOnOtherPhotosThanTheEnrolled(t *testing.T) {
	e := open(t)
	g := face.NewGallery(face.Dlib, e.Dim())
	shown := map[string][]string{}
	for _, person := range []string{"s1", "s2", "s3"} {
		files := photos(t, person)
		half := len(files) / 2
		enrol(t, e, g, timeclock.EmployeeID(person), files[:half])
		shown[person] = files[half:]
	}
	for person, files := range shown {
		answers := answersTo(t, e, g, files)
		for _, f := range files {
			if got := answers[filepath.Base(f)]; !slices.Equal(got, []string{person}) {
				t.Errorf("%s of %s: answers %q, want %s once", filepath.Base(f), person, got, person)
			}
		}
	}
}

func TestTheStrangerIsRefusedAndTheOtherNamed(t *testing.T) {
	dir, e := presidents(t), open(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	g := face.NewGallery(face.Dlib, e.Dim())
	enrol(t, e, g, "obama", []string{in("obama.jpg")})
	for _, person := range []string{"s1", "s2", "s3"} {
		enrol(t, e, g, timeclock.EmployeeID(person), photos(t, person))
	}
	answers := answersTo(t, e, g, []string{in("obama2.jpg"), in("obama3.jpg"), in("biden.jpg")})
	for name, want := range map[string]string{"obama2.jpg": "obama", "obama3.jpg": "obama", "biden.jpg": string(face.NotEnrolled)} {
		if got := answers[name]; !slices.Equal(got, []string{want}) {
			t.Errorf("%s: answers %q, want %s once", name, got, want)
		}
	}
}

func TestDescriptorIsThatOfGoFaceOnTheSameFrame(t *testing.T) {
	e, dir := open(t), modelsDir(t)
	frame := frameOf(t, photos(t, "s1")[0])
	ours, err := e.Find(context.Background(), frame)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := goface.NewRecognizer(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	theirs, err := rec.RecognizeFile(savedAsJPEG(t, frame))
	if err != nil {
		t.Fatal(err)
	}
	if len(ours) != 1 || len(theirs) != 1 {
		t.Fatalf("faces = %d and %d, want one each", len(ours), len(theirs))
	}
	if d := face.Distance(ours[0].Vector, theirs[0].Descriptor[:]); d > 0.05 {
		t.Errorf("distance to go-face on the same file = %v, want next to nothing", d)
	}
	if len(ours[0].Landmarks) != 5 || ours[0].Box != theirs[0].Rectangle {
		t.Errorf("box %v, %d landmarks, want %v and 5", ours[0].Box, len(ours[0].Landmarks), theirs[0].Rectangle)
	}
}

// TestFaceIsFoundAgainNearItsPlace holds the look at a part of the frame to that
// at the whole: the same place, and a descriptor far nearer than two pictures of
// one person are.
func TestFaceIsFoundAgainNearItsPlace(t *testing.T) {
	e := open(t)
	near, ok := e.(interface {
		FindNear(context.Context, *image.RGBA, image.Rectangle) ([]face.Found, error)
	})
	if !ok {
		t.Fatal("the embedder does not look near a place")
	}
	for _, person := range []string{"s1", "s2", "s3"} {
		for _, file := range photos(t, person) {
			frame := frameOf(t, file)
			whole, err := e.Find(t.Context(), frame)
			if err != nil {
				t.Fatal(err)
			}
			if len(whole) != 1 {
				continue
			}
			again, err := near.FindNear(t.Context(), frame, whole[0].Box)
			if err != nil {
				t.Fatal(err)
			}
			if len(again) != 1 {
				t.Errorf("%s: %d faces near the place of one", file, len(again))
				continue
			}
			apart := again[0].Box.Min.Sub(whole[0].Box.Min)
			if limit := whole[0].Box.Dx() / 5; max(apart.X, -apart.X, apart.Y, -apart.Y) > limit {
				t.Errorf("%s: found at %v, want near %v", file, again[0].Box, whole[0].Box)
			}
			if d := face.Distance(again[0].Vector, whole[0].Vector); d > 0.25 {
				t.Errorf("%s: the descriptor is %.3f away from that of the whole frame", file, d)
			} else {
				t.Logf("%s: %v, %.3f away", filepath.Base(file), again[0].Box, d)
			}
		}
	}
	for _, box := range []image.Rectangle{{}, image.Rect(-90, -90, -10, -10), image.Rect(0, 0, 5000, 5000)} {
		if _, err := near.FindNear(t.Context(), frameOf(t, photos(t, "s1")[0]), box); err != nil {
			t.Errorf("near %v: %v", box, err)
		}
	}
}

func TestSmallPicturesAreScaledUpAndBoxesBack(t *testing.T) {
	e := open(t)
	img, err := face.ReadPicture(photos(t, "s2")[0]) // 92×112: go-face alone finds nothing in it
	if err != nil {
		t.Fatal(err)
	}
	faces, err := e.Find(context.Background(), img)
	if err != nil {
		t.Fatal(err)
	}
	if len(faces) != 1 || !faces[0].Box.Overlaps(img.Rect) || faces[0].Box.Dx() > img.Rect.Dx()+20 {
		t.Errorf("faces = %+v, want one inside %v", faces, img.Rect)
	}
}

func TestOddPicturesGiveNoFaceAndNoCrash(t *testing.T) {
	e := open(t)
	for _, size := range []image.Point{{1, 1}, {640, 480}, {3000, 10}, {1, 5000}} {
		faces, err := e.Find(context.Background(), image.NewRGBA(image.Rectangle{Max: size}))
		if err != nil || len(faces) != 0 {
			t.Errorf("%v: %d faces, %v, want none", size, len(faces), err)
		}
	}
	if _, err := e.Find(context.Background(), image.NewRGBA(image.Rectangle{})); err == nil {
		t.Error("a picture of no size was taken")
	}
	part := image.NewRGBA(image.Rect(0, 0, 100, 100)).SubImage(image.Rect(10, 10, 50, 50)).(*image.RGBA)
	if _, err := e.Find(context.Background(), part); err == nil {
		t.Error("a part of a picture, whose rows are not its own, was taken")
	}
}

func TestClosedEmbedderSaysSo(t *testing.T) {
	e, err := Open(modelsDir(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.Find(context.Background(), image.NewRGBA(image.Rect(0, 0, 9, 9))); err == nil {
		t.Error("Find after Close = nil error")
	}
}

func TestDamagedModelsAreNamedWithTheChecksum(t *testing.T) {
	good, dir := modelsDir(t), t.TempDir()
	pack, err := models.ByName(face.Dlib)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range pack.Files {
		if err := os.Symlink(filepath.Join(good, f.Name), filepath.Join(dir, f.Name)); err != nil {
			t.Fatal(err)
		}
	}
	damaged := filepath.Join(dir, pack.Files[1].Name)
	for name, size := range map[string]int{"empty": 0, "cut off": 1000} {
		if err := os.Remove(damaged); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(damaged, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir)
		var bad *models.FileError
		if !errors.As(err, &bad) || bad.Path != damaged || !strings.Contains(err.Error(), pack.Files[1].SHA256) {
			t.Errorf("%s: Open = %v, want the file and its checksum named", name, err)
		}
	}
}

// frameOf returns the picture as a frame of 640×480, as camera images: plays it.
func frameOf(t testing.TB, path string) *image.RGBA {
	t.Helper()
	img, err := face.ReadPicture(path)
	if err != nil {
		t.Fatal(err)
	}
	frame := image.NewRGBA(image.Rect(0, 0, 640, 480))
	face.Scale(frame, face.FitInto(frame.Rect, img.Rect.Dx(), img.Rect.Dy()), img)
	return frame
}

// savedAsJPEG writes the frame for go-face alone and returns the path.
func savedAsJPEG(t testing.TB, frame *image.RGBA) string {
	t.Helper()
	mat, err := gocv.ImageToMatRGB(frame)
	if err != nil {
		t.Fatal(err)
	}
	defer mat.Close()
	path := filepath.Join(t.TempDir(), "frame.jpg")
	if !gocv.IMWriteWithParams(path, mat, []int{gocv.IMWriteJpegQuality, quality}) {
		t.Fatal("the frame cannot be written")
	}
	return path
}

// BenchmarkFrame and BenchmarkGoFaceAlone are the two sides of the figure
// face.descriptor: a frame to descriptors here, and go-face on the same frame
// as a file.
func BenchmarkFrame(b *testing.B) {
	e, frame := open(b), frameOf(b, photos(b, "s1")[0])
	for b.Loop() {
		if faces, err := e.Find(context.Background(), frame); err != nil || len(faces) != 1 {
			b.Fatalf("faces = %d, %v, want one", len(faces), err)
		}
	}
}

// BenchmarkFrameNear is the second and third look at the same face.
func BenchmarkFrameNear(b *testing.B) {
	e, frame := open(b), frameOf(b, photos(b, "s1")[0])
	whole, err := e.Find(b.Context(), frame)
	near, ok := e.(*embedder)
	if err != nil || len(whole) != 1 || !ok {
		b.Fatalf("faces = %d, %v, want one", len(whole), err)
	}
	for b.Loop() {
		if faces, err := near.FindNear(b.Context(), frame, whole[0].Box); err != nil || len(faces) != 1 {
			b.Fatalf("faces = %d, %v, want one", len(faces), err)
		}
	}
}

func BenchmarkGoFaceAlone(b *testing.B) {
	rec, err := goface.NewRecognizer(modelsDir(b))
	if err != nil {
		b.Fatal(err)
	}
	defer rec.Close()
	path := savedAsJPEG(b, frameOf(b, photos(b, "s1")[0]))
	for b.Loop() {
		if faces, err := rec.RecognizeFile(path); err != nil || len(faces) != 1 {
			b.Fatalf("faces = %d, %v, want one", len(faces), err)
		}
	}
}
