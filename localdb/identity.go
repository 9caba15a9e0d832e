package localdb

import (
	"context"
	"fmt"

	"clockface/sync/op"
	"clockface/timeclock"
)

// Identity returns who this device is, or ErrNotEnrolled.
func (db *DB) Identity(ctx context.Context) (Identity, error) {
	var id Identity
	err := db.view(ctx, "read identity", func(q querier) (err error) {
		id, err = readIdentity(q)
		return err
	})
	return id, err
}

func readIdentity(q querier) (Identity, error) {
	var id Identity
	err := q.queryRow("SELECT company_id, device_id, site_id, profile, name, cloud_url, cloud_key FROM meta").
		Scan(&id.Company, &id.Device, &id.Site, &id.Profile, &id.Name, &id.CloudURL, &id.CloudKey)
	if err != nil {
		return Identity{}, err
	}
	if id.Device == "" {
		return Identity{}, ErrNotEnrolled
	}
	return id, nil
}

// SaveEnrolment keeps who this device has become. A replica that is enrolled
// keeps its device: its chain belongs to it.
func (db *DB) SaveEnrolment(ctx context.Context, id Identity) error {
	if id.Company == "" || id.Device == "" || len(id.CloudKey) == 0 {
		return fmt.Errorf("save enrolment: %w: company, device and cloud key are needed", ErrInvalid)
	}
	return db.update(ctx, "save enrolment", func(t *tx) error {
		have, err := readIdentity(t)
		if err == nil && have.Device != id.Device {
			return fmt.Errorf("%w: this data folder belongs to device %s already", ErrInvalid, have.Device)
		}
		return t.exec(`UPDATE meta SET company_id = $1, device_id = $2, site_id = $3, profile = $4, name = $5, cloud_url = $6, cloud_key = $7`,
			string(id.Company), string(id.Device), string(id.Site), string(id.Profile), id.Name, id.CloudURL, id.CloudKey)
	})
}

// SaveCloudURL keeps under which address the cloud is reached.
func (db *DB) SaveCloudURL(ctx context.Context, url string) error {
	return db.update(ctx, "save cloud address", func(t *tx) error {
		return t.exec("UPDATE meta SET cloud_url = $1", url)
	})
}

// Offset returns server time minus device time in microseconds; known is false
// before the first contact.
func (db *DB) Offset(ctx context.Context) (offsetUS int64, known bool, err error) {
	err = db.view(ctx, "read clock offset", func(q querier) error {
		return q.queryRow("SELECT offset_us, offset_known FROM meta").Scan(&offsetUS, &known)
	})
	return offsetUS, known, err
}

// SaveOffset keeps the offset and half the round trip it was measured with.
func (db *DB) SaveOffset(ctx context.Context, offsetUS, errUS int64) error {
	return db.update(ctx, "save clock offset", func(t *tx) error {
		return t.exec("UPDATE meta SET offset_known = TRUE, offset_us = $1, offset_err_us = $2", offsetUS, errUS)
	})
}

// contactStep is how often contacts that change nothing are written down.
const contactStep timeclock.Micros = 5_000_000

// NoteContact keeps how the newest try to reach the cloud ended; a nil problem
// is a success.
func (db *DB) NoteContact(ctx context.Context, at timeclock.Micros, problem error) error {
	text := ""
	if problem != nil {
		text = problem.Error()
	}
	var last timeclock.Micros
	var online bool
	var had string
	err := db.view(ctx, "read contact", func(q querier) error {
		return q.queryRow("SELECT contact_us, online, last_error FROM meta").Scan(&last, &online, &had)
	})
	if err != nil {
		return err
	}
	if online == (problem == nil) && had == text && (problem != nil || at >= last && at-last < contactStep) {
		return nil
	}
	return db.update(ctx, "note contact", func(t *tx) error {
		if problem != nil {
			return t.exec("UPDATE meta SET online = FALSE, last_error = $1", text)
		}
		return t.exec("UPDATE meta SET online = TRUE, last_error = '', contact_us = $1", int64(at))
	})
}

// refused selects ops that the cloud did not take as they were meant, in the
// words of the index on them: screens ask every second.
const refused = "state IN ('rejected', 'conflict', 'quarantined')"

// SyncStatus returns how sync stands.
func (db *DB) SyncStatus(ctx context.Context) (Waiting, error) {
	var w Waiting
	err := db.view(ctx, "read sync status", func(q querier) error {
		err := q.queryRow(`SELECT contact_us, online, last_error,
			(SELECT count(*) FROM op WHERE n > acked_n AND state = 'queued'),
			(SELECT count(*) FROM op WHERE n > acked_n AND state = 'sent'),
			(SELECT coalesce(min(made_us), 0) FROM op WHERE n > acked_n AND state IN ('queued', 'sent'))
			FROM meta`).Scan(&w.LastContactUS, &w.Online, &w.LastError, &w.Queued, &w.Sent, &w.OldestUS)
		if err != nil {
			return err
		}
		return q.queryRow(`SELECT count(*) FILTER (WHERE state <> 'conflict'), count(*) FILTER (WHERE state = 'conflict')
			FROM op WHERE `+refused).Scan(&w.Rejected, &w.Conflicts)
	})
	return w, err
}

// SyncStates returns the state of the op behind each of the punches that were
// made here; accepted ones that are older than 30 days and punches of other
// devices are absent.
func (db *DB) SyncStates(ctx context.Context, punches []timeclock.PunchID) (map[timeclock.PunchID]op.Status, error) {
	out := map[timeclock.PunchID]op.Status{}
	err := db.view(ctx, "read sync states", func(q querier) error {
		wanted := make(map[timeclock.PunchID]bool, len(punches))
		for _, p := range punches {
			wanted[p] = true
		}
		return eachRow(q, "SELECT row_id, state FROM op WHERE tbl = 'punch'", nil, func(scan func(...any) error) error {
			var id timeclock.PunchID
			var s op.Status
			if err := scan(&id, &s); err != nil {
				return err
			}
			if wanted[id] {
				out[id] = s
			}
			return nil
		})
	})
	return out, err
}

// Refused returns the ops of the last 30 days that the cloud did not take as
// they were meant, newest first.
func (db *DB) Refused(ctx context.Context) ([]Refused, error) {
	var out []Refused
	err := db.view(ctx, "read refused operations", func(q querier) error {
		return eachRow(q, `SELECT op_id, n, kind, row_id, state, reason, made_us FROM op
			WHERE `+refused+` ORDER BY n DESC`, nil, func(scan func(...any) error) error {
			var r Refused
			if err := scan(&r.OpID, &r.N, &r.Kind, &r.Row, &r.State, &r.Reason, &r.MadeUS); err != nil {
				return err
			}
			out = append(out, r)
			return nil
		})
	})
	return out, err
}
