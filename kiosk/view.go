package kiosk

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"clockface/assets"
	"clockface/timeclock"
)

// View is what the screen shows: ready sentences in one language, and signs. An
// empty text means that its place stays empty, a button without text is not there.
type View struct {
	Screen   Screen
	Language string // BCP 47, of the texts
	Chosen   string // own name of that language

	Clock string // 08:01 where the site is
	Date  string
	Drift Drift // with Idle

	Title    string // the main answer, the largest text
	Detail   string // what to do
	Note     string // a line that may be overlooked
	Initials string // of the person, on an answer
	Dots     int    // digits typed so far
	Busy     bool   // the kiosk checks something; keys do nothing
	Rest     string // what is left of a wait, e.g. 0:27

	Pad      string // button to number and PIN
	NotMe    string // button that withdraws the punch
	Other    string // button that turns in to out or the reverse
	Back     string // button to the live screen
	Next     string // key that ends the number or the PIN
	NextOpen bool   // enough is typed for it

	Repeated bool // the answer is an earlier punch

	Camera CameraState
	Disk   DiskState
	Sync   SyncState
	Signs  string // the signs in words, where something is out of the ordinary
}

// Presenter turns states into views. It is the only place where a problem
// becomes a sentence.
type Presenter struct {
	catalogue *assets.Catalogue
	language  string
	zone      func() *time.Location
}

// NewPresenter returns a presenter that speaks language unless somebody chose
// or prefers another, and tells the time in the zone of the site, which zone
// returns whenever it is needed.
func NewPresenter(c *assets.Catalogue, language string, zone func() *time.Location) *Presenter {
	return &Presenter{catalogue: c, language: language, zone: zone}
}

// Languages returns those that can be chosen.
func (p *Presenter) Languages() []assets.Language { return p.catalogue.Languages() }

// Show returns the view of a state at the time now.
func (p *Presenter) Show(s State, now time.Time) View {
	t := p.texts(s)
	v := View{
		Screen: s.Screen, Language: t.Language(), Chosen: t.T("language.own_name"),
		Clock: p.clock(now), Date: p.date(t, now),
		Camera: s.Camera, Disk: s.Disk, Sync: s.Sync, Signs: signs(t, s),
	}
	switch s.Screen {
	case Idle:
		v.Note, v.Drift = t.T("idle.note"), drift(now)
	case Live:
		p.showLive(&v, t, s)
	case PINNumber, PINDigits:
		showPad(&v, t, s)
	case Answer:
		p.showAnswer(&v, t, s)
	case Failure:
		v.Title, v.Detail = t.T("failure."+string(s.Failure)), t.T("failure."+string(s.Failure)+".detail")
		v.Pad = t.T("button.pad")
	case NotMe:
		v.Title, v.Detail, v.Pad = t.T("not_me"), t.T("not_me.detail"), t.T("button.pad")
		if s.Answer.Punch == "" {
			v.Title = t.T("not_me.nothing")
		}
	case Waiting:
		v.Title, v.Detail, v.Back = t.T("waiting"), t.T("waiting.detail"), t.T("button.back")
		v.Rest = countdown(s.WaitUntil.Sub(now))
	case Languages:
		v.Title, v.Back = t.T("languages"), t.T("button.back")
	}
	return v
}

// texts returns those of the language chosen on the screen, else on an answer of
// the person's own, else of the kiosk's.
func (p *Presenter) texts(s State) assets.Texts {
	lang := p.language
	if own := s.Answer.Employee.Language; own != "" {
		lang = own
	}
	if s.Language != "" {
		lang = s.Language
	}
	return p.catalogue.For(lang)
}

func (p *Presenter) showLive(v *View, t assets.Texts, s State) {
	v.Pad = t.T("button.pad")
	v.Note = t.T("live.privacy")
	switch {
	case s.Camera == CameraLost || s.Camera == CameraNone || s.Camera == NoRecognition:
		v.Title, v.Note = t.T("live.use_pad"), ""
	case s.Camera == CameraStarting:
		v.Title, v.Note = t.T("live.starting"), ""
	case s.Hint != "":
		v.Title = t.T("live.hint." + hintKey(s.Hint))
	case s.Recognising:
		v.Title = t.T("live.looking")
	default:
		v.Title = t.T("live.look")
	}
}

// hintKey returns the key of a recogniser's word; one that has no sentence yet
// asks for a step closer, which is nearly always what helps.
func hintKey(word string) string {
	switch word {
	case "too_small", "at_edge", "too_dark", "too_bright", "blurred":
		return word
	}
	return "too_small"
}

