package screens

import (
	"encoding/binary"
	"image"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// previewRadius is the corner radius of the picture's place, in dp.
const previewRadius = 24

// Preview shows the camera's newest picture as a mirror does. A picture is
// copied into one of three buffers and handed over by a single slot: the camera
// never waits for the screen, the screen never sees a picture half written, and
// at most one redraw is on its way, however slow the window is.
type Preview struct {
	widget.BaseWidget
	image *canvas.Image

	writing *image.RGBA // the camera's
	frame   frame       // likewise

	mu      sync.Mutex // guards what follows
	waiting *image.RGBA
	fresh   bool // waiting was not shown yet
	pending bool // a redraw is on its way

	shown atomic.Int64
}

func newPreview() *Preview {
	p := &Preview{
		image: &canvas.Image{
			ScaleMode: canvas.ImageScaleFastest, FillMode: canvas.ImageFillCover,
			Image: image.NewRGBA(image.Rect(0, 0, 4, 3)),
		},
		writing: &image.RGBA{}, waiting: &image.RGBA{},
	}
	p.ExtendBaseWidget(p)
	return p
}

// Shown returns how many pictures have gone to the screen.
func (p *Preview) Shown() int64 { return p.shown.Load() }

// Offer hands over a picture, which may be changed afterwards. It is called by
// one goroutine at a time, the camera's, and does not wait.
func (p *Preview) Offer(pix *image.RGBA) {
	p.writing = mirror(p.writing, pix)
	p.frame.draw(p.writing)
	p.mu.Lock()
	p.writing, p.waiting = p.waiting, p.writing
	ask := !p.pending
	p.fresh, p.pending = true, true
	p.mu.Unlock()
	if ask {
		fyne.Do(p.take)
	}
}

// take shows the newest picture; the one shown before goes back to the camera.
func (p *Preview) take() {
	p.mu.Lock()
	fresh := p.fresh
	if old, ok := p.image.Image.(*image.RGBA); fresh && ok {
		p.image.Image, p.waiting = p.waiting, old
	}
	p.fresh, p.pending = false, false
	p.mu.Unlock()
	if fresh {
		p.shown.Add(1)
		p.image.Refresh()
	}
}

// CreateRenderer draws the picture.
func (p *Preview) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.image) }

// mirror copies a picture left to right into a buffer, which is reused where the
// size fits, and returns the buffer.
func mirror(into, from *image.RGBA) *image.RGBA {
	w, h := from.Rect.Dx(), from.Rect.Dy()
	if into.Rect.Dx() != w || into.Rect.Dy() != h {
		into = image.NewRGBA(image.Rect(0, 0, w, h))
	}
	for y := range h {
		src := from.Pix[y*from.Stride:][:4*w]
		dst := into.Pix[y*into.Stride:][:4*w]
		for i, j := 0, 4*(w-1); j >= 0; i, j = i+4, j-4 {
			binary.NativeEndian.PutUint32(dst[j:j+4:j+4], binary.NativeEndian.Uint32(src[i:i+4:i+4]))
		}
	}
	return into
}
