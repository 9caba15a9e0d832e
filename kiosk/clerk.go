package kiosk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"clockface/timeclock"
)

// What a Clerk's collaborators answer with, wrapped or plain.
var (
	// ErrDiskFull: there is no room; nothing was stored.
	ErrDiskFull = errors.New("the disk is full")
	// ErrNoSuchPerson: nobody has that id or number, or they are not active.
	ErrNoSuchPerson = errors.New("no such person")
)

// NewPunch is what the kiosk knows of a punch; the records add the rest.
type NewPunch struct {
	Employee   timeclock.EmployeeID
	Kind       timeclock.PunchKind
	Method     timeclock.Method
	Confidence float64 // 0…1
	Flags      timeclock.Flags
}

// Records keep what happens at this kiosk. Each writing method returns only
// after what it wrote is durable.
type Records interface {
	RecordPunch(ctx context.Context, p NewPunch) (timeclock.Punch, error)
	SelfEdit(ctx context.Context, punch timeclock.PunchID, cause timeclock.Cause, v timeclock.EditValues) error
	ReportIncident(ctx context.Context, i timeclock.Incident) error
	// LastEntries returns a person's n newest entries in the order in which they
	// happened, which a clock that was set does not change.
	LastEntries(ctx context.Context, e timeclock.EmployeeID, n int) ([]timeclock.Entry, error)
	// Incidents returns those since an instant, of all devices.
	Incidents(ctx context.Context, since timeclock.Micros) ([]timeclock.Incident, error)
	// WrongPINs counts the wrong PINs typed for a number here since an instant.
	WrongPINs(ctx context.Context, number string, since timeclock.Micros) (int, error)
	AddPINTry(ctx context.Context, number string, t Try) error
	// LastPINTries returns the n newest tries of all numbers here, oldest first.
	LastPINTries(ctx context.Context, n int) ([]Try, error)
}

// People knows who works here.
type People interface {
	// ByID returns an active person, or ErrNoSuchPerson.
	ByID(ctx context.Context, id timeclock.EmployeeID) (timeclock.Employee, error)
	// ByNumber returns the active person of that number, or ErrNoSuchPerson.
	ByNumber(ctx context.Context, number string) (timeclock.Employee, error)
	// PINHash returns the verifier of a person's PIN; empty where there is none.
	PINHash(ctx context.Context, id timeclock.EmployeeID) (string, error)
}

// PINs checks a PIN against a verifier; it takes the same time for a right and
// a wrong one.
type PINs interface {
	Verify(hash, pin string) (bool, error)
	// Decoy returns a verifier of nobody's PIN that takes as long to check.
	Decoy() string
}

// ClerkConfig is what a Clerk needs. All fields but Log must be set.
type ClerkConfig struct {
	Records Records
	People  People
	PINs    PINs
	Device  timeclock.DeviceID
	// RepeatWindow is asked within what time the same person makes no new punch.
	RepeatWindow func() time.Duration
	// Zone is asked where the site is, which decides when a week begins.
	Zone func() *time.Location
	Now  func() time.Time // with a monotonic reading in production
	Tell func(Notice)
	Log  *slog.Logger
}

// Clerk carries out those effects that read and write records. It serves one
// goroutine.
type Clerk struct {
	ClerkConfig
	// last is when somebody last punched here, by a clock that cannot be set
	// back; the records answer for the time before the start.
	last map[timeclock.EmployeeID]lastPunch
}

type lastPunch struct {
	at    time.Time
	punch timeclock.PunchID
}

// NewClerk returns a clerk. The caller still owns the collaborators.
func NewClerk(c ClerkConfig) *Clerk {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Clerk{ClerkConfig: c, last: map[timeclock.EmployeeID]lastPunch{}}
}

// lookBack is how many entries are read to decide in or out and to sum up the
// week: enough for a week with many breaks and withdrawn punches.
const lookBack = 128

// twinSpan is within which a punch on another device makes this one its twin.
const twinSpan = time.Minute

// Do carries out an effect and returns the input that answers it, nil if none does.
func (c *Clerk) Do(ctx context.Context, e Effect) Input {
	switch e := e.(type) {
	case Record:
		return c.record(ctx, e)
	case CheckPIN:
		return c.check(ctx, e)
	case Edit:
		return c.edit(ctx, e)
	case TellSupervisor:
		c.tellSupervisor(ctx, e)
	}
	return nil
}

// Remember returns the input that restores the limit on wrong PINs.
func (c *Clerk) Remember(ctx context.Context) (Input, error) {
	tries, err := c.Records.LastPINTries(ctx, 32)
	if err != nil {
		return nil, fmt.Errorf("read the last PIN tries: %w", err)
	}
	n, last := wrongInRow(tries)
	if now := c.Now(); last.After(now) {
		last = now // the clock was set back since: nobody waits longer for that
	}
	return Remembered{WrongInRow: n, LastWrong: last}, nil
}

