package localdb

import (
	"context"
	"encoding/json"

	"clockface/sync/op"
	"clockface/timeclock"
)

const employeeColumns = `id, number, name, short_name, department_id, site_id, language, active`

// Employees returns everybody who is not deleted, by name.
func (db *DB) Employees(ctx context.Context) ([]timeclock.Employee, error) {
	var out []timeclock.Employee
	err := db.view(ctx, "read employees", func(q querier) (err error) {
		out, err = readEmployees(q, "TRUE")
		return err
	})
	return out, err
}

// EmployeeByID returns the employee, or ErrNotFound.
func (db *DB) EmployeeByID(ctx context.Context, id timeclock.EmployeeID) (timeclock.Employee, error) {
	return db.oneEmployee(ctx, "read employee "+string(id), "id = $1", string(id))
}

// EmployeeByNumber returns the employee with that number, or ErrNotFound.
func (db *DB) EmployeeByNumber(ctx context.Context, number string) (timeclock.Employee, error) {
	return db.oneEmployee(ctx, "read employee number "+number, "number = $1", number)
}

func (db *DB) oneEmployee(ctx context.Context, what, where string, arg any) (timeclock.Employee, error) {
	var e timeclock.Employee
	err := db.view(ctx, what, func(q querier) error {
		found, err := readEmployees(q, where, arg)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrNotFound
		}
		e = found[0]
		return nil
	})
	return e, err
}

func readEmployees(q querier, where string, args ...any) (out []timeclock.Employee, err error) {
	err = eachRow(q, "SELECT "+employeeColumns+" FROM employee WHERE NOT deleted AND "+where+" ORDER BY name, id", args,
		func(scan func(...any) error) error {
			var e timeclock.Employee
			if err := scan(&e.ID, &e.Number, &e.Name, &e.ShortName, &e.Department, &e.Site, &e.Language, &e.Active); err != nil {
				return err
			}
			out = append(out, e)
			return nil
		})
	return out, err
}

// Sites returns the company's sites, by name.
func (db *DB) Sites(ctx context.Context) ([]timeclock.Site, error) {
	var out []timeclock.Site
	err := db.view(ctx, "read sites", func(q querier) (err error) {
		out, err = readSites(q, "TRUE")
		return err
	})
	return out, err
}

// SiteOfDevice returns the site that this device stands at. ErrNotFound means
// that it has not been pulled yet.
func (db *DB) SiteOfDevice(ctx context.Context) (timeclock.Site, error) {
	var s timeclock.Site
	err := db.view(ctx, "read site of this device", func(q querier) error {
		found, err := readSites(q, "id = (SELECT site_id FROM meta)")
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrNotFound
		}
		s = found[0]
		return nil
	})
	return s, err
}

func readSites(q querier, where string) (out []timeclock.Site, err error) {
	err = eachRow(q, "SELECT id, name, zone, repeat_window_us FROM site WHERE NOT deleted AND "+where+" ORDER BY name, id", nil,
		func(scan func(...any) error) error {
			var s timeclock.Site
			if err := scan(&s.ID, &s.Name, &s.Zone, &s.RepeatWindow); err != nil {
				return err
			}
			out = append(out, s)
			return nil
		})
	return out, err
}

// Departments returns the names of the departments.
func (db *DB) Departments(ctx context.Context) (map[timeclock.DepartmentID]string, error) {
	return names[timeclock.DepartmentID](ctx, db, "SELECT id, name FROM department WHERE NOT deleted")
}

// MemberNames returns the names of the members, deleted ones too: they stand in
// the history of punches. Kiosks hold no members.
func (db *DB) MemberNames(ctx context.Context) (map[timeclock.MembershipID]string, error) {
	return names[timeclock.MembershipID](ctx, db, "SELECT id, name FROM membership")
}

// DeviceNames returns the names of the company's devices, revoked ones too, from
// the settings that the cloud made when they were enrolled. A device whose
// setting has not arrived, cannot be read or names nothing is left out.
func (db *DB) DeviceNames(ctx context.Context) (map[timeclock.DeviceID]string, error) {
	settings, err := names[string](ctx, db, "SELECT key, value FROM setting WHERE NOT deleted ORDER BY seq")
	if err != nil {
		return nil, err
	}
	out := map[timeclock.DeviceID]string{}
	for key, value := range settings {
		id, ok := op.DeviceOfSetting(key)
		if !ok {
			continue
		}
		var card op.DeviceCard
		if err := json.Unmarshal([]byte(value), &card); err == nil && card.Name != "" {
			out[id] = card.Name
		}
	}
	return out, nil
}

func names[ID ~string](ctx context.Context, db *DB, text string) (map[ID]string, error) {
	out := map[ID]string{}
	err := db.view(ctx, "read names", func(q querier) error {
		return eachRow(q, text, nil, func(scan func(...any) error) error {
			var id ID
			var name string
			if err := scan(&id, &name); err != nil {
				return err
			}
			out[id] = name
			return nil
		})
	})
	return out, err
}

// Setting returns the company's setting of that key; ok is false where it is
// not set.
func (db *DB) Setting(ctx context.Context, key string) (value string, ok bool, err error) {
	err = db.view(ctx, "read setting "+key, func(q querier) error {
		ok, err = oneRow(q.queryRow("SELECT value FROM setting WHERE key = $1 AND NOT deleted ORDER BY seq DESC LIMIT 1", key), &value)
		return err
	})
	return value, ok, err
}

// Incidents returns what happened since then, oldest first.
func (db *DB) Incidents(ctx context.Context, since timeclock.Micros) ([]timeclock.Incident, error) {
	var out []timeclock.Incident
	err := db.view(ctx, "read incidents", func(q querier) error {
		return eachRow(q, `SELECT id, device_id, employee_id, kind, detail, at_us, seq FROM incident
			WHERE NOT deleted AND at_us >= $1 ORDER BY at_us, id`, []any{int64(since)}, func(scan func(...any) error) error {
			var i timeclock.Incident
			if err := scan(&i.ID, &i.Device, &i.Employee, &i.Kind, &i.Detail, &i.At, &i.Seq); err != nil {
				return err
			}
			out = append(out, i)
			return nil
		})
	})
	return out, err
}

// Consent returns the day on which the person agreed to credentials of the
// kind; ok is false where no consent is in force.
func (db *DB) Consent(ctx context.Context, e timeclock.EmployeeID, kind timeclock.CredentialKind) (givenOn string, ok bool, err error) {
	err = db.view(ctx, "read consent of employee "+string(e), func(q querier) error {
		givenOn, ok, err = readConsent(q, e, kind)
		return err
	})
	return givenOn, ok, err
}

func readConsent(q querier, e timeclock.EmployeeID, kind timeclock.CredentialKind) (givenOn string, ok bool, err error) {
	ok, err = oneRow(q.queryRow(`SELECT given_on FROM consent WHERE employee_id = $1 AND kind = $2 AND NOT deleted
		AND given_on <> '' AND withdrawn_on = '' ORDER BY given_on DESC LIMIT 1`, string(e), string(kind)), &givenOn)
	return givenOn, ok, err
}
