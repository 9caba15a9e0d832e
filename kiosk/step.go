package kiosk

import (
	"slices"
	"time"

	"clockface/timeclock"
)

// Step returns what the kiosk is after the input at the time now, and what is
// to be done. It is pure: the same arguments give the same result. Time must
// not run backwards from one call to the next.
func Step(s State, in Input, now time.Time) (State, []Effect) {
	f := &flow{State: s, now: now}
	if f.Screen == "" {
		f.show(Idle, 0)
	}
	f.pass()
	switch in := in.(type) {
	case Seen:
		f.seen(in.Sighting)
	case Recorded:
		f.recorded(in)
	case RecordFailed:
		f.recordFailed(in.Problem)
	case Checked:
		f.checked(in)
	case Edited:
		f.edited(in)
	case EditFailed:
		f.editFailed(in)
	case CameraIs:
		f.cameraIs(in)
	case SyncIs:
		f.Sync = in.State
	case Remembered:
		f.WrongInRow = in.WrongInRow
		f.WaitUntil = in.LastWrong.Add(waitAfter(in.WrongInRow))
	case Tick:
	default:
		f.touched(in)
	}
	return f.State, f.effects
}

// flow is one step in the making.
type flow struct {
	State
	now     time.Time
	effects []Effect
}

func (f *flow) do(e Effect)   { f.effects = append(f.effects, e) }
func (f *flow) tell(n Notice) { f.do(Tell{Notice: n}) }
func (f *flow) sound(ok bool) { f.do(Sound{Success: ok}) }
func (f *flow) request() int  { f.requests++; return f.requests }
func (f *flow) forgetDigits() { f.Number, f.PIN, f.FirstDigit, f.Checking = "", "", time.Time{}, 0 }

// show changes the screen. stay 0 means that the screen does not end by itself.
func (f *flow) show(s Screen, stay time.Duration) {
	f.Screen, f.Since, f.Until = s, f.now, time.Time{}
	if stay > 0 {
		f.Until = f.now.Add(stay)
	}
	if s != PINNumber && s != PINDigits {
		f.forgetDigits()
		f.Offered = false
	}
	if s != Answer && s != NotMe {
		f.Answer = Answered{}
	}
	if s != Failure {
		f.Failure = ""
	}
}

// live shows the preview. Whoever was recognised while faces did not count gets
// another chance, unless they have punched otherwise since.
func (f *flow) live() {
	f.show(Live, IdleTime)
	if f.missed != "" && f.NoFaceTill.IsZero() {
		f.missed = ""
		f.do(LookAgain{})
	}
}

// pass lets go what time has ended.
func (f *flow) pass() {
	if f.Language != "" && !f.now.Before(f.LanguageUntil) {
		f.Language = ""
	}
	if !f.NoFaceTill.IsZero() && !f.now.Before(f.NoFaceTill) {
		f.NoFaceTill, f.missed = time.Time{}, ""
		f.do(LookAgain{}) // somebody else may have come in the meantime
	}
	if f.Until.IsZero() || f.now.Before(f.Until) {
		return
	}
	switch f.Screen {
	case Live:
		f.show(Idle, 0)
	case PINNumber, PINDigits:
		f.live()
	case Failure:
		if f.oftenFailed() {
			f.failures = nil
			f.openPad()
			f.Offered = f.Screen == PINNumber
			return
		}
		f.live()
	default:
		f.live()
	}
}

// touched handles what people do with their hands.
func (f *flow) touched(in Input) {
	if f.Language != "" {
		f.LanguageUntil = f.now.Add(LanguageTime)
	}
	if f.Screen == Idle {
		f.live()
	}
	switch in := in.(type) {
	case Touch:
		f.touchOutside()
	case Cancel:
		f.live()
	case OpenPad:
		f.openPad()
	case Digit:
		f.digit(in.Rune)
	case Backspace:
		f.backspace()
	case Enter:
		f.enter()
	case TypePIN:
		f.typePIN(in)
	case SayNotMe:
		f.sayNotMe()
	case OtherDirection:
		f.otherDirection()
	case OpenLanguages:
		f.show(Languages, LanguageTime)
	case ChooseLanguage:
		f.Language, f.LanguageUntil = in.Tag, f.now.Add(LanguageTime)
		f.live()
	}
}

// touchOutside ends an answer or failure at once; elsewhere it shows that
// somebody is there.
func (f *flow) touchOutside() {
	switch f.Screen {
	case Answer, Failure, Live:
		f.live()
	case PINNumber, PINDigits:
		f.Until = f.now.Add(PINTime)
	}
}

// seen handles a sighting.
func (f *flow) seen(s Sighting) {
	f.Recognising = s.Sight == Looking
	f.Hint = ""
	if f.Recognising {
		f.Hint = s.Reason
	}
	somebody := s.Sight != Nobody
	if somebody && f.Screen == Idle {
		f.live()
	}
	if somebody && f.Screen == Live {
		f.Until = f.now.Add(IdleTime)
	}
	if s.Sight == Nobody {
		f.refused = false
	}
	if !f.facesCount() {
		if s.Sight == Known {
			f.missed = s.Who.Employee
		}
		return
	}
	switch s.Sight {
	case Known:
		f.refused = false
		f.do(Record{Request: f.request(), Who: s.Who, FirstSeen: s.FirstSeen})
	case Stranger:
		if !f.refused { // told once per appearance, shown each time a recogniser tries again
			f.tell(Notice{Event: NoticeUnknown, Reason: s.Reason})
		}
		f.refused = true
		f.fail(NotRecognised)
	}
}