// record stores the punch, or finds the one that it would repeat.
func (c *Clerk) record(ctx context.Context, r Record) Input {
	person, err := c.People.ByID(ctx, r.Who.Employee)
	if errors.Is(err, ErrNoSuchPerson) {
		c.Tell(Notice{Event: NoticeUnknown, Reason: "not_active"})
		return RecordFailed{Request: r.Request, Problem: NotRecognised}
	}
	if err != nil {
		return c.recordFailed(r, err)
	}
	c.Tell(Notice{Event: NoticeIdentified, Employee: person.ID, Name: person.Display(), Number: person.Number,
		Method: r.Who.Method, Confidence: r.Who.Confidence, Took: c.Now().Sub(r.FirstSeen)})
	now := c.Now()
	entries, err := c.Records.LastEntries(ctx, person.ID, lookBack)
	if err != nil {
		return c.recordFailed(r, err)
	}
	if first, ok := c.repeats(person.ID, entries, now); ok {
		c.Tell(Notice{Event: NoticeRepeated, Employee: person.ID, Punch: first.ID})
		shown := first.Now
		shown.ID, shown.Method = first.ID, r.Who.Method
		return Recorded{Request: r.Request, Employee: person, Punch: shown, Repeated: true}
	}
	punch, err := c.Records.RecordPunch(ctx, c.newPunch(r.Who, entries, now))
	if err != nil {
		return c.recordFailed(r, err)
	}
	c.last[person.ID] = lastPunch{at: now, punch: punch.ID}
	c.Tell(Notice{Event: NoticePunched, Punch: punch.ID, Employee: person.ID, Kind: punch.Kind, Method: punch.Method,
		At: punch.At, Took: c.Now().Sub(r.FirstSeen)})
	entries = append(entries, timeclock.Fold(punch, nil, nil))
	return Recorded{Request: r.Request, Employee: person, Punch: punch, Week: c.week(entries)}
}

// week sums up the week of the newest entry, up to it. Where the entries do not
// reach back to the beginning of the week it is not known.
func (c *Clerk) week(entries []timeclock.Entry) Week {
	if len(entries) == 0 {
		return Week{}
	}
	now := entries[len(entries)-1].Now.At
	from, to := timeclock.WeekOf(now, c.Zone())
	if len(entries) >= lookBack && entries[0].Now.At > from {
		return Week{}
	}
	return Week{Worked: timeclock.Worked(entries, from, to, now), Known: true}
}

func (c *Clerk) recordFailed(r Record, err error) Input {
	c.Log.Error("nothing was recorded", "employee", r.Who.Employee, "error", err)
	if errors.Is(err, ErrDiskFull) {
		return RecordFailed{Request: r.Request, Problem: DiskIsFull}
	}
	return RecordFailed{Request: r.Request, Problem: NotRecorded}
}

// repeats returns the newest punch that counts if the person made it at this
// kiosk within the repeat window.
func (c *Clerk) repeats(who timeclock.EmployeeID, entries []timeclock.Entry, now time.Time) (timeclock.Entry, bool) {
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if e.Device != c.Device || e.Status == timeclock.Voided {
			continue
		}
		if last, ok := c.last[who]; ok && last.punch == e.ID {
			return e, now.Sub(last.at) < c.RepeatWindow()
		}
		age := now.Sub(e.Wall.Time())
		return e, age >= 0 && age < c.RepeatWindow()
	}
	return timeclock.Entry{}, false
}

// newPunch decides in or out and what a supervisor should know.
func (c *Clerk) newPunch(who timeclock.Identification, entries []timeclock.Entry, now time.Time) NewPunch {
	kind, missingOut := timeclock.Next(entries, timeclock.MicrosOf(now), timeclock.MaxSession)
	flags := who.Flags
	if missingOut {
		flags = flags.With(timeclock.LastMissingOut)
	}
	for _, e := range entries {
		if age := now.Sub(e.At.Time()).Abs(); e.Device != c.Device && e.Status != timeclock.Voided && age < twinSpan {
			flags = flags.With(timeclock.TwinOf)
		}
	}
	return NewPunch{Employee: who.Employee, Kind: kind, Method: who.Method, Confidence: who.Confidence, Flags: flags}
}

