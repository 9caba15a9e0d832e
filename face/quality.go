package face

import (
	"image"
)

// Quality is what a picture of a face is worth, measured on its pixels.
type Quality struct {
	// Width of the face in pixels.
	Width int
	// Visible is the part of the face's box inside the picture, 0…1.
	Visible float64
	// Luma is the mean brightness, 0…255.
	Luma float64
	// Sharpness is the energy of the finest detail relative to the contrast,
	// measured on the face at 64×64: about 1 for a sharp face, 0.1 for a smear.
	Sharpness float64
}

// Gate holds the least quality a face needs to be worth a vote or a template.
type Gate struct {
	MinWidth     int
	MinVisible   float64
	MinLuma      float64
	MaxLuma      float64
	MinSharpness float64
}

// LiveGate is the gate for faces in front of a camera. dlib's detector finds
// nothing much under 70 px, and what it finds was told apart well in trials.
func LiveGate() Gate {
	return Gate{MinWidth: 60, MinVisible: 0.85, MinLuma: 35, MaxLuma: 232, MinSharpness: 0.02}
}

// EnrolGate is the gate for still pictures. It is wider than [LiveGate] where
// stills differ: a picture cut close around a face is scaled up by the embedder
// before it looks, so that smaller faces serve, and the box of such a face
// often reaches over the edge though no part of the face is missing.
func EnrolGate() Gate {
	g := LiveGate()
	g.MinWidth, g.MinVisible = 40, 0.7
	return g
}

// Judge returns the empty reason if the quality suffices, else the first thing
// to improve: nearness, then the place in the picture, light, and stillness.
func (g Gate) Judge(q Quality) Reason {
	switch {
	case q.Width < g.MinWidth:
		return TooSmall
	case q.Visible < g.MinVisible:
		return AtEdge
	case q.Luma < g.MinLuma:
		return TooDark
	case q.Luma > g.MaxLuma:
		return TooBright
	case q.Sharpness < g.MinSharpness:
		return Blurred
	}
	return ""
}

// measureSide is the side of the square to which a face is brought before its
// light and sharpness are measured, so that the figures do not depend on its size.
const measureSide = 64

// Measure returns the quality of the face in the box.
func Measure(img *image.RGBA, box image.Rectangle) Quality {
	q := Quality{Width: box.Dx()}
	seen := box.Intersect(img.Rect)
	if box.Empty() || seen.Empty() {
		return q
	}
	q.Visible = float64(seen.Dx()) * float64(seen.Dy()) / (float64(box.Dx()) * float64(box.Dy()))
	var luma [measureSide * measureSide]float64
	shrinkLuma(img, seen, &luma)
	q.Luma, q.Sharpness = lightAndDetail(&luma)
	return q
}

// shrinkLuma averages the brightness of the rectangle into a square of cells.
func shrinkLuma(img *image.RGBA, r image.Rectangle, out *[measureSide * measureSide]float64) {
	for cy := range measureSide {
		y0, y1 := cell(r.Min.Y, r.Dy(), cy)
		for cx := range measureSide {
			x0, x1 := cell(r.Min.X, r.Dx(), cx)
			sum := 0
			for y := y0; y < y1; y++ {
				p := img.Pix[img.PixOffset(x0, y) : img.PixOffset(x1-1, y)+3]
				for i := 0; i < len(p); i += 4 {
					sum += 299*int(p[i]) + 587*int(p[i+1]) + 114*int(p[i+2])
				}
			}
			out[cy*measureSide+cx] = float64(sum) / 1000 / float64((y1-y0)*(x1-x0))
		}
	}
}

// cell returns the pixels that the n-th of measureSide cells covers, at least one.
func cell(from, length, n int) (first, after int) {
	first = from + n*length/measureSide
	after = max(first+1, from+(n+1)*length/measureSide)
	return first, after
}

// lightAndDetail returns the mean of the cells and the mean square of their
// Laplacian over their variance.
func lightAndDetail(luma *[measureSide * measureSide]float64) (mean, sharpness float64) {
	for _, v := range luma {
		mean += v
	}
	mean /= float64(len(luma))
	variance, detail := 0.0, 0.0
	for y := 1; y < measureSide-1; y++ {
		for x := 1; x < measureSide-1; x++ {
			i := y*measureSide + x
			l := 4*luma[i] - luma[i-1] - luma[i+1] - luma[i-measureSide] - luma[i+measureSide]
			detail += l * l
			variance += (luma[i] - mean) * (luma[i] - mean)
		}
	}
	if variance == 0 {
		return mean, 0
	}
	return mean, detail / variance
}
