package kiosk

import (
	"testing"
	"time"

	"clockface/timeclock"
)

// play is a kiosk whose clock is set by hand.
type play struct {
	t     *testing.T
	state State
	now   time.Time
	did   []Effect // since the last look
}

func newPlay(t *testing.T) *play {
	p := &play{t: t, now: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	p.do(CameraIs{State: CameraWorks})
	return p
}

func (p *play) do(inputs ...Input) *play {
	for _, in := range inputs {
		var effects []Effect
		p.state, effects = Step(p.state, in, p.now)
		p.did = append(p.did, effects...)
	}
	return p
}

// wait lets time pass in the steps of the real ticker.
func (p *play) wait(d time.Duration) *play {
	for end := p.now.Add(d); p.now.Before(end); {
		p.now = p.now.Add(min(tickEvery, end.Sub(p.now)))
		p.do(Tick{})
	}
	return p
}

func (p *play) typed(digits string) *play {
	for _, r := range digits {
		p.do(Digit{Rune: r})
	}
	return p
}

func (p *play) on(want Screen) *play {
	p.t.Helper()
	if p.state.Screen != want {
		p.t.Errorf("the screen is %s, want %s", p.state.Screen, want)
	}
	return p
}

// effect returns the last effect of a type since the last call, which it forgets.
func effect[E Effect](p *play) (E, bool) {
	for i := len(p.did) - 1; i >= 0; i-- {
		if e, ok := p.did[i].(E); ok {
			p.did = append(p.did[:i:i], p.did[i+1:]...)
			return e, true
		}
	}
	var none E
	return none, false
}

func must[E Effect](p *play) E {
	p.t.Helper()
	e, ok := effect[E](p)
	if !ok {
		p.t.Fatalf("no %T; there is %#v", e, p.did)
	}
	return e
}

func none[E Effect](p *play) {
	p.t.Helper()
	if e, ok := effect[E](p); ok {
		p.t.Errorf("%#v, want none", e)
	}
}

var (
	ada   = timeclock.Employee{ID: "ada", Number: "12", Name: "Ada Lovelace", Active: true}
	grace = timeclock.Employee{ID: "grace", Number: "13", Name: "Grace Hopper", Active: true}
)

// face is what the recogniser says once it knows somebody.
func face(who timeclock.Employee) Input {
	return Seen{Sighting: Sighting{Sight: Known, Who: timeclock.Identification{Employee: who.ID, Method: timeclock.ByFace, Confidence: 0.9}}}
}

func stranger() Input { return Seen{Sighting: Sighting{Sight: Stranger, Reason: "not_enrolled"}} }
func nobody() Input   { return Seen{} }

// committed answers the last Record as the clerk does.
func (p *play) committed(who timeclock.Employee, id timeclock.PunchID, kind timeclock.PunchKind) *play {
	p.t.Helper()
	r := must[Record](p)
	return p.do(Recorded{Request: r.Request, Employee: who,
		Punch: timeclock.Punch{ID: id, Employee: who.ID, Kind: kind, Method: r.Who.Method, At: timeclock.MicrosOf(p.now)}})
}

// checkedAs answers the last CheckPIN.
func (p *play) checkedAs(result PINResult, wrongInRow int) *play {
	p.t.Helper()
	c := must[CheckPIN](p)
	in := Checked{CheckPIN: c, Result: result, WrongInRow: wrongInRow}
	if result == PINRight {
		in.Employee = ada.ID
	}
	return p.do(in)
}

func TestFaceBecomesAnAnswerOnlyAfterTheCommit(t *testing.T) {
	p := newPlay(t).on(Idle)
	p.do(Seen{Sighting: Sighting{Sight: Looking}}).on(Live)
	p.do(face(ada)).on(Live).wait(2 * time.Second).on(Live)
	p.committed(ada, "p1", timeclock.In).on(Answer)
	if got := p.state.Answer.Punch; got != "p1" {
		t.Errorf("the answer is of punch %s", got)
	}
	if !must[Sound](p).Success {
		t.Error("the tone is that of a failure")
	}
	p.wait(AnswerTime - tickEvery).on(Answer).wait(tickEvery).on(Live)
}

func TestNothingRecordedIsToldToTheWorker(t *testing.T) {
	for _, problem := range []Problem{NotRecorded, DiskIsFull} {
		p := newPlay(t).do(face(ada))
		p.do(RecordFailed{Request: must[Record](p).Request, Problem: problem}).on(Failure)
		if p.state.Failure != problem || p.state.Disk != DiskFails {
			t.Errorf("shown: %s, sign %q; want %s and a sign", p.state.Failure, p.state.Disk, problem)
		}
		if n := must[Tell](p).Notice; n.Event != NoticeError || n.Code != string(problem) {
			t.Errorf("told: %+v", n)
		}
		p.wait(FailureTime).on(Live)
		p.do(face(grace)).committed(grace, "p2", timeclock.In).on(Answer)
		if p.state.Disk != DiskWorks {
			t.Error("the sign stays after a punch that was stored")
		}
	}
}

func TestNextPersonEndsTheAnswerOfTheFirst(t *testing.T) {
	p := newPlay(t).do(face(ada)).committed(ada, "p1", timeclock.In).on(Answer)
	p.wait(time.Second).do(face(grace)).committed(grace, "p2", timeclock.In).on(Answer)
	if p.state.Answer.Employee.ID != grace.ID {
		t.Errorf("the answer is %s's", p.state.Answer.Employee.ID)
	}
	p.do(Touch{}).on(Live)
}

func TestStrangerIsRefusedOncePerShowing(t *testing.T) {
	p := newPlay(t).do(stranger()).on(Failure)
	if n := must[Tell](p).Notice; n.Event != NoticeUnknown || n.Reason != "not_enrolled" {
		t.Errorf("told: %+v", n)
	}
	p.wait(FailureTime + time.Second).on(Live).do(stranger()).on(Failure)
	none[Tell](p)
	p.do(nobody()).wait(FailureTime).do(stranger())
	must[Tell](p)
}

func TestTwoFailuresOfferThePad(t *testing.T) {
	p := newPlay(t).do(stranger()).wait(FailureTime).on(Live)
	p.wait(2 * time.Second).do(stranger()).wait(FailureTime).on(PINNumber)
	if !p.state.Offered {
		t.Error("the pad does not say that it was offered")
	}
	// Recognition goes on behind it until the first digit.
	p.do(face(ada)).committed(ada, "p1", timeclock.In).on(Answer)

	p = newPlay(t).do(stranger()).wait(failureSpan + time.Second).do(stranger()).wait(FailureTime).on(Live)
	_ = p
}

func TestNotMeWithdrawsAndKeepsFacesAway(t *testing.T) {
	p := newPlay(t).do(face(ada)).committed(ada, "p1", timeclock.In)
	p.do(SayNotMe{}).on(Answer)
	e := must[Edit](p)
	if e.Punch != "p1" || e.Cause != timeclock.NotMe {
		t.Errorf("edit %+v", e)
	}
	p.do(SayNotMe{}, OtherDirection{})
	none[Edit](p) // one change at a time
	p.do(Edited{Punch: "p1", Cause: timeclock.NotMe}).on(NotMe)
	if n := must[Tell](p).Notice; n.Event != NoticeUndone || n.Punch != "p1" {
		t.Errorf("told: %+v", n)
	}
	p.do(face(ada))
	none[Record](p)
	p.wait(NotMeTime - time.Second).do(face(ada))
	none[Record](p)
	p.wait(time.Second).on(Live)
	must[LookAgain](p)
	p.do(face(grace)).committed(grace, "p2", timeclock.In).on(Answer)
}

func TestNotMeIsOnlyForFaces(t *testing.T) {
	p := newPlay(t).typed("12").do(Enter{}).typed("1234").do(Enter{}).checkedAs(PINRight, 0)
	p.committed(ada, "p1", timeclock.In).on(Answer).do(SayNotMe{})
	none[Edit](p)
}

func TestNotMeOnARepeatedAnswerWithdrawsNothing(t *testing.T) {
	p := newPlay(t).do(face(ada))
	p.do(Recorded{Request: must[Record](p).Request, Employee: ada, Repeated: true,
		Punch: timeclock.Punch{ID: "p0", Kind: timeclock.In, Method: timeclock.ByFace}}).on(Answer)
	p.do(SayNotMe{}).on(NotMe)
	none[Edit](p)
}

func TestWithdrawalThatFailsIsSaid(t *testing.T) {
	p := newPlay(t).do(face(ada)).committed(ada, "p1", timeclock.In).do(SayNotMe{})
	p.do(EditFailed{Punch: "p1", Cause: timeclock.NotMe}).on(Failure)
	if p.state.Failure != NotWithdrawn {
		t.Errorf("shown: %s", p.state.Failure)
	}
}

func TestOtherDirectionIsShownOnlyAfterTheCommit(t *testing.T) {
	p := newPlay(t).do(face(ada)).committed(ada, "p1", timeclock.In).do(OtherDirection{})
	if e := must[Edit](p); e.Kind != timeclock.Out || e.Employee != ada.ID || e.Cause != timeclock.OtherDirection {
		t.Errorf("edit %+v", e)
	}
	if p.state.Answer.Kind != timeclock.In {
		t.Error("the new direction is shown before it is stored")
	}
	week := Week{Worked: time.Hour, Known: true}
	p.do(Edited{Punch: "p1", Cause: timeclock.OtherDirection, Week: week}).on(Answer)
	if !p.state.Answer.Changed || p.state.Answer.Kind != timeclock.Out || p.state.Answer.Week != week {
		t.Errorf("answer %+v", p.state.Answer)
	}
}

func TestNumberAndPIN(t *testing.T) {
	p := newPlay(t).typed("1").on(PINNumber)
	p.do(Backspace{}).typed("12").do(Enter{}).on(PINDigits)
	p.typed("123").do(Enter{})
	none[CheckPIN](p) // four digits at least
	p.typed("4").do(Enter{})
	first := p.now
	p.wait(100*time.Millisecond).typed("9").do(Backspace{}, Enter{})
	c := must[CheckPIN](p)
	if c.Number != "12" || c.PIN != "1234" || !c.FirstDigit.Equal(first) {
		t.Errorf("check %+v", c)
	}
	none[CheckPIN](p) // keys do nothing while it is checked
	p.do(Checked{CheckPIN: c, Result: PINRight, Employee: ada.ID})
	p.committed(ada, "p1", timeclock.In).on(Answer)
	if p.state.Number != "" || p.state.PIN != "" {
		t.Error("digits are kept")
	}
}

func TestWrongPINSaysTheSameAsNoSuchNumber(t *testing.T) {
	wrong := newPlay(t).typed("12").do(Enter{}).typed("9999").do(Enter{}).checkedAs(PINWrong, 1).on(Failure)
	absent := newPlay(t).typed("99").do(Enter{}).typed("9999").do(Enter{}).checkedAs(PINWrong, 1).on(Failure)
	if wrong.state.Failure != absent.state.Failure {
		t.Errorf("%s and %s tell whether the number exists", wrong.state.Failure, absent.state.Failure)
	}
}

func TestThreeWrongPINsMakeEverybodyWait(t *testing.T) {
	p := newPlay(t)
	for i, wait := range []time.Duration{0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
		p.do(OpenPad{}).typed("12").do(Enter{}).typed("9999").do(Enter{}).checkedAs(PINWrong, i+1)
		if wait == 0 {
			p.on(Failure).wait(FailureTime).on(Live)
			none[TellSupervisor](p)
			continue
		}
		if e := must[TellSupervisor](p); e.Kind != timeclock.PINWait || e.Number != "12" {
			t.Errorf("told: %+v", e)
		}
		p.on(Waiting).wait(wait - time.Second).on(Waiting)
		// The wait is for PINs only.
		p.do(Cancel{}).on(Live).do(OpenPad{}).on(Waiting).typed("1").on(Waiting)
		p.do(face(ada)).committed(ada, "p", timeclock.In).on(Answer).do(Touch{})
		p.wait(time.Second).do(OpenPad{}).on(PINNumber).do(Cancel{})
	}
}

func TestWaitSurvivesARestart(t *testing.T) {
	p := newPlay(t)
	p.do(Remembered{WrongInRow: 4, LastWrong: p.now.Add(-20 * time.Second)}).do(OpenPad{}).on(Waiting)
	p.wait(40 * time.Second).on(Live)
}

func TestClosedNumberIsSaidAndReported(t *testing.T) {
	p := newPlay(t).typed("12").do(Enter{}).typed("9999").do(Enter{})
	c := must[CheckPIN](p)
	p.do(Checked{CheckPIN: c, Result: PINWrong, WrongInRow: 1, JustClosed: true}).on(Failure)
	if e := must[TellSupervisor](p); e.Kind != timeclock.PINClosed {
		t.Errorf("told: %+v", e)
	}
	p.wait(FailureTime).typed("12").do(Enter{}).typed("1234").do(Enter{}).checkedAs(PINShut, 1).on(Failure)
	if p.state.Failure != PINIsClosed {
		t.Errorf("shown: %s", p.state.Failure)
	}
}

func TestPINsFromADeviceDoNotWaitForEachOther(t *testing.T) {
	p := newPlay(t).do(TypePIN{Number: "12", PIN: "1234"}, TypePIN{Number: "13", PIN: "4321"})
	second, first := must[CheckPIN](p), must[CheckPIN](p)
	p.do(Checked{CheckPIN: first, Result: PINRight, Employee: ada.ID}, Checked{CheckPIN: second, Result: PINRight, Employee: grace.ID})
	must[Record](p)
	must[Record](p)
}

func TestGivenUpPINMakesNoPunch(t *testing.T) {
	p := newPlay(t).typed("12").do(Enter{}).typed("1234").do(Enter{}, Cancel{}).on(Live).checkedAs(PINRight, 0)
	none[Record](p)
}

func TestFaceIsNotMatchedWhileSomebodyTypes(t *testing.T) {
	p := newPlay(t).typed("1").do(face(grace))
	none[Record](p)
	p.do(Cancel{})
	must[LookAgain](p) // she gets her turn now

	p = newPlay(t).typed("12").do(face(ada), Enter{}).typed("1234").do(Enter{}).checkedAs(PINRight, 0)
	p.committed(ada, "p1", timeclock.In).wait(AnswerTime).on(Live)
	none[LookAgain](p) // it was the person who typed
}

func TestEveryTimeout(t *testing.T) {
	for _, c := range []struct {
		name   string
		inputs []Input
		stays  time.Duration
		on     Screen
		then   Screen
	}{
		{"live without anybody goes idle", []Input{Touch{}}, IdleTime, Live, Idle},
		{"the pad without a key goes live", []Input{OpenPad{}}, PINTime, PINNumber, Live},
		{"a key keeps the pad", []Input{OpenPad{}, Digit{'1'}}, PINTime, PINNumber, Live},
		{"the PIN without a key goes live", []Input{Digit{'1'}, Enter{}, Digit{'1'}}, PINTime, PINDigits, Live},
		{"the choice of language goes live", []Input{OpenLanguages{}}, LanguageTime, Languages, Live},
		{"a failure goes live", []Input{stranger()}, FailureTime, Failure, Live},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlay(t).do(c.inputs...).on(c.on).wait(c.stays - tickEvery).on(c.on).wait(tickEvery).on(c.then)
			if p.state.Number != "" || p.state.PIN != "" {
				t.Error("digits are kept")
			}
		})
	}
}

