package screens

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
)

// sentence is a translated text: it wraps, in one of the theme's sizes and
// colours. Fyne's canvas.Text never wraps and its label knows no colour.
type sentence struct {
	widget.RichText
	segment *widget.TextSegment
	size    fyne.ThemeSizeName   // as a small screen has it
	sizes   []fyne.ThemeSizeName // the wanted one, then smaller ones to fall back to
}

// newSentence returns an empty text, centred.
func newSentence(size fyne.ThemeSizeName, colour fyne.ThemeColorName, bold bool) *sentence {
	s := &sentence{size: size, segment: &widget.TextSegment{Style: widget.RichTextStyle{
		Alignment: fyne.TextAlignCenter, ColorName: colour, SizeName: size, TextStyle: fyne.TextStyle{Bold: bold},
	}}}
	s.grow(false)
	s.Segments = []widget.RichTextSegment{s.segment}
	s.Wrapping, s.Scroll = fyne.TextWrapWord, fyne.ScrollNone
	s.ExtendBaseWidget(s)
	return s
}

// grow takes the size for a spacious screen, or that for a small one, and those
// it may shrink to: a long name or word is better read small than broken.
func (s *sentence) grow(spacious bool) {
	s.sizes = nil
	if larger, ok := largerSize(s.size); ok && spacious {
		s.sizes = append(s.sizes, larger)
	}
	s.sizes = append(s.sizes, s.size)
	if s.size == look.SizeAnswer {
		s.sizes = append(s.sizes, look.SizeAnswerTight, look.SizeInstruction)
	}
}

// largerSize returns what a size becomes on a spacious screen.
func largerSize(size fyne.ThemeSizeName) (fyne.ThemeSizeName, bool) {
	switch size {
	case look.SizeAnswer:
		return look.SizeAnswerLarge, true
	case look.SizeInstruction:
		return look.SizeInstructionLarge, true
	case look.SizeNote:
		return look.SizeNoteLarge, true
	}
	return "", false
}

// say shows a text; an empty one hides the sentence.
func (s *sentence) say(text string) {
	if text == "" {
		s.Hide()
		return
	}
	s.Show()
	if s.segment.Text != text {
		s.segment.Text = text
		s.Refresh()
	}
}

// text returns what is shown, for tests.
func (s *sentence) text() string {
	if !s.Visible() {
		return ""
	}
	return s.segment.Text
}

// heightAt returns how high the text is when it wraps at the width, in the
// largest of its sizes in which no word is broken.
func (s *sentence) heightAt(width float32) float32 {
	for i := range s.sizes {
		if i == len(s.sizes)-1 || s.longestWord(s.sizes[i]) <= width {
			return s.heightIn(s.sizes[i], width)
		}
	}
	return 0
}

// heightIn sets the size and returns the height at the width. Rich text knows
// its height only once it has been given the width.
func (s *sentence) heightIn(size fyne.ThemeSizeName, width float32) float32 {
	if s.segment.Style.SizeName != size {
		s.segment.Style.SizeName = size
		s.Refresh()
	}
	s.Resize(fyne.NewSize(width, s.MinSize().Height))
	return s.MinSize().Height
}

// longestWord returns the width of the widest word, with the padding around it.
func (s *sentence) longestWord(size fyne.ThemeSizeName) float32 {
	widest := float32(0)
	for word := range strings.FieldsSeq(s.segment.Text) {
		widest = max(widest, fyne.MeasureText(word, theme.Size(size), s.segment.Style.TextStyle).Width)
	}
	return widest + 2*theme.Size(theme.SizeNameInnerPadding) + 1
}

// smaller makes the text one size smaller and returns its new height at the
// width; ok is false where there is no smaller size.
func (s *sentence) smaller(width float32) (height float32, ok bool) {
	i := slices.Index(s.sizes, s.segment.Style.SizeName) + 1
	if i >= len(s.sizes) {
		return 0, false
	}
	return s.heightIn(s.sizes[i], width), true
}
