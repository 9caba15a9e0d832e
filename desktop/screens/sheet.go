package screens

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
	"clockface/desktop"
	"clockface/timeclock"
)

// sheet is a form above the window that asks for what an action needs: a reason,
// a cause, a new time. Enter confirms, Esc leaves everything as it is.
type sheet struct {
	w       *Window
	name    string // for the report
	title   string
	rows    []fyne.CanvasObject
	confirm *button
	message *widget.Label
	first   fyne.Focusable
	popup   *widget.PopUp
	// submit returns the action to run, or an error that says what is missing.
	submit func() (func(context.Context) (desktop.Done, error), error)
}

func newSheet(w *Window, name, title, confirm string, icon fyne.Resource) *sheet {
	s := &sheet{w: w, name: name, title: title, message: paragraph("")}
	s.message.Importance = widget.MediumImportance
	s.confirm = w.newButton(confirm, icon, "Enter", s.accept)
	s.confirm.Importance = widget.HighImportance
	return s
}

// openSheet shows the form.
func (w *Window) openSheet(s *sheet) {
	w.closeSheet()
	w.sheet = s
	cancel := w.newButton(w.t().T("action.cancel"), nil, "Esc", w.closeSheet)
	w.name("sheet_confirm", s.confirm)
	w.name("sheet_cancel", cancel)
	form := container.New(stack{gap: 8})
	form.Add(newLine(s.title, theme.ColorNameForeground, theme.SizeNameSubHeadingText, true))
	for _, r := range s.rows {
		form.Add(r)
	}
	s.message.Hide()
	form.Add(s.message)
	form.Add(container.New(&flow{gap: 8, grow: 1}, cancel, s.confirm))
	s.popup = widget.NewModalPopUp(container.New(atWidth{420}, container.New(margin{12, 8, 12, 8}, form)), w.win.Canvas())
	s.popup.Show()
	w.win.Canvas().Focus(s.first)
	w.report.screen("sheet_" + s.name)
}

// closeSheet takes the form away, if one is open.
func (w *Window) closeSheet() {
	if w.sheet == nil {
		return
	}
	w.sheet.popup.Hide()
	w.sheet = nil
	for _, n := range []string{"sheet_confirm", "sheet_cancel", "sheet_reason", "sheet_time", "sheet_cause", "sheet_day"} {
		delete(w.names, n)
	}
	w.report.screen(placeNames[w.at])
}

func (s *sheet) key(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		s.w.closeSheet()
	case fyne.KeyReturn, fyne.KeyEnter:
		s.accept()
	}
}

// accept runs the action, or says what is missing.
func (s *sheet) accept() {
	action, err := s.submit()
	if err != nil {
		s.message.SetText(s.w.desk.Sentence(err))
		s.message.Show()
		s.popup.Content.Refresh()
		s.popup.Resize(s.popup.MinSize())
		s.w.win.Canvas().Focus(s.first) // a tap on the button took it away
		return
	}
	s.w.closeSheet()
	s.w.act(action)
}

// field is a field of a sheet: Esc leaves the sheet from it, Enter confirms.
type field struct {
	widget.Entry
	sheet *sheet
}

func (s *sheet) newField(hint string) *field {
	f := &field{sheet: s}
	f.PlaceHolder = hint
	f.OnSubmitted = func(string) { s.accept() }
	f.ExtendBaseWidget(f)
	return f
}

// TypedKey is called by Fyne.
func (f *field) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		f.sheet.w.closeSheet()
		return
	}
	f.Entry.TypedKey(e)
}

// labelled puts a quiet name above an object.
func labelled(name string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(stack{gap: 2}, newLine(name, look.ColorQuiet, theme.SizeNameCaptionText, false), o)
}

// newRejectSheet asks why the punches are rejected.
func newRejectSheet(w *Window, punches []timeclock.PunchID) *sheet {
	t := w.t()
	title := t.N("sheet.reject_title", len(punches))
	s := newSheet(w, "reject", title, title, look.Icon(look.Cross, theme.ColorNameForegroundOnPrimary))
	reason := s.newField(t.T("sheet.text"))
	w.name("sheet_reason", reason)
	s.first = reason
	s.rows = []fyne.CanvasObject{quiet(t.T("sheet.reject_about")), labelled(t.T("sheet.cause"), reason)}
	s.submit = func() (func(context.Context) (desktop.Done, error), error) {
		if reason.Text == "" {
			return nil, desktop.ErrReasonMissing
		}
		return func(ctx context.Context) (desktop.Done, error) { return w.desk.Reject(ctx, punches, reason.Text) }, nil
	}
	return s
}

