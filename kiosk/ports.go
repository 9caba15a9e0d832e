package kiosk

import (
	"context"
	"errors"
	"image"
	"time"
)

// ErrNoSource means that the camera asked for can never work, e.g. a folder that
// does not exist: the kiosk ends instead of trying again.
var ErrNoSource = errors.New("no such camera")

// Camera watches the place in front of the kiosk.
type Camera interface {
	// Watch opens the camera and tells the observer what it shows and who is
	// seen, until a played source ends (nil), the context does, or the camera
	// goes. It wraps ErrNoSource where a further try is useless.
	Watch(ctx context.Context, o Observer) error
	// Reload takes over who is enrolled now and returns how many people can be
	// recognised.
	Reload(ctx context.Context) (faces int, err error)
	// LookAgain lets whoever stands there be seen anew. It does not wait.
	LookAgain()
}

// Observer is told what a camera shows. Its functions may be called from several
// goroutines and do not block for long.
type Observer struct {
	Opened   func(CameraState)
	Frame    func(*image.RGBA) // valid during the call only
	Sighting func(Sighting)
	// Unreadable tells that a played camera passes over the picture at that path;
	// err names it too.
	Unreadable func(path string, err error)
	// Interval is the least time between two frames that are looked at for faces.
	Interval func() time.Duration
	// Resting tells that frames between those are of no use: no preview is shown.
	Resting func() bool
}

// Speaker plays the two tones; it does not wait for their end.
type Speaker interface{ Play(success bool) }

// Cloud is what the kiosk sees of the connection.
type Cloud interface {
	// Status returns whether it stands and what waits.
	Status(ctx context.Context) (SyncState, error)
	// Flush tries to send what waits, for as long as the context allows.
	Flush(ctx context.Context) error
}
