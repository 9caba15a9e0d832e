package station

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clockface/cmd/internal/cloudtest"
	"clockface/localdb"
	punchsync "clockface/sync"
	"clockface/sync/op"
	"clockface/timeclock"
)

// wantExplained fails unless err has that exit code and its sentence holds the text.
func wantExplained(t *testing.T, err error, exit int, text string) {
	t.Helper()
	sentence, code := Explain(err)
	if code != exit || !strings.Contains(sentence, text) {
		t.Errorf("%v\n is %d %q\n want %d …%s…", err, code, sentence, exit, text)
	}
}

func TestStartsThatFail(t *testing.T) {
	c := cloudtest.Start(t)
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<html>Welcome to our Wi-Fi</html>")
	}))
	defer portal.Close()
	plain := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	used := c.EnrollCode(timeclock.Kiosk)
	if s, err := Open(t.Context(), Config{Dir: t.TempDir(), CloudURL: c.URL(), EnrollCode: used, Profile: timeclock.Kiosk}); err != nil {
		t.Fatal(err)
	} else {
		s.Close()
	}
	for name, test := range map[string]struct {
		config Config
		exit   int
		text   string
	}{
		"nothing is known":    {Config{}, ExitNotEnrolled, "clockface-cloud enroll-code --db DB --profile kiosk"},
		"code without cloud":  {Config{EnrollCode: "X"}, ExitNotEnrolled, "--cloud URL --enroll-code CODE"},
		"used code":           {Config{CloudURL: c.URL(), EnrollCode: used}, ExitRefused, "was used before"},
		"expired code":        {Config{CloudURL: c.URL(), EnrollCode: c.ExpiredCode(timeclock.Kiosk)}, ExitRefused, "older than 15 minutes"},
		"other profile":       {Config{CloudURL: c.URL(), EnrollCode: c.EnrollCode(timeclock.Desktop)}, ExitRefused, "the enrol code is for a desktop. Make a new one for this program"},
		"no cloud there":      {Config{CloudURL: "http://127.0.0.1:1", EnrollCode: "K7QX2-M4P"}, ExitUnreachable, "Check the network"},
		"a portal":            {Config{CloudURL: portal.URL, EnrollCode: "K7QX2-M4P"}, ExitUnreachable, "not a Clockface cloud"},
		"no address":          {Config{CloudURL: "clock.example.com", EnrollCode: "K7QX2-M4P"}, ExitUsage, "https://"},
		"folder is no folder": {Config{Dir: plain, CloudURL: c.URL(), EnrollCode: "K7QX2-M4P"}, ExitFailed, plain},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.Profile, test.config.Program = timeclock.Kiosk, "clockface-kiosk"
			if test.config.Dir == "" {
				test.config.Dir = t.TempDir()
			}
			s, err := Open(t.Context(), test.config)
			if err == nil {
				s.Close()
				t.Fatal("it started")
			}
			wantExplained(t, err, test.exit, test.text)
			// The folder is free again for another try.
			if unlock, err := localdb.Lock(test.config.Dir, "test"); err != nil && test.config.Dir != plain {
				t.Errorf("after the failure: %v", err)
			} else if err == nil {
				unlock()
			}
		})
	}
}

func TestOneProgramAtATime(t *testing.T) {
	c := cloudtest.Start(t)
	dir := t.TempDir()
	kiosk := enrolled(t, c, timeclock.Kiosk, dir)
	_, err := Open(t.Context(), Config{Dir: dir, Profile: timeclock.Kiosk, Program: "clockface-kiosk"})
	wantExplained(t, err, ExitInUse, "in use by clockface-kiosk")
	beside, err := OpenBeside(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatalf("the command beside it: %v", err)
	}
	defer beside.Close()
	if err := errors.Join(kiosk.Close(), kiosk.Close()); err != nil {
		t.Errorf("close twice: %v", err)
	}
	again, err := Open(t.Context(), Config{Dir: dir, Profile: timeclock.Kiosk, Program: "clockface-kiosk"})
	if err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
	again.Close()
}

