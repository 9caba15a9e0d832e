// Package look is how Clockface looks: the colours, sizes and icons that the
// kiosk and the desktop window share, as a Fyne theme.
//
// [Wall] is for a kiosk that people read from a metre away, [Desk] for a window
// on a desk. Each is light, dark, of high contrast, or follows the system.
// Success is bluish green and a problem vermilion, both with white text, in every
// mode: the pair that colour-blind people tell apart. No meaning hangs on colour
// alone; see [Icon] for the shapes that go with it.
package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Mode is light, dark, of high contrast, or as the system asks.
type Mode int

// The modes.
const (
	Auto Mode = iota
	Light
	Dark
	Contrast
)

// Colours beyond Fyne's own. The first two colour text and lines on the
// background; Success, Error and Warning of Fyne are grounds for white text.
const (
	ColorSuccessText fyne.ThemeColorName = "successText" // the green, as text on the background
	ColorProblemText fyne.ThemeColorName = "problemText" // the vermilion, as text on the background
	ColorSurface     fyne.ThemeColorName = "surface"     // a card or panel on the background
	ColorQuiet       fyne.ThemeColorName = "quiet"       // text that may be overlooked, still 4.5:1
	ColorOnAnswer    fyne.ThemeColorName = "onAnswer"    // text on Success and Error
	ColorAnswerTint  fyne.ThemeColorName = "answerTint"  // a button's ground on Success and Error
	ColorAnswerShade fyne.ThemeColorName = "answerShade" // under white text on a picture
	ColorNight       fyne.ThemeColorName = "night"       // ground of the dimmed idle screen
	ColorOnNight     fyne.ThemeColorName = "onNight"     // the clock on it
)

// Sizes of text beyond Fyne's own, in dp.
const (
	SizeClock       fyne.ThemeSizeName = "clock"       // readable at 3 m
	SizeClockSmall  fyne.ThemeSizeName = "clockSmall"  // the clock of a low screen
	SizeAnswer      fyne.ThemeSizeName = "answer"      // readable at 1.5 m
	SizeAnswerTight fyne.ThemeSizeName = "answerTight" // an answer with a long word
	SizeInstruction fyne.ThemeSizeName = "instruction" // readable at 1 m
	SizeNote        fyne.ThemeSizeName = "note"        // the smallest text of a wall screen
	SizeFigure      fyne.ThemeSizeName = "figure"      // a figure that a desk screen is about
)

// Sizes for a wall screen with room to spare, in dp.
const (
	SizeClockLarge       fyne.ThemeSizeName = "clockLarge"
	SizeAnswerLarge      fyne.ThemeSizeName = "answerLarge"
	SizeInstructionLarge fyne.ThemeSizeName = "instructionLarge"
	SizeNoteLarge        fyne.ThemeSizeName = "noteLarge"
)

// palette holds one mode's colours by name; a name that it lacks is Fyne's own.
type palette map[fyne.ThemeColorName]color.NRGBA

// sizes holds one audience's sizes by name; a name that it lacks is Fyne's own.
type sizes map[fyne.ThemeSizeName]float32

// Theme is Fyne's theme in our colours and sizes.
type Theme struct {
	mode  Mode
	sizes sizes
	base  fyne.Theme
}

// Desk returns the theme for a window on a desk.
func Desk(m Mode) *Theme { return &Theme{mode: m, sizes: deskSizes, base: theme.DefaultTheme()} }

// Wall returns the theme for a kiosk.
func Wall(m Mode) *Theme { return &Theme{mode: m, sizes: wallSizes, base: theme.DefaultTheme()} }

// Color returns a colour by name. The variant, which Fyne takes from the system,
// counts in mode Auto only.
func (t *Theme) Color(n fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	var p palette
	switch t.mode {
	case Light:
		p, variant = lightColours, theme.VariantLight
	case Dark:
		p, variant = darkColours, theme.VariantDark
	case Contrast:
		p, variant = contrastColours, theme.VariantDark
	default:
		p = lightColours
		if variant == theme.VariantDark {
			p = darkColours
		}
	}
	if c, ok := p[n]; ok {
		return c
	}
	if c, ok := fixedColours[n]; ok {
		return c
	}
	return t.base.Color(n, variant)
}

// Font returns Fyne's bundled Noto Sans, whose digits all have one width.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource { return t.base.Font(s) }

// Icon returns Fyne's own icons; ours are in Icon of this package.
func (t *Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return t.base.Icon(n) }

// Size returns a size in dp.
func (t *Theme) Size(n fyne.ThemeSizeName) float32 {
	if s, ok := t.sizes[n]; ok {
		return s
	}
	return t.base.Size(n)
}
