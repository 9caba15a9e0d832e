package screens

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
	"clockface/desktop"
)

var placeIcons = [...]look.IconName{inboxPlace: look.Inbox, boardPlace: look.ClockFace, peoplePlace: look.People, devicesPlace: look.Camera}

// navigation is the way between the places: at the left of a wide window, a
// strip at the top of a narrow one. Both always exist; the shell shows one.
type navigation struct {
	w      *Window
	side   fyne.CanvasObject
	strip  fyne.CanvasObject
	items  []*navItem // of the side, then of the strip
	status []*statusLine
	who    *line
	hint   *note
}

func newNavigation(w *Window) *navigation {
	n := &navigation{w: w, hint: caption("")}
	n.who = newLine("", look.ColorQuiet, theme.SizeNameCaptionText, false)
	brand := container.New(margin{left: 14, top: 16, right: gap, bottom: 14},
		container.NewBorder(nil, nil, iconBox(look.Icon(look.ClockFace, theme.ColorNamePrimary), 26), nil,
			container.New(middle{}, newLine("Clockface", theme.ColorNameForeground, theme.SizeNameSubHeadingText, true))))
	places := container.New(stack{gap: 4})
	narrow := container.New(&tiles{gap: 4, least: 100})
	for p := range placeNames {
		places.Add(n.item(place(p), true))
		narrow.Add(n.item(place(p), false))
	}
	places.Add(layout.NewSpacer())
	out := w.newButton(w.t().T("action.sign_out"), nil, "", w.signOut)
	out.Importance = widget.LowImportance
	out.Alignment = widget.ButtonAlignLeading
	bottom := container.New(stack{gap: 4}, n.hint, n.statusLine(),
		container.New(margin{left: 8, right: 8}, n.who), container.New(margin{}, out))
	n.side = container.NewStack(newPanel(theme.ColorNameHeaderBackground, "", 0),
		container.NewBorder(brand, container.New(margin{left: 6, right: 6, bottom: 8}, bottom), nil, nil,
			container.New(margin{left: 8, right: 8}, places)))
	n.strip = container.NewStack(newPanel(theme.ColorNameHeaderBackground, "", 0),
		container.New(margin{left: 6, top: 6, right: 6, bottom: 2}, container.New(stack{}, narrow, n.statusLine())))
	return n
}

func (n *navigation) item(p place, wide bool) fyne.CanvasObject {
	it := newNavItem(n.w, p, wide)
	n.items = append(n.items, it)
	return it
}

func (n *navigation) statusLine() fyne.CanvasObject {
	s := newStatusLine()
	n.status = append(n.status, s)
	return s.content
}

// refresh draws counts, status and who is signed in.
func (n *navigation) refresh() {
	inbox, board, devices := n.w.desk.Inbox(), n.w.desk.Board(), n.w.desk.Devices()
	counts := [...]int{inboxPlace: inbox.Problems, boardPlace: board.In + board.OnBreak,
		peoplePlace: len(board.Rows), devicesPlace: devices.Refused + devices.Conflicts}
	for _, it := range n.items {
		it.update(counts[it.place], it.place == n.w.at)
	}
	for _, s := range n.status {
		s.update(n.w.desk.Status())
	}
	if p, ok := n.w.desk.SignedIn(); ok {
		n.who.set(p.Name+" · "+n.w.t().T("role."+string(p.Role)), look.ColorQuiet)
	}
}

// navItem is one place in the navigation, with its number.
type navItem struct {
	widget.BaseWidget
	w      *Window
	place  place
	ground *panel
	icon   *widget.Icon
	text   *line
	count  *line
	wide   bool
}

func newNavItem(w *Window, p place, wide bool) *navItem {
	it := &navItem{w: w, place: p, wide: wide, ground: newPanel(theme.ColorNameHeaderBackground, "", 8),
		icon: widget.NewIcon(nil), text: newLine(w.t().T("place."+placeNames[p]), theme.ColorNameForeground, theme.SizeNameText, false),
		count: newLine("", theme.ColorNameForeground, theme.SizeNameCaptionText, true)}
	it.count.right = true
	if !wide {
		it.text.size = theme.SizeNameCaptionText
	}
	it.ExtendBaseWidget(it)
	name := "nav_" + placeNames[p]
	if !wide {
		name = "strip_" + placeNames[p]
	}
	w.name(name, it)
	return it
}

// CreateRenderer is called by Fyne.
func (it *navItem) CreateRenderer() fyne.WidgetRenderer {
	icon := container.New(least{fyne.NewSquareSize(20)}, it.icon)
	count := container.New(least{fyne.NewSize(30, 20)}, container.New(middle{}, it.count))
	if it.wide {
		inner := container.NewBorder(nil, nil, icon, count, container.New(margin{left: 6}, container.New(middle{}, it.text)))
		return widget.NewSimpleRenderer(container.NewStack(it.ground, container.New(margin{10, 9, 10, 9}, inner)))
	}
	inner := container.New(stack{gap: 2}, container.NewBorder(nil, nil, icon, count), it.text)
	return widget.NewSimpleRenderer(container.NewStack(it.ground, container.New(margin{8, 6, 8, 6}, inner)))
}

// update shows the number and whether the place is the present one.
func (it *navItem) update(count int, here bool) {
	colour := theme.ColorNameForeground
	it.ground.colour = theme.ColorNameHeaderBackground
	if here {
		colour, it.ground.colour = theme.ColorNamePrimary, theme.ColorNameSelection
	}
	it.ground.Refresh()
	it.icon.SetResource(look.Icon(placeIcons[it.place], colour))
	it.text.bold = here
	it.text.set(it.text.text, colour)
	it.text.Refresh()
	text := ""
	if count > 0 {
		text = strconv.Itoa(count)
	}
	numberColour := colour
	if it.place == inboxPlace || it.place == devicesPlace {
		numberColour = look.ColorProblemText
	}
	it.count.set(text, numberColour)
}

// Tapped goes to the place.
func (it *navItem) Tapped(*fyne.PointEvent) { it.w.goTo(it.place) }

// statusLine tells how this PC stands with the cloud: a shape and words.
type statusLine struct {
	icon    *widget.Icon
	text    *note
	content fyne.CanvasObject
}

func newStatusLine() *statusLine {
	s := &statusLine{icon: widget.NewIcon(nil), text: caption("")}
	s.content = container.NewBorder(nil, nil, container.New(margin{left: 8}, container.New(least{fyne.NewSquareSize(20)}, s.icon)), nil, s.text)
	return s
}

func (s *statusLine) update(st desktop.Status) {
	icon := look.Icon(look.Cloud, look.ColorSuccessText)
	switch {
	case !st.Online:
		icon = look.Icon(look.CloudOff, look.ColorQuiet)
	case st.Waiting > 0:
		icon = look.Icon(look.CloudWait, theme.ColorNamePrimary)
	}
	s.icon.SetResource(icon)
	s.text.SetText(st.Words)
}
