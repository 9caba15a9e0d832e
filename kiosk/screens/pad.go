package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"clockface/assets/look"
	"clockface/kiosk"
)

// dotSide is the side of the dot that stands for a digit, in dp.
const dotSide = 22

// pad takes the number, then the PIN.
type pad struct {
	root   *fyne.Container
	clock  *clock
	title  *sentence
	detail *sentence
	line   *canvas.Rectangle // under the dots
	dots   []fyne.CanvasObject
	typed  int
	keys   []fyne.CanvasObject // in reading order, three a row
	back   *key
	erase  *key
	next   *key
}

func newPad(post func(kiosk.Input)) *pad {
	s := &pad{
		clock:  newClock(look.SizeClockSmall, theme.ColorNameForeground),
		title:  newSentence(look.SizeInstruction, theme.ColorNameForeground, true),
		detail: newSentence(look.SizeNote, look.ColorQuiet, false),
		line:   &canvas.Rectangle{CornerRadius: 2},
		back:   newKey(plain, look.Back, look.SizeNote, func() { post(kiosk.Cancel{}) }),
		erase:  newKey(plain, look.Backspace, look.SizeNote, func() { post(kiosk.Backspace{}) }),
		next:   newKey(primary, "", look.SizeInstruction, func() { post(kiosk.Enter{}) }),
	}
	digit := func(r rune) *key {
		k := newKey(plain, "", look.SizeAnswer, func() { post(kiosk.Digit{Rune: r}) })
		k.say(string(r))
		return k
	}
	for r := '1'; r <= '9'; r++ {
		s.keys = append(s.keys, digit(r))
	}
	s.keys = append(s.keys, s.back, digit('0'), s.erase)
	parts := []fyne.CanvasObject{s.clock, s.title, s.detail, s.line, s.next}
	for range kiosk.MaxNumber {
		dot := &canvas.Circle{}
		dot.Hide()
		s.dots = append(s.dots, dot)
	}
	s.root = newPlaced(s.place, append(append(parts, s.dots...), s.keys...)...)
	return s
}

func (s *pad) content() fyne.CanvasObject { return s.root }

func (s *pad) draw(v kiosk.View) {
	s.clock.tell(v.Clock)
	s.title.say(v.Title)
	s.detail.say(v.Detail)
	s.next.say(v.Next)
	s.next.alive(v.NextOpen)
	s.line.FillColor = theme.Color(theme.ColorNamePrimary)
	s.typed = v.Dots
	for i, o := range s.dots {
		if dot, ok := o.(*canvas.Circle); ok {
			dot.FillColor = theme.Color(theme.ColorNameForeground)
		}
		show(i < v.Dots, o)
	}
}

func (s *pad) place(size fyne.Size) {
	in := inner(size)
	u := scale(size)
	rows := func(h float32) float32 { return 4*h + 3*gap }
	s.clock.pick(spacious(size), look.SizeClock, look.SizeClockSmall)
	if lying(size) {
		in = in.narrowed(widest * 1.16)
		h := min(120*u, (in.h-3*gap)/4)
		keys := in.cutLeft(max(400, in.w*0.52))
		keys = keys.centred(keys.w, rows(h))
		s.placeKeys(keys, h)
		in.cutLeft(20*u - gap)
		in.y, in.h = keys.y, keys.h
		in.cutBottom(tall * u).fill(s.next)
		s.placeHead(in, u)
		return
	}
	in = in.narrowed(widest)
	in.cutBottom((tall - 8) * u).fill(s.next)
	h := min(120*u, max(tall, (in.h-284*u)/4))
	s.placeKeys(in.cutBottom(rows(h)), h)
	s.placeHead(in, u)
}

// placeKeys puts twelve keys of height h into the area.
func (s *pad) placeKeys(b box, h float32) {
	w := (b.w - 2*gap) / 3
	for i, k := range s.keys {
		box{b.x + float32(i%3)*(w+gap), b.y + float32(i/3)*(h+gap), w, h}.fill(k)
	}
}

// placeHead puts clock, question, dots and hint, at a scale.
func (s *pad) placeHead(b box, u float32) {
	dots, side := newSpacer(), dotSide*u
	b.column(fixed(s.clock, s.clock.height()), below(wrapped(s.title), 6*u), below(fixed(dots, side+14), 0), below(wrapped(s.detail), 0))
	at := dots.Position()
	w := min(b.w, 320*u)
	row := box{b.x + (b.w-w)/2, at.Y, w, side + 14}
	row.cutBottom(3).fill(s.line)
	step := min(side+14, (w-side)/float32(max(1, s.typed)))
	left := b.x + (b.w-(step*float32(s.typed-1)+side))/2
	for i := range s.typed {
		box{left + float32(i)*step, at.Y, side, side}.fill(s.dots[i])
	}
}

// newSpacer returns an object that only holds a place.
func newSpacer() fyne.CanvasObject { return &canvas.Rectangle{} }
