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

// inboxView is the list of what needs a decision, with the details of one row.
type inboxView struct {
	w     *Window
	rows  desktop.Inbox
	table *table
	panel *detailsPanel

	chosen   string // id of the selected row; the selection follows it when rows move
	stay     bool   // after an action: the next draw selects what took the row's place
	headline *widget.Label
	icon     *widget.Icon
	summary  *note
	marked   *line
	search   *searchEntry
	selector *widget.Select
	shows    []desktop.Show
	all      *button
	buttons  map[string]*button
	empty    *widget.Label
	blank    fyne.CanvasObject
	place    fyne.CanvasObject
}

func newInboxView(w *Window) *inboxView {
	v := &inboxView{w: w, buttons: map[string]*button{}}
	v.rows = w.desk.Inbox()
	v.panel = newDetailsPanel(w, v)
	v.table = &table{
		columns: v.columns(), length: func() int { return v.rows.Len() }, id: func(i int) string { return v.rows.ID(i) },
		cells: v.cells, selected: v.choose, opened: v.enter, marked: v.markRow, keys: v.key, runes: v.rune,
	}
	v.headline, v.summary = paragraph(""), caption("")
	v.headline.TextStyle.Bold, v.headline.SizeName = true, look.SizeInstruction
	v.icon = widget.NewIcon(nil)
	v.marked = newLine("", theme.ColorNamePrimary, theme.SizeNameText, true)
	v.empty = paragraph("")
	v.empty.Alignment = fyne.TextAlignCenter
	v.blank = container.NewCenter(container.New(least{fyne.NewSize(320, 130)}, container.New(stack{gap: 8},
		iconBox(look.Icon(look.Tick, look.ColorSuccessText), 48), v.empty)))
	v.place = container.New(stack{gap: 8}, v.top(), v.filterBar(), v.actionBar(), v.summaryLine(),
		container.NewStack(v.table.build(), v.blank))
	return v
}

func (v *inboxView) columns() []column {
	t := v.w.t()
	cols := []column{
		{title: "", fixed: 24, mark: true, name: "mark"},
		{title: t.T("column.problem"), weight: 2.3, name: string(desktop.ByProblem)},
		{title: t.T("column.person"), weight: 1.7, name: string(desktop.ByPerson)},
		{title: t.T("column.time"), fixed: 128, right: true, name: string(desktop.ByTime)},
		{title: t.T("column.kind"), fixed: 76, from: 560, name: string(desktop.ByKind)},
		{title: t.T("column.method"), weight: 2, from: 640, name: string(desktop.ByMethod)},
		{title: t.T("column.sync"), fixed: 40, from: 600, name: string(desktop.BySync)},
	}
	for i := 1; i < len(cols); i++ {
		c := desktop.Column(cols[i].name)
		cols[i].sort = func() {
			v.w.desk.SortBy(c)
			v.w.draw()
		}
	}
	return cols
}

func (v *inboxView) top() fyne.CanvasObject {
	v.all = v.w.newButton("", look.Icon(look.Tick, look.ColorOnAnswer), "", v.approveAll)
	v.all.Importance = widget.SuccessImportance
	v.w.name("approve_all", v.all)
	title := container.New(least{fyne.NewSize(300, 34)}, container.NewBorder(nil, nil,
		container.New(margin{top: 6, right: 2}, container.New(least{fyne.NewSquareSize(24)}, v.icon)), nil, v.headline))
	return container.New(&flow{gap: 8, grow: 0}, title, v.all)
}

