package screens

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"

	"clockface/assets/look"
	"clockface/assets/look/looktest"
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
				looktest.Keep(t, filepath.Join(dir, file), s.window.Canvas().Capture())
			}
		}
	}
}
