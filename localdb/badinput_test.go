package localdb_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clockface/localdb"
	"clockface/timeclock"
)

func TestADamagedFileIsNamedWithItsRemedy(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, localdb.FileName)
	if err := os.WriteFile(file, []byte(strings.Repeat("this is no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := localdb.Open(t.Context(), dir, localdb.Options{})
	var damaged *localdb.CorruptError
	if !errors.As(err, &damaged) || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "backup") {
		t.Errorf("error = %v, want the file and what to do", err)
	}
}

func TestDamageInsideTheFileIsFoundByCheck(t *testing.T) {
	d := newDevice(t)
	for range 50 {
		d.punch(anna, timeclock.In)
	}
	d.Close()
	file := filepath.Join(d.dir, localdb.FileName)
	b := must(os.ReadFile(file))(t)
	for i := len(b) / 2; i < len(b)/2+6000; i++ {
		b[i] ^= 0x5a
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	db, err := localdb.Open(t.Context(), d.dir, localdb.Options{})
	if err == nil {
		defer db.Close()
		err = db.Check(t.Context())
	}
	var damaged *localdb.CorruptError
	if !errors.As(err, &damaged) {
		t.Errorf("error = %v, want a CorruptError", err)
	}
}

func TestAFullDiskRecordsNothingAndSaysSo(t *testing.T) {
	d := newDevice(t)
	d.LimitPages(t, 60)
	recorded := 0
	var err error
	for range 1000 {
		_, err = d.RecordPunch(t.Context(), localdb.NewPunch{Employee: anna, Kind: timeclock.In, Method: timeclock.ByPIN,
			Source: timeclock.FromKiosk, Place: strings.Repeat("x", 500)})
		if err != nil {
			break
		}
		recorded++
	}
	wantErr(t, err, localdb.ErrDiskFull)
	if got := len(must(d.Entries(t.Context(), localdb.Query{}))(t)); got != recorded {
		t.Errorf("%d punches are there, %d were acknowledged", got, recorded)
	}
	if got := len(chainOf(t, d.dir)); got != recorded {
		t.Errorf("%d ops are there, %d were acknowledged", got, recorded)
	}
	d.LimitPages(t, 100_000)
	d.punch(anna, timeclock.Out) // goes on once there is space
}

func TestANewerReplicaIsNotTouched(t *testing.T) {
	d := newDevice(t)
	d.Close()
	raw := openRaw(t, filepath.Join(d.dir, localdb.FileName))
	if _, err := raw.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	_, err := localdb.Open(t.Context(), d.dir, localdb.Options{})
	if err == nil || !strings.Contains(err.Error(), "newer Clockface") {
		t.Errorf("error = %v, want it to name the newer program", err)
	}
}

func TestCloseIsSafeTwiceAndEndsEverything(t *testing.T) {
	d := newDevice(t)
	hints := d.Changes()
	for range 2 {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	for range hints { // ends, since Close closes it
	}
	if _, err := d.RecordPunch(t.Context(), localdb.NewPunch{Employee: anna, Kind: timeclock.In, Method: timeclock.ByPIN}); err == nil {
		t.Error("a closed replica took a punch")
	}
	if _, err := d.Employees(t.Context()); err == nil {
		t.Error("a closed replica answered")
	}
	if _, open := <-d.Changes(); open {
		t.Error("a closed replica promises hints")
	}
}
