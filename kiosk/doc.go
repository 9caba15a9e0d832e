// Package kiosk is the clock at the wall: somebody comes, is recognised or types
// number and PIN, and reads that the punch is recorded.
//
// What happens is decided by [Step], a pure function from a [State], an [Input]
// and the time to the next state and the [Effect]s to carry out. A [Clerk]
// carries out those that touch records: it decides in or out, keeps the limits
// on wrong PINs and stores the punch. The [Runner] owns every goroutine: it reads
// the camera, feeds recogniser and preview, passes inputs to Step and effects to
// the clerk, and tells the outside by [View] (what the screen shows, as ready
// sentences) and [Notice] (one JSON object a line, docs/kiosk-events.md).
//
// An answer that says "clocked in" is shown only after the clerk has returned,
// and the clerk returns only after the commit. The package knows nothing of
// databases, cameras or Fyne: what it needs of them are the interfaces [Records],
// [People], [Camera] and [Recogniser]. The screens are in kiosk/screens.
package kiosk

import "time"

// How long screens stay and faces wait. They are the numbers of the house rules
// for the wall and hold without a touch.
const (
	AnswerTime   = 5 * time.Second  // a success stands
	FailureTime  = 6 * time.Second  // a failure stands
	PINTime      = 15 * time.Second // the pad waits for the next key, then forgets the digits
	IdleTime     = 45 * time.Second // the live screen waits for anybody
	LanguageTime = 20 * time.Second // a chosen language stays after the last touch
	NotMeTime    = 10 * time.Second // after "Not me" no face is matched
)

// Failures within failureSpan after which the PIN pad is offered by itself.
const (
	failuresToPad = 2
	failureSpan   = 20 * time.Second
)

// Lengths of what is typed.
const (
	MaxNumber = 12 // digits of a person's number
	MinPIN    = 4  // digits of a PIN
	MaxPIN    = 8
)
