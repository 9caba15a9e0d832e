package op

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"clockface/timeclock"
)

// ColumnType is the type of a synced column, the same on both engines.
type ColumnType int

// The column types and their Go values.
const (
	Text  ColumnType = iota // string
	Int                     // int64
	Bool                    // bool
	Float                   // float64
	Bytes                   // []byte; base64 in JSON
)

// Column is one column of a synced table.
type Column struct {
	Name string
	Type ColumnType
}

// Table describes a synced table: cloud and replica make their SQL from it, and
// a test holds the migrations to it. Besides Columns each has company_id, id,
// rev, seq, deleted, changed_us, changed_by. Every column is NOT NULL.
type Table struct {
	Name    string
	Append  bool // rows come by "<name>.add" and are never changed
	Columns []Column
	// Write is the right that a put of this table needs.
	Write timeclock.Action
	// Profiles hold the table; others get no rows of it at all.
	Profiles []timeclock.Profile
	// KioskOnly columns are left empty in the rows that other profiles get.
	KioskOnly []string
}

var everywhere = []timeclock.Profile{timeclock.Kiosk, timeclock.Desktop}

// tables in the order of their names' dependencies (a page may still bring a child first).
var tables = []Table{
	{Name: "site", Write: timeclock.WriteSite, Profiles: everywhere, Columns: []Column{
		{"name", Text}, {"zone", Text}, {"repeat_window_us", Int}}},
	{Name: "department", Write: timeclock.WriteDepartment, Profiles: everywhere, Columns: []Column{
		{"name", Text}, {"parent_id", Text}}},
	{Name: "setting", Write: timeclock.WriteSetting, Profiles: everywhere, Columns: []Column{
		{"key", Text}, {"value", Text}}},
	{Name: "membership", Write: timeclock.WriteMembership, Profiles: []timeclock.Profile{timeclock.Desktop}, Columns: []Column{
		{"account_id", Text}, {"role", Text}, {"name", Text}, {"employee_id", Text}, {"state", Text}}},
	{Name: "employee", Write: timeclock.WriteEmployee, Profiles: everywhere, Columns: []Column{
		{"number", Text}, {"name", Text}, {"short_name", Text}, {"department_id", Text}, {"site_id", Text},
		{"language", Text}, {"active", Bool}}},
	{Name: "consent", Write: timeclock.WriteConsent, Profiles: everywhere, Columns: []Column{
		{"employee_id", Text}, {"kind", Text}, {"given_on", Text}, {"withdrawn_on", Text}}},
	{Name: "company_key", Write: timeclock.WriteCompanyKey, Profiles: everywhere, Columns: []Column{
		{"recipient", Text}, {"wrapped", Text}, {"endorsed_by", Text}, {"signature", Bytes}}},
	{Name: "credential", Write: timeclock.WriteCredential, Profiles: everywhere, Columns: []Column{
		{"employee_id", Text}, {"kind", Text}, {"pack", Text}, {"key_id", Text}, {"label", Text}, {"sealed", Bytes}},
		KioskOnly: []string{"sealed"}},
	{Name: "punch", Append: true, Write: timeclock.AddPunch, Profiles: everywhere, Columns: []Column{
		{"op_id", Text}, {"employee_id", Text}, {"device_id", Text}, {"site_id", Text}, {"kind", Text}, {"method", Text},
		{"confidence", Float}, {"at_us", Int}, {"wall_us", Int}, {"mono_us", Int}, {"boot_id", Text},
		{"time_source", Text}, {"flags", Text}, {"source", Text}, {"place", Text}}},
	{Name: "punch_edit", Append: true, Write: timeclock.EditPunch, Profiles: everywhere, Columns: []Column{
		{"op_id", Text}, {"punch_id", Text}, {"seen", Text}, {"what", Text}, {"values", Text}, {"cause", Text},
		{"reason", Text}, {"by", Text}, {"at_us", Int}, {"effective", Bool}}},
	{Name: "punch_decision", Append: true, Write: timeclock.DecidePunch, Profiles: everywhere, Columns: []Column{
		{"op_id", Text}, {"punch_id", Text}, {"seen", Text}, {"verdict", Text}, {"reason", Text}, {"by", Text},
		{"at_us", Int}, {"effective", Bool}}},
	{Name: "incident", Append: true, Write: timeclock.ReopenPIN, Profiles: everywhere, Columns: []Column{
		{"op_id", Text}, {"device_id", Text}, {"employee_id", Text}, {"kind", Text}, {"detail", Text}, {"at_us", Int}}},
	{Name: "conflict", Write: timeclock.ResolveConflict, Profiles: []timeclock.Profile{timeclock.Desktop}, Columns: []Column{
		{"op_id", Text}, {"tbl", Text}, {"row_id", Text}, {"reason", Text}, {"by", Text}, {"first_by", Text},
		{"mine", Text}, {"state", Text}}},
}

// Tables returns every synced table.
func Tables() []Table { return slices.Clone(tables) }

