package desktop

import (
	"cmp"
	"slices"

	"clockface/timeclock"
)

// DeviceRow is one device from which punches came.
type DeviceRow struct {
	ID      timeclock.DeviceID
	Name    string
	Last    string // when the last punch was made there
	Today   int    // punches of today
	Waiting int    // punches of it that this PC has and the cloud has not
}

// RefusedRow is a change of this PC that the cloud did not take.
type RefusedRow struct {
	What   string
	When   string
	Reason string
}

// Devices is how this PC and the others stand.
type Devices struct {
	State       string // as Status.Words
	Online      bool
	LastContact string
	Waiting     int
	Refused     int
	Conflicts   int
	Detail      string // technical text of the last failure
	Rows        []DeviceRow
	RefusedRows []RefusedRow
}

// Status is the line about the connection that is always in sight.
type Status struct {
	Online  bool
	Waiting int
	Words   string // "Offline. Decisions are kept here and sent later: 3"
}

// Status returns how this PC stands with the cloud.
func (d *Desk) Status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status()
}

func (d *Desk) status() Status {
	st, t := d.snap.sync, d.words.t
	s := Status{Online: st.Online, Waiting: st.Waiting}
	switch {
	case !st.Online && st.Waiting > 0:
		s.Words = t.N("status_line.offline_waiting", st.Waiting)
	case !st.Online:
		s.Words = t.T("status_line.offline")
	case st.Waiting > 0:
		s.Words = t.N("status_line.sending", st.Waiting)
	default:
		s.Words = t.T("status_line.online")
	}
	return s
}

// Devices returns the state of this PC's exchange with the cloud and of the
// devices that it knows, the most recently heard first.
func (d *Desk) Devices() Devices {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, w := d.snap, d.words
	v := Devices{State: d.status().Words, Online: s.sync.Online, Waiting: s.sync.Waiting, Refused: s.sync.Refused,
		Conflicts: s.sync.Conflicts, Detail: s.sync.LastError, LastContact: w.t.T("devices.never")}
	if s.sync.LastContact != 0 {
		v.LastContact = w.dayAndTime(s.sync.LastContact, s.home, s.now)
	}
	for _, r := range s.refused {
		v.RefusedRows = append(v.RefusedRows, RefusedRow{What: w.opKind(r.Kind),
			When: w.dayAndTime(r.At, s.home, s.now), Reason: w.refusal(r.Reason)})
	}
	v.Rows = d.deviceRows()
	return v
}

func (d *Desk) deviceRows() []DeviceRow {
	s, w := d.snap, d.words
	from, _ := timeclock.DayOf(s.now, s.home).Bounds(s.home)
	last := map[timeclock.DeviceID]timeclock.Micros{}
	rows := map[timeclock.DeviceID]*DeviceRow{}
	for id := range s.names.Devices {
		rows[id] = &DeviceRow{ID: id}
	}
	for _, e := range s.entries {
		if e.Device == "" {
			continue
		}
		r, ok := rows[e.Device]
		if !ok {
			r = &DeviceRow{ID: e.Device}
			rows[e.Device] = r
		}
		last[e.Device] = max(last[e.Device], e.Punch.At)
		if e.Punch.At >= from {
			r.Today++
		}
		if e.Seq == 0 {
			r.Waiting++
		}
	}
	out := make([]DeviceRow, 0, len(rows))
	for id, r := range rows {
		r.Name, r.Last = s.deviceName(w, id), w.t.T("devices.no_punch")
		if at := last[id]; at != 0 {
			r.Last = w.dayAndTime(at, s.home, s.now)
		}
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b DeviceRow) int {
		return cmp.Or(cmp.Compare(last[b.ID], last[a.ID]), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// opKind names what a refused change wanted.
func (w words) opKind(kind string) string {
	switch kind {
	case "punch_decision.add", "punch_edit.add", "punch.add", "incident.add", "employee.put", "credential.put":
		return w.t.T("op." + kind)
	}
	return w.t.T("op.other")
}

// refusal puts the protocol's reason in words.
func (w words) refusal(reason string) string {
	switch reason {
	case "no_grant", "forbidden", "not_found", "stale_seen", "deleted", "revoked_device":
		return w.t.T("refusal." + reason)
	}
	return w.t.T("refusal.other", "reason", reason)
}
