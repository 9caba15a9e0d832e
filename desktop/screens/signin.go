package screens

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"clockface/assets/look"
)

// signInScreen asks who sits at the desk.
type signInScreen struct {
	w        *Window
	login    *widget.Entry
	password *widget.Entry
	enter    *widget.Button
	message  *widget.Label
	problem  fyne.CanvasObject
	content  fyne.CanvasObject
}

func (w *Window) showSignIn() {
	w.root, w.nav, w.foot = nil, nil, nil
	w.signIn = newSignInScreen(w)
	w.win.SetMainMenu(fyne.NewMainMenu(w.viewMenu()))
	w.win.SetContent(w.signIn.content)
	w.win.Canvas().Focus(w.signIn.login)
	w.report.screen("sign_in")
}

func newSignInScreen(w *Window) *signInScreen {
	t := w.t()
	s := &signInScreen{w: w, login: widget.NewEntry(), password: widget.NewPasswordEntry(), message: paragraph("")}
	s.login.PlaceHolder, s.password.PlaceHolder = t.T("sign_in.login"), t.T("sign_in.password")
	s.login.OnSubmitted = func(string) { w.win.Canvas().Focus(s.password) }
	s.password.OnSubmitted = func(string) { s.submit() }
	s.enter = widget.NewButton(t.T("sign_in.enter"), s.submit)
	s.enter.Importance = widget.HighImportance
	s.problem = container.NewBorder(nil, nil, container.New(margin{top: 8},
		iconAtTop(look.Icon(look.Triangle, look.ColorProblemText))), nil, s.message)
	s.problem.Hide()
	w.name("sign_in_login", s.login)
	w.name("sign_in_password", s.password)
	w.name("sign_in_enter", s.enter)
	brand := container.NewBorder(nil, nil, iconBox(look.Icon(look.ClockFace, theme.ColorNamePrimary), 40), nil,
		container.New(margin{left: 10}, container.New(middle{}, heading(t.T("app.title")))))
	about := quiet(t.T("sign_in.about"))
	offline := caption(t.T("sign_in.offline"))
	form := container.New(stack{gap: 10}, brand, about, s.login, s.password, s.enter, s.problem, offline)
	box := container.New(atWidth{380}, card(container.New(margin{12, 12, 12, 6}, form)))
	s.content = container.NewStack(newPanel(theme.ColorNameBackground, "", 0), container.NewCenter(box))
	return s
}

// showWaiting shows that the door is being tried: by token this takes a moment.
func (w *Window) showWaiting() {
	wait := widget.NewActivity()
	wait.Start()
	w.win.SetContent(container.NewStack(newPanel(theme.ColorNameBackground, "", 0), container.NewCenter(
		container.NewVBox(iconBox(look.Icon(look.ClockFace, theme.ColorNamePrimary), 64), wait))))
	w.report.screen("starting")
}

// atWidth gives its one object a width and the height it needs at that width.
type atWidth struct{ width float32 }

// Layout is called by Fyne.
func (a atWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		put(o, 0, 0, size.Width, size.Height)
	}
}

// MinSize is called by Fyne.
func (a atWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range objects {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(a.width, h)
}

// say shows a sentence about what went wrong.
func (s *signInScreen) say(sentence string) {
	s.message.SetText(sentence)
	show(s.problem, sentence != "")
	s.content.Refresh()
}

// submit signs in and then shows the inbox.
func (s *signInScreen) submit() {
	if s.enter.Disabled() {
		return
	}
	s.enter.Disable()
	s.enter.SetText(s.w.t().T("sign_in.busy"))
	s.say("")
	login, password := s.login.Text, s.password.Text
	s.w.run(func(ctx context.Context) error {
		if err := s.w.desk.SignIn(ctx, login, password); err != nil {
			return err
		}
		return s.w.desk.Refresh(ctx)
	}, func(err error) {
		if err == nil {
			s.w.show()
			return
		}
		s.enter.Enable()
		s.enter.SetText(s.w.t().T("sign_in.enter"))
		s.password.SetText("")
		s.say(s.w.desk.Sentence(err))
		s.w.report.failed(err)
		s.w.win.Canvas().Focus(s.password)
	})
}
