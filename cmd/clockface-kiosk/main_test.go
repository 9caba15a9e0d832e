package main

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clockface/cmd/internal/station"
	"clockface/face"
	"clockface/kiosk"
	"clockface/localdb"
)

// start runs the program and returns its exit code and what it wrote.
func start(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(args, strings.NewReader(""), &o, &e, func(string) string { return "" })
	return code, o.String(), e.String()
}

func TestStartsThatCannotBeEndWithASentence(t *testing.T) {
	busy := t.TempDir()
	unlock, err := localdb.Lock(busy, "clockface-kiosk")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a flag that does not exist", []string{"--nonsense"}, station.ExitUsage, "--help"},
		{"a camera without a number", []string{"--headless", "--data", t.TempDir(), "--camera", "camera:x"}, station.ExitUsage, "camera:0"},
		{"a camera of no kind", []string{"--headless", "--data", t.TempDir(), "--camera", "bogus"}, station.ExitUsage, "images:FOLDER"},
		{"a camera that is empty", []string{"--headless", "--data", t.TempDir(), "--camera", ""}, station.ExitUsage, "images:FOLDER"},
		{"a played camera at a rate that is none", []string{"--headless", "--data", t.TempDir(), "--camera", "images:x?fps=abc"}, station.ExitUsage, "fps=abc"},
		{"a folder that is not enrolled", []string{"--headless", "--data", t.TempDir()}, station.ExitNotEnrolled, "enroll-code"},
		{"a folder that another kiosk holds", []string{"--headless", "--data", busy}, station.ExitInUse, "in use by clockface-kiosk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := start(t, c.args...)
			if code != c.code || !strings.Contains(errs, c.says) {
				t.Errorf("exit code %d and %q, want %d and %q", code, errs, c.code, c.says)
			}
			if out != "" {
				t.Errorf("stdout holds %q, want nothing", out)
			}
		})
	}
}

func TestBadPictureDoesNotEndThePlayedCamera(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "a.jpg")
	if err := os.WriteFile(bad, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good, err := os.Create(filepath.Join(dir, "b.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(good, image.NewGray(image.Rect(0, 0, 20, 20))), good.Close()); err != nil {
		t.Fatal(err)
	}
	source, err := parseCamera("images:" + dir + "?pace=none&gap=0s&hold=1s&fps=5")
	if err != nil {
		t.Fatal(err)
	}
	var frames int
	var told []string
	err = (&eyes{camera: source}).Watch(t.Context(), kiosk.Observer{ // without models
		Opened:     func(kiosk.CameraState) {},
		Frame:      func(*image.RGBA) { frames++ },
		Unreadable: func(path string, _ error) { told = append(told, path) },
	})
	if err != nil || frames != 5 || !slices.Equal(told, []string{bad}) {
		t.Errorf("Watch = %v, %d frames, told of %q, want 5 and %s", err, frames, told, bad)
	}
}

func TestEveryStateOfAWatcherIsASight(t *testing.T) {
	for state, want := range map[face.State]kiosk.Sight{
		face.Nobody: kiosk.Nobody, face.Looking: kiosk.Looking, face.Identified: kiosk.Known,
		face.Unknown: kiosk.Stranger, face.Standing: kiosk.Standing,
	} {
		if got := sighting(face.Sighting{State: state, Reason: face.TooSmall}); got.Sight != want || got.Reason != "too_small" {
			t.Errorf("%s became %+v", state, got)
		}
	}
}

func TestDecoyIsAVerifierThatFitsNobody(t *testing.T) {
	p, err := newPINs()
	if err != nil {
		t.Fatal(err)
	}
	right, err := p.Verify(p.Decoy(), "1234")
	if err != nil || right {
		t.Errorf("Verify = %v, %v", right, err)
	}
}
