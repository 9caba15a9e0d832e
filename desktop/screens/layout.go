package screens

import (
	"fyne.io/fyne/v2"
)

// Widths in dp at which the window changes its arrangement, and of its parts.
const (
	detailsFrom  = 1100 // details stand beside the list
	sidebarFrom  = 700  // navigation stands at the left
	sidebarWidth = 180
	detailsWidth = 304
	gap          = 12
)

// shell arranges the whole window: navigation, the place, its details, and the
// foot that tells what was done.
type shell struct {
	side, strip, place, details, foot fyne.CanvasObject

	hasDetails  bool // the place has details at all
	showDetails bool // somebody opened them; counts where there is no room beside the list
}

// Layout is called by Fyne.
func (s *shell) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	wide := size.Width >= sidebarFrom
	show(s.side, wide)
	show(s.strip, !wide)
	x, y := float32(0), float32(0)
	if wide {
		put(s.side, 0, 0, sidebarWidth, size.Height)
		x = sidebarWidth
	} else {
		y = s.strip.MinSize().Height
		put(s.strip, 0, 0, size.Width, y)
	}
	bottom := size.Height
	if s.foot.Visible() {
		h := heightOf(s.foot, size.Width-x-2*gap)
		bottom -= h + gap
		put(s.foot, x+gap, bottom, size.Width-x-2*gap, h)
	}
	right := size.Width - gap
	beside := s.hasDetails && size.Width >= detailsFrom
	instead := s.hasDetails && !beside && s.showDetails
	show(s.details, beside || instead)
	show(s.place, !instead)
	top := y + gap
	height := bottom - gap - top
	switch {
	case beside:
		right -= detailsWidth
		put(s.details, right, top, detailsWidth, height)
		right -= gap
	case instead:
		put(s.details, x+gap, top, right-x-gap, height)
	}
	if !instead {
		put(s.place, x+gap, top, right-x-gap, height)
	}
}

// MinSize is called by Fyne. It is that of the present arrangement; in width
// always that of the narrow one, so that the window can become narrow.
func (s *shell) MinSize([]fyne.CanvasObject) fyne.Size {
	place := s.place.MinSize()
	if s.hasDetails {
		place = place.Max(s.details.MinSize())
	}
	h := place.Height + 2*gap
	if s.foot.Visible() {
		h += s.foot.MinSize().Height + gap
	}
	if s.side.Visible() {
		h = max(h, s.side.MinSize().Height)
	} else {
		h += s.strip.MinSize().Height
	}
	return fyne.NewSize(max(s.strip.MinSize().Width, place.Width+2*gap, s.foot.MinSize().Width+2*gap), h)
}

func show(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}

func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(max(w, 0), max(h, 0)))
}

// heightOf returns the height that an object needs at a width. Wrapping text
// knows it only once it has that width.
func heightOf(o fyne.CanvasObject, width float32) float32 {
	o.Resize(fyne.NewSize(width, o.Size().Height))
	return o.MinSize().Height
}

// stack puts objects under each other; the last gets the height that is left.
type stack struct{ gap float32 }

// Layout is called by Fyne.
func (s stack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		h := size.Height - y
		if i < len(objects)-1 {
			h = heightOf(o, size.Width)
		}
		put(o, 0, y, size.Width, h)
		y += h + s.gap
	}
}

// MinSize is called by Fyne.
func (s stack) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if o.Visible() {
			om := o.MinSize()
			m = fyne.NewSize(max(m.Width, om.Width), m.Height+om.Height+s.gap)
		}
	}
	return m.SubtractWidthHeight(0, min(s.gap, m.Height))
}

// flow puts objects side by side and wraps like words. Grow widens one of them
// to fill its line; negative for none.
type flow struct {
	gap  float32
	grow int

	width float32 // of the last layout
}

// Layout is called by Fyne.
func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	y := float32(0)
	for _, l := range f.lines(objects, size.Width) {
		x := float32(0)
		for _, i := range l.items {
			w := objects[i].MinSize().Width
			if i == f.grow {
				w += size.Width - l.width
			}
			h := objects[i].MinSize().Height
			put(objects[i], x, y+(l.height-h)/2, min(w, size.Width), h)
			x += w + f.gap
		}
		y += l.height + f.gap
	}
}

// MinSize is called by Fyne. The height is the one at the last width.
func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	lines := f.lines(objects, f.width)
	for _, l := range lines {
		m.Height += l.height + f.gap
		for _, i := range l.items {
			m.Width = max(m.Width, objects[i].MinSize().Width)
		}
	}
	m.Height = max(m.Height-f.gap, 0)
	return m
}

type flowLine struct {
	items         []int
	width, height float32
}

func (f *flow) lines(objects []fyne.CanvasObject, width float32) []flowLine {
	var out []flowLine
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		n := len(out)
		if n == 0 || width > 0 && out[n-1].width+f.gap+m.Width > width {
			out = append(out, flowLine{items: []int{i}, width: m.Width, height: m.Height})
			continue
		}
		l := &out[n-1]
		l.items, l.width, l.height = append(l.items, i), l.width+f.gap+m.Width, max(l.height, m.Height)
	}
	return out
}

// tiles puts objects side by side at equal widths, as many in a line as fit.
type tiles struct {
	gap, least float32

	width float32
}

// Layout is called by Fyne.
func (t *tiles) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	t.width = size.Width
	n := t.columns(len(objects))
	w := (size.Width - t.gap*float32(n-1)) / float32(n)
	h := t.rowHeight(objects)
	for i, o := range objects {
		put(o, float32(i%n)*(w+t.gap), float32(i/n)*(h+t.gap), w, h)
	}
}

// MinSize is called by Fyne.
func (t *tiles) MinSize(objects []fyne.CanvasObject) fyne.Size {
	rows := (len(objects) + t.columns(len(objects)) - 1) / t.columns(len(objects))
	return fyne.NewSize(t.least, float32(rows)*(t.rowHeight(objects)+t.gap)-t.gap)
}

func (t *tiles) columns(n int) int {
	fit := min(max(int((t.width+t.gap)/(t.least+t.gap)), 1), max(n, 1))
	rows := (n + fit - 1) / fit
	return max((n+rows-1)/max(rows, 1), 1) // lines of equal length
}

func (t *tiles) rowHeight(objects []fyne.CanvasObject) float32 {
	h := float32(0)
	for _, o := range objects {
		h = max(h, o.MinSize().Height)
	}
	return h
}

// least gives its one object a minimum size of its own: a list may be small
// however wide its rows would like to be.
type least struct{ size fyne.Size }

// Layout is called by Fyne.
func (l least) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		put(o, 0, 0, size.Width, size.Height)
	}
}

// MinSize is called by Fyne.
func (l least) MinSize([]fyne.CanvasObject) fyne.Size { return l.size }
