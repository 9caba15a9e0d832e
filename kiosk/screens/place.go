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

// Layout puts the parts in their places, having told those that can grow whether
// there is room for it.
func (p *placed) Layout(parts []fyne.CanvasObject, size fyne.Size) {
	for _, o := range parts {
		if g, ok := o.(interface{ grow(spacious bool) }); ok {
			g.grow(spacious(size))
		}
	}
	p.place(size)
}

// MinSize asks for nothing.
func (p *placed) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// lying reports whether a screen is wider than high.
func lying(size fyne.Size) bool { return size.Width > size.Height }

// low reports whether a screen has no room for the large clock.
func low(size fyne.Size) bool { return size.Height < 600 }

// spacious reports whether a screen has room for larger texts and keys: from
// about 10 inches on.
func spacious(size fyne.Size) bool {
	return max(size.Width, size.Height) >= 1000 && min(size.Width, size.Height) >= 700
}

// scale returns by how much larger keys and shapes are on a screen of that size.
func scale(size fyne.Size) float32 {
	if spacious(size) {
		return 1.4
	}
	return 1
}

// sideBySide reports whether shape and words stand beside each other: only on a
// lying screen that is too low to have them in one column in the middle.
func sideBySide(size fyne.Size) bool { return lying(size) && !spacious(size) }

// widest is how wide keys become in the middle of a spacious screen, in dp.
const widest = 1000

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

// under puts words below a shape of that side, both together in the middle of
// the area, and returns where the shape goes.
func (b box) under(side, space float32, words ...part) (shape box) {
	heights, total := fitted(visible(words), b.w, b.h-side-space)
	top := b.y + max(0, (b.h-side-space-total)/2)
	box{b.x, top + side + space, b.w, total}.stack(visible(words), heights)
	return box{b.x + (b.w-side)/2, top, side, side}
}

func visible(parts []part) []part {
	return slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return !p.object.Visible() })
}

// column puts the visible parts below each other in the middle of the area.
// Where they need more than its height the texts shrink as far as they may.
func (b box) column(parts ...part) {
	parts = visible(parts)
	heights, total := fitted(parts, b.w, b.h)
	b.y += max(0, (b.h-total)/2)
	b.stack(parts, heights)
}

// fitted returns the heights of the parts at the width, and their sum with the
// spaces, having shrunk texts as far as they may until the sum is within the room.
func fitted(parts []part, width, room float32) (heights []float32, total float32) {
	heights = make([]float32, len(parts))
	for i, p := range parts {
		heights[i] = p.height(width)
		total += heights[i]
		if i > 0 {
			total += p.space
		}
	}
	for shrunk := true; total > room && shrunk; {
		shrunk = false
		for i, p := range parts {
			if s, text := p.object.(*sentence); text && total > room {
				if h, ok := s.smaller(width); ok {
					total, heights[i], shrunk = total+h-heights[i], h, true
				}
			}
		}
	}
	return heights, total
}

// stack puts parts of those heights below each other, from the top of the area.
func (b box) stack(parts []part, heights []float32) {
	y := b.y
	for i, p := range parts {
		if i > 0 {
			y += p.space
		}
		box{b.x, y, b.w, heights[i]}.fill(p.object)
		y += heights[i]
	}
}
