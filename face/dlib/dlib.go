// Package dlib is the embedder of the pack "dlib": dlib's HOG detector, five
// landmarks and ResNet v1 through go-face. It needs cgo, OpenCV and dlib; a
// build without (CGO_ENABLED=0 or the tag nocamera) has a stub that says so.
//
// One frame of 640×480 with one face takes 30 to 60 ms on one core, about half of
// that where the face is looked for near its last place. Turning the frame into
// the JPEG that go-face wants is 1 to 2 ms of it.
package dlib

import "errors"

// ErrNotBuilt is returned by [Open] where this build has no dlib.
var ErrNotBuilt = errors.New("this program was built without dlib (CGO_ENABLED=0 or the tag nocamera): faces cannot be recognised")
