package screens

import (
	"fyne.io/fyne/v2"

	"clockface/assets/look"
	"clockface/kiosk"
)

// idle is a large dim clock that drifts.
type idle struct {
	root  *fyne.Container
	clock *clock
	date  *sentence
	note  *sentence
	signs *signs
	drift kiosk.Drift
}

func newIdle() *idle {
	s := &idle{
		clock: newClock(look.SizeClock, look.ColorOnNight),
		date:  newSentence(look.SizeInstruction, look.ColorOnNight, false),
		note:  newSentence(look.SizeNote, look.ColorOnNight, false),
		signs: newSigns(look.ColorOnNight),
	}
	s.root = newPlaced(s.place, s.clock, s.date, s.note, s.signs.Container)
	return s
}

func (s *idle) content() fyne.CanvasObject { return s.root }

func (s *idle) draw(v kiosk.View) {
	s.clock.tell(v.Clock)
	s.date.say(v.Date)
	s.note.say(v.Note)
	if v.Signs != "" {
		s.note.say(v.Signs)
	}
	s.signs.draw(v)
	s.drift = v.Drift
}

func (s *idle) place(size fyne.Size) {
	in := inner(size)
	s.clock.pick(spacious(size), look.SizeClockLarge, look.SizeClock)
	foot := in.cutBottom(signSide)
	foot.centred(signsWidth, signSide).fill(s.signs.Container)
	in = in.narrowed(in.w - 48) // room to drift
	in.y += s.drift.Y
	in.x += s.drift.X
	in.column(fixed(s.clock, s.clock.height()), below(wrapped(s.date), 20*scale(size)), below(wrapped(s.note), 4))
}

// below gives a part another distance to the one above.
func below(p part, space float32) part {
	p.space = space
	return p
}
