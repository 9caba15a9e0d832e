package timeclock

// An Employee is a person who punches.
type Employee struct {
	ID         EmployeeID
	Number     string // typed before the PIN; unique in the company
	Name       string // full name
	ShortName  string // what a kiosk may show: first name and initial
	Department DepartmentID
	Site       SiteID
	Language   string // BCP 47, empty = the kiosk's
	Active     bool
}

// Display returns the name a kiosk may show: the short name, or the first word
// of the name and the initial of the last.
func (e Employee) Display() string {
	if e.ShortName != "" {
		return e.ShortName
	}
	return ShortName(e.Name)
}

// ShortName returns the first word of a name and the initial of its last:
// "Grace Brewster Hopper" → "Grace H.".
func ShortName(name string) string {
	first, last := "", ""
	word := []rune{}
	flush := func() {
		if len(word) == 0 {
			return
		}
		if first == "" {
			first = string(word)
		} else {
			last = string(word[:1]) + "."
		}
		word = word[:0]
	}
	for _, r := range name {
		if r == ' ' {
			flush()
			continue
		}
		word = append(word, r)
	}
	flush()
	if last == "" {
		return first
	}
	return first + " " + last
}

// A Site is a place with its own time zone.
type Site struct {
	ID           SiteID
	Name         string
	Zone         string // IANA, e.g. Europe/Berlin
	RepeatWindow Micros // the same person at the same kiosk within it makes no new punch
}

// DefaultRepeatWindow is a site's repeat window unless it says otherwise.
const DefaultRepeatWindow Micros = 120_000_000

// Profile is the kind of a device and decides what it may send and hold.
type Profile string

// The profiles.
const (
	Kiosk    Profile = "kiosk"
	Desktop  Profile = "desktop"
	Mobile   Profile = "mobile"
	Terminal Profile = "terminal"
	Cloud    Profile = "cloud"
)

// CredentialKind is what a credential is.
type CredentialKind string

// The credential kinds.
const (
	FaceTemplate   CredentialKind = "face"
	FingerTemplate CredentialKind = "finger"
	Badge          CredentialKind = "badge"
	PIN            CredentialKind = "pin"
)

// Biometric reports whether a credential of this kind needs a consent record.
func (k CredentialKind) Biometric() bool { return k == FaceTemplate || k == FingerTemplate }

// IncidentKind is what an incident tells a supervisor.
type IncidentKind string

// The incident kinds.
const (
	PINWait     IncidentKind = "pin_wait"     // three wrong PINs in a row at a kiosk: it made everybody wait
	PINClosed   IncidentKind = "pin_closed"   // five wrong PINs in an hour on one number: that PIN is closed for the hour
	PINReopened IncidentKind = "pin_reopened" // a supervisor opened it again
	CameraLost  IncidentKind = "camera_lost"  // the kiosk's camera went away while it ran
)

// Valid reports whether k is one of the incident kinds.
func (k IncidentKind) Valid() bool {
	return k == PINWait || k == PINClosed || k == PINReopened || k == CameraLost
}

// An Incident is something at a device that a supervisor should look at and
// that is not a punch.
type Incident struct {
	ID       string
	Device   DeviceID
	Employee EmployeeID // empty where no person is known
	Kind     IncidentKind
	Detail   string
	At       Micros
	Seq      int64
}

// An Identification is the answer of a camera or reader: who it is, how that
// was found, and how sure it is.
type Identification struct {
	Employee   EmployeeID
	Method     Method
	Confidence float64 // 0…1 for biometric methods, 1 otherwise
	Flags      Flags   // e.g. PlayedCamera; go onto the punch
}
