//go:build !cgo || nocamera

package camera

import (
	"fmt"

	"clockface/face"
)

func openDevice(n int) (face.Source, error) {
	return nil, fmt.Errorf("open camera:%d: %w", n, ErrNoOpenCV)
}

func openFilm(path string, _ playOptions) (face.Source, error) {
	return nil, fmt.Errorf("play %s: %w", path, ErrNoOpenCV)
}
