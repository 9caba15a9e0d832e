package screens

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"clockface/assets/look"
	"clockface/desktop"
)

// devicesView is how this PC stands with the cloud, and the devices it knows.
type devicesView struct {
	tabled
	devices desktop.Devices
	state   *statusLine
	figures []*figureTile
	contact *line
	detail  *note
	refused *fyne.Container
	place   fyne.CanvasObject
}

func newDevicesView(w *Window) *devicesView {
	t := w.t()
	v := &devicesView{tabled: tabled{w: w}, devices: w.desk.Devices(), state: newStatusLine(), detail: caption(""),
		contact: newLine("", theme.ColorNameForeground, theme.SizeNameText, true), refused: container.New(stack{gap: 4})}
	v.state.text.segment.Style.SizeName = theme.SizeNameText
	v.state.text.segment.Style.ColorName = theme.ColorNameForeground
	v.table = &table{
		columns: []column{
			{title: t.T("column.device"), weight: 2}, {title: t.T("column.last"), weight: 1.6},
			{title: t.T("column.today"), weight: 0.7, right: true}, {title: t.T("column.waiting"), weight: 0.9, right: true, from: 420},
		},
		length: func() int { return len(v.devices.Rows) }, id: func(i int) string { return string(v.devices.Rows[i].ID) },
		cells: v.cells, opened: func() {}, selected: func(int) {}, keys: v.key,
	}
	row := container.New(&tiles{gap: 8, least: 200})
	for _, f := range []struct {
		key    string
		icon   look.IconName
		colour fyne.ThemeColorName
	}{
		{"devices.waiting", look.CloudWait, theme.ColorNamePrimary}, {"devices.refused", look.Cross, look.ColorProblemText},
		{"devices.conflicts", look.Triangle, look.ColorProblemText},
	} {
		tile := newFigureTile(t.T(f.key), look.Icon(f.icon, f.colour))
		v.figures = append(v.figures, tile)
		row.Add(tile.content)
	}
	about := card(container.New(stack{gap: 2}, newLine(t.T("devices.this_pc"), theme.ColorNameForeground, theme.SizeNameSubHeadingText, true),
		v.state.content, container.New(margin{left: 8}, container.New(halves{0.34},
			newLine(t.T("devices.last_contact"), look.ColorQuiet, theme.SizeNameText, false), v.contact)), v.detail))
	v.place = container.New(stack{gap: 10}, heading(t.T("place.devices")), about, row, v.refused,
		newLine(t.T("devices.list"), theme.ColorNameForeground, theme.SizeNameText, true), v.table.build())
	return v
}

func (v *devicesView) content() fyne.CanvasObject { return v.place }
func (v *devicesView) details() fyne.CanvasObject { return nil }
func (v *devicesView) find() fyne.Focusable       { return nil }

func (v *devicesView) refresh() {
	v.devices = v.w.desk.Devices()
	d := v.devices
	v.state.update(v.w.desk.Status())
	v.contact.set(d.LastContact, theme.ColorNameForeground)
	for i, n := range []int{d.Waiting, d.Refused, d.Conflicts} {
		v.figures[i].number.set(strconv.Itoa(n), theme.ColorNameForeground)
	}
	v.detail.SetText(v.w.t().T("devices.detail", "detail", d.Detail))
	show(v.detail, d.Detail != "" && !d.Online)
	v.refused.RemoveAll()
	if len(d.RefusedRows) > 0 {
		v.refused.Add(newLine(v.w.t().T("devices.refused_list"), theme.ColorNameForeground, theme.SizeNameText, true))
	}
	const most = 4 // the newest; the table below keeps its room
	for i, r := range d.RefusedRows {
		if i < most {
			v.refused.Add(advice(r.When+" · "+r.What+" · "+r.Reason, desktop.Problem))
		}
	}
	show(v.refused, len(d.RefusedRows) > 0)
	v.table.refresh()
}

func (v *devicesView) cells(i int) []cell {
	r := v.devices.Rows[i]
	waiting := ""
	if r.Waiting > 0 {
		waiting = strconv.Itoa(r.Waiting)
	}
	return []cell{{text: r.Name, icon: look.Icon(look.Camera, look.ColorQuiet)}, {text: r.Last}, {text: strconv.Itoa(r.Today)}, {text: waiting}}
}
