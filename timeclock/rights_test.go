package timeclock

import (
	"slices"
	"testing"
)

// TestRightsMatrix writes every cell of the table down a second time, so that a
// right cannot appear or vanish unnoticed.
func TestRightsMatrix(t *testing.T) {
	want := map[Action][]Role{
		ReadBoard:       {Owner, Admin, HR, Manager, Lead},
		AddPunch:        {Owner, Admin, HR, Manager},
		EditPunch:       {Owner, Admin, HR, Manager},
		DecidePunch:     {Owner, HR, Manager, Lead},
		WriteEmployee:   {Owner, Admin, HR},
		WriteDepartment: {Owner, Admin, HR},
		WriteSite:       {Owner, Admin},
		WriteCredential: {Owner, Admin, HR},
		ReopenPIN:       {Owner, Admin, HR, Manager, Lead},
		WriteConsent:    {Owner, Admin, HR},
		WriteSetting:    {Owner, Admin},
		WriteMembership: {Owner, Admin},
		WriteCompanyKey: {Owner, Admin},
		ResolveConflict: {Owner, Admin, HR, Manager},
	}
	if len(want) != len(Actions()) {
		t.Errorf("the matrix has %d actions, the code %d", len(want), len(Actions()))
	}
	for _, action := range Actions() {
		for _, role := range Roles() {
			if got := May(role, action); got != slices.Contains(want[action], role) {
				t.Errorf("May(%s, %s) = %v", role, action, got)
			}
		}
	}
	if May("", DecidePunch) || May(Owner, "") {
		t.Error("an unknown role or action is allowed something")
	}
}