func (v *inboxView) filterBar() fyne.CanvasObject {
	t := v.w.t()
	v.search = newSearchEntry(t.T("inbox.find"), func(text string) {
		v.w.desk.Filter(text)
		v.w.draw()
	}, v.leaveSearch)
	v.search.SetText(v.rows.Filter)
	v.w.name("search", v.search)
	v.shows = []desktop.Show{desktop.ShowOpen, desktop.ShowProblems, desktop.ShowClean, desktop.ShowDecided}
	words := []string{t.T("show.open"), t.T("show.problems"), t.T("show.clean"), t.T("show.decided")}
	for _, x := range desktop.Exceptions() {
		v.shows = append(v.shows, desktop.Show(x))
		words = append(words, t.T("exception."+string(x)))
	}
	v.selector = widget.NewSelect(words, nil)
	for i, s := range v.shows {
		if s == v.rows.Show {
			v.selector.SetSelectedIndex(i)
		}
	}
	v.selector.OnChanged = func(string) {
		v.w.desk.Show(v.shows[v.selector.SelectedIndex()])
		v.w.draw()
	}
	v.w.name("show", v.selector)
	return container.New(&flow{gap: 8, grow: 0},
		container.New(least{fyne.NewSize(280, v.search.MinSize().Height)}, v.search),
		container.New(least{fyne.NewSize(210, v.selector.MinSize().Height)}, v.selector))
}

func (v *inboxView) actionBar() fyne.CanvasObject {
	add := func(name, key string, icon fyne.Resource, do func()) *button {
		b := v.w.newButton(v.w.t().T("action."+name), icon, key, do)
		v.buttons[name] = b
		v.w.name(name, b)
		return b
	}
	fg := theme.ColorNameForeground
	return container.New(&flow{gap: 6, grow: -1},
		add("approve", "A", look.Icon(look.Tick, fg), v.approve),
		add("reject", "R", look.Icon(look.Cross, fg), v.reject),
		add("correct", "E", look.Icon(look.Pencil, fg), v.correct),
		add("void", "V", theme.DeleteIcon(), v.void),
		add("restore", "V", look.Icon(look.Undo, fg), v.void),
		container.New(least{fyne.NewSize(110, 30)}, container.New(middle{}, v.marked)))
}

func (v *inboxView) summaryLine() fyne.CanvasObject { return v.summary }

func (v *inboxView) content() fyne.CanvasObject { return v.place }
func (v *inboxView) details() fyne.CanvasObject { return v.panel.content }
func (v *inboxView) find() fyne.Focusable       { return v.search }

// refresh draws the list as the desk now holds it and keeps the selected row
// selected, wherever it is now.
func (v *inboxView) refresh() {
	old := v.rows.Find(v.chosen)
	v.rows = v.w.desk.Inbox()
	v.headline.SetText(v.rows.Headline)
	v.icon.SetResource(severityIcon(headSeverity(v.rows)))
	v.summary.SetText(v.rows.Summary)
	v.all.SetText(v.rows.ApproveAll)
	v.all.hint = v.rows.ApproveAll
	show(v.all, v.rows.ApproveAll != "")
	enable(v.all, v.w.desk.Deny(timeclock.DecidePunch) == "")
	marked := ""
	if v.rows.Marked > 0 {
		marked = v.w.t().N("inbox.marked", v.rows.Marked)
	}
	v.marked.set(marked, theme.ColorNamePrimary)
	for i := range v.table.columns {
		v.table.columns[i].sorted = v.sortedBy(desktop.Column(v.table.columns[i].name), i)
	}
	v.empty.SetText(v.rows.Empty)
	show(v.blank, v.rows.Empty != "")
	v.reselect(old)
	v.table.refresh()
	v.drawDetails()
}

// reselect keeps the selection on its row; where that has left, the row that
// took its place is next. The first row is chosen to begin with.
func (v *inboxView) reselect(old int) {
	at := v.rows.Find(v.chosen)
	moved := v.stay && at != old
	v.stay = false
	if (at < 0 || moved) && v.rows.Len() > 0 {
		at = min(max(old, 0), v.rows.Len()-1)
		v.chosen = v.rows.ID(at)
	}
	if at < 0 {
		v.chosen = "" // the list is empty
	}
	v.table.list.choose(at)
}

func (v *inboxView) sortedBy(c desktop.Column, i int) int {
	switch {
	case i == 0 || c != v.rows.Sort:
		return 0
	case v.rows.Descending:
		return -1
	}
	return 1
}

