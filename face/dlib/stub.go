//go:build !cgo || nocamera

package dlib

import "clockface/face"

// Open returns [ErrNotBuilt].
func Open(_ string) (face.Embedder, error) { return nil, ErrNotBuilt }
