package localdb_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// roleEnv makes the test binary act as another program on the folder named in
// folderEnv.
const (
	roleEnv   = "LOCALDB_TEST_ROLE"
	folderEnv = "LOCALDB_TEST_FOLDER"
	countEnv  = "LOCALDB_TEST_COUNT"
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleEnv) {
	case "":
		if err := flag.Set("rapid.checks", "15"); err != nil { // each case writes to a disk; more on the command line
			exitWith(err)
		}
		os.Exit(m.Run())
	case "punch":
		exitWith(punchAndPrint(os.Getenv(folderEnv), os.Getenv(countEnv)))
	case "lock":
		exitWith(lockAndWait(os.Getenv(folderEnv)))
	}
}

func exitWith(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// punchAndPrint records punches and prints each id once it is durable.
func punchAndPrint(dir, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := localdb.Open(ctx, dir, localdb.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	for range n {
		p, err := db.RecordPunch(ctx, localdb.NewPunch{Employee: anna, Kind: timeclock.In, Method: timeclock.ByPIN, Confidence: 1, Source: timeclock.FromKiosk})
		if err != nil {
			return err
		}
		fmt.Println(p.ID)
	}
	return nil
}

func lockAndWait(dir string) error {
	unlock, err := localdb.Lock(dir, "clockface-kiosk")
	if err != nil {
		return err
	}
	defer unlock()
	fmt.Println("locked")
	_, err = io.Copy(io.Discard, os.Stdin) // until the test closes it or kills us
	return err
}

func victim(t *testing.T, role, dir string, count int) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), exe)
	c.Env = append(os.Environ(), roleEnv+"="+role, folderEnv+"="+dir, countEnv+"="+strconv.Itoa(count))
	c.Stderr = os.Stderr
	return c
}

func enrolled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	db := must(localdb.Open(t.Context(), dir, localdb.Options{}))(t)
	defer db.Close()
	err := db.SaveEnrolment(t.Context(), localdb.Identity{Company: company, Device: deviceA, Site: siteA, Profile: timeclock.Kiosk,
		CloudKey: make([]byte, ed25519.PublicKeySize)})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// chainOf returns every op and fails unless the chain is contiguous and every
