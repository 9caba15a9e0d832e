package desktop

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"clockface/timeclock"
)

// keptDays is how far back the desk looks at punches that are decided: enough
// for a month's review. Undecided ones are shown however old they are.
const keptDays = 31

// incidentDays is how long an incident that nobody took note of stays in the inbox.
const incidentDays = 7

// snapshot is what the desk knows of the replica at one moment, indexed. It is
// never changed after build.
type snapshot struct {
	now       timeclock.Micros
	home      *time.Location // zone of the site this PC stands in
	site      timeclock.Site
	employees []timeclock.Employee // by name
	byID      map[timeclock.EmployeeID]int
	zones     map[timeclock.SiteID]*time.Location
	entries   []timeclock.Entry // by effective time, then id
	index     map[timeclock.PunchID]int
	incidents []timeclock.Incident
	reopened  map[timeclock.EmployeeID]timeclock.Micros // when a person's PIN was last opened again
	names     Names
	sync      SyncState
	refused   []Refused
	stretches map[timeclock.EmployeeID][]stretch
	problems  map[timeclock.PunchID][]Exception // worst first; decided punches with a problem included
}

// load reads the replica. The error names what could not be read.
func load(ctx context.Context, r Replica, now timeclock.Micros) (*snapshot, error) {
	s := &snapshot{now: now, zones: map[timeclock.SiteID]*time.Location{}}
	var err error
	if s.employees, err = r.Employees(ctx); err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	sortByName(s.employees)
	if s.site, err = r.SiteOfDevice(ctx); err != nil {
		return nil, fmt.Errorf("read the site of this PC: %w", err)
	}
	s.home = zoneOf(s.site, time.UTC)
	sites, err := r.Sites(ctx)
	if err != nil {
		return nil, fmt.Errorf("read sites: %w", err)
	}
	for _, site := range sites {
		s.zones[site.ID] = zoneOf(site, s.home)
	}
	from, _ := timeclock.DayOf(now, s.home).AddDays(-keptDays).Bounds(s.home)
	const forever = timeclock.Micros(1<<63 - 1)
	old, err := r.Entries(ctx, Span{To: from, Undecided: true})
	if err != nil {
		return nil, fmt.Errorf("read undecided punches: %w", err)
	}
	recent, err := r.Entries(ctx, Span{From: from, To: forever})
	if err != nil {
		return nil, fmt.Errorf("read punches: %w", err)
	}
	s.entries = append(old, recent...)
	week := timeclock.Micros(incidentDays * 24 * time.Hour / time.Microsecond)
	if s.incidents, err = r.Incidents(ctx, now-week); err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	if s.names, err = r.Names(ctx); err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	if err := s.readSync(ctx, r); err != nil {
		return nil, err
	}
	s.build()
	return s, nil
}

// sortByName sorts as people look names up: É beside E, not after Z.
func sortByName(people []timeclock.Employee) {
	c := collate.New(language.Und)
	slices.SortStableFunc(people, func(a, b timeclock.Employee) int {
		return cmp.Or(c.CompareString(a.Name, b.Name), strings.Compare(a.Number, b.Number))
	})
}

func (s *snapshot) readSync(ctx context.Context, r Replica) error {
	var err error
	if s.sync, err = r.SyncState(ctx); err != nil {
		return fmt.Errorf("read sync state: %w", err)
	}
	if s.refused, err = r.Refused(ctx); err != nil {
		return fmt.Errorf("read refused changes: %w", err)
	}
	return nil
}

// zoneOf returns the site's zone, or other where the site names none that exists.
func zoneOf(s timeclock.Site, other *time.Location) *time.Location {
	if s.Zone == "" {
		return other
	}
	z, err := time.LoadLocation(s.Zone)
	if err != nil {
		return other
	}
	return z
}

// with returns a copy of the snapshot in which the given entries replace their
// older selves, or join.
func (s *snapshot) with(changed []timeclock.Entry, now timeclock.Micros) *snapshot {
	next := *s
	next.now = now
	next.entries = slices.Clone(s.entries)
	for _, e := range changed {
		if i, ok := s.index[e.ID]; ok {
			next.entries[i] = e
		} else {
			next.entries = append(next.entries, e)
		}
	}
	next.build()
	return &next
}

