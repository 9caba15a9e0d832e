package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
)

// rowHeight and the list's own gap of 6 make a row of 40 dp.
const rowHeight = 34

// column is a column of a table.
type column struct {
	title  string
	weight float32 // share of the width
	fixed  float32 // width in dp; 0 = by weight
	from   float32 // the column is left out where the table is narrower, in dp
	right  bool    // numbers
	mark   bool    // a tick box that is a target of its own
	sort   func()  // nil: not sortable
	sorted int     // -1 descending, 1 ascending, 0 not
	name   string  // for the report
}

// cell is what a row shows in one column.
type cell struct {
	text   string
	icon   fyne.Resource
	colour fyne.ThemeColorName // empty: foreground
	bold   bool
}

// table is a list of rows in columns, with headings that sort. A whole row is
// selected. It shows what its functions return when Refresh is called.
type table struct {
	columns  []column
	length   func() int
	cells    func(row int) []cell
	id       func(row int) string
	selected func(row int)
	opened   func()
	marked   func(id string)
	keys     func(*fyne.KeyEvent)
	runes    func(rune)

	list    *rowList
	heads   *fyne.Container
	rows    []*row // those that carry a row of the list now or did once
	content fyne.CanvasObject
}

// build makes the widgets once the fields are set.
func (t *table) build() fyne.CanvasObject {
	t.list = newRowList(t)
	t.heads = container.New(&columnsLayout{columns: &t.columns, height: 30})
	t.headings()
	body := container.New(stack{gap: 2},
		container.New(margin{left: 8, right: 8}, t.heads), widget.NewSeparator(), t.list)
	t.content = container.New(least{fyne.NewSize(320, 160)},
		container.NewStack(newPanel(look.ColorSurface, theme.ColorNameSeparator, 10), container.New(margin{1, 4, 1, 4}, body)))
	return t.content
}

// headings draws the headings from the columns.
func (t *table) headings() {
	t.heads.RemoveAll()
	for i := range t.columns {
		c := &t.columns[i]
		text := newLine(c.title, look.ColorQuiet, theme.SizeNameCaptionText, c.sorted != 0)
		text.right = c.right
		var content fyne.CanvasObject = container.New(middle{}, text)
		if c.sorted != 0 {
			arrow := theme.MenuDropDownIcon()
			if c.sorted > 0 {
				arrow = theme.MenuDropUpIcon()
			}
			content = container.NewBorder(nil, nil, nil, iconBox(arrow, 18), content)
		}
		if c.sort != nil {
			content = newTappable(content, c.sort)
		}
		t.heads.Add(content)
	}
}

// refresh draws headings and rows anew.
func (t *table) refresh() {
	t.headings()
	t.list.Refresh()
}

// middle centres one line of text between top and bottom.
type middle struct{}

// Layout is called by Fyne.
func (middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		h := o.MinSize().Height
		put(o, 0, (size.Height-h)/2, size.Width, h)
	}
}

// MinSize is called by Fyne.
func (middle) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		s = s.Max(o.MinSize())
	}
	return s
}

// columnsLayout gives each object its column, the same in headings and rows.
type columnsLayout struct {
	columns *[]column
	height  float32
}

// Layout is called by Fyne.
func (l *columnsLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const between = 12
	columns := *l.columns
	room, weights := size.Width, float32(0)
	for _, c := range columns {
		if size.Width < c.from {
			continue
		}
		room -= c.fixed + between
		if c.fixed == 0 {
			weights += c.weight
		}
	}
	x := float32(0)
	for i, o := range objects {
		c := columns[i]
		show(o, size.Width >= c.from)
		if size.Width < c.from {
			continue
		}
		w := c.fixed
		if w == 0 {
			w = (room + between) * c.weight / weights
		}
		put(o, x, 0, w, size.Height)
		x += w + between
	}
}

// MinSize is called by Fyne.
func (l *columnsLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, l.height) }

// row is one line of a table; Fyne reuses it for one row of the list after another.
type row struct {
	widget.BaseWidget
	id    string
	cells []*cellBox
	mark  *tappable // nil where the table has no marks
	box   *fyne.Container
}

