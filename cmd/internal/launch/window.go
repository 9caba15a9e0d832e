package launch

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
)

// smallest is the least width and height of a window, in device-independent
// pixels: below it no screen is usable.
const smallest = 320

// WindowSize returns the size that --size asks for, or otherwise what the
// program takes by itself. A size that cannot be used is a [*UsageError].
func (f Flags) WindowSize(otherwise fyne.Size) (fyne.Size, error) {
	if f.Size == "" {
		return otherwise, nil
	}
	var w, h float32
	if _, err := fmt.Sscanf(strings.ToLower(f.Size), "%gx%g", &w, &h); err != nil || w < smallest || h < smallest {
		return fyne.Size{}, &UsageError{fmt.Sprintf("--size %s is not understood. Give width x height of at least %dx%d, e.g. 480x800.",
			f.Size, smallest, smallest)}
	}
	return fyne.NewSize(w, h), nil
}

// noDisplay is the sentence where there is nothing to draw on.
const noDisplay = "There is no display to draw on. Start the program in a graphical session, with DISPLAY set"

// NewWindow makes a window. Without a display, where the toolkit panics, it
// returns a [*Failure].
func NewWindow(a fyne.App, title string) (w fyne.Window, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Failure{fmt.Errorf("%s (%v)", noDisplay, p)}
		}
	}()
	return a.NewWindow(title), nil
}