func headSeverity(i desktop.Inbox) desktop.Severity {
	if i.Problems > 0 {
		return desktop.Problem
	}
	return desktop.Clean
}

func severityIcon(s desktop.Severity) fyne.Resource {
	switch s {
	case desktop.Problem:
		return look.Icon(look.Triangle, look.ColorProblemText)
	case desktop.Notice:
		return theme.NewColoredResource(theme.InfoIcon(), theme.ColorNamePrimary)
	case desktop.Settled:
		return look.Icon(look.Tick, look.ColorQuiet)
	}
	return look.Icon(look.Tick, look.ColorSuccessText)
}

// cells puts a row into the columns.
func (v *inboxView) cells(i int) []cell {
	r := v.rows.Row(i)
	mark := theme.NewColoredResource(theme.CheckButtonIcon(), look.ColorQuiet)
	if r.Marked {
		mark = theme.NewColoredResource(theme.CheckButtonCheckedIcon(), theme.ColorNamePrimary)
	}
	problem := cell{text: r.Problem, icon: severityIcon(r.Severity)}
	switch r.Severity {
	case desktop.Problem:
		problem.colour, problem.bold = look.ColorProblemText, true
	case desktop.Clean, desktop.Settled:
		problem.colour = look.ColorQuiet
	}
	sync := look.Icon(look.Cloud, look.ColorQuiet)
	if r.Waiting {
		sync = look.Icon(look.CloudWait, theme.ColorNamePrimary)
	}
	return []cell{{icon: mark}, problem, {text: r.Person}, {text: r.When}, {text: r.Kind},
		{text: r.How, colour: look.ColorQuiet}, {icon: sync}}
}

func (v *inboxView) choose(i int) {
	v.chosen = v.rows.ID(i)
	v.drawDetails()
	v.w.report.settle()
}

// drawDetails fills the panel and says which actions the row can take.
func (v *inboxView) drawDetails() {
	d, ok := v.w.desk.Details(v.chosen)
	if v.chosen == "" {
		v.panel.clear(v.w.t().T("details.nothing"))
	} else if !ok {
		v.panel.clear(v.w.t().T("details.gone"))
	} else {
		v.panel.fill(d)
	}
	several := v.rows.Marked > 0
	mayDecide := v.w.desk.Deny(timeclock.DecidePunch) == ""
	enable(v.buttons["approve"], d.CanApprove || several && mayDecide)
	enable(v.buttons["reject"], d.CanReject || several && mayDecide)
	enable(v.buttons["correct"], d.CanCorrect)
	enable(v.buttons["void"], d.CanVoid)
	show(v.buttons["void"], !d.CanRestore)
	show(v.buttons["restore"], d.CanRestore)
}

func enable(b *button, on bool) {
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}

// enter is what Enter does: the details' first button where they are in sight and
// it asks nothing more, else it shows them.
func (v *inboxView) enter() {
	if d, ok := v.w.desk.Details(v.chosen); ok && d.CanReopen && v.w.detailsInSight() {
		v.reopen()
		return
	}
	v.open()
}

func (v *inboxView) open() {
	if v.chosen != "" {
		v.w.openDetails()
	}
}

func (v *inboxView) mark() {
	if v.chosen != "" {
		v.markRow(v.chosen)
	}
}

func (v *inboxView) markRow(id string) {
	v.w.desk.Mark(id)
	v.w.draw()
}

func (v *inboxView) markAll() {
	v.w.desk.MarkShown()
	v.w.draw()
}

// refused says why the person may not act, and reports whether that is so.
func (v *inboxView) refused(a timeclock.Action) bool {
	reason := v.w.desk.Deny(a)
	if reason != "" {
		v.w.foot.problem(reason)
	}
	return reason != ""
}

