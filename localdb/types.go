package localdb

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

// Options are what a program may replace; zero values stand for the real ones.
type Options struct {
	Now   func() time.Time // wall clock
	Clock func() op.Clock  // wall clock, time since boot, id of this boot
	Log   *slog.Logger
}

// What callers branch on.
var (
	ErrNotEnrolled  = errors.New("this device is not enrolled")
	ErrNoGrant      = errors.New("nobody is signed in")
	ErrGrantExpired = errors.New("the sign-in has expired")
	ErrWrongSecret  = errors.New("wrong password or token")
	ErrForbidden    = errors.New("not allowed for this role")
	ErrNotFound     = errors.New("not found")
	ErrDiskFull     = errors.New("the disk is full")
	ErrNoConsent    = errors.New("no consent is recorded: record the person's consent first, then enrol")
	ErrNoCompanyKey = errors.New("the company has no key to seal with yet: start its first kiosk once while the cloud can be reached")
	ErrInvalid      = errors.New("not acceptable")
)

// InUseError tells that another program holds the data folder.
type InUseError struct {
	Dir     string
	Program string
	PID     int
}

// Error says who holds the folder.
func (e *InUseError) Error() string {
	return fmt.Sprintf("data folder %s is in use by %s (process %d)", e.Dir, e.Program, e.PID)
}

// CorruptError tells that the replica's file cannot be read as a database.
type CorruptError struct {
	File string
	Err  error
}

// Error names the file and the remedy.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("replica %s is damaged: move the file away and put a backup in its place, or enrol the device again (what the cloud holds comes back; punches that were not sent are in the damaged file: keep it): %v", e.File, e.Err)
}

// Unwrap returns the engine's error.
func (e *CorruptError) Unwrap() error { return e.Err }

// WaitError tells that after wrong tries the next sign-in must wait.
type WaitError struct{ Wait time.Duration }

// Error says how long.
func (e *WaitError) Error() string {
	return fmt.Sprintf("too many wrong tries: try again in %s", e.Wait.Round(time.Second))
}

// Identity is who this device is in its company.
type Identity struct {
	Company  timeclock.CompanyID
	Device   timeclock.DeviceID
	Site     timeclock.SiteID
	Profile  timeclock.Profile
	Name     string // what people call the device
	CloudURL string
	CloudKey []byte // Ed25519 public key that signs grants and checkpoints
}

// NewPunch is what a kiosk knows of a punch; the rest is filled in by RecordPunch.
type NewPunch struct {
	ID         timeclock.PunchID // optional
	Employee   timeclock.EmployeeID
	Kind       timeclock.PunchKind
	Method     timeclock.Method
	Confidence float64 // 0…1
	Flags      timeclock.Flags
	Source     timeclock.Source
	Place      string
}

// An Actor is an opened grant: the person in whose name an action is signed.
type Actor struct {
	Grant op.Grant
	Role  timeclock.Role
	Name  string

	key ed25519.PrivateKey
}

// NewEdit is a supervisor's edit. An Add needs all three values and may leave
// Punch empty; other kinds name an existing punch.
type NewEdit struct {
	Punch  timeclock.PunchID
	What   timeclock.EditKind
	Values timeclock.EditValues
	Cause  timeclock.Cause
	Reason string
}

// Query selects entries. Zero fields do not restrict. From and To bound the
// effective time: From ≤ at < To.
type Query struct {
	From, To  timeclock.Micros
	Employee  timeclock.EmployeeID
	Undecided bool // only those that still can be decided
	Limit     int  // keeps the newest so many
}

// Credential is a row of the table of that name.
type Credential struct {
	ID       timeclock.CredentialID
	Employee timeclock.EmployeeID
	Kind     timeclock.CredentialKind
	Pack     string // model pack of a face or finger template
	KeyID    string // company key that it is sealed to
	Label    string
	Sealed   []byte // empty on devices that hold no templates
}

// NewTemplate is what an enrolment found out about a person.
type NewTemplate struct {
	Employee timeclock.EmployeeID
	Kind     timeclock.CredentialKind
	Pack     string
	Label    string
	Vectors  [][]float32
}

// Waiting is the state of sync as the screens show it.
type Waiting struct {
	Queued, Sent        int
	Rejected, Conflicts int              // of the last 30 days
	OldestUS            timeclock.Micros // when the oldest unanswered op was made; 0 = none
	LastContactUS       timeclock.Micros // 0 = never
	Online              bool
	LastError           string
}

// Refused is an operation that the cloud did not take as it was meant.
type Refused struct {
	OpID   string
	N      int64
	Kind   op.Kind
	Row    string    // id of the row it was about
	State  op.Status // rejected, conflict or quarantined
	Reason string    // one of the op.Reason… codes
	MadeUS timeclock.Micros
}

// PINTry is one try of a PIN at this device.
type PINTry struct {
	At timeclock.Micros
	OK bool
}
