// Package looktest keeps the pictures of screens that tests make for people to
// look at.
package looktest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"testing"
)

// Keep writes a picture as PNG under that name once it is whole: a run that is
// interrupted leaves the picture of the run before, never a part of one.
func Keep(t testing.TB, file string, picture image.Image) {
	t.Helper()
	if err := keep(file, picture); err != nil {
		t.Fatal(err)
	}
}

func keep(file string, picture image.Image) error {
	var data bytes.Buffer
	if err := png.Encode(&data, picture); err != nil { // also of a picture without a pixel
		return fmt.Errorf("encode %s: %w", file, err)
	}
	part := file + ".part"
	if err := os.WriteFile(part, data.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	if err := os.Rename(part, file); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return nil
}
