package screens

import (
	"encoding/binary"
	"image"
	"math"
)

// Shape of the frame, relative to the picture's height.
const (
	cornerPart = 0.075 // radius of the round corners
	ovalHeight = 0.76
	ovalWidth  = 0.56
	ovalMiddle = 0.45 // of its middle from above: a head with room for the shoulders
	ovalLine   = 0.011
	notePart   = 0.145 // height of the dark strip under the note
	// The strip keeps 3/8 of its brightness: a quarter and an eighth of each byte,
	// eight at a time; the alpha stays full.
	quarters, eighths = 0x3f3f3f3f3f3f3f3f, 0x1f1f1f1f1f1f1f1f
)

// frame draws round corners, the oval to step into and the strip under the note
// into a picture. As shapes over the picture they would be drawn anew with each
// frame by the graphics driver, which without a graphics card costs more than the
// picture itself; here they are a list of pixels that is made once a size.
type frame struct {
	size    image.Rectangle
	clear   []int   // offsets of pixels outside the corners
	bright  []blend // on the oval
	noteTop int     // first row of the strip
}

// opaque is the alpha of two pixels, in the order of the machine's bytes.
var opaque = binary.NativeEndian.Uint64([]byte{0, 0, 0, 255, 0, 0, 0, 255})

// blend is by how much of 256 a pixel turns white.
type blend struct {
	offset int
	white  uint32
}

// draw puts the frame into the picture.
func (f *frame) draw(img *image.RGBA) {
	if f.size != img.Rect {
		f.prepare(img)
	}
	strip := img.Pix[f.noteTop*img.Stride:]
	for i := 0; i+8 <= len(strip); i += 8 {
		v := binary.NativeEndian.Uint64(strip[i:])
		binary.NativeEndian.PutUint64(strip[i:], v>>2&quarters+v>>3&eighths|opaque)
	}
	for _, b := range f.bright {
		p := img.Pix[b.offset : b.offset+3 : b.offset+3]
		for i, v := range p {
			p[i] = uint8(uint32(v) + (255-uint32(v))*b.white>>8)
		}
	}
	for _, at := range f.clear {
		clear(img.Pix[at : at+4])
	}
}

// prepare makes the lists for pictures of this size.
func (f *frame) prepare(img *image.RGBA) {
	*f = frame{size: img.Rect}
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	radius := cornerPart * h
	f.noteTop = int(h * (1 - notePart))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			at, fx, fy := img.PixOffset(x, y), float64(x)+0.5, float64(y)+0.5
			dx, dy := math.Max(0, math.Abs(fx-w/2)-w/2+radius), math.Max(0, math.Abs(fy-h/2)-h/2+radius)
			if math.Hypot(dx, dy) > radius {
				f.clear = append(f.clear, at)
				continue
			}
			if white := onOval(fx-w/2, fy-ovalMiddle*h, h); white > 0 && y < f.noteTop {
				f.bright = append(f.bright, blend{offset: at, white: white})
			}
		}
	}
}

// onOval returns how much of 256 the line of the oval covers at a distance from
// its middle, in a picture of height h.
func onOval(x, y, h float64) uint32 {
	a, b := ovalWidth*h/2, ovalHeight*h/2
	r := math.Hypot(x/a, y/b)
	if r == 0 {
		return 0
	}
	// How far outside the ellipse along the ray from the middle, a little more
	// than the true distance; for a line this thin nobody sees the difference.
	away := math.Abs(math.Hypot(x, y) * (1 - 1/r))
	return uint32(230 * math.Min(1, math.Max(0, ovalLine*h/2+0.7-away)))
}
