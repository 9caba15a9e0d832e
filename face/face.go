// Package face turns camera frames into the name of the person in front of it.
//
// A [Source] gives frames, an [Embedder] finds the faces in one and describes
// each by a vector, a [Gallery] holds the vectors of the enrolled people, and a
// [Watcher] puts them together: it follows the nearest face over several frames
// and decides once, never on one frame. [Observe] runs a source and a watcher
// beside each other so that a preview keeps the camera's rate.
//
// The package is pure Go and knows nothing of OpenCV, dlib, databases or
// screens. Cameras are in face/camera, the dlib embedder in face/dlib, model
// files in face/models, accuracy figures in face/evaluate.
package face

import (
	"context"
	"errors"
	"image"
	"time"
)

// ErrUnplugged is returned once by [Source.Read] when a camera that worked has
// gone. The source must then be closed; whoever owns it may open another.
var ErrUnplugged = errors.New("the camera was unplugged")

// Frame is one picture of a source.
type Frame struct {
	// Pix is filled anew by every Read: copy it to keep it. Its bounds start at
	// the origin.
	Pix *image.RGBA
	// N counts the source's frames from 1. Numbers are left out where frames were dropped.
	N int64
	// At is when the frame was taken. A source played faster than time goes
	// counts on from when it was opened.
	At time.Time
	// Since is when the first of the frames was taken that came after the last one
	// looked at: a face that is new here may have been in all of them. [Observe]
	// sets it; zero means At.
	Since time.Time
	// Name is the file behind a played frame, empty for a camera and for the
	// empty frames between pictures.
	Name string
}

// A Source gives frames. It is used by one goroutine; only Close may be called
// from another, and ends a Read that waits.
type Source interface {
	// Read waits for the next frame and puts it into the given one, whose buffer
	// it reuses where the size fits. It returns io.EOF at the end of a played
	// source, [ErrUnplugged] once when a camera goes, and the context's error.
	Read(ctx context.Context, into *Frame) error
	// Played reports whether the frames come from files: punches made from them
	// carry the flag timeclock.PlayedCamera.
	Played() bool
	// Close frees the device. It is safe to call twice.
	Close() error
}

// Found is one face in a picture.
type Found struct {
	// Box surrounds the face in pixels of the picture; it may reach over its edge.
	Box image.Rectangle
	// Landmarks are the points of the pack, for dlib five: outer and inner corner
	// of one eye, of the other eye, and the base of the nose. Nil where a pack has none.
	Landmarks []image.Point
	// Vector is the descriptor, [Embedder.Dim] values, compared by [Distance].
	Vector []float32
}

// An Embedder finds and describes faces. It serves one goroutine at a time.
type Embedder interface {
	// Pack names the model; vectors of two packs are never compared.
	Pack() string
	// Dim is the number of values in a vector.
	Dim() int
	// Find returns the faces in img from left to right, none being no error.
	// The result does not refer to img.
	Find(ctx context.Context, img *image.RGBA) ([]Found, error)
	// Close frees the model. It is safe to call twice.
	Close() error
}

// Reason says in a stable word why a face or picture was not accepted. The
// words stand in events, JSON and the command's output.
type Reason string

// The reasons.
const (
	// Unreadable: the picture could not be opened or decoded.
	Unreadable Reason = "unreadable"
	// NoFace: no face was found.
	NoFace Reason = "no_face"
	// SeveralFaces: a picture to enrol shows more than one face.
	SeveralFaces Reason = "several_faces"
	// TooSmall: the face is too far away.
	TooSmall Reason = "too_small"
	// AtEdge: part of the face is outside the picture.
	AtEdge Reason = "at_edge"
	// TooDark: the face is lit too little.
	TooDark Reason = "too_dark"
	// TooBright: the face is lit too much.
	TooBright Reason = "too_bright"
	// Blurred: the face moved or is out of focus.
	Blurred Reason = "blurred"
	// OtherPerson: a picture to enrol is too far from the other pictures of the
	// person, or from those enrolled before.
	OtherPerson Reason = "other_person"
	// EnrolledForOther: a picture to enrol shows the face of somebody else.
	EnrolledForOther Reason = "enrolled_for_other"
	// NotEnrolled: no enrolled person is near enough.
	NotEnrolled Reason = "not_enrolled"
	// Ambiguous: two enrolled people are about equally near.
	Ambiguous Reason = "ambiguous"
	// NobodyEnrolled: the gallery is empty.
	NobodyEnrolled Reason = "nobody_enrolled"
)
