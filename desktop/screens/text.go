package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
)

// line is one line of text that shortens itself with an ellipsis instead of
// asking for room, which a label in a list would do at a multiple of the cost.
type line struct {
	widget.BaseWidget
	text   string
	colour fyne.ThemeColorName
	size   fyne.ThemeSizeName
	bold   bool
	right  bool // aligned to the right, as numbers are
}

func newLine(text string, colour fyne.ThemeColorName, size fyne.ThemeSizeName, bold bool) *line {
	l := &line{text: text, colour: colour, size: size, bold: bold}
	l.ExtendBaseWidget(l)
	return l
}

// set changes text and colour and draws them.
func (l *line) set(text string, colour fyne.ThemeColorName) {
	if l.text == text && l.colour == colour {
		return
	}
	l.text, l.colour = text, colour
	l.Refresh()
}

// CreateRenderer is called by Fyne.
func (l *line) CreateRenderer() fyne.WidgetRenderer {
	t := canvas.NewText(l.text, theme.Color(l.colour))
	r := &lineRenderer{line: l, drawn: t}
	r.style()
	return r
}

type lineRenderer struct {
	line  *line
	drawn *canvas.Text
}

func (r *lineRenderer) style() {
	r.drawn.TextSize = r.line.Theme().Size(r.line.size)
	r.drawn.TextStyle.Bold = r.line.bold
	r.drawn.Color = theme.ColorForWidget(r.line.colour, r.line)
	r.drawn.Alignment = fyne.TextAlignLeading
	if r.line.right {
		r.drawn.Alignment = fyne.TextAlignTrailing
	}
}

// Layout shortens the text to the width.
func (r *lineRenderer) Layout(size fyne.Size) {
	r.drawn.Text = shorten(r.line.text, size.Width, r.drawn.TextSize, r.drawn.TextStyle)
	r.drawn.Resize(size)
	r.drawn.Move(fyne.NewPos(0, 0))
}

// MinSize is the height of a line and no width.
func (r *lineRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, fyne.MeasureText("M", r.line.Theme().Size(r.line.size), r.drawn.TextStyle).Height)
}

// Refresh draws the text anew.
func (r *lineRenderer) Refresh() {
	r.style()
	r.Layout(r.line.Size())
	r.drawn.Refresh()
}

// Objects returns what is drawn.
func (r *lineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.drawn} }

// Destroy frees nothing: there is nothing to free.
func (r *lineRenderer) Destroy() {}

// shorten returns the longest beginning of s that fits, with an ellipsis when it
// is not all of it.
func shorten(s string, width, size float32, style fyne.TextStyle) string {
	if width <= 0 || s == "" {
		return ""
	}
	fits := func(s string) bool { return fyne.MeasureText(s, size, style).Width <= width }
	if fits(s) {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if fits(string(runes[:mid]) + "…") {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(runes[:low]) + "…"
}

// paragraph returns a label that wraps: for every sentence of the catalogue.
func paragraph(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// note is a paragraph that may be overlooked and can still be read: Fyne's own
// label of low importance takes the colour of what is switched off.
type note struct {
	widget.RichText
	segment *widget.TextSegment
}

func newNote(text string, colour fyne.ThemeColorName, size fyne.ThemeSizeName) *note {
	n := &note{segment: &widget.TextSegment{Text: text, Style: widget.RichTextStyle{ColorName: colour, SizeName: size}}}
	n.Segments = []widget.RichTextSegment{n.segment}
	n.Wrapping, n.Scroll = fyne.TextWrapWord, fyne.ScrollNone
	n.ExtendBaseWidget(n)
	return n
}

// quiet is a note of the size of text, caption a smaller one.
func quiet(text string) *note   { return newNote(text, look.ColorQuiet, theme.SizeNameText) }
func caption(text string) *note { return newNote(text, look.ColorQuiet, theme.SizeNameCaptionText) }

// SetText changes the words.
func (n *note) SetText(text string) {
	if n.segment.Text != text {
		n.segment.Text = text
		n.Refresh()
	}
}
