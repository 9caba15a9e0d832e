package screens

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"

	"clockface/assets/look"
)

// TestScreenshots writes a picture of every screen into the folder that
// CLOCKFACE_SCREENS names, for people to look at: in German, whose sentences are
// the longest.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("CLOCKFACE_SCREENS")
	if dir == "" {
		t.Skip("CLOCKFACE_SCREENS does not name a folder for pictures")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	sizes := []fyne.Size{{Width: 480, Height: 800}, {Width: 800, Height: 480}, {Width: 1280, Height: 800}}
	for _, size := range sizes {
		for name, mode := range map[string]look.Mode{"light": look.Light, "dark": look.Dark} {
			s := newStage(t, size, mode)
			for _, sample := range samples() {
				s.show(sample.state, "de")
				file := fmt.Sprintf("kiosk-%s-%vx%v-%s-de.png", sample.name, size.Width, size.Height, name)
				s.capture(t, filepath.Join(dir, file))
			}
		}
	}
}

func (s *stage) capture(t *testing.T, file string) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(out, s.window.Canvas().Capture()); err != nil {
		t.Error(err)
	}
	if err := out.Close(); err != nil {
		t.Error(err)
	}
}
