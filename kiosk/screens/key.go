package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
)

// style is what a key is painted with.
type style struct {
	fill, text fyne.ThemeColorName
	stroke     fyne.ThemeColorName // empty: none
}

// The styles of keys.
var (
	primary   = style{fill: theme.ColorNamePrimary, text: theme.ColorNameForegroundOnPrimary}
	plain     = style{fill: theme.ColorNameButton, text: theme.ColorNameForeground}
	onAnswer  = style{fill: look.ColorAnswerTint, text: look.ColorOnAnswer, stroke: look.ColorOnAnswer}
	onProblem = onAnswer
	onGround  = primary
)

// key is something to touch: a rounded area with a text, an icon, or both. Unlike
// Fyne's button it never takes the focus, so that a badge reader's characters
// and a stray Tab or Space go to the kiosk, and it hides the pointer.
type key struct {
	widget.BaseWidget
	style   style
	icon    look.IconName // empty: none
	picture *canvas.Image
	label   *sentence
	fill    *canvas.Rectangle
	press   *canvas.Rectangle
	tapped  func()
	dead    bool // shows, but does nothing
}

var (
	_ fyne.Tappable      = (*key)(nil)
	_ desktop.Mouseable  = (*key)(nil)
	_ desktop.Cursorable = (*key)(nil)
)

// newKey returns a key without text.
func newKey(st style, icon look.IconName, size fyne.ThemeSizeName, tapped func()) *key {
	k := &key{
		style: st, icon: icon, tapped: tapped,
		picture: &canvas.Image{FillMode: canvas.ImageFillContain},
		label:   newSentence(size, st.text, true),
		fill:    &canvas.Rectangle{}, press: &canvas.Rectangle{},
	}
	k.label.Hide()
	k.press.Hide()
	if icon == "" {
		k.picture.Hide()
	}
	k.ExtendBaseWidget(k)
	k.paint()
	return k
}

// say shows a text; an empty one hides the whole key unless it has an icon.
func (k *key) say(text string) {
	if text == "" && k.icon == "" {
		k.Hide()
		return
	}
	k.label.say(text)
	k.Show()
}

// offer shows the key with its text, or hides it where there is none.
func (k *key) offer(text string) {
	if text == "" {
		k.Hide()
		return
	}
	k.say(text)
}

// grow makes the text larger where there is room.
func (k *key) grow(spacious bool) { k.label.grow(spacious) }

// alive makes the key work or not.
func (k *key) alive(yes bool) {
	if k.dead == yes {
		k.dead = !yes
		k.Refresh()
	}
}

// paint takes over the theme's colours.
func (k *key) paint() {
	radius := theme.Size(theme.SizeNameInputRadius)
	fill, text := k.style.fill, k.style.text
	if k.dead {
		fill, text = theme.ColorNameDisabledButton, theme.ColorNameDisabled
	}
	k.fill.FillColor, k.fill.CornerRadius = theme.Color(fill), radius
	if k.style.stroke != "" {
		k.fill.StrokeColor, k.fill.StrokeWidth = theme.Color(k.style.stroke), 2
	}
	k.press.FillColor, k.press.CornerRadius = theme.Color(theme.ColorNamePressed), radius
	k.label.segment.Style.ColorName = text
	if k.icon != "" {
		k.picture.Resource = look.Icon(k.icon, text)
	}
}

// Refresh paints the key anew.
func (k *key) Refresh() {
	k.paint()
	k.label.Refresh()
	k.picture.Refresh()
	k.BaseWidget.Refresh()
}

// Tapped does what the key is for.
func (k *key) Tapped(*fyne.PointEvent) {
	if !k.dead {
		k.tapped()
	}
}

// MouseDown shows that the touch has arrived.
func (k *key) MouseDown(*desktop.MouseEvent) {
	if !k.dead {
		k.press.Show()
	}
}

// MouseUp ends that.
func (k *key) MouseUp(*desktop.MouseEvent) { k.press.Hide() }

// Cursor hides the pointer.
func (k *key) Cursor() desktop.Cursor { return desktop.HiddenCursor }

// CreateRenderer draws the key.
func (k *key) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(&keyLayout{k}, k.fill, k.press, k.picture, k.label))
}

// keyLayout puts icon and text side by side in the middle.
type keyLayout struct{ *key }

// MinSize asks for what a finger needs.
func (l *keyLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(target) }

// Layout places the parts.
func (l *keyLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	all := box{0, 0, size.Width, size.Height}
	all.fill(l.fill)
	all.fill(l.press)
	side := min(size.Height*0.45, 40)
	if !l.label.Visible() {
		all.centred(side, side).fill(l.picture)
		return
	}
	room := size.Width - gap
	if l.picture.Visible() {
		room -= side + gap
	}
	text, h := l.textIn(room)
	left := (size.Width - text) / 2
	if l.picture.Visible() {
		left = (size.Width - text - side - gap/2) / 2
		box{left, (size.Height - side) / 2, side, side}.fill(l.picture)
		left += side + gap/2
	}
	box{left, (size.Height - h) / 2, text, h}.fill(l.label)
}

// textIn returns the size of the text in the room: on one line, in the largest
// size in which it fits there, else wrapped in the smallest.
func (k *key) textIn(room float32) (width, height float32) {
	for _, size := range k.label.sizes {
		width = k.width(size)
		if width <= room {
			return width, k.label.heightIn(size, width)
		}
	}
	return room, k.label.heightAt(room)
}

// wants returns how wide the key is with its text on one line.
func (k *key) wants() float32 {
	w := k.width(k.label.sizes[0]) + gap
	if k.icon != "" {
		w += 40 + gap
	}
	return max(w, target)
}

// width returns how wide the text is on one line.
func (k *key) width(size fyne.ThemeSizeName) float32 {
	st := k.label.segment.Style
	return fyne.MeasureText(k.label.segment.Text, theme.Size(size), st.TextStyle).Width + 2*theme.Size(theme.SizeNameInnerPadding) + 2
}
