// Package timeclock is the domain of Clockface as plain values and pure
// functions: punches, their edits and decisions, people, sites, roles. It does
// no I/O, never asks for the time, and knows nothing of SQL, screens or the
// network, so that kiosk, desktop and cloud come to the same answer.
//
// A [Punch] is an event that is never changed. What it means today is folded
// from the [Edit] and [Decision] events that follow it: see [Fold] and
// [Timeline]. Instants are microseconds since 1970 UTC ([Micros]); a calendar
// day exists only together with a time zone: see [DayOf].
package timeclock

import "time"

// Micros is an instant in microseconds since 1970-01-01 00:00 UTC.
type Micros int64

// MicrosOf returns t in microseconds UTC.
func MicrosOf(t time.Time) Micros { return Micros(t.UnixMicro()) }

// Time returns the instant as a time in UTC.
func (m Micros) Time() time.Time { return time.UnixMicro(int64(m)).UTC() }

// Identifiers are UUIDv7 in lower case, made where the thing is made. Each has
// its own type so that a device cannot be passed as an employee.
type (
	// CompanyID names a tenant.
	CompanyID string
	// DeviceID names an enrolled kiosk, desktop, phone, terminal or the cloud's own chain.
	DeviceID string
	// SiteID names a place with a time zone.
	SiteID string
	// DepartmentID names a department.
	DepartmentID string
	// EmployeeID names a person who punches.
	EmployeeID string
	// MembershipID names a login's role in one company.
	MembershipID string
	// PunchID names a punch.
	PunchID string
	// CredentialID names a face template, finger template, badge or PIN.
	CredentialID string
)

// Day is a calendar day somewhere; which instants it covers depends on a zone.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf returns the calendar day on which at falls where the site is.
func DayOf(at Micros, site *time.Location) Day {
	y, m, d := at.Time().In(site).Date()
	return Day{Year: y, Month: m, Day: d}
}

// Bounds returns the first instant of the day in the zone and the first instant
// of the next one. The day is 23, 24 or 25 hours long.
func (d Day) Bounds(site *time.Location) (from, to Micros) {
	return MicrosOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, site)),
		MicrosOf(time.Date(d.Year, d.Month, d.Day+1, 0, 0, 0, 0, site))
}

// AddDays returns the day n days later (earlier when n is negative).
func (d Day) AddDays(n int) Day {
	y, m, dd := time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, time.UTC).Date()
	return Day{Year: y, Month: m, Day: dd}
}
