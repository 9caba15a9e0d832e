package face

import (
	"image"
	"time"
)

// A frame is compared on a coarse grid of brightness: a person who steps into
// view changes many cells by far more than a sensor's noise changes one.
const (
	gridColumns, gridRows = 32, 24
	gridStep              = 4  // every fourth pixel of a cell is read
	movedBy               = 10 // levels of 255 by which a cell must change
	lookAnyway            = 2 * time.Second
)

// stillness knows the last frame without anybody in it, so that an empty room
// costs no recognition. After lookAnyway it lets one frame through in any case.
type stillness struct {
	empty bool
	at    time.Time
	size  image.Rectangle
	grid  [gridColumns * gridRows]int32
}

// sameAsEmpty reports whether f shows the same as the last frame without a face.
func (s *stillness) sameAsEmpty(f *Frame) bool {
	if !s.empty || f.Pix.Rect != s.size || f.At.Sub(s.at) >= lookAnyway {
		return false
	}
	var grid [gridColumns * gridRows]int32
	brightness(f.Pix, &grid)
	for i, v := range grid {
		if d := v - s.grid[i]; d > movedBy || d < -movedBy {
			return false
		}
	}
	return true
}

// looked notes the outcome of recognising f.
func (s *stillness) looked(f *Frame, nobody bool) {
	s.empty = nobody
	if nobody {
		s.at, s.size = f.At, f.Pix.Rect
		brightness(f.Pix, &s.grid)
	}
}

// brightness fills the grid with the mean green of each cell, 0…255. Green is
// most of what the eye calls brightness and is read without arithmetic.
func brightness(img *image.RGBA, grid *[gridColumns * gridRows]int32) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for cy := range gridRows {
		y0, y1 := cy*h/gridRows, (cy+1)*h/gridRows
		for cx := range gridColumns {
			x0, x1 := cx*w/gridColumns, (cx+1)*w/gridColumns
			sum, n := int32(0), int32(0)
			for y := y0; y < y1; y += gridStep {
				for x := x0; x < x1; x += gridStep {
					sum += int32(img.Pix[y*img.Stride+x*4+1])
					n++
				}
			}
			grid[cy*gridColumns+cx] = sum / max(n, 1)
		}
	}
}
