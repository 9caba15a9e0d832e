package kiosk

import (
	"time"

	"clockface/timeclock"
)

// Input is something that happens to the kiosk; see the types below.
type Input interface{ input() }

// What people do.
type (
	// Touch is a touch beside every button.
	Touch struct{}
	// OpenPad asks for number and PIN.
	OpenPad struct{}
	// Digit is one key of the pad or keyboard, '0' to '9'.
	Digit struct{ Rune rune }
	// Backspace takes the last digit back.
	Backspace struct{}
	// Enter ends the number or the PIN.
	Enter struct{}
	// Cancel goes back to the live screen.
	Cancel struct{}
	// SayNotMe withdraws the punch of the answer.
	SayNotMe struct{}
	// OtherDirection makes an out of the in just made, or the reverse.
	OtherDirection struct{}
	// OpenLanguages asks for the choice of language.
	OpenLanguages struct{}
	// ChooseLanguage takes one.
	ChooseLanguage struct{ Tag string }
	// TypePIN is number and PIN at once, from a device that has its own keys.
	TypePIN struct{ Number, PIN string }
)

// What the surroundings tell.
type (
	// Tick lets time pass; it comes at least four times a second.
	Tick struct{}
	// Seen is a recogniser's sighting.
	Seen struct{ Sighting Sighting }
	// CameraIs tells a change of the camera. Why is a sentence, with CameraLost.
	CameraIs struct {
		State CameraState
		Why   string
	}
	// SyncIs tells a change of the connection or of what waits.
	SyncIs struct{ State SyncState }
	// Remembered restores the limit on wrong PINs after a start.
	Remembered struct {
		WrongInRow int
		LastWrong  time.Time
	}
)

// What the clerk answers to an effect with the same Request.
type (
	// Recorded: the punch is on disk, or (Repeated) was there before.
	Recorded struct {
		Request  int
		Employee timeclock.Employee
		Punch    timeclock.Punch
		Repeated bool
		Week     Week // of Employee, unless Repeated
	}
	// RecordFailed: nothing is on disk.
	RecordFailed struct {
		Request int
		Problem Problem
	}
	// Checked answers CheckPIN.
	Checked struct {
		CheckPIN
		Result     PINResult
		Employee   timeclock.EmployeeID // with PINRight
		Flags      timeclock.Flags      // for the punch
		WrongInRow int                  // at this kiosk, this one counted
		JustClosed bool                 // this one closed the number
	}
	// Edited: the change of the answer's punch is on disk.
	Edited struct {
		Punch timeclock.PunchID
		Cause timeclock.Cause
		Week  Week // of Employee, with OtherDirection
	}
	// EditFailed: it is not.
	EditFailed struct {
		Punch timeclock.PunchID
		Cause timeclock.Cause
	}
)

// PINResult is what a check of number and PIN says.
type PINResult int

// The results.
const (
	PINWrong PINResult = iota
	PINRight
	PINShut       // too many wrong ones for this number
	PINNotChecked // the records could not be read
)

func (Touch) input()          {}
func (OpenPad) input()        {}
func (Digit) input()          {}
func (Backspace) input()      {}
func (Enter) input()          {}
func (Cancel) input()         {}
func (SayNotMe) input()       {}
func (OtherDirection) input() {}
func (OpenLanguages) input()  {}
func (ChooseLanguage) input() {}
func (TypePIN) input()        {}
func (Tick) input()           {}
func (Seen) input()           {}
func (CameraIs) input()       {}
func (SyncIs) input()         {}
func (Remembered) input()     {}
func (Recorded) input()       {}
func (RecordFailed) input()   {}
func (Checked) input()        {}
func (Edited) input()         {}
func (EditFailed) input()     {}

// Effect is something the flow wants done; see the types below.
type Effect interface{ effect() }

// For the clerk.
type (
	// Record stores a punch of that person, unless it repeats one.
	Record struct {
		Request   int
		Who       timeclock.Identification
		FirstSeen time.Time // first frame of the face, or first digit
	}
	// CheckPIN looks whether the PIN is that of the number.
	CheckPIN struct {
		Request     int
		Number, PIN string
		FirstDigit  time.Time
		Direct      bool // typed at another device: nobody can call it off on the screen
	}
	// Edit withdraws a punch of this kiosk or turns its direction.
	Edit struct {
		Punch    timeclock.PunchID
		Employee timeclock.EmployeeID // whose punch it is
		Cause    timeclock.Cause      // NotMe or OtherDirection
		Kind     timeclock.PunchKind  // with OtherDirection
	}
	// TellSupervisor reports trouble that is not a punch. Number is what was
	// typed; the clerk finds the person, if there is one.
	TellSupervisor struct {
		Kind   timeclock.IncidentKind
		Number string
	}
)

// For the others.
type (
	// Sound is one of the two tones.
	Sound struct{ Success bool }
	// LookAgain lets the recogniser see whoever stands there anew.
	LookAgain struct{}
	// Tell goes to the outside.
	Tell struct{ Notice Notice }
)

func (Record) effect()         {}
func (CheckPIN) effect()       {}
func (Edit) effect()           {}
func (TellSupervisor) effect() {}
func (Sound) effect()          {}
func (LookAgain) effect()      {}
func (Tell) effect()           {}
