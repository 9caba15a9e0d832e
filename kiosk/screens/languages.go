package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"clockface/assets"
	"clockface/assets/look"
	"clockface/kiosk"
)

// languages offers each language by its own name.
type languages struct {
	root  *fyne.Container
	title *sentence
	keys  []fyne.CanvasObject
	back  *key
}

func newLanguages(all []assets.Language, post func(kiosk.Input)) *languages {
	s := &languages{
		title: newSentence(look.SizeAnswer, theme.ColorNameForeground, true),
		back:  newKey(plain, look.Back, look.SizeInstruction, func() { post(kiosk.Cancel{}) }),
	}
	for _, l := range all {
		k := newKey(primary, "", look.SizeInstruction, func() { post(kiosk.ChooseLanguage{Tag: l.Tag}) })
		k.say(l.OwnName)
		s.keys = append(s.keys, k)
	}
	s.root = newPlaced(s.place, append([]fyne.CanvasObject{s.title, s.back}, s.keys...)...)
	return s
}

func (s *languages) content() fyne.CanvasObject { return s.root }

func (s *languages) draw(v kiosk.View) {
	s.title.say(v.Title)
	s.back.say(v.Back)
}

// place puts the languages in one column while there is room, else in two.
func (s *languages) place(size fyne.Size) {
	in := inner(size).narrowed(widest)
	h := button * scale(size)
	in.cutBottom(tall * scale(size)).fill(s.back)
	in.cutTop(s.title.heightAt(in.w)).fill(s.title)
	columns := 1
	if float32(len(s.keys))*(h+gap) > in.h {
		columns = 2
	}
	rows := (len(s.keys) + columns - 1) / columns
	area := in.centred(in.w, float32(rows)*(h+gap)-gap)
	w := (area.w - float32(columns-1)*gap) / float32(columns)
	for i, k := range s.keys {
		box{area.x + float32(i%columns)*(w+gap), area.y + float32(i/columns)*(h+gap), w, h}.fill(k)
	}
}
