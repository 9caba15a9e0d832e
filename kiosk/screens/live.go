package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"clockface/assets/look"
	"clockface/kiosk"
)

// live is the preview with an oval to step into, and the ways to number and PIN
// and to another language.
type live struct {
	root     *fyne.Container
	clock    *clock
	date     *sentence
	preview  *Preview
	blank    *canvas.Rectangle // instead of the preview while there is none
	absent   *canvas.Image
	note     *sentence
	say      *sentence
	pad      *key
	language *key
	signs    *signs
	state    *sentence
}

func newLive(p *Preview, post func(kiosk.Input)) *live {
	s := &live{
		clock:    newClock(look.SizeClock, theme.ColorNameForeground),
		date:     newSentence(look.SizeNote, look.ColorQuiet, false),
		preview:  p,
		blank:    &canvas.Rectangle{CornerRadius: previewRadius},
		absent:   &canvas.Image{FillMode: canvas.ImageFillContain},
		note:     newSentence(look.SizeNote, look.ColorOnAnswer, false),
		say:      newSentence(look.SizeInstruction, theme.ColorNameForeground, true),
		pad:      newKey(primary, look.Keypad, look.SizeInstruction, func() { post(kiosk.OpenPad{}) }),
		language: newKey(plain, look.Globe, look.SizeNote, func() { post(kiosk.OpenLanguages{}) }),
		signs:    newSigns(look.ColorQuiet),
		state:    newSentence(look.SizeNote, look.ColorQuiet, false),
	}
	s.root = newPlaced(s.place, s.clock, s.date, s.blank, s.absent, s.preview, s.note, s.say,
		s.pad, s.language, s.signs.Container, s.state)
	return s
}

func (s *live) content() fyne.CanvasObject { return s.root }

func (s *live) draw(v kiosk.View) {
	s.clock.tell(v.Clock)
	s.date.say(v.Date)
	s.say.say(v.Title)
	s.pad.say(v.Pad)
	s.language.say(v.Chosen)
	s.signs.draw(v)
	s.state.say(v.Signs)
	s.note.say(v.Note)
	s.blank.FillColor = theme.Color(look.ColorSurface)
	seen := v.Camera == kiosk.CameraWorks || v.Camera == kiosk.CameraPlayed || v.Camera == kiosk.NoRecognition
	show(seen, s.preview)
	show(seen && v.Note != "", s.note)
	show(!seen, s.absent, s.blank)
	icon, _ := cameraSign(v.Camera)
	s.absent.Resource = look.Icon(icon, look.ColorQuiet)
}

// show shows or hides objects.
func show(yes bool, objects ...fyne.CanvasObject) {
	for _, o := range objects {
		if yes {
			o.Show()
		} else {
			o.Hide()
		}
	}
}

// beside is how wide the part beside the preview is on a lying screen, in dp.
func beside(size fyne.Size) float32 { return max(320, size.Width*0.34) }

func (s *live) place(size fyne.Size) {
	in := inner(size)
	s.clock.pick(low(size), look.SizeClockSmall, look.SizeClock)
	if lying(size) {
		side := box{in.x + in.w - beside(size), in.y, beside(size), in.h}
		in.w -= beside(size) + edge
		s.placeWithState(in)
		s.placeFoot(side.cutBottom(target))
		side.cutBottom(tall * scale(size)).fill(s.pad)
		side.column(s.words()...)
		return
	}
	s.placeFoot(in.cutBottom(target))
	in.cutBottom(tall * scale(size)).fill(s.pad)
	head := in.cutTop(s.clock.height() + s.date.heightAt(in.w) + 12)
	head.column(fixed(s.clock, s.clock.height()), below(wrapped(s.date), 12))
	lines := s.say.heightAt(in.w)
	if s.state.Visible() {
		lines += s.state.heightAt(in.w)
	}
	foot := in.cutBottom(max(lines, 96))
	foot.column(wrapped(s.say), wrapped(s.state))
	s.placePicture(in)
}

// words are the texts beside the preview on a lying screen.
func (s *live) words() []part {
	return []part{fixed(s.clock, s.clock.height()), below(wrapped(s.date), 8), below(wrapped(s.say), 16)}
}

// placeWithState puts the preview and, below it, the signs in words.
func (s *live) placeWithState(b box) {
	if !s.state.Visible() {
		s.placePicture(b)
		return
	}
	h := s.state.heightAt(b.w)
	w := min(b.w, (b.h-h-gap)*4/3)
	all := b.centred(b.w, w*3/4+gap+h)
	all.cutBottom(h).fill(s.state)
	s.placePicture(all)
}

// placeFoot puts the signs left and the language right.
func (s *live) placeFoot(b box) {
	b.cutLeft(signsWidth).fill(s.signs.Container)
	want := min(b.w, s.language.wants())
	box{b.x + b.w - want, b.y, want, b.h}.fill(s.language)
}

// placePicture puts the preview into the area, as large as its shape allows.
func (s *live) placePicture(b box) {
	w := min(b.w, b.h*4/3)
	pic := b.centred(w, w*3/4)
	pic.fill(s.preview)
	pic.fill(s.blank)
	pic.centred(96, 96).fill(s.absent)
	strip := pic.h * notePart
	h := s.note.heightAt(pic.w)
	box{pic.x, pic.y + pic.h - strip/2 - h/2, pic.w, h}.fill(s.note)
}