// hash can be computed again.
func chainOf(t *testing.T, dir string) []op.Op {
	t.Helper()
	raw := openRaw(t, filepath.Join(dir, localdb.FileName))
	rows, err := raw.QueryContext(t.Context(), "SELECT n, op_id, kind, body, asig, h FROM op ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var ops []op.Op
	var prev []byte
	for rows.Next() {
		var o op.Op
		var h []byte
		if err := rows.Scan(&o.N, &o.ID, &o.Kind, &o.Body, &o.ASig, &h); err != nil {
			t.Fatal(err)
		}
		if o.N != int64(len(ops)+1) {
			t.Fatalf("op %d follows op %d", o.N, len(ops))
		}
		if prev = op.ChainHash(prev, company, deviceA, o); !bytes.Equal(prev, h) {
			t.Fatalf("hash of op %d does not fit", o.N)
		}
		ops = append(ops, o)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return ops
}

func TestKilledInMidRunLosesNothingThatWasShown(t *testing.T) {
	dir := enrolled(t)
	shown := map[string]bool{}
	for kill := range 4 {
		c := victim(t, "punch", dir, 1_000_000)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for seen := 0; lines.Scan(); seen++ {
			if len(lines.Text()) == len(op.NewID()) { // a whole line: the last may be cut by the kill
				shown[lines.Text()] = true
			}
			if seen == 15+10*kill {
				c.Process.Kill()
			}
		}
		c.Wait() // killed
	}
	db := must(localdb.Open(t.Context(), dir, localdb.Options{}))(t)
	defer db.Close()
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	ops := chainOf(t, dir)
	entries := must(db.Entries(t.Context(), localdb.Query{}))(t)
	if len(entries) != len(ops) {
		t.Errorf("%d punches and %d ops, want as many", len(entries), len(ops))
	}
	for _, e := range entries {
		delete(shown, string(e.ID))
	}
	if len(shown) > 0 {
		t.Errorf("%d punches were shown and are gone: %v", len(shown), shown)
	}
}

func TestTwoProgramsWriteOneChain(t *testing.T) {
	dir := enrolled(t)
	db := must(localdb.Open(t.Context(), dir, localdb.Options{}))(t)
	defer db.Close()
	hints := db.Changes()
	punch := func() {
		must(db.RecordPunch(t.Context(), localdb.NewPunch{Employee: bert, Kind: timeclock.In, Method: timeclock.ByPIN, Source: timeclock.FromKiosk}))(t)
	}
	const each = 60
	punch()
	other := victim(t, "punch", dir, each)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan() // the other one is at work now
	for range each - 1 {
		punch()
	}
	for lines.Scan() {
	}
	if err := other.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := len(chainOf(t, dir)); got != 2*each {
		t.Errorf("%d ops, want %d", got, 2*each)
	}
	settle(hints)
	if _, _, _, err := db.Outbox(t.Context(), 1, 1); err != nil {
		t.Fatal(err)
	}
	settle(hints)
	ops, _, _, err := db.Outbox(t.Context(), 1, 1) // sent before: marks nothing
	if err != nil || len(ops) != 1 {
		t.Fatal(len(ops), err)
	}
	select {
	case <-hints:
		t.Error("a hint though nothing changed")
	case <-time.After(1200 * time.Millisecond): // two polls
	}
	if err := victim(t, "punch", dir, 1).Run(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hints:
	case <-time.After(10 * time.Second):
		t.Error("no hint of the other program's commit")
	}
}

// settle takes hints until none comes for longer than the replica polls.
func settle(hints <-chan struct{}) {
	for {
		select {
		case <-hints:
		case <-time.After(700 * time.Millisecond):
			return
		}
	}
}

func TestASecondProgramIsToldWhoHoldsTheFolder(t *testing.T) {
	dir := t.TempDir()
	c := victim(t, "lock", dir, 0)
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	bufio.NewReader(out).ReadString('\n')
	_, err = localdb.Lock(dir, "clockface-desktop")
	var used *localdb.InUseError
	if !errors.As(err, &used) || used.Program != "clockface-kiosk" || used.PID != c.Process.Pid {
		t.Errorf("error = %v, want it to name clockface-kiosk and %d", err, c.Process.Pid)
	}
	if program, _, held, err := localdb.LockedBy(dir); err != nil || !held || program != "clockface-kiosk" {
		t.Errorf("locked by %q, %v, %v", program, held, err)
	}
	c.Process.Kill()
	c.Wait()
	stdin.Close()
	unlock, err := localdb.Lock(dir, "clockface-desktop")
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	unlock()
	unlock()
	if _, _, held, err := localdb.LockedBy(dir); held || err != nil {
		t.Errorf("held = %v, %v after unlock", held, err)
	}
}

// A write-ahead log that power loss cut short holds all that was acknowledged
// before the cut: SQLite ends it at the last whole commit.
func TestPowerLossKeepsEveryAcknowledgedCommit(t *testing.T) {
	dir := enrolled(t)
	db := must(localdb.Open(t.Context(), dir, localdb.Options{}))(t)
	defer db.Close()
	var ids []timeclock.PunchID
	var sizes []int64 // of the log when the punch was acknowledged
	for range 12 {
		p := must(db.RecordPunch(t.Context(), localdb.NewPunch{Employee: anna, Kind: timeclock.In, Method: timeclock.ByPIN, Source: timeclock.FromKiosk}))(t)
		info := must(os.Stat(filepath.Join(dir, localdb.FileName+"-wal")))(t)
		ids, sizes = append(ids, p.ID), append(sizes, info.Size())
	}
	for i, size := range sizes {
		for _, extra := range []int64{0, 1, 100, 3000} {
			cut := t.TempDir()
			copyPart(t, filepath.Join(dir, localdb.FileName), filepath.Join(cut, localdb.FileName), -1)
			copyPart(t, filepath.Join(dir, localdb.FileName+"-wal"), filepath.Join(cut, localdb.FileName+"-wal"), size+extra)
			after := must(localdb.Open(t.Context(), cut, localdb.Options{}))(t)
			for _, id := range ids[:i+1] {
				if _, err := after.Entry(t.Context(), id); err != nil {
					t.Errorf("log cut %d bytes after commit %d: %v", extra, i, err)
				}
			}
			after.Close()
		}
	}
}

func copyPart(t *testing.T, from, to string, size int64) {
	t.Helper()
	b := must(os.ReadFile(from))(t)
	if size >= 0 && size < int64(len(b)) {
		b = b[:size]
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReadingDoesNotWaitForAWriter(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	raw := openRaw(t, filepath.Join(d.dir, localdb.FileName))
	conn := must(raw.Conn(t.Context()))(t)
	defer conn.Close()
	for _, text := range []string{"BEGIN IMMEDIATE", "DELETE FROM punch"} {
		if _, err := conn.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	if _, err := d.Entry(ctx, p.ID); err != nil {
		t.Errorf("read beside a writer: %v", err)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := enrolled(t)
	db := must(localdb.Open(t.Context(), dir, localdb.Options{}))(t)
	defer db.Close()
	backup := filepath.Join(t.TempDir(), "copy.db")
	if err := db.BackupTo(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if err := db.BackupTo(t.Context(), backup); err == nil {
		t.Error("an existing file was overwritten")
	}
	files := must(filepath.Glob(filepath.Join(dir, localdb.FileName+"*")))(t)
	if len(files) < 3 {
		t.Errorf("files = %v, want the database, its log and index", files)
	}
	for _, f := range append(files, backup) {
		if info := must(os.Stat(f))(t); info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %s", f, info.Mode())
		}
	}
	if _, err := localdb.Open(t.Context(), filepath.Join(backup, "no-folder"), localdb.Options{}); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("error = %v, want a remedy", err)
	}
}
