package desktop

import (
	"context"
	"errors"

	"clockface/timeclock"
)

// What a caller of the desk can tell apart. [Desk.Sentence] puts them in words.
var (
	// ErrSignInNeeded: nobody is signed in and nothing here opens the door by itself.
	ErrSignInNeeded = errors.New("sign-in needed")
	// ErrWrongSecret: login and password do not belong together.
	ErrWrongSecret = errors.New("wrong login or password")
	// ErrTriesClosed: too many wrong passwords, wait.
	ErrTriesClosed = errors.New("too many wrong tries")
	// ErrCloudAway: a first sign-in on this PC needs the cloud, and it does not answer.
	ErrCloudAway = errors.New("cloud does not answer")
	// ErrGrantEnded: the sign-in is too old; changes need a new one.
	ErrGrantEnded = errors.New("sign-in has ended")
	// ErrDiskFull: the replica cannot be written for want of space.
	ErrDiskFull = errors.New("disk full")
	// ErrNotAllowed: the role of the person may not do it.
	ErrNotAllowed = errors.New("not allowed")
	// ErrChangedMeanwhile: somebody else changed the punch after the action that was to be undone.
	ErrChangedMeanwhile = errors.New("changed meanwhile")
	// ErrNothingToUndo: this session has no action left that could be undone.
	ErrNothingToUndo = errors.New("nothing to undo")
	// ErrNothingToDo: none of the chosen rows can take the action.
	ErrNothingToDo = errors.New("nothing to do")
	// ErrReasonMissing: the action needs a reason.
	ErrReasonMissing = errors.New("reason missing")
	// ErrBadTime: the typed text is not a time of day.
	ErrBadTime = errors.New("not a time of day")
)

// A Span selects entries: those whose effective time lies in [From, To), and of
// them only those that nobody has decided when Undecided is set.
type Span struct {
	From, To  timeclock.Micros
	Undecided bool
}

// SyncState is how this PC stands with the cloud.
type SyncState struct {
	Online      bool             // the last contact went well
	Waiting     int              // changes kept here and not yet acknowledged
	Refused     int              // changes that the cloud would not take
	Conflicts   int              // changes that met another's
	LastContact timeclock.Micros // 0 = never
	LastError   string           // why the last contact went wrong; a technical text
}

// Refused is a change of this PC that the cloud did not take.
type Refused struct {
	ID     string
	Kind   string // of the op, e.g. punch_decision.add
	Reason string // the protocol's word, e.g. forbidden
	At     timeclock.Micros
}

// Names tells who stands behind the ids in records.
type Names struct {
	Members map[timeclock.MembershipID]string
	Devices map[timeclock.DeviceID]string
}

// Replica is what the desk reads of this PC's copy of the company's data.
type Replica interface {
	Employees(ctx context.Context) ([]timeclock.Employee, error)
	Sites(ctx context.Context) ([]timeclock.Site, error)
	// SiteOfDevice is the site this PC stands in; its zone is used where a punch names no site.
	SiteOfDevice(ctx context.Context) (timeclock.Site, error)
	// Entries returns the folded punches of the span by effective time.
	Entries(ctx context.Context, s Span) ([]timeclock.Entry, error)
	Entry(ctx context.Context, id timeclock.PunchID) (timeclock.Entry, error)
	Incidents(ctx context.Context, since timeclock.Micros) ([]timeclock.Incident, error)
	Names(ctx context.Context) (Names, error)
	SyncState(ctx context.Context) (SyncState, error)
	Refused(ctx context.Context) ([]Refused, error)
}

// A Change is an edit to be made. Punch is empty for an added punch: the actor
// then makes its id.
type Change struct {
	Punch  timeclock.PunchID
	What   timeclock.EditKind
	Values timeclock.EditValues
	Cause  timeclock.Cause
	Reason string
}

// An Actor is a person who is signed in. What it writes is on disk when the
// method returns, and reaches the cloud later.
type Actor interface {
	Name() string
	Role() timeclock.Role
	Decide(ctx context.Context, punches []timeclock.PunchID, v timeclock.Verdict, reason string) ([]timeclock.Decision, error)
	Edit(ctx context.Context, c Change) (timeclock.Edit, error)
	// ReopenPIN opens a person's PIN that wrong tries have closed.
	ReopenPIN(ctx context.Context, e timeclock.EmployeeID) error
}

// Door lets people in.
type Door interface {
	// Resume opens the door without a question where this PC's owner token or a
	// session kept open allows it, else it returns ErrSignInNeeded.
	Resume(ctx context.Context) (Actor, error)
	// SignIn works offline as well for a person who has signed in here before.
	SignIn(ctx context.Context, login, password string) (Actor, error)
	SignOut(ctx context.Context) error
}

// Memory keeps what the window remembers between two starts.
type Memory interface {
	Load() (Remembered, error)
	Save(Remembered) error
}

// Remembered is the state of the window that outlives it.
type Remembered struct {
	Language      string   `json:"language,omitempty"` // BCP 47; empty = the system's
	Look          string   `json:"look,omitempty"`     // a look of assets/look; empty = the system's
	Hours12       bool     `json:"hours_12,omitempty"`
	Sort          Column   `json:"sort,omitempty"`
	Descending    bool     `json:"descending,omitempty"`
	Show          Show     `json:"show,omitempty"`
	SeenIncidents []string `json:"seen_incidents,omitempty"` // ids that somebody here has taken note of
}

// Texts are the words of one language; assets.Texts are.
type Texts interface {
	T(key string, args ...any) string
	N(key string, n int, args ...any) string
	Language() string
}
