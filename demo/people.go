// Package demo makes the company that "make run" shows: its people and what
// happened at its kiosk in the last month. Everything is invented and a pure
// function of the day on which the story ends, so that two runs on one day tell
// the same. Nothing here writes anything: see the command "clockface demo".
//
// The company works around the clock in three shifts, so that at any hour
// somebody is in and somebody has just gone. [People] lists who is there,
// [NewMonth] tells the month.
package demo

import "clockface/timeclock"

// The company as the cloud is told of it.
const (
	Company = "Nordhafen Logistics"
	Site    = "Gate 1"
	Zone    = "Europe/Berlin"
)

// A Person works in the demo company.
type Person struct {
	Number     string // typed before the PIN
	Name       string
	Department string
	Language   string // BCP 47
	PIN        string
	// Face is the person's folder in the face collection whose photos play the
	// camera; empty for those who punch with a PIN.
	Face string

	shift  int // index into shifts
	offset int // of 7 days, five are worked; which two are free
}

// Method returns how the person usually punches.
func (p Person) Method() timeclock.Method {
	if p.Face != "" {
		return timeclock.ByFace
	}
	return timeclock.ByPIN
}

// People returns everybody, by number. PINs are no secret here: the demo says
// them aloud, so that anybody can try the PIN pad.
func People() []Person {
	return []Person{
		{Number: "101", Name: "Jonas Keller", Department: "Dispatch", Language: "de", PIN: "4711", Face: "s1", shift: early, offset: 0},
		{Number: "102", Name: "Marco Ruiz", Department: "Warehouse", Language: "es", PIN: "5820", Face: "s2", shift: early, offset: 2},
		{Number: "103", Name: "Tom Whitfield", Department: "Warehouse", Language: "en", PIN: "6931", Face: "s3", shift: late, offset: 4},
		{Number: "104", Name: "Ada Brandt", Department: "Dispatch", Language: "de", PIN: "2580", shift: early, offset: 3},
		{Number: "105", Name: "Lena Fuchs", Department: "Office", Language: "de", PIN: "3691", shift: early, offset: 5},
		{Number: "106", Name: "Priya Nair", Department: "Office", Language: "en", PIN: "1470", shift: early, offset: 1},
		{Number: "107", Name: "Sofía Morales", Department: "Warehouse", Language: "es", PIN: "8024", shift: early, offset: 6},
		{Number: "108", Name: "Aylin Demir", Department: "Dispatch", Language: "de", PIN: "7913", shift: late, offset: 0},
		{Number: "109", Name: "Grace Bennett", Department: "Warehouse", Language: "en", PIN: "5046", shift: late, offset: 2},
		{Number: "110", Name: "Nora Lindqvist", Department: "Workshop", Language: "en", PIN: "6157", shift: late, offset: 5},
		{Number: "111", Name: "Emil Sørensen", Department: "Workshop", Language: "de", PIN: "9268", shift: late, offset: 1},
		{Number: "112", Name: "Paul Wagner", Department: "Warehouse", Language: "de", PIN: "1379", shift: night, offset: 3},
		{Number: "113", Name: "Lucía Ortega", Department: "Dispatch", Language: "es", PIN: "2481", shift: night, offset: 6},
		{Number: "114", Name: "Ben Carter", Department: "Warehouse", Language: "en", PIN: "3592", shift: night, offset: 1},
		{Number: "115", Name: "Mila Novak", Department: "Workshop", Language: "en", PIN: "4703", shift: night, offset: 4},
	}
}