// TableByName returns the table of that name.
func TableByName(name string) (Table, bool) {
	for _, t := range tables {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}

// Column returns the column of that name; "deleted" is one of every table.
func (t Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// HeldBy reports whether devices of the profile hold rows of the table.
func (t Table) HeldBy(p timeclock.Profile) bool { return slices.Contains(t.Profiles, p) }

// Row is a row of a synced table as it travels. Doc holds the Columns by name
// plus changed_us and changed_by.
type Row struct {
	Table   string          `json:"table"`
	ID      string          `json:"id"`
	Rev     int64           `json:"rev"`
	Seq     int64           `json:"seq"`
	Deleted bool            `json:"deleted,omitempty"`
	Doc     json.RawMessage `json:"doc,omitempty"`
}

// Value returns v, as encoding/json gives it (with UseNumber or without), as
// the column's Go type, or an error that names the column.
func (c Column) Value(v any) (any, error) {
	switch c.Type {
	case Text:
		if s, ok := v.(string); ok {
			return s, nil
		}
	case Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case Int:
		switch n := v.(type) {
		case int64:
			return n, nil
		case int:
			return int64(n), nil
		case timeclock.Micros:
			return int64(n), nil
		case json.Number:
			if i, err := n.Int64(); err == nil {
				return i, nil
			}
		case float64:
			if n == float64(int64(n)) {
				return int64(n), nil
			}
		}
	case Float:
		switch n := v.(type) {
		case float64:
			return n, nil
		case int64:
			return float64(n), nil
		case json.Number:
			if f, err := n.Float64(); err == nil {
				return f, nil
			}
		}
	case Bytes:
		switch b := v.(type) {
		case []byte:
			return b, nil
		case nil:
			return []byte{}, nil
		case string:
			if raw, err := base64.StdEncoding.DecodeString(b); err == nil {
				return raw, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: %s cannot be %v", ErrBody, c.Name, v)
}

// Zero returns the column's value in a row that does not set it.
func (c Column) Zero() any {
	switch c.Type {
	case Int:
		return int64(0)
	case Bool:
		return false
	case Float:
		return float64(0)
	case Bytes:
		return []byte{}
	}
	return ""
}

// ParseDoc reads a row's doc into the column types. Columns that the doc does
// not have are absent from the result; unknown ones are left out, since a newer
// cloud may send more.
func (t Table) ParseDoc(doc []byte) (map[string]any, error) {
	var raw map[string]any
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("%w: %s row: %w", ErrBody, t.Name, err)
	}
	out := make(map[string]any, len(raw))
	for _, c := range append(t.Columns, Column{"changed_us", Int}, Column{"changed_by", Text}) {
		v, ok := raw[c.Name]
		if !ok {
			continue
		}
		val, err := c.Value(v)
		if err != nil {
			return nil, fmt.Errorf("%s row: %w", t.Name, err)
		}
		out[c.Name] = val
	}
	return out, nil
}

// Fields checks a put's set or was against the table and returns typed values.
// "deleted" is allowed and Bool. "sealed" never is: it travels beside the body.
func (t Table) Fields(set map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(set))
	for k, v := range set {
		c, ok := t.Column(k)
		switch {
		case k == "deleted":
			c = Column{"deleted", Bool}
		case !ok, k == "sealed":
			return nil, fmt.Errorf("%w: %s has no field %q that can be set", ErrBody, t.Name, k)
		}
		val, err := c.Value(v)
		if err != nil {
			return nil, err
		}
		out[k] = val
	}
	return out, nil
}

// PunchRow returns the columns of the punch row that the body stands for.
func PunchRow(opID string, b PunchBody, device timeclock.DeviceID, site timeclock.SiteID, at timeclock.Micros, source string, flags timeclock.Flags) map[string]any {
	return map[string]any{
		"op_id": opID, "employee_id": string(b.Employee), "device_id": string(device), "site_id": string(site),
		"kind": string(b.Kind), "method": string(b.Method), "confidence": b.Confidence, "at_us": int64(at),
		"wall_us": int64(b.Wall), "mono_us": b.Mono, "boot_id": b.Boot, "time_source": source,
		"flags": flags.String(), "source": string(b.Source), "place": b.Place,
	}
}

// EditRow returns the columns of the punch_edit row that the body stands for.
func EditRow(opID string, b EditBody, at timeclock.Micros, effective bool) (map[string]any, error) {
	v, err := json.Marshal(b.Values)
	if err != nil {
		return nil, fmt.Errorf("encode edit values: %w", err)
	}
	return map[string]any{
		"op_id": opID, "punch_id": string(b.Punch), "seen": b.Seen, "what": string(b.What), "values": string(v),
		"cause": string(b.Cause), "reason": b.Reason, "by": b.By, "at_us": int64(at), "effective": effective,
	}, nil
}

// DecisionRow returns the columns of the punch_decision row that the body stands for.
func DecisionRow(opID string, b DecisionBody, at timeclock.Micros, effective bool) map[string]any {
	return map[string]any{
		"op_id": opID, "punch_id": string(b.Punch), "seen": b.Seen, "verdict": string(b.Verdict),
		"reason": b.Reason, "by": b.By, "at_us": int64(at), "effective": effective,
	}
}

// IncidentRow returns the columns of the incident row that the body stands for.
func IncidentRow(opID string, b IncidentBody, device timeclock.DeviceID, at timeclock.Micros) map[string]any {
	return map[string]any{
		"op_id": opID, "device_id": string(device), "employee_id": string(b.Employee), "kind": string(b.Kind),
		"detail": b.Detail, "at_us": int64(at),
	}
}