func (v *inboxView) approve() {
	chosen := v.w.desk.Chosen(v.chosen)
	if len(chosen) == 0 || v.refused(timeclock.DecidePunch) {
		return
	}
	v.w.act(func(ctx context.Context) (desktop.Done, error) { return v.w.desk.Approve(ctx, chosen) })
}

func (v *inboxView) approveAll() {
	if !v.refused(timeclock.DecidePunch) {
		v.w.act(v.w.desk.ApproveClean)
	}
}

func (v *inboxView) reject() {
	chosen := v.w.desk.Chosen(v.chosen)
	if len(chosen) > 0 && !v.refused(timeclock.DecidePunch) {
		v.w.openSheet(newRejectSheet(v.w, chosen))
	}
}

func (v *inboxView) correct() {
	id := timeclock.PunchID(v.chosen)
	draft, ok := v.w.desk.Draft(id)
	if !ok || v.refused(timeclock.EditPunch) {
		return
	}
	if d, _ := v.w.desk.Details(v.chosen); !d.CanCorrect {
		v.w.foot.problem(v.w.desk.Sentence(desktop.ErrNothingToDo))
		return
	}
	v.w.openSheet(newCorrectSheet(v.w, id, draft))
}

// void withdraws the selected punch, or restores it where it is withdrawn.
func (v *inboxView) void() {
	d, ok := v.w.desk.Details(v.chosen)
	switch {
	case !ok || d.Punch == "" || v.refused(timeclock.EditPunch):
	case d.CanRestore:
		v.w.act(func(ctx context.Context) (desktop.Done, error) { return v.w.desk.Restore(ctx, d.Punch) })
	default:
		v.w.openSheet(newVoidSheet(v.w, d))
	}
}

// repair adds the missing punch that the details offer.
func (v *inboxView) repair(id timeclock.PunchID) {
	if !v.refused(timeclock.EditPunch) {
		v.w.act(func(ctx context.Context) (desktop.Done, error) { return v.w.desk.Add(ctx, id) })
	}
}

// reopen opens the PIN of which the selected incident tells that it was closed.
func (v *inboxView) reopen() {
	d, ok := v.w.desk.Details(v.chosen)
	switch {
	case !ok || d.Punch != "":
	case d.CanReopen:
		v.w.act(func(ctx context.Context) (desktop.Done, error) { return v.w.desk.ReopenPIN(ctx, d.ID) })
	case d.Denied != "":
		v.w.foot.problem(d.Denied)
	}
}

func (v *inboxView) takeNote(id string) {
	v.w.desk.TakeNote(id)
	v.w.closeDetails()
	v.w.draw()
}

// leaveSearch gives the keyboard back to the list.
func (v *inboxView) leaveSearch() {
	v.w.win.Canvas().Unfocus()
	if v.chosen == "" && v.rows.Len() > 0 {
		v.table.list.move(1)
	}
}

func (v *inboxView) key(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace:
		v.mark()
	case fyne.KeyEscape:
		v.w.escape()
	case fyne.KeyDown, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyPageUp, fyne.KeyHome, fyne.KeyEnd, fyne.KeyReturn, fyne.KeyEnter:
		v.table.key(e)
	}
}

func (v *inboxView) rune(r rune) {
	switch r {
	case 'a', 'A':
		v.approve()
	case 'r', 'R':
		v.reject()
	case 'e', 'E':
		v.correct()
	case 'v', 'V':
		v.void()
	case 'o', 'O':
		v.reopen()
	}
}

// searchEntry is a field that gives the keyboard back on Esc, Enter and Down.
type searchEntry struct {
	widget.Entry
	leave func()
}

func newSearchEntry(hint string, changed func(string), leave func()) *searchEntry {
	s := &searchEntry{leave: leave}
	s.PlaceHolder, s.OnChanged = hint, changed
	s.ActionItem = iconBox(theme.SearchIcon(), 24)
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey is called by Fyne.
func (s *searchEntry) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		s.SetText("")
		s.leave()
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown:
		s.leave()
	default:
		s.Entry.TypedKey(e)
	}
}
