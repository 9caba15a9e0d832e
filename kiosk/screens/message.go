package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"clockface/assets/look"
	"clockface/kiosk"
)

// shapeSide is the side of the large shape on a message, in dp.
const shapeSide = 128

// message says in a shape and two sentences what happened and what to do, and
// offers number and PIN.
type message struct {
	root   *fyne.Container
	icon   look.IconName
	style  style
	disc   *canvas.Circle
	shape  *canvas.Image
	title  *sentence
	detail *sentence
	pad    *key
}

// newMessage returns a message whose shape, texts and button suit its ground.
func newMessage(icon look.IconName, st style, post func(kiosk.Input)) *message {
	colour := theme.ColorNameForeground
	if st == onProblem {
		colour = look.ColorOnAnswer
	}
	s := &message{
		icon: icon, style: st,
		disc:   &canvas.Circle{StrokeWidth: 4},
		shape:  &canvas.Image{FillMode: canvas.ImageFillContain},
		title:  newSentence(look.SizeAnswer, colour, true),
		detail: newSentence(look.SizeInstruction, colour, false),
		pad:    newKey(st, look.Keypad, look.SizeInstruction, func() { post(kiosk.OpenPad{}) }),
	}
	s.root = newPlaced(s.place, s.disc, s.shape, s.title, s.detail, s.pad)
	return s
}

func (s *message) content() fyne.CanvasObject { return s.root }

func (s *message) draw(v kiosk.View) {
	line := theme.ColorNameForeground
	if s.style == onProblem {
		line = look.ColorOnAnswer
		s.disc.FillColor = theme.Color(look.ColorAnswerTint)
	} else {
		s.disc.FillColor = theme.Color(theme.ColorNameButton)
	}
	s.disc.StrokeColor = theme.Color(line)
	s.shape.Resource = look.Icon(s.icon, line)
	s.title.say(v.Title)
	s.detail.say(v.Detail)
	s.pad.offer(v.Pad)
}

func (s *message) place(size fyne.Size) {
	in := inner(size)
	u := scale(size)
	in.cutBottom(tall * u).narrowed(widest).fill(s.pad)
	if sideBySide(size) {
		disc := in.cutLeft(max(shapeSide+48, in.w*0.3)).centred(shapeSide, shapeSide)
		s.placeShape(disc)
		in.column(wrapped(s.title), below(wrapped(s.detail), 8))
		return
	}
	s.placeShape(in.under(shapeSide*u, 24*u, wrapped(s.title), below(wrapped(s.detail), 8)))
}

func (s *message) placeShape(b box) {
	b.fill(s.disc)
	b.centred(b.w*0.62, b.h*0.62).fill(s.shape)
}

// waiting counts down until PINs are taken again.
type waiting struct {
	root   *fyne.Container
	shape  *canvas.Image
	rest   *clock
	title  *sentence
	detail *sentence
	back   *key
}

func newWaiting(post func(kiosk.Input)) *waiting {
	s := &waiting{
		shape:  &canvas.Image{FillMode: canvas.ImageFillContain},
		rest:   newClock(look.SizeClock, theme.ColorNameForeground),
		title:  newSentence(look.SizeAnswer, theme.ColorNameForeground, true),
		detail: newSentence(look.SizeInstruction, theme.ColorNameForeground, false),
		back:   newKey(plain, look.Back, look.SizeInstruction, func() { post(kiosk.Cancel{}) }),
	}
	s.root = newPlaced(s.place, s.shape, s.rest, s.title, s.detail, s.back)
	return s
}

func (s *waiting) content() fyne.CanvasObject { return s.root }

func (s *waiting) draw(v kiosk.View) {
	s.shape.Resource = look.Icon(look.Wait, look.ColorProblemText)
	s.rest.tell(v.Rest)
	s.title.say(v.Title)
	s.detail.say(v.Detail)
	s.back.say(v.Back)
}

func (s *waiting) place(size fyne.Size) {
	in := inner(size)
	u := scale(size)
	in.cutBottom(tall * u).narrowed(widest).fill(s.back)
	s.rest.pick(spacious(size), look.SizeClockLarge, look.SizeClock)
	if sideBySide(size) {
		left := in.cutLeft(max(300, in.w*0.36))
		left.column(fixed(s.shape, 80), below(fixed(s.rest, s.rest.height()), 28))
		in.column(wrapped(s.title), below(wrapped(s.detail), 8))
		return
	}
	in.column(fixed(s.shape, 96*u), below(fixed(s.rest, s.rest.height()), 36), below(wrapped(s.title), 32), below(wrapped(s.detail), 8))
}
