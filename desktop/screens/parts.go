package screens

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
)

// panel is a rectangle in a colour of the theme that follows a change of it.
type panel struct {
	widget.BaseWidget
	colour fyne.ThemeColorName
	stroke fyne.ThemeColorName // empty for none
	radius float32
}

func newPanel(colour, stroke fyne.ThemeColorName, radius float32) *panel {
	p := &panel{colour: colour, stroke: stroke, radius: radius}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is called by Fyne.
func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, rect: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type panelRenderer struct {
	panel *panel
	rect  *canvas.Rectangle
}

// Layout is called by Fyne.
func (r *panelRenderer) Layout(size fyne.Size) { r.rect.Resize(size) }

// MinSize is called by Fyne.
func (r *panelRenderer) MinSize() fyne.Size { return fyne.Size{} }

// Refresh takes the colours of the theme in force.
func (r *panelRenderer) Refresh() {
	r.rect.FillColor = theme.ColorForWidget(r.panel.colour, r.panel)
	r.rect.CornerRadius = r.panel.radius
	if r.panel.stroke != "" {
		r.rect.StrokeColor = theme.ColorForWidget(r.panel.stroke, r.panel)
		r.rect.StrokeWidth = 1
	}
	r.rect.Refresh()
}

// Objects is called by Fyne.
func (r *panelRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }

// Destroy is called by Fyne.
func (r *panelRenderer) Destroy() {}

// card lays an object on a surface with a thin edge.
func card(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(newPanel(look.ColorSurface, theme.ColorNameSeparator, 10),
		container.New(margin{left: gap, top: 10, right: gap, bottom: 10}, o))
}

// margin keeps free room around its one object, in dp.
type margin struct{ left, top, right, bottom float32 }

// Layout is called by Fyne.
func (m margin) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		put(o, m.left, m.top, size.Width-m.left-m.right, size.Height-m.top-m.bottom)
	}
}

// MinSize is called by Fyne.
func (m margin) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		s = s.Max(o.MinSize())
	}
	return s.AddWidthHeight(m.left+m.right, m.top+m.bottom)
}

// button is a button that says in the foot what it does and which key does it too.
type button struct {
	widget.Button
	hint  string
	hints func(text string)
}

func (w *Window) newButton(text string, icon fyne.Resource, key string, tapped func()) *button {
	b := &button{hint: text, hints: w.hint}
	if key != "" {
		b.hint = w.t().T("hint.key", "action", text, "key", key)
	}
	b.Text, b.Icon, b.OnTapped = text, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// Tapped gives the keyboard back to the window, so that its keys go on working.
func (b *button) Tapped(e *fyne.PointEvent) {
	b.Button.Tapped(e)
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil && c.Focused() == fyne.Focusable(b) {
		c.Unfocus()
	}
}

// MouseIn is called by Fyne.
func (b *button) MouseIn(e *desktop.MouseEvent) {
	b.Button.MouseIn(e)
	b.hints(b.hint)
}

// MouseOut is called by Fyne.
func (b *button) MouseOut() {
	b.Button.MouseOut()
	b.hints("")
}

// iconBox is an icon of a fixed size.
func iconBox(r fyne.Resource, size float32) fyne.CanvasObject {
	return container.New(least{fyne.NewSquareSize(size)}, widget.NewIcon(r))
}

// heading is the large title of a place.
func heading(text string) *line {
	return newLine(text, theme.ColorNameForeground, theme.SizeNameHeadingText, true)
}

// tappable makes anything react to a tap.
type tappable struct {
	widget.BaseWidget
	content fyne.CanvasObject
	tapped  func()
}

func newTappable(content fyne.CanvasObject, tapped func()) *tappable {
	t := &tappable{content: content, tapped: tapped}
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is called by Fyne.
func (t *tappable) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.content) }

// Tapped is called by Fyne.
func (t *tappable) Tapped(*fyne.PointEvent) { t.tapped() }

// Cursor shows that it can be tapped.
func (t *tappable) Cursor() desktop.Cursor { return desktop.PointerCursor }