// facesCount reports whether a face may make a punch now: not while somebody
// types, and not for a while after "Not me".
func (f *flow) facesCount() bool {
	if !f.NoFaceTill.IsZero() {
		return false
	}
	switch f.Screen {
	case PINNumber:
		return f.Number == ""
	case PINDigits, NotMe:
		return false
	}
	return true
}

// recorded shows the answer: the clerk has committed.
func (f *flow) recorded(in Recorded) {
	f.Disk = DiskWorks
	f.failures = nil
	if f.missed == in.Employee.ID {
		f.missed = ""
	}
	if f.typing() && f.Checking != in.Request {
		return // the next person types already; they must not lose their digits
	}
	f.show(Answer, AnswerTime)
	f.Answer = Answered{
		Request: in.Request, Punch: in.Punch.ID, Employee: in.Employee, Kind: in.Punch.Kind,
		Method: in.Punch.Method, At: in.Punch.At, Repeated: in.Repeated, Week: in.Week,
	}
	f.sound(true)
}

// recordFailed tells the person that nothing is stored, whatever the screen shows.
func (f *flow) recordFailed(p Problem) {
	if p == NotRecorded || p == DiskIsFull {
		f.Disk = DiskFails
		f.tell(Notice{Event: NoticeError, Code: string(p), Message: "nothing was recorded"})
	}
	f.fail(p)
}

func (f *flow) typing() bool {
	return f.Screen == PINDigits || f.Screen == PINNumber && f.Number != ""
}

// fail shows what did not work and what to do.
func (f *flow) fail(p Problem) {
	f.show(Failure, FailureTime)
	f.Failure = p
	f.failures = append(slices.Clone(f.failures), f.now)
	f.sound(false)
}

// oftenFailed reports whether the last failures came so close together that the
// pad is offered, and nothing forbids it.
func (f *flow) oftenFailed() bool {
	n := len(f.failures)
	return f.Failure == NotRecognised && n >= failuresToPad &&
		f.failures[n-1].Sub(f.failures[n-failuresToPad]) <= failureSpan && !f.now.Before(f.WaitUntil)
}

// sayNotMe withdraws the punch of an answer that came from a face.
func (f *flow) sayNotMe() {
	if f.Screen != Answer || f.Answer.Method != timeclock.ByFace || f.Answer.Busy {
		return
	}
	f.NoFaceTill = f.now.Add(NotMeTime)
	if f.Answer.Repeated {
		// Nothing was recorded now, and the earlier punch may be rightly the other
		// person's: only the way to the PIN is left to offer.
		f.show(NotMe, NotMeTime)
		return
	}
	f.Answer.Busy = true
	f.Until = f.now.Add(AnswerTime)
	f.do(Edit{Punch: f.Answer.Punch, Employee: f.Answer.Employee.ID, Cause: timeclock.NotMe})
}

// otherDirection turns the punch of the answer around.
func (f *flow) otherDirection() {
	if f.Screen != Answer || f.Answer.Repeated || f.Answer.Busy {
		return
	}
	f.Answer.Busy = true
	f.Until = f.now.Add(AnswerTime)
	f.do(Edit{Punch: f.Answer.Punch, Employee: f.Answer.Employee.ID, Cause: timeclock.OtherDirection,
		Kind: f.Answer.Kind.Opposite()})
}

// edited shows a change of the answer's punch, now that it is committed.
func (f *flow) edited(in Edited) {
	f.Disk = DiskWorks
	kind := f.Answer.Kind.Opposite()
	if in.Cause == timeclock.NotMe {
		f.tell(Notice{Event: NoticeUndone, Punch: in.Punch})
	}
	if f.Screen != Answer || f.Answer.Punch != in.Punch {
		return // the next person's answer is up
	}
	a := f.Answer
	a.Busy = false
	if in.Cause == timeclock.NotMe {
		f.show(NotMe, NotMeTime)
		f.NoFaceTill = f.now.Add(NotMeTime)
		f.Answer = a
		return
	}
	f.show(Answer, AnswerTime)
	a.Kind, a.Changed, a.Week = kind, true, in.Week
	f.Answer = a
	f.tell(Notice{Event: NoticeChanged, Punch: in.Punch, Kind: kind})
	f.sound(true)
}

func (f *flow) editFailed(in EditFailed) {
	f.Disk = DiskFails
	f.NoFaceTill = time.Time{}
	if in.Cause == timeclock.NotMe {
		f.fail(NotWithdrawn)
		return
	}
	f.fail(NotChanged)
}

// cameraIs changes the sign and reports a camera that went away while it worked.
func (f *flow) cameraIs(in CameraIs) {
	was := f.Camera
	f.Camera = in.State
	if in.State != CameraLost || was == CameraLost {
		return // a further attempt that failed is no news
	}
	f.Recognising, f.Hint = false, ""
	if was == CameraStarting {
		f.tell(Notice{Event: NoticeError, Code: "no_camera", Message: in.Why})
		return
	}
	f.tell(Notice{Event: NoticeError, Code: "camera_lost", Message: in.Why})
	f.do(TellSupervisor{Kind: timeclock.CameraLost})
}
