package desktoptest

import (
	"fmt"
	"time"

	"clockface/desktop"
	"clockface/timeclock"
)

// Today is the moment at which the company's story stands: a Tuesday, 14:05 in
// Berlin.
func Today() time.Time { return time.Date(2026, 11, 17, 13, 5, 0, 0, time.UTC) }

// Ids of the company's devices and of the punches that tests look for.
const (
	Entrance  timeclock.DeviceID = "device-entrance"
	Workshop  timeclock.DeviceID = "device-workshop"
	Forgotten timeclock.PunchID  = "forgotten-out" // an "in" of yesterday without its "out"
	Denied    timeclock.PunchID  = "denied"        // withdrawn by the worker
	Vague     timeclock.PunchID  = "vague"         // a face match of low confidence
	Spotless  timeclock.PunchID  = "spotless"      // today's, without an exception
)

var people = []string{"Ada Lovelace", "Bertha von Suttner", "Carl Friedrich Gauß", "Dorothy Hodgkin",
	"Émilie du Châtelet", "Frida Kahlo", "Grace Hopper", "Hedy Lamarr", "Ivo Andrić", "Jane Austen",
	"Karl Landsteiner", "Lise Meitner", "María Moliner", "Nikola Tesla"}

// Company returns a replica of fourteen people in Berlin with three weeks of
// punches, one exception of each common kind, and an owner at the desk.
func Company() *Replica {
	r := &Replica{Now: Today, Places: []timeclock.Site{{ID: "site-1", Name: "Werk Nord", Zone: "Europe/Berlin"}},
		Known: desktop.Names{
			Members: map[timeclock.MembershipID]string{Member: "Olga Owner", "member-2": "Max Manager"},
			Devices: map[timeclock.DeviceID]string{Entrance: "Entrance", Workshop: "Workshop"}},
		State: desktop.SyncState{Online: true, LastContact: timeclock.MicrosOf(Today().Add(-20 * time.Second))}}
	for i, name := range people {
		r.People = append(r.People, timeclock.Employee{ID: employee(i), Number: fmt.Sprint(1001 + i), Name: name,
			Site: "site-1", Active: true})
	}
	berlin := time.FixedZone("CET", 3600)
	for back := 21; back >= 0; back-- {
		day := time.Date(2026, 11, 17-back, 0, 0, 0, 0, berlin)
		if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
			continue
		}
		for i := range people {
			r.workday(i, day, back)
		}
	}
	r.story(berlin)
	return r
}

func employee(i int) timeclock.EmployeeID {
	return timeclock.EmployeeID(fmt.Sprintf("employee-%02d", i))
}

// workday adds in, break and out of one person. Days before yesterday are
// approved; of today only what has happened by now is there.
func (r *Replica) workday(i int, day time.Time, back int) {
	if back == 0 && i%5 == 4 {
		return // not in today
	}
	start := day.Add(7*time.Hour + time.Duration(30+(i*7+back*3)%45)*time.Minute)
	times := []struct {
		kind timeclock.PunchKind
		at   time.Time
	}{
		{timeclock.In, start}, {timeclock.BreakStart, start.Add(4*time.Hour + time.Duration(i)*time.Minute)},
		{timeclock.BreakEnd, start.Add(4*time.Hour + time.Duration(i+30)*time.Minute)},
		{timeclock.Out, start.Add(8*time.Hour + time.Duration(30+i%4*5)*time.Minute)},
	}
	for k, t := range times {
		if back == 0 && t.at.After(Today()) || back == 0 && i == 3 && k > 1 || i == 2 && back == 1 && k > 0 {
			continue
		}
		id := timeclock.PunchID(fmt.Sprintf("p-%02d-%02d-%d", back, i, k))
		if i == 2 && back == 1 {
			id = Forgotten
		}
		if i == 0 && back == 0 && k == 0 {
			id = Spotless
		}
		r.punch(id, i, t.kind, t.at)
		if back > 1 {
			r.Decisions = append(r.Decisions, timeclock.Decision{ID: "d-" + string(id), Punch: id, Verdict: timeclock.Approve,
				By: "member-2", At: timeclock.MicrosOf(day.Add(17 * time.Hour)), Effective: true, Seq: int64(len(r.Punches)) + 10_000})
		}
	}
}

