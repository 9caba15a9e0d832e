package screens

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Distances in dp.
const (
	edge   = 16 // around the screen
	gap    = 12 // between parts
	target = 76 // least side of what is touched: 20 mm
	tall   = 96 // height of keys and of the main button
	button = 88 // height of the other buttons
)

// placed is a container whose parts a function puts in their places. It asks for
// no room at all, so that the window never grows beyond the screen; a test holds
// that the places are inside.
type placed struct {
	place func(size fyne.Size)
}

func newPlaced(place func(size fyne.Size), parts ...fyne.CanvasObject) *fyne.Container {
	return container.New(&placed{place: place}, parts...)
}

// Layout puts the parts in their places.
func (p *placed) Layout(_ []fyne.CanvasObject, size fyne.Size) { p.place(size) }

// MinSize asks for nothing.
func (p *placed) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// lying reports whether a screen is wider than high.
func lying(size fyne.Size) bool { return size.Width > size.Height }

// low reports whether a screen has no room for the large clock.
func low(size fyne.Size) bool { return size.Height < 600 }

// box is an area in dp.
type box struct{ x, y, w, h float32 }

// inner returns the screen without its edge.
func inner(size fyne.Size) box {
	return box{edge, edge, size.Width - 2*edge, size.Height - 2*edge}
}

// fill puts an object over the area.
func (b box) fill(o fyne.CanvasObject) {
	o.Move(fyne.NewPos(b.x, b.y))
	o.Resize(fyne.NewSize(b.w, b.h))
}

// cutBottom takes a strip off the bottom, and a gap above it.
func (b *box) cutBottom(h float32) box {
	strip := box{b.x, b.y + b.h - h, b.w, h}
	b.h -= h + gap
	return strip
}

// cutTop takes a strip off the top, and a gap below it.
func (b *box) cutTop(h float32) box {
	strip := box{b.x, b.y, b.w, h}
	b.y += h + gap
	b.h -= h + gap
	return strip
}

// cutLeft takes a strip off the left, and a gap beside it.
func (b *box) cutLeft(w float32) box {
	strip := box{b.x, b.y, w, b.h}
	b.x += w + gap
	b.w -= w + gap
	return strip
}

// centred returns the area of that size in the middle, no larger than the area.
func (b box) centred(w, h float32) box {
	w, h = min(w, b.w), min(h, b.h)
	return box{b.x + (b.w-w)/2, b.y + (b.h-h)/2, w, h}
}

// narrowed returns the middle of the area, at most that wide.
func (b box) narrowed(w float32) box { return b.centred(w, b.h) }

// part is something in a column: its object and the height it needs at a width.
type part struct {
	object fyne.CanvasObject
	height func(width float32) float32
	space  float32 // above it
}

// fixed is a part of a given height.
func fixed(o fyne.CanvasObject, height float32) part {
	return part{object: o, height: func(float32) float32 { return height }, space: gap}
}

// wrapped is a text as high as its lines.
func wrapped(s *sentence) part { return part{object: s, height: s.heightAt, space: 0} }

// column puts the visible parts below each other in the middle of the area.
// Where they need more than its height the texts shrink as far as they may.
func (b box) column(parts ...part) {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return !p.object.Visible() })
	heights, total := make([]float32, len(parts)), float32(0)
	for i, p := range parts {
		heights[i] = p.height(b.w)
		total += heights[i]
		if i > 0 {
			total += p.space
		}
	}
	for shrunk := true; total > b.h && shrunk; {
		shrunk = false
		for i, p := range parts {
			if s, text := p.object.(*sentence); text && total > b.h {
				if h, ok := s.smaller(b.w); ok {
					total, heights[i], shrunk = total+h-heights[i], h, true
				}
			}
		}
	}
	y := b.y + max(0, (b.h-total)/2)
	for i, p := range parts {
		if i > 0 {
			y += p.space
		}
		box{b.x, y, b.w, heights[i]}.fill(p.object)
		y += heights[i]
	}
}