func showPad(v *View, t assets.Texts, s State) {
	v.Back, v.Next = t.T("button.back"), t.T("button.next")
	v.Title, v.Dots, v.NextOpen = t.T("pad.number"), len(s.Number), s.Number != ""
	if s.Offered {
		v.Detail = t.T("pad.offered")
	}
	if s.Screen == PINDigits {
		v.Title, v.Dots, v.NextOpen = t.T("pad.pin"), len(s.PIN), len(s.PIN) >= MinPIN
		v.Next = t.T("button.done")
		if len(s.PIN) < MinPIN {
			v.Detail = t.T("pad.pin.length")
		}
	}
	if s.Checking != 0 {
		v.Busy, v.NextOpen, v.Detail = true, false, t.T("pad.checking")
	}
}

func (p *Presenter) showAnswer(v *View, t assets.Texts, s State) {
	a := s.Answer
	at := p.clock(a.At.Time())
	name := a.Employee.Display()
	v.Initials, v.Repeated, v.Busy = initials(name), a.Repeated, a.Busy
	kind := string(a.Kind)
	v.Detail = t.T("answer."+kind, "time", at)
	v.Title = t.T(greeting(a, a.At.Time().In(p.zone())), "name", name)
	if a.Week.Known {
		v.Note = t.T("answer.week", "hours", hours(a.Week.Worked))
	}
	if a.Repeated {
		v.Detail = t.T("answer.already."+kind, "time", at)
		v.Note = t.T("answer.nothing_new")
	}
	if a.Method == timeclock.ByFace {
		v.NotMe = t.T("button.not_me")
	}
	if !a.Repeated && (a.Kind == timeclock.In || a.Kind == timeclock.Out) {
		v.Other = t.T("button.instead." + string(a.Kind.Opposite()))
	}
}

// greeting returns the key of the line with the name.
func greeting(a Answered, local time.Time) string {
	switch h := local.Hour(); {
	case a.Kind == timeclock.Out && !a.Repeated:
		return "answer.bye"
	case h < 12:
		return "answer.morning"
	case h < 18:
		return "answer.afternoon"
	}
	return "answer.evening"
}

// signs says in words what the signs show, the worst first; nothing while all
// is ordinary.
func signs(t assets.Texts, s State) string {
	var lines []string
	if s.Disk == DiskFails {
		lines = append(lines, t.T("sign.disk_fails"))
	}
	switch s.Camera {
	case CameraLost:
		lines = append(lines, t.T("sign.camera_lost"))
	case NoRecognition:
		lines = append(lines, t.T("sign.no_model"))
	case CameraPlayed:
		lines = append(lines, t.T("sign.played"))
	}
	if !s.Sync.Online && s.Sync.Waiting > 0 {
		lines = append(lines, t.N("sign.kept", s.Sync.Waiting))
	}
	return strings.Join(lines, " · ")
}

// Drift is by how many dp the idle clock stands beside its place, so that it
// does not burn into the panel.
type Drift struct{ X, Y float32 }

// drift moves by a few dp a minute on a path that does not soon repeat.
func drift(now time.Time) Drift {
	minute := float64(now.Unix() / 60)
	return Drift{X: float32(20 * math.Sin(minute/7.3)), Y: float32(32 * math.Sin(minute/11.9))}
}

// clock is hours and minutes where the site is.
func (p *Presenter) clock(at time.Time) string { return at.In(p.zone()).Format("15:04") }

func (p *Presenter) date(t assets.Texts, now time.Time) string {
	local := now.In(p.zone())
	return t.T("date", "weekday", t.T(fmt.Sprintf("weekday.%d", int(local.Weekday()))),
		"day", local.Day(), "month", t.T(fmt.Sprintf("month.%d", int(local.Month()))))
}

// countdown is minutes and seconds, rounded up so that it ends at 0:00.
func countdown(left time.Duration) string {
	seconds := max(0, int((left+time.Second-1)/time.Second))
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// hours is a length of time as people write it, e.g. 7:45, with whole minutes.
func hours(d time.Duration) string {
	return fmt.Sprintf("%d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// initials returns the first letters of the first two words of a name.
func initials(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		if r, _ := utf8.DecodeRuneInString(word); len(letters) < 2 && unicode.IsLetter(r) {
			letters = append(letters, unicode.ToUpper(r))
		}
	}
	return string(letters)
}
