package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// typedKey gets the keys that no field takes.
func (w *Window) typedKey(e *fyne.KeyEvent) {
	switch {
	case w.signIn != nil:
		return
	case w.sheet != nil:
		w.sheet.key(e)
		return
	case e.Name == fyne.KeyEscape:
		w.escape()
		return
	}
	w.views[w.at].key(e)
}

func (w *Window) typedRune(r rune) {
	if w.signIn == nil && w.sheet == nil {
		w.views[w.at].rune(r)
	}
}

// escape closes what lies on top: details, then the foot.
func (w *Window) escape() {
	if w.detailsInstead() {
		w.closeDetails()
		return
	}
	if w.foot.content.Visible() {
		w.foot.hide()
	}
}

// menu is the main menu. It names the key of every action; those with Ctrl work
// from here even while a field has the focus.
func (w *Window) menu() *fyne.MainMenu {
	return fyne.NewMainMenu(w.sessionMenu(), w.goMenu(), w.punchMenu(), w.viewMenu())
}

func ctrl(key fyne.KeyName) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl}
}

func item(text string, shortcut fyne.Shortcut, action func()) *fyne.MenuItem {
	i := fyne.NewMenuItem(text, action)
	i.Shortcut = shortcut
	return i
}

// keyed names a key that works without Ctrl: the menu cannot draw those itself.
func (w *Window) keyed(action, key string, do func()) *fyne.MenuItem {
	return fyne.NewMenuItem(w.t().T("hint.key", "action", w.t().T(action), "key", key), do)
}

func (w *Window) sessionMenu() *fyne.Menu {
	t := w.t()
	return fyne.NewMenu(t.T("menu.session"),
		item(t.T("menu.refresh"), ctrl(fyne.KeyR), w.Changed),
		fyne.NewMenuItem(t.T("action.sign_out"), w.signOut))
}

func (w *Window) goMenu() *fyne.Menu {
	m := fyne.NewMenu(w.t().T("menu.go"))
	keys := [...]fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4}
	for p, name := range placeNames {
		m.Items = append(m.Items, item(w.t().T("place."+name), ctrl(keys[p]), w.unlessSheet(func() { w.goTo(place(p)) })))
	}
	return m
}

func (w *Window) punchMenu() *fyne.Menu {
	t := w.t()
	in := w.inInbox
	return fyne.NewMenu(t.T("menu.punch"),
		w.keyed("menu.open", "Enter", in((*inboxView).open)),
		w.keyed("action.approve", "A", in((*inboxView).approve)),
		w.keyed("action.reject", "R", in((*inboxView).reject)),
		w.keyed("action.correct", "E", in((*inboxView).correct)),
		w.keyed("action.void", "V", in((*inboxView).void)),
		w.keyed("action.reopen_pin", "O", in((*inboxView).reopen)),
		fyne.NewMenuItemSeparator(),
		w.keyed("menu.mark", "Space", in((*inboxView).mark)),
		item(t.T("menu.mark_all"), &desktop.CustomShortcut{KeyName: fyne.KeyA,
			Modifier: fyne.KeyModifierControl | fyne.KeyModifierShift}, in((*inboxView).markAll)),
		fyne.NewMenuItemSeparator(),
		item(t.T("action.undo"), &fyne.ShortcutUndo{}, w.undoKey)) // what Fyne makes of Ctrl+Z
}

func (w *Window) viewMenu() *fyne.Menu {
	t := w.t()
	languages := fyne.NewMenuItem(t.T("menu.language"), nil)
	languages.ChildMenu = fyne.NewMenu("")
	for _, l := range w.config.Catalogue.Languages() {
		i := fyne.NewMenuItem(l.OwnName, func() { w.speak(l.Tag) })
		i.Checked = l.Tag == t.Language()
		languages.ChildMenu.Items = append(languages.ChildMenu.Items, i)
	}
	kept := w.desk.Remembered()
	clock := fyne.NewMenuItem(t.T("menu.hours12"), func() {
		w.desk.UseHours12(!kept.Hours12)
		w.show()
	})
	clock.Checked = kept.Hours12
	m := fyne.NewMenu(t.T("menu.view"), item(t.T("menu.find"), ctrl(fyne.KeyF), w.find), languages, clock, fyne.NewMenuItemSeparator())
	for _, name := range []string{"light", "dark", "contrast"} {
		i := fyne.NewMenuItem(t.T("menu.look_"+name), func() {
			w.desk.UseLook(name)
			w.useLook(name)
			w.show()
		})
		i.Checked = kept.Look == name
		m.Items = append(m.Items, i)
	}
	return m
}

// speak changes the language of the window.
func (w *Window) speak(tag string) {
	w.desk.Speak(w.config.Catalogue.For(tag))
	w.show()
}

// inInbox makes an action that only the inbox knows, and only while nothing
// covers it.
func (w *Window) inInbox(action func(*inboxView)) func() {
	return w.unlessSheet(func() {
		if v, ok := w.views[w.at].(*inboxView); ok {
			action(v)
		}
	})
}

func (w *Window) unlessSheet(action func()) func() {
	return func() {
		if w.sheet == nil && w.signIn == nil {
			action()
		}
	}
}

// undoKey is Ctrl+Z: in a field it takes the typing back, elsewhere the last action.
func (w *Window) undoKey() {
	if e, ok := w.win.Canvas().Focused().(*widget.Entry); ok {
		e.TypedShortcut(&fyne.ShortcutUndo{})
		return
	}
	w.unlessSheet(w.undo)()
}

// find goes to the place's search field.
func (w *Window) find() {
	w.unlessSheet(func() {
		if f := w.views[w.at].find(); f != nil {
			w.win.Canvas().Focus(f)
		}
	})()
}