func TestFaceKeepsTheLiveScreen(t *testing.T) {
	p := newPlay(t).do(Touch{}).wait(IdleTime - time.Second).do(Seen{Sighting: Sighting{Sight: Standing}})
	p.wait(IdleTime - time.Second).on(Live).wait(time.Second).on(Idle)
}

func TestLanguageRevertsAfterTheLastTouch(t *testing.T) {
	p := newPlay(t).do(ChooseLanguage{Tag: "de"}).on(Live).wait(LanguageTime - time.Second)
	p.do(Touch{}).wait(LanguageTime - time.Second)
	if p.state.Language != "de" {
		t.Errorf("language %q after a touch, want de", p.state.Language)
	}
	p.wait(time.Second)
	if p.state.Language != "" {
		t.Errorf("language %q, want the kiosk's own", p.state.Language)
	}
}

func TestCameraLostIsReportedOnce(t *testing.T) {
	p := newPlay(t)
	for range 3 { // each attempt to open it again fails
		p.do(CameraIs{State: CameraLost, Why: "unplugged"})
	}
	if n := must[Tell](p).Notice; n.Code != "camera_lost" || n.Message != "unplugged" {
		t.Errorf("told: %+v", n)
	}
	none[Tell](p)
	if e := must[TellSupervisor](p); e.Kind != timeclock.CameraLost {
		t.Errorf("reported: %+v", e)
	}
	none[TellSupervisor](p)
	p.typed("12").on(PINNumber) // number and PIN go on
}

func TestCameraThatNeverWasIsNoIncident(t *testing.T) {
	p := &play{t: t, now: time.Unix(1, 0)}
	p.do(CameraIs{State: CameraLost, Why: "camera:0 is not there"})
	if n := must[Tell](p).Notice; n.Code != "no_camera" {
		t.Errorf("told: %+v", n)
	}
	none[TellSupervisor](p)
}
