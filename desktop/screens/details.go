package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
	"clockface/desktop"
)

// detailsPanel shows everything about one row: what is the matter and what to do,
// the facts, and what the punch has been through.
type detailsPanel struct {
	w       *Window
	inbox   *inboxView
	box     *fyne.Container
	scroll  *container.Scroll
	content fyne.CanvasObject
}

func newDetailsPanel(w *Window, v *inboxView) *detailsPanel {
	p := &detailsPanel{w: w, inbox: v, box: container.New(stack{gap: 6})}
	p.scroll, p.content = sidePanel(p.box)
	return p
}

// sidePanel is the surface at the right on which details scroll.
func sidePanel(box *fyne.Container) (*container.Scroll, fyne.CanvasObject) {
	scroll := container.NewVScroll(container.New(margin{left: 14, top: 12, right: 14, bottom: 12}, box))
	return scroll, container.New(least{fyne.NewSize(280, 200)},
		container.NewStack(newPanel(look.ColorSurface, theme.ColorNameSeparator, 10), scroll))
}

// clear shows one sentence and nothing else.
func (p *detailsPanel) clear(sentence string) {
	p.box.Objects = []fyne.CanvasObject{quiet(sentence)}
	p.done()
}

func (p *detailsPanel) done() {
	p.box.Add(container.NewWithoutLayout()) // the last of a stack takes the room that is left
	p.scroll.ScrollToTop()
	p.scroll.Refresh()
}

// fill shows a row.
func (p *detailsPanel) fill(d desktop.Details) {
	t := p.w.t()
	p.box.RemoveAll()
	if p.w.detailsInstead() {
		back := p.w.newButton(t.T("action.back"), look.Icon(look.Back, theme.ColorNameForeground), "Esc", p.w.closeDetails)
		back.Alignment = widget.ButtonAlignLeading
		p.w.name("back", back)
		p.box.Add(back)
	}
	if d.Person != "" {
		p.box.Add(newLine(d.Person, theme.ColorNameForeground, theme.SizeNameSubHeadingText, true))
	}
	p.box.Add(container.NewBorder(nil, nil, nil, newNumber(d.Number), newLine(d.Day+" · "+d.Title, look.ColorQuiet, theme.SizeNameText, false)))
	for _, sentence := range d.Problems {
		p.box.Add(advice(sentence, d.Severity))
	}
	p.offers(d)
	if d.Denied != "" {
		p.box.Add(quiet(d.Denied))
	}
	p.box.Add(widget.NewSeparator())
	for _, f := range d.Facts {
		p.box.Add(factLine(f))
	}
	if len(d.History) > 0 {
		p.box.Add(widget.NewSeparator())
		p.box.Add(newLine(t.T("history.title"), theme.ColorNameForeground, theme.SizeNameText, true))
		for _, s := range d.History {
			p.box.Add(p.step(s))
		}
	}
	p.done()
}

// offers adds the likely repair and what else only details can do.
func (p *detailsPanel) offers(d desktop.Details) {
	t := p.w.t()
	if d.Repair != "" {
		b := p.w.newButton(d.Repair, nil, "", func() { p.inbox.repair(d.Punch) })
		b.Importance = widget.HighImportance
		p.w.name("repair", b)
		p.box.Add(b)
		p.box.Add(newLine(d.RepairWhy, look.ColorQuiet, theme.SizeNameCaptionText, false))
	}
	if d.CanReopen {
		b := p.w.newButton(t.T("action.reopen_pin"), nil, "O", p.inbox.reopen)
		b.Importance = widget.HighImportance
		p.w.name("reopen_pin", b)
		p.box.Add(b)
	}
	if d.Punch == "" {
		b := p.w.newButton(t.T("action.take_note"), look.Icon(look.Tick, theme.ColorNameForeground), "", func() { p.inbox.takeNote(d.ID) })
		p.w.name("take_note", b)
		p.box.Add(b)
	}
	if d.CanRestore && d.CanReject {
		b := p.w.newButton(t.T("action.keep_withdrawn"), look.Icon(look.Cross, theme.ColorNameForeground), "R", p.inbox.reject)
		p.w.name("keep_withdrawn", b)
		p.box.Add(b)
	}
}

func newNumber(text string) fyne.CanvasObject {
	l := newLine(text, look.ColorQuiet, theme.SizeNameText, false)
	l.right = true
	return container.New(least{fyne.NewSize(70, 22)}, l)
}

// advice is a sentence with the shape of its severity.
func advice(sentence string, s desktop.Severity) fyne.CanvasObject {
	colour := theme.ColorNamePrimary
	if s == desktop.Problem {
		colour = look.ColorProblemText
	}
	text := paragraph(sentence)
	text.SizeName = theme.SizeNameCaptionText
	return container.NewStack(newPanel(theme.ColorNameHeaderBackground, colour, 8),
		container.New(margin{left: 8, right: 2}, container.NewBorder(nil, nil,
			container.New(margin{top: 7}, iconAtTop(severityIcon(s))), nil, text)))
}

// iconAtTop keeps an icon beside the first line of a paragraph.
func iconAtTop(r fyne.Resource) fyne.CanvasObject {
	return container.NewVBox(iconBox(r, 20))
}

func factLine(f desktop.Fact) fyne.CanvasObject {
	name := newLine(f.Name, look.ColorQuiet, theme.SizeNameCaptionText, false)
	value := newLine(f.Value, theme.ColorNameForeground, theme.SizeNameCaptionText, false)
	return container.New(halves{0.34}, name, value)
}

// halves gives the first object a share of the width and the second the rest.
type halves struct{ first float32 }

// Layout is called by Fyne.
func (h halves) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const between = 8
	w := size.Width*h.first - between
	put(objects[0], 0, 0, w, size.Height)
	put(objects[1], w+between, 0, size.Width-w-between, size.Height)
}

// MinSize is called by Fyne.
func (h halves) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(120, max(objects[0].MinSize().Height, objects[1].MinSize().Height))
}

// step draws one line of the history: what, who and when, before and after.
func (p *detailsPanel) step(s desktop.Step) fyne.CanvasObject {
	t := p.w.t()
	rows := container.New(stack{gap: 0})
	what := s.What
	if s.Note != "" {
		what += " · " + s.Note
	}
	rows.Add(newLine(what, theme.ColorNameForeground, theme.SizeNameCaptionText, true))
	rows.Add(newLine(t.T("history.by_at", "who", s.Who, "when", s.When), look.ColorQuiet, theme.SizeNameCaptionText, false))
	switch {
	case s.Before != "" && s.After != "":
		rows.Add(newLine(t.T("history.before_after", "before", s.Before, "after", s.After), theme.ColorNameForeground, theme.SizeNameCaptionText, false))
	case s.Before != "":
		rows.Add(newLine(t.T("history.was", "before", s.Before), theme.ColorNameForeground, theme.SizeNameCaptionText, false))
	case s.After != "":
		rows.Add(newLine(s.After, theme.ColorNameForeground, theme.SizeNameCaptionText, false))
	}
	if s.Reason != "" {
		rows.Add(newLine(s.Reason, look.ColorQuiet, theme.SizeNameCaptionText, false))
	}
	edge := container.New(least{fyne.NewSize(3, 10)}, newPanel(theme.ColorNamePrimary, "", 1))
	return container.NewBorder(nil, nil, edge, nil, container.New(margin{left: 8}, rows))
}
