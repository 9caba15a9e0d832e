//go:build cgo && !nocamera

package dlib

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"

	goface "github.com/Kagami/go-face"
	"gocv.io/x/gocv"

	"clockface/face"
	"clockface/face/models"
)

const (
	// dim is the number of values of a descriptor.
	dim = 128
	// leastSide is the side in pixels to which smaller pictures are scaled up:
	// the detector finds no face under about 80 px.
	leastSide = 320
	// mostSide is the side to which larger pictures are scaled down: the
	// detector's time grows with the area, and a face in so large a picture
	// stays large enough.
	mostSide = 2048
	// quality of the JPEG through which go-face takes a picture. Below 90 the
	// descriptors begin to move.
	quality = 95
	// nearSide is the side in pixels to which a face is brought that is looked at
	// alone: the descriptor is made of 150 pixels that reach a little beyond it.
	nearSide = 150
	// around is how many times as wide and high as a face the part of the picture
	// is in which it is looked for again.
	around = 2
	// nearUp is the most by which such a part is scaled up: more shows nothing new.
	nearUp = 1.5
)

// errClosed is returned after Close.
var errClosed = errors.New("the dlib embedder is closed")

// embedder holds one recogniser and the mats it reuses from frame to frame.
type embedder struct {
	mu     sync.Mutex
	rec    *goface.Recognizer // nil once closed
	bgr    gocv.Mat
	scaled gocv.Mat
}

// Open loads the models of the pack from the folder, having checked their
// checksums: a damaged file gives a [*models.PackError], not a crash in C++.
func Open(modelsDir string) (face.Embedder, error) {
	pack, err := models.ByName(face.Dlib)
	if err != nil {
		return nil, err
	}
	if err := models.Check(modelsDir, pack); err != nil {
		return nil, err
	}
	useOneThread()
	rec, err := goface.NewRecognizer(modelsDir)
	if err != nil {
		return nil, fmt.Errorf("open pack %s in %s: %w", pack.Name, modelsDir, err)
	}
	return &embedder{rec: rec, bgr: gocv.NewMat(), scaled: gocv.NewMat()}, nil
}

// Pack returns "dlib".
func (e *embedder) Pack() string { return face.Dlib }

// Dim returns 128.
func (e *embedder) Dim() int { return dim }

// Close frees the recogniser, after the picture it is at.
func (e *embedder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.rec == nil {
		return nil
	}
	e.rec.Close()
	e.rec = nil
	return errors.Join(e.bgr.Close(), e.scaled.Close())
}

// Find returns the faces from left to right. The context is looked at before
// the work begins: dlib cannot be interrupted.
func (e *embedder) Find(ctx context.Context, img *image.RGBA) ([]face.Found, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e.rec == nil {
		return nil, errClosed
	}
	return e.recognise(img, img.Rect, scaleFor(img.Rect.Dx(), img.Rect.Dy()))
}

// FindNear returns the faces around a box from left to right, in coordinates of
// the whole picture. The detector's time grows with the area: this takes about
// half of what Find does for a frame of a camera.
func (e *embedder) FindNear(ctx context.Context, img *image.RGBA, box image.Rectangle) ([]face.Found, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e.rec == nil {
		return nil, errClosed
	}
	part := box.Inset(-max(box.Dx(), box.Dy()) * (around - 1) / 2).Intersect(img.Rect)
	if box.Empty() || part.Empty() {
		return nil, nil
	}
	return e.recognise(img, part, min(nearUp, nearSide/float64(box.Dx())))
}

// recognise finds the faces in a part of the picture, scaled for the detector.
// The caller holds mu.
func (e *embedder) recognise(img *image.RGBA, part image.Rectangle, scale float64) ([]face.Found, error) {
	jpeg, err := e.encode(img, part, scale)
	if err != nil {
		return nil, err
	}
	defer jpeg.Close()
	faces, err := e.rec.Recognize(jpeg.GetBytes())
	if err != nil {
		return nil, fmt.Errorf("recognise: %w", err)
	}
	found := make([]face.Found, len(faces))
	for i, f := range faces {
		found[i] = face.Found{Box: unscaleBox(f.Rectangle, scale).Add(part.Min), Vector: f.Descriptor[:]}
		for _, p := range f.Shapes {
			found[i].Landmarks = append(found[i].Landmarks, unscale(p, scale).Add(part.Min))
		}
	}
	return found, nil
}

// encode returns a part of the picture, scaled, as a JPEG of three channels. The
// caller closes the buffer.
func (e *embedder) encode(img *image.RGBA, part image.Rectangle, scale float64) (*gocv.NativeByteBuffer, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w < 1 || h < 1 || img.Stride != 4*w {
		return nil, fmt.Errorf("picture of %d×%d with rows of %d bytes: want whole rows of RGBA", w, h, img.Stride)
	}
	rgba, err := gocv.NewMatFromBytes(h, w, gocv.MatTypeCV8UC4, img.Pix)
	if err != nil {
		return nil, fmt.Errorf("take over the picture: %w", err)
	}
	defer rgba.Close()
	seen := rgba.Region(part)
	defer seen.Close()
	gocv.CvtColor(seen, &e.bgr, gocv.ColorRGBAToBGR)
	mat := e.bgr
	if scale != 1 {
		how := gocv.InterpolationCubic
		if scale < 1 {
			how = gocv.InterpolationArea
		}
		size := image.Pt(max(1, int(float64(part.Dx())*scale)), max(1, int(float64(part.Dy())*scale)))
		gocv.Resize(e.bgr, &e.scaled, size, 0, 0, how)
		mat = e.scaled
	}
	jpeg, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, mat, []int{gocv.IMWriteJpegQuality, quality})
	if err != nil {
		return nil, fmt.Errorf("encode the picture: %w", err)
	}
	return jpeg, nil
}

// scaleFor returns the factor that brings a picture into the sides that the
// detector works well with.
func scaleFor(w, h int) float64 {
	switch {
	case max(w, h) > mostSide:
		return mostSide / float64(max(w, h))
	case min(w, h) < leastSide:
		return min(leastSide/float64(min(w, h)), mostSide/float64(max(w, h)))
	}
	return 1
}

func unscale(p image.Point, scale float64) image.Point {
	return image.Pt(int(float64(p.X)/scale), int(float64(p.Y)/scale))
}

func unscaleBox(r image.Rectangle, scale float64) image.Rectangle {
	return image.Rectangle{Min: unscale(r.Min, scale), Max: unscale(r.Max, scale)}
}
