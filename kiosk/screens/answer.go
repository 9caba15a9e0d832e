package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"clockface/assets/look"
	"clockface/kiosk"
)

// Sizes of the answer, in dp.
const (
	portrait   = 160 // where the person's initials stand
	badge      = 64  // the tick on it
	notMeWidth = 340
)

// answer says that a punch is recorded, or was already.
type answer struct {
	root     *fyne.Container
	disc     *canvas.Circle
	initials *clock
	tickDisc *canvas.Circle
	tick     *canvas.Image
	detail   *sentence
	title    *sentence
	note     *sentence
	notMe    *key
	other    *key
}

func newAnswer(post func(kiosk.Input)) *answer {
	s := &answer{
		disc:     &canvas.Circle{StrokeWidth: 4},
		initials: newClock(look.SizeAnswer, look.ColorOnAnswer),
		tickDisc: &canvas.Circle{},
		tick:     &canvas.Image{FillMode: canvas.ImageFillContain},
		detail:   newSentence(look.SizeAnswer, look.ColorOnAnswer, true),
		title:    newSentence(look.SizeAnswer, look.ColorOnAnswer, false),
		note:     newSentence(look.SizeInstruction, look.ColorOnAnswer, false),
		notMe:    newKey(onAnswer, "", look.SizeInstruction, func() { post(kiosk.SayNotMe{}) }),
		other:    newKey(onAnswer, "", look.SizeInstruction, func() { post(kiosk.OtherDirection{}) }),
	}
	s.root = newPlaced(s.place, s.disc, s.initials, s.tickDisc, s.tick, s.title, s.detail, s.note, s.notMe, s.other)
	return s
}

func (s *answer) content() fyne.CanvasObject { return s.root }

func (s *answer) draw(v kiosk.View) {
	s.disc.FillColor, s.disc.StrokeColor = theme.Color(look.ColorAnswerTint), theme.Color(look.ColorOnAnswer)
	s.tickDisc.FillColor = theme.Color(look.ColorOnAnswer)
	s.tick.Resource = look.Icon(look.Tick, theme.ColorNameSuccess)
	if v.Repeated {
		s.tick.Resource = look.Icon(look.ClockFace, theme.ColorNameSuccess)
	}
	s.initials.tell(v.Initials)
	s.title.say(v.Title)
	s.detail.say(v.Detail)
	s.note.say(v.Note)
	s.notMe.offer(v.NotMe)
	s.other.offer(v.Other)
	s.notMe.alive(!v.Busy)
	s.other.alive(!v.Busy)
}

func (s *answer) place(size fyne.Size) {
	in := inner(size)
	u := scale(size)
	s.initials.pick(spacious(size), look.SizeAnswerLarge, look.SizeAnswer)
	if sideBySide(size) {
		s.placeKeys(in.cutBottom(button))
		left := in.cutLeft(max(portrait+48, in.w*0.3))
		s.placeDisc(left.centred(portrait, portrait), u)
		in.column(wrapped(s.title), wrapped(s.detail), wrapped(s.note))
		return
	}
	switch {
	case lying(size):
		s.placeKeys(in.cutBottom(button * u).narrowed(widest))
	default:
		if s.notMe.Visible() {
			in.cutBottom(button * u).narrowed(notMeWidth * u).fill(s.notMe)
		}
		if s.other.Visible() {
			in.cutBottom(button * u).narrowed(widest).fill(s.other)
		}
	}
	disc := in.under(portrait*u, 24*u, wrapped(s.title), wrapped(s.detail), wrapped(s.note))
	s.placeDisc(disc, u)
}

// placeKeys puts what there is to touch side by side.
func (s *answer) placeKeys(b box) {
	if s.notMe.Visible() && s.other.Visible() {
		w := max(notMeWidth, (b.w-gap)/2)
		box{b.x + b.w - w, b.y, w, b.h}.fill(s.notMe)
		box{b.x, b.y, b.w - w - gap, b.h}.fill(s.other)
		return
	}
	b.narrowed(max(notMeWidth, b.w/2)).fill(s.notMe)
	b.narrowed(max(notMeWidth, b.w/2)).fill(s.other)
}

// placeDisc puts the initials, and the tick on their edge, at a scale.
func (s *answer) placeDisc(b box, u float32) {
	b.fill(s.disc)
	b.fill(s.initials)
	side := badge * u
	tick := box{b.x + b.w - side + 14*u, b.y + b.h - side + 6*u, side, side}
	tick.fill(s.tickDisc)
	tick.centred(side*0.62, side*0.62).fill(s.tick)
}
