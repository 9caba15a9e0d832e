package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
	"clockface/desktop"
	"clockface/timeclock"
)

// peopleView is the list of employees.
type peopleView struct {
	persons
	people  desktop.People
	search  *searchEntry
	summary *note
	empty   *widget.Label
	place   fyne.CanvasObject
}

func newPeopleView(w *Window) *peopleView {
	t := w.t()
	v := &peopleView{people: w.desk.People("")}
	v.persons = newPersons(w, func(i int) timeclock.EmployeeID { return v.people.Rows[i].ID })
	v.table = &table{
		columns: []column{
			{title: t.T("column.number"), fixed: 76, right: true},
			{title: t.T("column.name"), weight: 2},
			{title: t.T("column.shown"), weight: 1.2, from: 620},
			{title: t.T("column.state"), weight: 2},
			{title: t.T("column.week"), weight: 1, right: true, from: 460},
		},
		length: func() int { return len(v.people.Rows) }, id: func(i int) string { return string(v.who(i)) },
		cells: v.cells, opened: w.openDetails, keys: v.key, selected: v.choose,
	}
	v.search = newSearchEntry(t.T("people.find"), func(string) { v.w.draw() }, func() { w.win.Canvas().Unfocus() })
	w.name("people_search", v.search)
	v.summary, v.empty = caption(""), paragraph("")
	v.place = container.New(stack{gap: 8}, heading(t.T("place.people")),
		container.New(&flow{gap: 8, grow: 0}, container.New(least{fyne.NewSize(260, v.search.MinSize().Height)}, v.search)),
		v.summary, v.empty, v.table.build())
	return v
}

func (v *peopleView) content() fyne.CanvasObject { return v.place }
func (v *peopleView) find() fyne.Focusable       { return v.search }

func (v *peopleView) refresh() {
	if reason := v.w.desk.Deny(timeclock.ReadBoard); reason != "" {
		v.people = desktop.People{Empty: reason}
	} else {
		v.people = v.w.desk.People(v.search.Text)
	}
	v.summary.SetText(v.people.Summary)
	v.empty.SetText(v.people.Empty)
	show(v.empty, v.people.Empty != "")
	v.redraw()
}

func (v *peopleView) cells(i int) []cell {
	r := v.people.Rows[i]
	colour := theme.ColorNameForeground
	if !r.Active {
		colour = look.ColorQuiet
	}
	return []cell{{text: r.Number, colour: look.ColorQuiet}, {text: r.Name, colour: colour}, {text: r.Shown, colour: look.ColorQuiet},
		{text: r.State, colour: colour}, {text: r.Week, colour: colour}}
}

// personPanel shows one person's last two weeks.
type personPanel struct {
	w       *Window
	box     *fyne.Container
	scroll  *container.Scroll
	content fyne.CanvasObject
}

func newPersonPanel(w *Window) *personPanel {
	p := &personPanel{w: w, box: container.New(stack{gap: 6})}
	p.scroll, p.content = sidePanel(p.box)
	return p
}

func (p *personPanel) show(id timeclock.EmployeeID) {
	t := p.w.t()
	p.box.RemoveAll()
	d, ok := p.w.desk.Person(id)
	if !ok {
		p.box.Add(quiet(t.T("people.choose")))
		p.box.Add(container.NewWithoutLayout())
		p.scroll.Refresh()
		return
	}
	if p.w.detailsInstead() {
		back := p.w.newButton(t.T("action.back"), look.Icon(look.Back, theme.ColorNameForeground), "Esc", p.w.closeDetails)
		back.Alignment = widget.ButtonAlignLeading
		p.w.name("back", back)
		p.box.Add(back)
	}
	p.box.Add(container.NewBorder(nil, nil, nil, newNumber(d.Number), newLine(d.Name, theme.ColorNameForeground, theme.SizeNameSubHeadingText, true)))
	p.box.Add(newLine(d.State, look.ColorQuiet, theme.SizeNameText, false))
	p.box.Add(widget.NewSeparator())
	p.box.Add(newLine(t.T("people.two_weeks"), theme.ColorNameForeground, theme.SizeNameText, true))
	if d.Empty != "" {
		p.box.Add(quiet(d.Empty))
	}
	for _, l := range d.Lines {
		p.box.Add(p.presence(l))
	}
	p.box.Add(container.NewWithoutLayout())
	p.scroll.ScrollToTop()
	p.scroll.Refresh()
}

// presence draws one presence: day, from, to, length.
func (p *personPanel) presence(l desktop.PresenceLine) fyne.CanvasObject {
	length, colour := l.Length, theme.ColorNameForeground
	switch {
	case l.Gap:
		length, colour = p.w.t().T("people.gap"), look.ColorProblemText
	case l.To == "":
		colour = look.ColorSuccessText
	}
	cells := container.New(&columnsLayout{columns: &[]column{{weight: 1.5}, {weight: 0.8, right: true},
		{weight: 0.8, right: true}, {weight: 1, right: true}}, height: 24})
	for i, text := range []string{l.Day, l.From, l.To, length} {
		c := newLine(text, colour, theme.SizeNameCaptionText, l.Gap && i == 3)
		c.right = i > 0
		cells.Add(container.New(middle{}, c))
	}
	return cells
}
