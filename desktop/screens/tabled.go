package screens

import (
	"fyne.io/fyne/v2"

	"clockface/timeclock"
)

// tabled is the part of a view that is a table: the keys that nothing focused
// took go to it, and Escape leaves.
type tabled struct {
	w     *Window
	table *table
}

func (v *tabled) key(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		v.w.escape()
	case fyne.KeyDown, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyPageUp, fyne.KeyHome, fyne.KeyEnd, fyne.KeyReturn, fyne.KeyEnter:
		v.table.key(e)
	}
}

func (v *tabled) rune(rune) {}

// persons is a table of people beside the panel of the chosen one.
type persons struct {
	tabled
	panel  *personPanel
	chosen timeclock.EmployeeID
	who    func(row int) timeclock.EmployeeID
}

func newPersons(w *Window, who func(row int) timeclock.EmployeeID) persons {
	return persons{tabled: tabled{w: w}, panel: newPersonPanel(w), who: who}
}

func (v *persons) details() fyne.CanvasObject { return v.panel.content }

func (v *persons) choose(row int) {
	v.chosen = v.who(row)
	v.panel.show(v.chosen)
	v.w.report.settle()
}

// redraw draws the table again, the chosen person still chosen, wherever the
// row is now.
func (v *persons) redraw() {
	at := -1
	for i := range v.table.length() {
		if v.who(i) == v.chosen {
			at = i
		}
	}
	v.table.list.choose(at)
	v.table.refresh()
	v.panel.show(v.chosen)
}
