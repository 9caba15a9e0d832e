package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// clock shows hours and minutes, or a countdown, in cells of equal width, so
// that the digits do not move when the time does. It is as high as its digits:
// the room that a font leaves above and below them is cut off.
type clock struct {
	widget.BaseWidget
	size   fyne.ThemeSizeName
	colour fyne.ThemeColorName
	cells  []*canvas.Text
	text   string
}

func newClock(size fyne.ThemeSizeName, colour fyne.ThemeColorName) *clock {
	c := &clock{size: size, colour: colour}
	c.ExtendBaseWidget(c)
	return c
}

// tell shows a time.
func (c *clock) tell(text string) {
	if c.text == text {
		return
	}
	c.text = text
	c.Refresh()
}

// sized changes the size.
func (c *clock) sized(size fyne.ThemeSizeName) {
	if c.size != size {
		c.size = size
		c.Refresh()
	}
}

// pick takes the first size if asked to, else the other.
func (c *clock) pick(first bool, size, other fyne.ThemeSizeName) {
	if first {
		c.sized(size)
		return
	}
	c.sized(other)
}

// height returns how high the digits are.
func (c *clock) height() float32 { return theme.Size(c.size) * 0.76 }

// CreateRenderer draws the clock.
func (c *clock) CreateRenderer() fyne.WidgetRenderer { return &clockRenderer{c} }

type clockRenderer struct{ *clock }

// Destroy frees nothing.
func (r *clockRenderer) Destroy() {}

// MinSize is that of the digits.
func (r *clockRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.width(), r.height())
}

func (r *clockRenderer) width() float32 {
	w := float32(0)
	for _, ch := range r.text {
		w += r.cell(ch)
	}
	return w
}

// cell returns the width of a character's cell: the widest digit's, or less for
// what stands between digits.
func (r *clockRenderer) cell(ch rune) float32 {
	if ch < '0' || ch > '9' {
		return r.measure(string(ch)).Width * 1.1
	}
	return r.measure("0").Width
}

func (r *clockRenderer) measure(s string) fyne.Size {
	return fyne.MeasureText(s, theme.Size(r.size), fyne.TextStyle{Bold: true})
}

// Layout places the characters in the middle.
func (r *clockRenderer) Layout(size fyne.Size) {
	x := (size.Width - r.width()) / 2
	line := r.measure("0").Height
	// Noto Sans has its digits between 22 % and 77 % of the line, measured from above.
	y := size.Height/2 - line*0.505
	for i, ch := range []rune(r.text) {
		w := r.cell(ch)
		cell := r.cells[i]
		own := cell.MinSize().Width
		lift := float32(0)
		if ch == ':' {
			lift = theme.Size(r.size) * 0.09 // to the middle of the digits
		}
		cell.Move(fyne.NewPos(x+(w-own)/2, y-lift))
		cell.Resize(cell.MinSize())
		x += w
	}
}

// Objects returns the characters.
func (r *clockRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, len(r.cells))
	for i, c := range r.cells {
		out[i] = c
	}
	return out
}

// Refresh makes a text for each character.
func (r *clockRenderer) Refresh() {
	chars := []rune(r.text)
	for len(r.cells) < len(chars) {
		r.cells = append(r.cells, &canvas.Text{TextStyle: fyne.TextStyle{Bold: true}})
	}
	r.cells = r.cells[:len(chars)]
	for i, ch := range chars {
		cell := r.cells[i]
		cell.Text, cell.TextSize, cell.Color = string(ch), theme.Size(r.size), theme.Color(r.colour)
		cell.Refresh()
	}
	r.Layout(r.Size())
}