func TestEnrolledFolderGoesOn(t *testing.T) {
	c := cloudtest.Start(t)
	dir := t.TempDir()
	enrolled(t, c, timeclock.Kiosk, dir).Close()
	c.Stop() // an enrolled device starts without a cloud
	s, err := Open(t.Context(), Config{Dir: dir, CloudURL: "http://127.0.0.1:1", EnrollCode: "whatever", Profile: timeclock.Kiosk, Program: "clockface-kiosk"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	notes := strings.Join(s.Notes, "\n")
	if strings.Contains(notes, "not encrypted") {
		t.Errorf("a warning about this machine's own address: %s", notes)
	}
	if !strings.Contains(notes, "code was not used") || !strings.Contains(notes, "address is now http://127.0.0.1:1") {
		t.Errorf("notes: %s", notes)
	}
	if id, err := s.DB.Identity(t.Context()); err != nil || id.CloudURL != "http://127.0.0.1:1" {
		t.Errorf("remembered address %q, %v", id.CloudURL, err)
	}
}

func TestWayThatOthersCanReadIsNamed(t *testing.T) {
	c := cloudtest.Start(t)
	dir := t.TempDir()
	enrolled(t, c, timeclock.Kiosk, dir).Close()
	s, err := Open(t.Context(), Config{Dir: dir, CloudURL: "http://clock.example.com", Profile: timeclock.Kiosk, Program: "clockface-kiosk"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if notes := strings.Join(s.Notes, "\n"); !strings.Contains(notes, "not encrypted") {
		t.Errorf("notes: %s", notes)
	}
}

func TestFirstKioskMakesTheCompanyKey(t *testing.T) {
	c := cloudtest.Start(t)
	kiosk := enrolled(t, c, timeclock.Kiosk, t.TempDir())
	kiosk.drain(t)
	desktop := enrolled(t, c, timeclock.Desktop, t.TempDir())
	wantEqual(t, c, []*device{kiosk, desktop}, "company_key", 1)

	// A desktop can set a PIN with it.
	actor, err := desktop.SignInWithToken(t.Context(), c.OwnerToken())
	if err != nil {
		t.Fatal(err)
	}
	who := timeclock.EmployeeID(op.NewID())
	if err := desktop.DB.Put(t.Context(), actor, "employee", string(who), map[string]any{"number": "1", "name": "Ada", "active": true}, nil); err != nil {
		t.Fatal(err)
	}
	if err := desktop.DB.SetPIN(t.Context(), desktop.Keys, actor, who, "4711"); err != nil {
		t.Fatal(err)
	}
	desktop.drain(t)
	kiosk.drain(t)
	if rows := rows(t, c.File, "credential"); len(rows) != 1 {
		t.Errorf("%d credentials in the cloud, want 1", len(rows))
	}
}

func TestSignInWithoutTheCloud(t *testing.T) {
	c := cloudtest.Start(t)
	ctx := t.Context()
	desktop := enrolled(t, c, timeclock.Desktop, t.TempDir())
	c.SetPassword("owner@example.com", "correct horse battery")
	if _, err := desktop.SignIn(ctx, "owner@example.com", "wrong"); err == nil {
		t.Error("a wrong password signed in")
	} else {
		wantExplained(t, err, ExitRefused, "not right")
	}
	if a, err := desktop.SignIn(ctx, "Owner@Example.com ", "correct horse battery"); err != nil || a.Role != timeclock.Owner {
		t.Fatalf("sign in: %v", err)
	}
	c.Stop()
	if a, err := desktop.SignIn(ctx, "owner@example.com", "correct horse battery"); err != nil || a.Name == "" {
		t.Errorf("offline sign-in: %v", err)
	}
	_, err := desktop.SignIn(ctx, "owner@example.com", "wrong")
	wantExplained(t, err, ExitRefused, "not right")
}

func TestSignInWithoutTheCloudAndWithoutAGrant(t *testing.T) {
	c := cloudtest.Start(t)
	desktop := enrolled(t, c, timeclock.Desktop, t.TempDir())
	c.Stop()
	_, err := desktop.SignIn(t.Context(), "owner@example.com", "correct horse battery")
	wantExplained(t, err, ExitUnreachable, "cannot be reached")
}

// hire adds a person at the desktop and brings it to the kiosk.
func hire(t *testing.T, c *cloudtest.Cloud, desktop, kiosk *device) timeclock.EmployeeID {
	t.Helper()
	actor, err := desktop.SignInWithToken(t.Context(), c.OwnerToken())
	if err != nil {
		t.Fatal(err)
	}
	who := timeclock.EmployeeID(op.NewID())
	if err := desktop.DB.Put(t.Context(), actor, "employee", string(who), map[string]any{"number": "7", "name": "Ada Lovelace", "active": true}, nil); err != nil {
		t.Fatal(err)
	}
	desktop.drain(t)
	kiosk.drain(t)
	return who
}

func TestCommandPushesBesideTheRunningKiosk(t *testing.T) {
	c := cloudtest.Start(t)
	dir := t.TempDir()
	kiosk := enrolled(t, c, timeclock.Kiosk, dir)
	desktop := enrolled(t, c, timeclock.Desktop, t.TempDir())
	who := hire(t, c, desktop, kiosk)
	beside, err := OpenBeside(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var loops sync.WaitGroup
	loops.Go(func() { kiosk.Replicator.Run(ctx) })
	for range 20 {
		kiosk.punch(t, who, timeclock.In)
		if _, err := beside.Replicator.Once(ctx); err != nil {
			t.Errorf("beside: %v", err)
		}
	}
	cancel()
	loops.Wait()
	kiosk.drain(t)
	desktop.drain(t)
	wantEqual(t, c, []*device{kiosk, desktop}, "punch", 20)
}

func TestDeviceWithAWrongClockRecordsTheRightTime(t *testing.T) {
	c := cloudtest.Start(t)
	kiosk := enrolled(t, c, timeclock.Kiosk, t.TempDir())
	desktop := enrolled(t, c, timeclock.Desktop, t.TempDir())
	who := hire(t, c, desktop, kiosk)
	c.Stop()
	c.Skew = 3 * time.Hour // as if both devices were three hours behind
	c.Restart()
	id := kiosk.punch(t, who, timeclock.In)
	kiosk.drain(t)
	desktop.drain(t)
	wantEqual(t, c, []*device{kiosk, desktop}, "punch", 1)
	e, err := desktop.DB.Entry(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if off := time.Until(e.At.Time()) - c.Skew; off < -time.Minute || off > time.Minute {
		t.Errorf("recorded %v from now, want %v", time.Until(e.At.Time()), c.Skew)
	}
	if !e.Flags.Has(timeclock.ClockSuspect) || e.TimeSource != "mono" {
		t.Errorf("flags %q, time source %q", e.Flags, e.TimeSource)
	}
}

func TestRevokedKioskDropsNoPunch(t *testing.T) {
	c := cloudtest.Start(t)
	kiosk := enrolled(t, c, timeclock.Kiosk, t.TempDir())
	desktop := enrolled(t, c, timeclock.Desktop, t.TempDir())
	who := hire(t, c, desktop, kiosk)
	c.Revoke(kiosk.Identity.Device)
	id := kiosk.punch(t, who, timeclock.In)
	_, err := kiosk.Replicator.Once(t.Context())
	if !punchsync.HasCode(err, op.CodeUnauthorized) || !kiosk.Replicator.State().Revoked {
		t.Errorf("err %v, state %+v", err, kiosk.Replicator.State())
	}
	wantExplained(t, err, ExitRefused, "revoked")
	states, err := kiosk.DB.SyncStates(t.Context(), []timeclock.PunchID{id})
	if err != nil || states[id] != op.Quarantined {
		t.Errorf("the punch is %q, want quarantined; %v", states[id], err)
	}
	if e, err := kiosk.DB.Entry(t.Context(), id); err != nil || e.ID != id {
		t.Errorf("the punch is not on the kiosk any more: %v", err)
	}
}

func TestExplainNeverStaysSilent(t *testing.T) {
	for _, err := range []error{errors.New("x"), errors.New(""), fmt.Errorf("round: %w", context.DeadlineExceeded),
		&punchsync.CloudError{Problem: op.Problem{Code: "new_code", Title: "something new"}}} {
		if sentence, code := Explain(err); code == ExitOK || !strings.HasSuffix(sentence, ".") {
			t.Errorf("%#v is %d %q", err, code, sentence)
		}
	}
	if sentence, code := Explain(nil); sentence != "" || code != ExitOK {
		t.Errorf("no error is %d %q", code, sentence)
	}
}