// causeFields are the list of five causes and the free text.
type causeFields struct {
	list *widget.Select
	text *field
}

func (s *sheet) newCauseFields() *causeFields {
	t := s.w.t()
	c := &causeFields{text: s.newField(t.T("sheet.text"))}
	var words []string
	for _, cause := range desktop.Causes() {
		words = append(words, t.T("cause."+string(cause)))
	}
	c.list = widget.NewSelect(words, nil)
	c.list.PlaceHolder = t.T("sheet.choose")
	s.w.name("sheet_cause", c.list)
	s.w.name("sheet_reason", c.text)
	return c
}

// value returns the chosen cause and text, or ErrReasonMissing.
func (c *causeFields) value() (timeclock.Cause, string, error) {
	i := c.list.SelectedIndex()
	if i < 0 {
		return "", "", desktop.ErrReasonMissing
	}
	cause := desktop.Causes()[i]
	if cause == timeclock.OtherCause && c.text.Text == "" {
		return "", "", desktop.ErrReasonMissing
	}
	return cause, c.text.Text, nil
}

// newVoidSheet asks why the punch did not happen.
func newVoidSheet(w *Window, d desktop.Details) *sheet {
	t := w.t()
	s := newSheet(w, "void", t.T("sheet.void_title"), t.T("action.void"), theme.DeleteIcon())
	cause := s.newCauseFields()
	s.first = cause.list
	s.rows = []fyne.CanvasObject{
		old(t.T("sheet.old"), d.Person, d.Day+" · "+d.Title), quiet(t.T("sheet.void_about")),
		labelled(t.T("sheet.cause"), cause.list), cause.text,
	}
	s.submit = func() (func(context.Context) (desktop.Done, error), error) {
		c, text, err := cause.value()
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (desktop.Done, error) { return w.desk.Withdraw(ctx, d.Punch, c, text) }, nil
	}
	return s
}

// old shows the value that stands.
func old(title, person, value string) fyne.CanvasObject {
	return container.NewStack(newPanel(theme.ColorNameHeaderBackground, theme.ColorNameSeparator, 8),
		container.New(margin{10, 6, 10, 6}, container.New(stack{gap: 0},
			newLine(title, look.ColorQuiet, theme.SizeNameCaptionText, false),
			newLine(person, theme.ColorNameForeground, theme.SizeNameText, true),
			newLine(value, theme.ColorNameForeground, theme.SizeNameText, false))))
}

// newCorrectSheet asks for the new time or direction; the old value stands above.
func newCorrectSheet(w *Window, id timeclock.PunchID, d desktop.Draft) *sheet {
	t := w.t()
	s := newSheet(w, "correct", t.T("sheet.correct_title"), t.T("sheet.save"), look.Icon(look.Pencil, theme.ColorNameForegroundOnPrimary))
	cause := s.newCauseFields()
	clock := s.newField(d.Time)
	clock.SetText(d.Time)
	day := widget.NewSelect(d.Days, nil)
	day.SetSelectedIndex(d.Day)
	kinds := []timeclock.PunchKind{timeclock.In, timeclock.Out, timeclock.BreakStart, timeclock.BreakEnd}
	direction := widget.NewSelect(nil, nil)
	chosen := 0
	for i, k := range kinds {
		direction.Options = append(direction.Options, t.T("kind."+string(k)))
		if k == d.Kind {
			chosen = i
		}
	}
	direction.SetSelectedIndex(chosen)
	w.name("sheet_time", clock)
	w.name("sheet_day", day)
	s.first = clock
	s.rows = []fyne.CanvasObject{
		old(t.T("sheet.old"), d.Person, d.Old),
		container.New(&tiles{gap: 8, least: 180}, labelled(t.T("sheet.day"), day), labelled(t.T("sheet.time"), clock)),
		labelled(t.T("sheet.direction"), direction), labelled(t.T("sheet.cause"), cause.list), cause.text,
	}
	s.submit = func() (func(context.Context) (desktop.Done, error), error) {
		at, err := w.desk.Instant(id, d, day.SelectedIndex(), clock.Text)
		if err != nil {
			return nil, err
		}
		c, text, err := cause.value()
		if err != nil {
			return nil, err
		}
		change := desktop.Correction{At: at, Kind: kinds[direction.SelectedIndex()], Cause: c, Reason: text}
		return func(ctx context.Context) (desktop.Done, error) { return w.desk.Correct(ctx, id, change) }, nil
	}
	return s
}
