package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"clockface/cmd/internal/launch"
	"clockface/face"
	"clockface/face/camera"
	"clockface/face/dlib"
	"clockface/kiosk"
	"clockface/timeclock"
)

// noCamera is the source of a kiosk that runs on number and PIN alone.
const noCamera = "none"

// parseCamera reads --camera; nil stands for none.
func parseCamera(source string) (*camera.Spec, error) {
	if source == noCamera {
		return nil, nil
	}
	spec, err := camera.Parse(source)
	if err != nil {
		return nil, &launch.UsageError{Sentence: fmt.Sprintf("%v. See %s --help.", err, name)}
	}
	return &spec, nil
}

// eyes lets the kiosk see: a camera, an embedder and the enrolled faces.
type eyes struct {
	camera *camera.Spec // nil: none
	people *people
	log    *slog.Logger

	blind    error         // why nothing can be recognised
	embedder face.Embedder // nil: nothing can be recognised
	watcher  *face.Watcher // nil likewise
}

// newEyes opens the models. Without them the kiosk shows its camera and takes
// number and PIN; blind says why.
func newEyes(source *camera.Spec, modelsDir string, p *people, log *slog.Logger) (*eyes, error) {
	e := &eyes{camera: source, people: p, log: log}
	if source == nil {
		return e, nil
	}
	embedder, err := dlib.Open(modelsDir)
	if err != nil {
		e.blind = err
		return e, nil
	}
	e.embedder = embedder
	g, r, err := e.gallery()
	if err == nil {
		e.watcher, err = face.NewWatcher(embedder, g, r, face.WatchOptions{Played: source.Played()})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set up face recognition: %w", err), embedder.Close())
	}
	return e, nil
}

// Close frees the models.
func (e *eyes) Close() error {
	if e.embedder == nil {
		return nil
	}
	return e.embedder.Close()
}

// gallery makes one of the opened templates of the embedder's pack.
func (e *eyes) gallery() (*face.Gallery, face.Rule, error) {
	pack, err := face.PackByName(e.embedder.Pack())
	if err != nil {
		return nil, face.Rule{}, err
	}
	g := face.NewGallery(pack.Name, pack.Dim)
	for _, t := range e.people.templates() {
		if t.Pack != pack.Name {
			e.log.Warn("face left out: enrolled with another model, enrol again", "employee", t.Employee, "pack", t.Pack)
			continue
		}
		for _, v := range t.Vectors {
			if err := g.Add(t.Employee, v); err != nil {
				e.log.Warn("face left out", "employee", t.Employee, "error", err)
			}
		}
	}
	return g, pack.Prior(face.DefaultFMR), nil
}

// Reload takes over who is enrolled now.
func (e *eyes) Reload(ctx context.Context) (faces int, err error) {
	changed, err := e.people.reload(ctx, timeclock.FaceTemplate)
	if err != nil {
		return 0, err
	}
	if e.watcher == nil {
		return 0, nil
	}
	who := map[timeclock.EmployeeID]bool{}
	for _, t := range e.people.templates() {
		who[t.Employee] = true
	}
	if !changed {
		return len(who), nil
	}
	g, r, err := e.gallery()
	if err != nil {
		return 0, err
	}
	return len(who), e.watcher.Use(g, r)
}

// LookAgain lets whoever stands there be seen anew.
func (e *eyes) LookAgain() {
	if e.watcher != nil {
		e.watcher.Forget()
	}
}

// Watch opens the camera and tells what it shows.
func (e *eyes) Watch(ctx context.Context, o kiosk.Observer) error {
	if e.camera == nil {
		o.Opened(kiosk.CameraNone)
		<-ctx.Done()
		return ctx.Err()
	}
	src, err := e.camera.Open()
	if err != nil && e.camera.Played() {
		return fmt.Errorf("%w: %w", kiosk.ErrNoSource, err)
	}
	if err != nil {
		return err
	}
	err = e.observe(ctx, src, o)
	if closed := src.Close(); closed != nil {
		e.log.Warn("close the camera", "error", closed)
	}
	return err
}

func (e *eyes) observe(ctx context.Context, src face.Source, o kiosk.Observer) error {
	switch {
	case e.watcher == nil:
		o.Opened(kiosk.NoRecognition)
		return previewOnly(ctx, src, o)
	case src.Played():
		o.Opened(kiosk.CameraPlayed)
	default:
		o.Opened(kiosk.CameraWorks)
	}
	return face.Observe(ctx, src, e.watcher, face.Observer{
		Frame:      func(f *face.Frame) { o.Frame(f.Pix) },
		Sighting:   func(s face.Sighting) { o.Sighting(sighting(s)) },
		Interval:   o.Interval,
		Resting:    o.Resting,
		Unreadable: func(err *face.PictureError) { o.Unreadable(err.Path, err) },
	})
}

// previewOnly shows a camera that nothing looks at.
func previewOnly(ctx context.Context, src face.Source, o kiosk.Observer) error {
	var f face.Frame
	for {
		var bad *face.PictureError
		switch err := src.Read(ctx, &f); {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			o.Unreadable(bad.Path, bad)
		case err != nil:
			return err
		default:
			o.Frame(f.Pix)
		}
	}
}

// sighting puts a watcher's words into the kiosk's.
func sighting(s face.Sighting) kiosk.Sighting {
	out := kiosk.Sighting{Who: s.Who, Reason: string(s.Reason), FirstSeen: s.FirstSeen}
	switch s.State {
	case face.Looking:
		out.Sight = kiosk.Looking
	case face.Identified:
		out.Sight = kiosk.Known
	case face.Unknown:
		out.Sight = kiosk.Stranger
	case face.Standing:
		out.Sight = kiosk.Standing
	default:
		out.Sight = kiosk.Nobody
	}
	return out
}