// build makes the indexes and finds the exceptions.
func (s *snapshot) build() {
	slices.SortStableFunc(s.entries, func(a, b timeclock.Entry) int {
		return cmp.Or(cmp.Compare(a.Now.At, b.Now.At), strings.Compare(string(a.ID), string(b.ID)))
	})
	s.byID = make(map[timeclock.EmployeeID]int, len(s.employees))
	for i, e := range s.employees {
		s.byID[e.ID] = i
	}
	s.index = make(map[timeclock.PunchID]int, len(s.entries))
	s.problems = map[timeclock.PunchID][]Exception{}
	of := map[timeclock.EmployeeID][]*timeclock.Entry{}
	for i := range s.entries {
		e := &s.entries[i]
		s.index[e.ID] = i
		of[e.Now.Employee] = append(of[e.Now.Employee], e)
		if ex := ofEntry(*e); len(ex) > 0 {
			s.problems[e.ID] = ex
		}
	}
	s.stretches = make(map[timeclock.EmployeeID][]stretch, len(of))
	for id, entries := range of {
		s.stretches[id] = stretches(entries)
		for _, st := range s.stretches[id] {
			switch {
			case st.in == nil:
				s.add(st.out.ID, MissingIn)
			case st.out == nil && !st.open(s.now):
				s.add(st.in.ID, MissingOut)
			}
		}
	}
	s.reopened = map[timeclock.EmployeeID]timeclock.Micros{}
	for _, in := range s.incidents {
		if in.Kind == timeclock.PINReopened {
			s.reopened[in.Employee] = max(s.reopened[in.Employee], in.At)
		}
	}
	for _, ex := range s.problems {
		slices.SortFunc(ex, func(a, b Exception) int {
			return cmp.Compare(slices.Index(severity, a), slices.Index(severity, b))
		})
	}
}

func (s *snapshot) add(id timeclock.PunchID, ex Exception) {
	s.problems[id] = append(s.problems[id], ex)
}

// entry returns the punch, or false where the desk does not hold it.
func (s *snapshot) entry(id timeclock.PunchID) (timeclock.Entry, bool) {
	i, ok := s.index[id]
	if !ok {
		return timeclock.Entry{}, false
	}
	return s.entries[i], true
}

// closedPIN reports whether the incident closed somebody's PIN that nobody has
// opened again since.
func (s *snapshot) closedPIN(in timeclock.Incident) bool {
	return in.Kind == timeclock.PINClosed && in.Employee != "" && s.reopened[in.Employee] < in.At
}

// person returns the employee, or one whose name is the id's end where the
// replica does not know them (yet).
func (s *snapshot) person(id timeclock.EmployeeID) timeclock.Employee {
	if i, ok := s.byID[id]; ok {
		return s.employees[i]
	}
	return timeclock.Employee{ID: id, Name: shortID(string(id))}
}

// place is the person's place among the names; people that the replica does not
// know come last.
func (s *snapshot) place(id timeclock.EmployeeID) int {
	if i, ok := s.byID[id]; ok {
		return i
	}
	return len(s.employees)
}

// zone returns the time zone in which a punch of that site is shown.
func (s *snapshot) zone(id timeclock.SiteID) *time.Location {
	if z, ok := s.zones[id]; ok {
		return z
	}
	return s.home
}

// who returns the name behind a record's `by`: a member, a device or an employee.
func (s *snapshot) who(w words, by string) string {
	if n, ok := s.names.Members[timeclock.MembershipID(by)]; ok && n != "" {
		return n
	}
	if i, ok := s.byID[timeclock.EmployeeID(by)]; ok {
		return s.employees[i].Name
	}
	return s.deviceName(w, timeclock.DeviceID(by))
}

// deviceName returns the device's name, or a word with the end of its id.
func (s *snapshot) deviceName(w words, id timeclock.DeviceID) string {
	if n, ok := s.names.Devices[id]; ok && n != "" {
		return n
	}
	if id == "" {
		return w.t.T("device.by_hand")
	}
	return w.t.T("device.unnamed", "id", shortID(string(id)))
}

// shortID is the last six characters of an id: UUIDv7 begin with the time, so
// that neighbours differ only at their ends.
func shortID(id string) string {
	if len(id) <= 6 {
		return id
	}
	return id[len(id)-6:]
}
