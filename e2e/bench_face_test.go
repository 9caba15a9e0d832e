//go:build e2e && cgo && !nocamera

package e2e

import (
	"bytes"
	"image/jpeg"
	"path/filepath"
	"testing"
	"time"

	goface "github.com/Kagami/go-face"

	"clockface/face"
	"clockface/face/camera"
	"clockface/face/dlib"
)

// measureFace measures a 640×480 frame with one face → descriptor against a
// bare go-face call on the same picture as a JPEG file, in turns.
func measureFace(t *testing.T, p place) []figure {
	const pairs = 40
	p.needPictures(t)
	frame := firstFrame(t, p.play(t, "one", []showing{{&person{}, filepath.Join(p.faces, "obama.jpg")}}, time.Second))
	var file bytes.Buffer
	if err := jpeg.Encode(&file, frame.Pix, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatalf("encode the frame: %v", err)
	}
	ours, err := dlib.Open(p.models)
	if err != nil {
		t.Fatalf("open the embedder: %v", err)
	}
	defer ours.Close()
	bare, err := goface.NewRecognizer(p.models)
	if err != nil {
		t.Fatalf("open bare go-face: %v", err)
	}
	defer bare.Close()

	var mine, theirs []float64
	for i := range pairs + 3 {
		began := time.Now()
		found, err := ours.Find(t.Context(), frame.Pix)
		between := time.Now()
		if err != nil || len(found) != 1 {
			t.Fatalf("find one face: %d found, %v", len(found), err)
		}
		faces, err := bare.Recognize(file.Bytes())
		ended := time.Now()
		if err != nil || len(faces) != 1 {
			t.Fatalf("bare go-face: %d found, %v", len(faces), err)
		}
		if i < 3 {
			continue // the first calls fill caches
		}
		mine = append(mine, milliseconds(between.Sub(began)))
		theirs = append(theirs, milliseconds(ended.Sub(between)))
	}
	return []figure{reported("face.descriptor", median(mine), "ms").against(median(theirs)).ratioAtMost(1.15)}
}

// firstFrame returns the first frame of a played camera.
func firstFrame(t testing.TB, spec string) face.Frame {
	t.Helper()
	source, err := camera.Open(spec)
	if err != nil {
		t.Fatalf("open the played camera: %v", err)
	}
	defer source.Close()
	var frame face.Frame
	if err := source.Read(t.Context(), &frame); err != nil {
		t.Fatalf("read a frame: %v", err)
	}
	return frame
}

// measureFaceToPunch measures how long after the first frame with a face the
// punch is on disk, over photos at 15 frames a second.
func measureFaceToPunch(t *testing.T, p place) []figure {
	p.needPictures(t)
	c := p.newCompany(t)
	c.enrolKiosk(t)
	people := newCast(t, p)
	for _, who := range people.staff {
		c.hire(t, who)
	}
	showings := append(people.round(), people.round()...)
	kiosk := c.startKiosk(t, nil, p.play(t, "play", showings, time.Second), "--headless")
	kiosk.awaitEnd(t, time.Duration(len(showings))*perShowing)
	var took []float64
	for _, e := range all[kioskEvent](kiosk.out) {
		if e.Event == "punched" && e.Method == "face" {
			took = append(took, e.MS)
		}
	}
	if len(took) < 20 {
		t.Fatalf("%d punches by face of %d showings are too few to measure", len(took), len(showings))
	}
	return []figure{
		reported("face.to_punch", quantile(took, 0.95), "ms").atMost(700),
		reported("face.to_punch_median", median(took), "ms"),
	}
}
