package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clockface/cloud/store"
)

// clockface runs the program and returns what it wrote and its exit code.
func clockface(t *testing.T, in string, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(&terminal{ctx: t.Context(), in: strings.NewReader(in), out: &o, log: slog.New(slog.DiscardHandler)}, args, &e)
	return o.String(), e.String(), code
}

// must runs the program and requires success.
func must(t *testing.T, in string, args ...string) string {
	t.Helper()
	out, errs, code := clockface(t, in, args...)
	if code != 0 {
		t.Fatalf("clockface-cloud %s: exit %d: %s", strings.Join(args, " "), code, errs)
	}
	return out
}

func newDatabase(t *testing.T) string {
	t.Helper()
	db := "sqlite:" + filepath.Join(t.TempDir(), "cloud.db")
	must(t, "", "init", "--db", db, "--zone", "Europe/Berlin")
	return db
}

func TestInitMakesOneCompanyHoweverOftenItRuns(t *testing.T) {
	dir := t.TempDir()
	args := []string{"init", "--db", "sqlite:" + filepath.Join(dir, "cloud.db"), "--company", "Bright Bakery", "--zone", "UTC", "--owner-here", filepath.Join(dir, "own")}
	var first, second store.Company
	if err := json.Unmarshal([]byte(must(t, "", append(args, "--json")...)), &first); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "own", ownerToken)
	token, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("token file: %v %v, want 0600", info.Mode(), err)
	}
	if err := json.Unmarshal([]byte(must(t, "", append(args, "--json")...)), &second); err != nil {
		t.Fatal(err)
	}
	if first != second || first.ID == "" || first.Site == "" || first.Owner == "" {
		t.Errorf("first %+v, second %+v", first, second)
	}
	if out := must(t, "", args...); !strings.HasPrefix(out, "already initialised") {
		t.Errorf("output %q", out)
	}
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, token) {
		t.Error("the token changed although its file was there")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	must(t, "", args...)
	if again, err := os.ReadFile(file); err != nil || bytes.Equal(again, token) {
		t.Errorf("a lost token was not made anew: %v", err)
	}
}

func TestAPasswordEndsTheToken(t *testing.T) {
	db := newDatabase(t)
	must(t, "correct horse\n", "account", "set-password", "--db", db, "--login", "olga")
	_, errs, code := clockface(t, "", "init", "--db", db, "--owner-here", t.TempDir())
	if code != exitFailed || !strings.Contains(errs, "sign in with login and password") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestInitTakesALoginWithItsPassword(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "cloud.db")
	must(t, "correct horse\n", "init", "--db", db, "--login", "Olga@Example.com", "--password-stdin", "--zone", "UTC")
	must(t, "battery staple\n", "account", "set-password", "--db", db, "--login", "olga@example.com")
}

func TestEnrollCodeIsPrintedAlone(t *testing.T) {
	db := newDatabase(t)
	out := must(t, "", "enroll-code", "--db", db, "--profile", "kiosk", "--site", "Main site")
	if len(strings.TrimSpace(out)) != 11 || strings.Count(out, "\n") != 1 {
		t.Errorf("output %q, want one code", out)
	}
}

func TestTheLogIsVerifiedAndTheTablesRebuilt(t *testing.T) {
	db := newDatabase(t)
	if out := must(t, "", "verify", "--db", db); out != "verified: 1 devices, 3 ops, 1 checkpoints, 0 punches\n" {
		t.Errorf("verify: %q", out)
	}
	if out := must(t, "", "rebuild", "--db", db); out != "rebuilt\n" {
		t.Errorf("rebuild: %q", out)
	}
}

func TestDevicesAreListedAndRevoked(t *testing.T) {
	db := newDatabase(t)
	lines := strings.Split(strings.TrimSpace(must(t, "", "device", "list", "--db", db)), "\n")
	if len(lines) != 2 || !strings.Contains(lines[1], "cloud") || !strings.Contains(lines[1], "active") {
		t.Fatalf("devices: %q", lines)
	}
	_, errs, code := clockface(t, "", "device", "revoke", "--db", db, "nobody")
	if code != exitFailed || !strings.Contains(errs, "device list") {
		t.Errorf("unknown device: exit %d %q", code, errs)
	}
}

func TestErrorsSayWhatToDoAndHaveTheirExitCode(t *testing.T) {
	db := newDatabase(t)
	for what, c := range map[string]struct {
		in   string
		args []string
		code int
		says string
	}{
		"no such command":  {"", []string{"fly"}, exitUsage, "--help"},
		"no database":      {"", []string{"serve"}, exitUsage, "--db"},
		"not a profile":    {"", []string{"enroll-code", "--db", db, "--profile", "watch", "--site", "x"}, exitUsage, "--profile"},
		"not a site":       {"", []string{"enroll-code", "--db", db, "--profile", "kiosk", "--site", "Mars"}, exitFailed, "--site"},
		"not a zone":       {"", []string{"init", "--db", db, "--zone", "Mars/North"}, exitUsage, "--zone"},
		"login alone":      {"", []string{"init", "--db", db, "--login", "x"}, exitUsage, "--password-stdin"},
		"short password":   {"short", []string{"account", "set-password", "--db", db, "--login", "x"}, exitUsage, "8 characters"},
		"no key file":      {"", []string{"serve", "--db", "sqlite:" + filepath.Join(t.TempDir(), "x.db")}, exitFailed, "init"},
		"database away":    {"", []string{"init", "--db", "postgres://127.0.0.1:1/x?connect_timeout=2", "--key", filepath.Join(t.TempDir(), "k"), "--zone", "UTC"}, exitUnreachable, "--db"},
		"not a database":   {"", []string{"init", "--db", "mysql://x", "--key", filepath.Join(t.TempDir(), "k"), "--zone", "UTC"}, exitUsage, "sqlite:PATH"},
		"address in error": {"", []string{"serve", "--db", db, "--addr", "nowhere"}, exitFailed, "nowhere"},
	} {
		_, errs, code := clockface(t, c.in, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d %q, want %d and %q", what, code, errs, c.code, c.says)
		}
	}
	if out, _, code := clockface(t, "", "init", "--help"); code != 0 || !strings.Contains(out, "Examples:") {
		t.Errorf("help: exit %d %q", code, out)
	}
}

func TestAnAddressThatIsNoneLeavesNothingBehind(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, command := range [][]string{{"init"}, {"serve"}, {"device", "list"}, {"account", "set-password", "--login", "x"}} {
		_, errs, code := clockface(t, "correct horse\n", append(command, "--db", "/srv/cloud.db")...)
		if code != exitUsage || !strings.Contains(errs, "sqlite:PATH") {
			t.Errorf("%s: exit %d %q", command, code, errs)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestServeSaysWhereAndEndsWithItsSignal(t *testing.T) {
	db := newDatabase(t)
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int)
	go func() {
		ended <- run(&terminal{ctx: ctx, out: write, log: slog.New(slog.DiscardHandler)}, []string{"serve", "--db", db, "--addr", "127.0.0.1:0"}, io.Discard)
	}()
	line := make([]byte, 200)
	n, err := read.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "clockface-cloud: listening on ")
	if !ok {
		t.Fatalf("first line %q", line[:n])
	}
	res, err := http.Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("health: %d %v", res.StatusCode, err)
	}
	stop()
	select {
	case code := <-ended:
		if code != 0 {
			t.Errorf("exit %d after the signal", code)
		}
	case <-time.After(10 * time.Second):
		t.Error("serve goes on after the signal")
	}
}