// punch adds an acknowledged punch of person i and returns it to be changed.
func (r *Replica) punch(id timeclock.PunchID, i int, kind timeclock.PunchKind, at time.Time) *timeclock.Punch {
	p := timeclock.Punch{ID: id, Employee: employee(i), Device: Entrance, Site: "site-1", Kind: kind,
		Method: timeclock.ByFace, Confidence: 0.88 + float64(i%10)/100, At: timeclock.MicrosOf(at), Wall: timeclock.MicrosOf(at),
		TimeSource: "mono", Source: timeclock.FromKiosk, Seq: int64(len(r.Punches)) + 1}
	if i%3 == 1 {
		p.Method, p.Confidence, p.Device = timeclock.ByPIN, 1, Workshop
	}
	r.Punches = append(r.Punches, p)
	return &r.Punches[len(r.Punches)-1]
}

// story adds what a supervisor has to look at today.
func (r *Replica) story(zone *time.Location) {
	today := time.Date(2026, 11, 17, 0, 0, 0, 0, zone)
	denied := r.punch(Denied, 4, timeclock.In, today.Add(7*time.Hour+41*time.Minute))
	denied.Method, denied.Confidence = timeclock.ByFace, 0.71
	r.Edits = append(r.Edits, timeclock.Edit{ID: "e-denied", Punch: denied.ID, What: timeclock.Void, Cause: timeclock.NotMe,
		By: string(Entrance), At: denied.At + 3_000_000, Effective: true, Seq: 20_001})
	vague := r.punch(Vague, 9, timeclock.In, today.Add(8*time.Hour+52*time.Minute))
	vague.Confidence = 0.52
	web := r.punch("from-web", 4, timeclock.In, today.Add(9*time.Hour+3*time.Minute))
	web.Method, web.Source, web.Confidence, web.Device = timeclock.ByWeb, timeclock.FromWeb, 1, ""
	for i := range r.Punches {
		switch r.Punches[i].ID {
		case "p-00-07-0":
			r.Punches[i].Flags = timeclock.Flags{timeclock.ClockSuspect}
		case "p-00-10-0":
			r.Punches[i].Flags = timeclock.Flags{timeclock.PlayedCamera, timeclock.PINTrouble}
		case "p-00-08-2", "p-00-11-2":
			r.Punches[i].Seq = 0 // not sent yet
			r.State.Waiting++
		}
	}
	r.Happenings = []timeclock.Incident{{ID: "incident-1", Device: Workshop, Employee: employee(7), Kind: timeclock.PINClosed,
		Detail: "5 wrong", At: timeclock.MicrosOf(today.Add(6*time.Hour + 58*time.Minute)), Seq: 4}}
}

// Many returns a company of 400 people with about n undecided punches, for
// tests of speed.
func Many(n int) *Replica {
	r := &Replica{Now: Today, Places: []timeclock.Site{{ID: "site-1", Name: "Werk Nord", Zone: "Europe/Berlin"}}}
	const staff = 400
	for i := range staff {
		r.People = append(r.People, timeclock.Employee{ID: employee(i), Number: fmt.Sprint(1001 + i),
			Name: fmt.Sprintf("%s %03d", people[i%len(people)], i), Site: "site-1", Active: true})
	}
	for k := 0; len(r.Punches) < n; k++ {
		day := Today().AddDate(0, 0, -1-k/2)
		kind, hour := timeclock.In, -6*time.Hour
		if k%2 == 1 {
			kind, hour = timeclock.Out, 3*time.Hour
		}
		for i := 0; i < staff && len(r.Punches) < n; i++ {
			r.punch(timeclock.PunchID(fmt.Sprintf("p-%d-%d", k, i)), i, kind, day.Add(hour+time.Duration(i)*time.Second))
		}
	}
	return r
}
