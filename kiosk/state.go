package kiosk

import (
	"time"

	"clockface/timeclock"
)

// Screen is what the kiosk shows.
type Screen string

// The screens.
const (
	Idle      Screen = "idle"      // nobody there: a large dim clock
	Live      Screen = "live"      // the preview
	PINNumber Screen = "number"    // the pad, for the person's number
	PINDigits Screen = "pin"       // the pad, for the PIN
	Answer    Screen = "answer"    // it is recorded, or was already
	Failure   Screen = "failure"   // it is not; what to do
	NotMe     Screen = "not_me"    // a punch was withdrawn; what to do
	Waiting   Screen = "waiting"   // too many wrong PINs: a countdown
	Languages Screen = "languages" // choice of language
)

// State is everything the flow remembers. The zero State is idle, with the
// kiosk's own language, records that work and a camera that is still to come.
// Copies are independent: slices are never changed in place.
type State struct {
	Screen Screen
	Since  time.Time // when the screen came
	Until  time.Time // when it goes by itself

	Language      string    // chosen on the screen; empty: the kiosk's own
	LanguageUntil time.Time // when the choice is dropped

	Number     string    // digits of the number typed so far
	PIN        string    // digits of the PIN typed so far
	FirstDigit time.Time // when the first digit was typed
	Checking   int       // the request whose PIN is being checked; 0: none
	Offered    bool      // the pad came by itself, after failures

	Answer  Answered // with the screen Answer and NotMe
	Failure Problem  // with the screen Failure

	Recognising bool   // somebody is in front of the camera and not yet decided
	Hint        string // what keeps the face from being recognised; empty: nothing

	WrongInRow int       // wrong PINs at this kiosk since the last right one
	WaitUntil  time.Time // before it no PIN is taken
	NoFaceTill time.Time // before it no face is matched

	Camera CameraState
	Disk   DiskState
	Sync   SyncState

	failures []time.Time          // recent ones, oldest first
	refused  bool                 // the stranger in view has been told of
	missed   timeclock.EmployeeID // recognised while faces did not count
	requests int                  // counts the requests to the clerk
}

// Answered is a punch as the answer names it. It exists only after the commit.
type Answered struct {
	Request  int
	Punch    timeclock.PunchID
	Employee timeclock.Employee
	Kind     timeclock.PunchKind
	Method   timeclock.Method
	At       timeclock.Micros
	Repeated bool // it was there before: nothing new is recorded
	Changed  bool // the person changed in to out or the reverse
	Busy     bool // a change of it is on its way to the disk
	Week     Week // with this punch in it
}

// Week is what a person has worked since Monday where the site is.
type Week struct {
	Worked time.Duration
	Known  bool
}

// Problem is why something did not work; the presenter has a sentence for each.
type Problem string

// The problems.
const (
	NotRecognised Problem = "not_recognised"
	WrongPIN      Problem = "wrong_pin" // or no such number: the same to whoever reads it
	PINIsClosed   Problem = "pin_closed"
	NotRecorded   Problem = "not_recorded" // nothing was stored
	DiskIsFull    Problem = "disk_full"    // nothing was stored, for want of room
	NotWithdrawn  Problem = "not_withdrawn"
	NotChanged    Problem = "not_changed"
)

// CameraState is what the camera sign shows.
type CameraState string

// The camera's states.
const (
	CameraStarting CameraState = ""
	CameraWorks    CameraState = "works"
	CameraPlayed   CameraState = "played" // pictures come from files
	CameraLost     CameraState = "lost"
	CameraNone     CameraState = "none"     // the kiosk runs without one
	NoRecognition  CameraState = "no_model" // it shows, but nothing can recognise a face
)

// DiskState is what the sign of this machine's records shows.
type DiskState string

// The states of the records.
const (
	DiskWorks DiskState = ""
	DiskFails DiskState = "fails" // the last punch could not be stored
)

// SyncState is what the sign of the cloud shows.
type SyncState struct {
	Online  bool
	Waiting int // punches and changes kept here that the cloud has not acknowledged
}

// Sight is what a recogniser says about a frame.
type Sight int

// The sights. Known and Stranger are answers and come once per appearance of a
// face; Standing follows while it stays.
const (
	Nobody Sight = iota
	Looking
	Known
	Stranger
	Standing
)

// Sighting is what a recogniser sees.
type Sighting struct {
	Sight     Sight
	Who       timeclock.Identification // with Known
	Reason    string                   // with Stranger why; with Looking what is in the way
	FirstSeen time.Time                // when the first frame was taken that may have held that face
}
