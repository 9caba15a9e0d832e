package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// TextOf returns the words of a button, ours or Fyne's.
func TextOf(o fyne.CanvasObject) string {
	switch b := o.(type) {
	case *button:
		return b.Text
	case *widget.Button:
		return b.Text
	}
	return ""
}
