//go:build cgo && !nocamera

package camera

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clockface/face"
)

// gocvFile returns a file of the gocv module, which brings pictures and a film.
func gocvFile(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "gocv.io/x/gocv").Output()
	if err != nil {
		t.Skipf("go list does not find the gocv module: %v", err)
	}
	path := filepath.Join(strings.TrimSpace(string(out)), name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the gocv module has no %s: %v", name, err)
	}
	return path
}

func TestFilmPlaysToItsEndAndOnceMore(t *testing.T) {
	clip := gocvFile(t, "images/small.mp4")
	once := countFrames(t, "file:"+clip+"?pace=none")
	if once < 10 {
		t.Fatalf("frames = %d, want a film's worth", once)
	}
	if twice := countFrames(t, "file:"+clip+"?pace=none&loop=1"); twice != 2*once {
		t.Errorf("with loop=1 frames = %d, want %d", twice, 2*once)
	}
}

func countFrames(t *testing.T, spec string) int {
	t.Helper()
	src, err := Open(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if !src.Played() {
		t.Error("Played() = false for a film")
	}
	var f face.Frame
	for n := 0; ; n++ {
		err := src.Read(context.Background(), &f)
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		if f.Pix.Rect.Dx() > Width || f.Pix.Rect.Dy() > Height {
			t.Fatalf("frame size = %v, want within %d×%d", f.Pix.Rect, Width, Height)
		}
	}
}

func TestFilmThatIsNoneIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clip.mp4")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, spec := range []string{"file:" + path, "file:" + path + ".none"} {
		_, err := Open(spec)
		if err == nil || !strings.Contains(err.Error(), "clip.mp4") {
			t.Errorf("Open(%q) = %v, want an error that names the file", spec, err)
		}
	}
}

func TestMissingCameraSaysWhatToDo(t *testing.T) {
	_, err := Open("camera:63")
	if err == nil || !strings.Contains(err.Error(), "camera:63") || !strings.Contains(err.Error(), "plug") {
		t.Errorf("Open(camera:63) = %v, want a sentence that names the camera and says what to do", err)
	}
}