func (t *table) newRow() *row {
	r := &row{}
	objects := make([]fyne.CanvasObject, len(t.columns))
	for i, c := range t.columns {
		b := newCellBox(c.right)
		r.cells = append(r.cells, b)
		objects[i] = b
		if c.mark {
			r.mark = newTappable(b, func() { t.marked(r.id) })
			objects[i] = r.mark
		}
	}
	r.box = container.New(&columnsLayout{columns: &t.columns, height: rowHeight}, objects...)
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer is called by Fyne.
func (r *row) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(margin{left: 8, right: 8}, r.box))
}

// cellBox is one cell: an icon and a line of text.
type cellBox struct {
	widget.BaseWidget
	icon *widget.Icon
	text *line
}

func newCellBox(right bool) *cellBox {
	c := &cellBox{icon: widget.NewIcon(nil), text: newLine("", theme.ColorNameForeground, look.SizeNote, false)}
	c.text.right = right
	c.icon.Hide()
	c.ExtendBaseWidget(c)
	return c
}

func (c *cellBox) set(v cell) {
	if v.colour == "" {
		v.colour = theme.ColorNameForeground
	}
	if c.text.bold != v.bold {
		c.text.bold = v.bold
		c.text.Refresh()
	}
	c.text.set(v.text, v.colour)
	if v.icon != nil {
		c.icon.SetResource(v.icon)
	}
	show(c.icon, v.icon != nil)
	c.Refresh()
}

// CreateRenderer is called by Fyne.
func (c *cellBox) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(iconAndText{}, c.icon, c.text))
}

// iconAndText puts an icon of 20 dp before a line, both centred.
type iconAndText struct{}

// Layout is called by Fyne.
func (iconAndText) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const icon, between = 20, 8
	x := float32(0)
	if objects[0].Visible() {
		put(objects[0], 0, (size.Height-icon)/2, icon, icon)
		x = icon + between
	}
	h := objects[1].MinSize().Height
	put(objects[1], x, (size.Height-h)/2, size.Width-x, h)
}

// MinSize is called by Fyne.
func (iconAndText) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(20, 20) }

// rowList is Fyne's list with our keys: the arrows move the selection at once.
type rowList struct {
	widget.List
	table   *table
	current int // selected row, -1 for none
}

func newRowList(t *table) *rowList {
	l := &rowList{table: t, current: -1}
	l.Length = t.length
	l.CreateItem = func() fyne.CanvasObject { return t.newRow() }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { t.fill(o.(*row), i) }
	l.OnSelected = func(i widget.ListItemID) {
		l.current = i
		t.selected(i)
	}
	l.ExtendBaseWidget(l)
	return l
}

// fill puts row i of the list into r.
func (t *table) fill(r *row, i int) {
	if i >= t.length() {
		return
	}
	if r.id == "" {
		t.rows = append(t.rows, r)
	}
	r.id = t.id(i)
	for k, c := range t.cells(i) {
		r.cells[k].set(c)
	}
}

// choose selects a row without telling, or none for -1.
func (l *rowList) choose(i int) {
	told := l.OnSelected
	l.OnSelected = nil
	if i < 0 || i >= l.table.length() {
		l.UnselectAll()
		l.current = -1
	} else {
		l.current = i
		l.Select(i)
	}
	l.OnSelected = told
}

// move selects the row n further down, within the list.
func (l *rowList) move(n int) {
	if last := l.table.length() - 1; last >= 0 {
		l.Select(min(max(l.current+n, 0), last))
	}
}

// TypedKey is called by Fyne while the list has the focus.
func (l *rowList) TypedKey(e *fyne.KeyEvent) { l.table.key(e) }

// TypedRune is called by Fyne while the list has the focus.
func (l *rowList) TypedRune(r rune) {
	if l.table.runes != nil {
		l.table.runes(r)
	}
}

// key handles what every table understands and hands on the rest.
func (t *table) key(e *fyne.KeyEvent) {
	const page = 12
	switch e.Name {
	case fyne.KeyDown:
		t.list.move(1)
	case fyne.KeyUp:
		t.list.move(-1)
	case fyne.KeyPageDown:
		t.list.move(page)
	case fyne.KeyPageUp:
		t.list.move(-page)
	case fyne.KeyHome:
		t.list.move(-t.length())
	case fyne.KeyEnd:
		t.list.move(t.length())
	case fyne.KeyReturn, fyne.KeyEnter:
		t.opened()
	default:
		if t.keys != nil {
			t.keys(e)
		}
	}
}