// check compares the PIN. It does the same work whether the number exists or
// not and whether it is closed or not, so that the time tells nothing.
func (c *Clerk) check(ctx context.Context, e CheckPIN) Input {
	answer := Checked{CheckPIN: e, Result: PINNotChecked}
	person, hash, err := c.verifier(ctx, e.Number)
	if err != nil {
		c.Log.Error("PIN not checked", "error", err)
		return answer
	}
	right, err := c.PINs.Verify(hash, e.PIN)
	if err != nil {
		c.Log.Error("PIN not checked", "employee", person.ID, "error", err)
		return answer
	}
	right = right && person.ID != ""
	wrong, shut, err := c.triesOf(ctx, e.Number, person.ID)
	if err != nil {
		c.Log.Error("PIN tries not read", "error", err)
		return answer
	}
	if shut {
		answer.Result, answer.WrongInRow = PINShut, c.inRow(ctx)
		return answer
	}
	if err := c.Records.AddPINTry(ctx, e.Number, Try{At: c.Now(), OK: right}); err != nil {
		c.Log.Error("PIN try not stored", "error", err)
		return answer
	}
	answer.WrongInRow = c.inRow(ctx)
	if !right {
		answer.Result, answer.JustClosed = PINWrong, wrong+1 >= wrongToClose
		return answer
	}
	answer.Result, answer.Employee = PINRight, person.ID
	if wrong >= troubleFrom {
		answer.Flags = answer.Flags.With(timeclock.PINTrouble)
	}
	return answer
}

// verifier returns whose number it is and what their PIN is compared with: a
// decoy where there is nobody or no PIN.
func (c *Clerk) verifier(ctx context.Context, number string) (timeclock.Employee, string, error) {
	person, err := c.People.ByNumber(ctx, number)
	if errors.Is(err, ErrNoSuchPerson) {
		return timeclock.Employee{}, c.PINs.Decoy(), nil
	}
	if err != nil {
		return timeclock.Employee{}, "", fmt.Errorf("look up a number: %w", err)
	}
	hash, err := c.People.PINHash(ctx, person.ID)
	if err != nil {
		return timeclock.Employee{}, "", fmt.Errorf("read PIN of employee %s: %w", person.ID, err)
	}
	if hash == "" {
		return timeclock.Employee{}, c.PINs.Decoy(), nil
	}
	return person, hash, nil
}

// triesOf returns how many wrong PINs the number had here within the hour, and
// whether it is closed.
func (c *Clerk) triesOf(ctx context.Context, number string, who timeclock.EmployeeID) (wrong int, shut bool, err error) {
	since := timeclock.MicrosOf(c.Now().Add(-closedFor))
	var own []timeclock.Incident
	if who != "" {
		all, err := c.Records.Incidents(ctx, since)
		if err != nil {
			return 0, false, fmt.Errorf("read incidents: %w", err)
		}
		for _, i := range all {
			if i.Employee == who {
				own = append(own, i)
			}
		}
	}
	opened, shut := lastOpened(own)
	wrong, err = c.Records.WrongPINs(ctx, number, max(since, opened))
	if err != nil {
		return 0, false, fmt.Errorf("read wrong PINs: %w", err)
	}
	return wrong, shut || wrong >= wrongToClose, nil
}

// inRow returns the wrong tries in a row at this kiosk. Where they cannot be
// read the limit on the number still holds.
func (c *Clerk) inRow(ctx context.Context) int {
	tries, err := c.Records.LastPINTries(ctx, 32)
	if err != nil {
		c.Log.Error("PIN tries not read", "error", err)
		return 0
	}
	n, _ := wrongInRow(tries)
	return n
}

// edit withdraws a punch or turns it around.
func (c *Clerk) edit(ctx context.Context, e Edit) Input {
	var v timeclock.EditValues
	if e.Cause == timeclock.OtherDirection {
		v.Kind = &e.Kind
	}
	if err := c.Records.SelfEdit(ctx, e.Punch, e.Cause, v); err != nil {
		c.Log.Error("punch not changed", "punch", e.Punch, "cause", e.Cause, "error", err)
		return EditFailed{Punch: e.Punch, Cause: e.Cause}
	}
	if e.Cause == timeclock.NotMe {
		for who, last := range c.last {
			if last.punch == e.Punch {
				delete(c.last, who)
			}
		}
	}
	done := Edited{Punch: e.Punch, Cause: e.Cause}
	if e.Cause == timeclock.OtherDirection {
		entries, err := c.Records.LastEntries(ctx, e.Employee, lookBack)
		if err != nil {
			c.Log.Error("week not summed up", "employee", e.Employee, "error", err)
			return done
		}
		done.Week = c.week(entries)
	}
	return done
}

// tellSupervisor stores an incident. The number that was typed is not stored: it
// may be a PIN in the wrong place.
func (c *Clerk) tellSupervisor(ctx context.Context, e TellSupervisor) {
	i := timeclock.Incident{Kind: e.Kind, Device: c.Device, At: timeclock.MicrosOf(c.Now())}
	if e.Number != "" {
		switch person, err := c.People.ByNumber(ctx, e.Number); {
		case err == nil:
			i.Employee = person.ID
		case !errors.Is(err, ErrNoSuchPerson):
			c.Log.Error("incident without its person", "kind", e.Kind, "error", err)
		}
	}
	if err := c.Records.ReportIncident(ctx, i); err != nil {
		c.Log.Error("incident not stored", "kind", e.Kind, "error", err)
	}
}
