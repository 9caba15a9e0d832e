package screens

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
	"clockface/desktop"
	"clockface/timeclock"
)

// boardView is today: four numbers and everybody's state.
type boardView struct {
	persons
	board desktop.Board
	tiles []*figureTile
	asOf  *line
	empty *widget.Label
	place fyne.CanvasObject
}

func newBoardView(w *Window) *boardView {
	v := &boardView{board: w.desk.Board()}
	v.persons = newPersons(w, func(i int) timeclock.EmployeeID { return v.board.Rows[i].Employee })
	t := w.t()
	v.table = &table{
		columns: []column{
			{title: t.T("column.state"), weight: 2.5},
			{title: t.T("column.person"), weight: 2},
			{title: t.T("column.number"), weight: 0.8, right: true, from: 560},
			{title: t.T("column.first"), weight: 1.1, right: true, from: 480},
			{title: t.T("column.worked"), weight: 0.9, right: true},
			{title: t.T("column.how"), weight: 1, from: 640},
		},
		length: func() int { return len(v.board.Rows) }, id: func(i int) string { return string(v.who(i)) },
		cells: v.cells, opened: w.openDetails, keys: v.key, selected: v.choose,
	}
	v.asOf = newLine("", look.ColorQuiet, theme.SizeNameText, false)
	v.asOf.right = true
	row := container.New(&tiles{gap: 8, least: 140})
	for _, f := range []struct {
		key    string
		icon   look.IconName
		colour fyne.ThemeColorName
	}{
		{"board.in", look.Tick, look.ColorSuccessText}, {"board.break", look.Wait, theme.ColorNamePrimary},
		{"board.out", look.Back, look.ColorQuiet}, {"board.unclear", look.Triangle, look.ColorProblemText},
	} {
		tile := newFigureTile(t.T(f.key), look.Icon(f.icon, f.colour))
		v.tiles = append(v.tiles, tile)
		row.Add(tile.content)
	}
	v.empty = paragraph("")
	v.place = container.New(stack{gap: 10},
		container.NewBorder(nil, nil, nil, container.New(least{fyne.NewSize(200, 30)}, container.New(middle{}, v.asOf)), heading(t.T("place.board"))),
		row, v.empty, v.table.build())
	return v
}

func (v *boardView) content() fyne.CanvasObject { return v.place }
func (v *boardView) find() fyne.Focusable       { return nil }

func (v *boardView) refresh() {
	if reason := v.w.desk.Deny(timeclock.ReadBoard); reason != "" {
		v.board = desktop.Board{Empty: reason}
	} else {
		v.board = v.w.desk.Board()
	}
	v.asOf.set(v.w.t().T("board.as_of", "day", v.board.Date, "time", v.board.Time), look.ColorQuiet)
	for i, n := range []int{v.board.In, v.board.OnBreak, v.board.Out, v.board.Unclear} {
		v.tiles[i].number.set(strconv.Itoa(n), theme.ColorNameForeground)
	}
	v.empty.SetText(v.board.Empty)
	show(v.empty, v.board.Empty != "")
	v.redraw()
}

func (v *boardView) cells(i int) []cell {
	r := v.board.Rows[i]
	icon, colour := presenceIcon(r.Presence)
	return []cell{{text: r.State, icon: icon, colour: colour}, {text: r.Person}, {text: r.Number, colour: look.ColorQuiet},
		{text: r.First}, {text: r.Worked}, {text: r.How, colour: look.ColorQuiet}}
}

// presenceIcon returns the shape and the colour of the words of a presence.
func presenceIcon(p desktop.Presence) (fyne.Resource, fyne.ThemeColorName) {
	switch p {
	case desktop.Here:
		return look.Icon(look.Tick, look.ColorSuccessText), theme.ColorNameForeground
	case desktop.OnBreak:
		return look.Icon(look.Wait, theme.ColorNamePrimary), theme.ColorNameForeground
	case desktop.Unclear:
		return look.Icon(look.Triangle, look.ColorProblemText), look.ColorProblemText
	}
	return look.Icon(look.Back, look.ColorQuiet), look.ColorQuiet
}

// figureTile is a large number with its word and shape.
type figureTile struct {
	number  *line
	content fyne.CanvasObject
}

func newFigureTile(word string, icon fyne.Resource) *figureTile {
	f := &figureTile{number: newLine("0", theme.ColorNameForeground, look.SizeFigure, true)}
	f.content = card(container.NewBorder(nil, nil, nil, iconAtTop(icon),
		container.New(stack{gap: 0}, f.number, newLine(word, look.ColorQuiet, theme.SizeNameText, false))))
	return f
}
