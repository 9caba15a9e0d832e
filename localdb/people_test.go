package localdb_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// cloudRow is a row as the cloud sends it; columns that doc leaves out are zero.
func cloudRow(t *testing.T, table, id string, seq int64, doc map[string]any) op.Row {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return op.Row{Table: table, ID: id, Rev: 1, Seq: seq, Doc: text}
}

func TestWhatThePullBroughtCanBeRead(t *testing.T) {
	d := newDevice(t)
	_, err := d.SiteOfDevice(t.Context())
	wantErr(t, err, localdb.ErrNotFound)
	d.pull("1.9",
		cloudRow(t, "site", string(siteA), 1, map[string]any{"name": "Gate", "zone": "Europe/Berlin", "repeat_window_us": 5}),
		cloudRow(t, "site", "other", 2, map[string]any{"name": "Annex", "zone": "Europe/Madrid"}),
		cloudRow(t, "department", "d1", 3, map[string]any{"name": "Kitchen"}),
		cloudRow(t, "setting", "s1", 4, map[string]any{"key": "photos", "value": "no"}),
		cloudRow(t, "membership", string(member), 5, map[string]any{"name": "Ms. Boss", "role": "owner"}),
		employeeRow(t, bert, "13", "Bert", 1, 6), employeeRow(t, anna, "12", "Anna", 1, 7),
		cloudRow(t, "consent", "c1", 8, map[string]any{"employee_id": string(anna), "kind": "face", "given_on": "2026-01-02"}),
		cloudRow(t, "consent", "c2", 9, map[string]any{"employee_id": string(bert), "kind": "face", "given_on": "2026-01-02", "withdrawn_on": "2026-02-01"}))

	site := must(d.SiteOfDevice(t.Context()))(t)
	if want := (timeclock.Site{ID: siteA, Name: "Gate", Zone: "Europe/Berlin", RepeatWindow: 5}); site != want {
		t.Errorf("site = %+v, want %+v", site, want)
	}
	if sites := must(d.Sites(t.Context()))(t); len(sites) != 2 || sites[0].Name != "Annex" {
		t.Errorf("sites = %+v, want two by name", sites)
	}
	if diff := cmp.Diff(map[timeclock.DepartmentID]string{"d1": "Kitchen"}, must(d.Departments(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[timeclock.MembershipID]string{member: "Ms. Boss"}, must(d.MemberNames(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
	if v, ok, err := d.Setting(t.Context(), "photos"); v != "no" || !ok || err != nil {
		t.Errorf("setting = %q, %v, %v", v, ok, err)
	}
	if _, ok, err := d.Setting(t.Context(), "unknown"); ok || err != nil {
		t.Errorf("unknown setting: %v, %v", ok, err)
	}
	people := must(d.Employees(t.Context()))(t)
	want := timeclock.Employee{ID: anna, Number: "12", Name: "Anna", Site: siteA, Language: "de", Active: true}
	if len(people) != 2 || people[0] != want {
		t.Errorf("employees = %+v, want %+v first", people, want)
	}
	if e := must(d.EmployeeByNumber(t.Context(), "12"))(t); e != want {
		t.Errorf("number 12 = %+v, want %+v", e, want)
	}
	_, err = d.EmployeeByNumber(t.Context(), "99")
	wantErr(t, err, localdb.ErrNotFound)
	if day, ok, err := d.Consent(t.Context(), anna, timeclock.FaceTemplate); day != "2026-01-02" || !ok || err != nil {
		t.Errorf("consent = %q, %v, %v", day, ok, err)
	}
	if _, ok, err := d.Consent(t.Context(), bert, timeclock.FaceTemplate); ok || err != nil {
		t.Errorf("a withdrawn consent counts: %v, %v", ok, err)
	}
}

func TestDevicesAreNamedBySettings(t *testing.T) {
	d := newDevice(t)
	setting := func(seq int64, device timeclock.DeviceID, value string) op.Row {
		key := op.DeviceSetting(device)
		return cloudRow(t, "setting", key, seq, map[string]any{"key": key, "value": value})
	}
	if got := must(d.DeviceNames(t.Context()))(t); len(got) != 0 {
		t.Errorf("before the first pull: %v, want no names", got)
	}
	gone := setting(6, "gone", `{"name":"Cellar"}`)
	gone.Deleted = true
	d.pull("1.9", setting(1, deviceA, `{"name":"Gate","profile":"kiosk","site_id":"s"}`), setting(2, "other", `{"name":"Büro \"2\"","profile":"desktop"}`),
		setting(3, "nameless", `{"name":""}`), setting(4, "torn", `{"name":`), gone,
		cloudRow(t, "setting", "s1", 5, map[string]any{"key": "company.name", "value": `{"name":"no device"}`}),
		cloudRow(t, "setting", "s2", 7, map[string]any{"key": "device.", "value": `{"name":"no id"}`}))
	want := map[timeclock.DeviceID]string{deviceA: "Gate", "other": `Büro "2"`}
	if diff := cmp.Diff(want, must(d.DeviceNames(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
}
