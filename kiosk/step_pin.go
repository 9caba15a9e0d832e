package kiosk

import (
	"clockface/timeclock"
)

// openPad shows the pad for the number, or the countdown while nobody may type.
func (f *flow) openPad() {
	if f.now.Before(f.WaitUntil) {
		f.show(Waiting, f.WaitUntil.Sub(f.now))
		return
	}
	f.show(PINNumber, PINTime)
	f.forgetDigits()
}

// digit takes a key. On other screens than the pad it opens the pad, so that a
// keyboard works at any time.
func (f *flow) digit(r rune) {
	if r < '0' || r > '9' || f.Checking != 0 {
		return
	}
	if f.Screen != PINNumber && f.Screen != PINDigits {
		f.openPad()
	}
	switch f.Screen {
	case PINNumber:
		if f.Number == "" {
			f.FirstDigit = f.now
		}
		if len(f.Number) < MaxNumber {
			f.Number += string(r)
		}
	case PINDigits:
		if len(f.PIN) < MaxPIN {
			f.PIN += string(r)
		}
	default:
		return
	}
	f.Until = f.now.Add(PINTime)
}

func (f *flow) backspace() {
	if f.Checking != 0 {
		return
	}
	switch f.Screen {
	case PINNumber:
		f.Number = withoutLast(f.Number)
	case PINDigits:
		if f.PIN == "" {
			f.show(PINNumber, PINTime)
		}
		f.PIN = withoutLast(f.PIN)
	default:
		return
	}
	f.Until = f.now.Add(PINTime)
}

// withoutLast drops the last digit; digits are one byte each.
func withoutLast(s string) string {
	if s == "" {
		return s
	}
	return s[:len(s)-1]
}

func (f *flow) enter() {
	switch {
	case f.Screen == PINNumber && f.Number != "":
		f.show(PINDigits, PINTime)
	case f.Screen == PINDigits && len(f.PIN) >= MinPIN && f.Checking == 0:
		f.check()
	}
}

// typePIN takes number and PIN at once. Several may be on their way: a queue of
// people at a device with its own keys does not wait for the screen.
func (f *flow) typePIN(in TypePIN) {
	if f.now.Before(f.WaitUntil) {
		f.tell(Notice{Event: NoticeError, Code: "pin_wait", Message: "too many wrong PINs: no PIN is taken for now"})
		f.openPad()
		return
	}
	f.do(CheckPIN{Request: f.request(), Number: in.Number, PIN: in.PIN, FirstDigit: f.now, Direct: true})
}

func (f *flow) check() {
	f.Checking = f.request()
	f.Until = f.now.Add(PINTime)
	f.do(CheckPIN{Request: f.Checking, Number: f.Number, PIN: f.PIN, FirstDigit: f.FirstDigit})
}

// checked goes on from what the clerk found out about number and PIN.
func (f *flow) checked(in Checked) {
	awaited := f.Checking == in.Request || in.Direct
	f.WrongInRow = in.WrongInRow
	switch in.Result {
	case PINRight:
		if !awaited {
			return // given up or timed out meanwhile: whoever left gets no punch
		}
		who := timeclock.Identification{Employee: in.Employee, Method: timeclock.ByPIN, Confidence: 1, Flags: in.Flags}
		f.do(Record{Request: in.Request, Who: who, FirstSeen: in.FirstDigit})
	case PINWrong:
		f.wrongPIN(in, awaited)
	case PINShut:
		f.tell(Notice{Event: NoticeError, Code: string(PINIsClosed), Message: "too many wrong PINs for this number"})
		f.failPIN(awaited, PINIsClosed)
	case PINNotChecked:
		f.Disk = DiskFails
		f.tell(Notice{Event: NoticeError, Code: string(NotRecorded), Message: "the PIN could not be checked"})
		f.failPIN(awaited, NotRecorded)
	}
}

// wrongPIN counts and, after too many, makes everybody wait.
func (f *flow) wrongPIN(in Checked, awaited bool) {
	f.tell(Notice{Event: NoticeError, Code: string(WrongPIN), Message: "number and PIN do not fit together"})
	if in.JustClosed {
		f.do(TellSupervisor{Kind: timeclock.PINClosed, Number: in.Number})
	}
	wait := waitAfter(in.WrongInRow)
	if wait == 0 {
		f.failPIN(awaited, WrongPIN)
		return
	}
	f.WaitUntil = f.now.Add(wait)
	f.do(TellSupervisor{Kind: timeclock.PINWait, Number: in.Number})
	f.sound(false)
	if awaited {
		f.show(Waiting, wait)
	}
}

// failPIN shows the failure to the person who typed, if they are still there.
func (f *flow) failPIN(awaited bool, p Problem) {
	if awaited {
		f.fail(p)
	}
}
