package looktest

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"
)

// torn is a picture that ends the program while it is drawn.
type torn struct{ image.Image }

func (torn) At(int, int) color.Color { panic("interrupted") }

func TestAPictureIsWholeOrTheOneBefore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "screen.png")
	Keep(t, file, image.NewGray(image.Rect(0, 0, 8, 8)))
	before, err := os.ReadFile(file)
	if err != nil || len(before) == 0 {
		t.Fatalf("%d bytes, %v", len(before), err)
	}
	if err := keep(file, image.NewGray(image.Rectangle{})); err == nil {
		t.Error("a picture without a pixel was kept")
	}
	func() {
		defer func() { _ = recover() }()
		_ = keep(file, torn{image.NewNRGBA(image.Rect(0, 0, 8, 8))})
		t.Error("the picture was drawn to its end: it proves nothing")
	}()
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the picture before is gone: %d bytes, %v", len(after), err)
	}
}
