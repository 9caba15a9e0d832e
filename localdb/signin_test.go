package localdb_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"clockface/localdb"
	"clockface/timeclock"
)

func TestAKeptGrantOpensWithItsSecretAlone(t *testing.T) {
	d := newDevice(t)
	_, err := d.OpenSignIn(t.Context(), []byte("secret"))
	wantErr(t, err, localdb.ErrNoGrant)

	d.signIn(timeclock.Manager, "older")
	first := d.signIn(timeclock.Manager, "secret")
	a := must(d.OpenSignIn(t.Context(), []byte("secret")))(t)
	if a.Grant.ID != first.Grant.ID || a.Name != "Ms. Boss" || a.Role != timeclock.Manager {
		t.Errorf("actor = %+v, want %+v", a, first)
	}
	p := d.punch(anna, timeclock.In)
	must(d.DecidePunch(t.Context(), a, p.ID, timeclock.Approve, ""))(t)

	_, err = d.OpenSignIn(t.Context(), []byte("older"))
	wantErr(t, err, localdb.ErrWrongSecret)
	d.pass(20 * 24 * time.Hour)
	_, err = d.OpenSignIn(t.Context(), []byte("secret"))
	wantErr(t, err, localdb.ErrGrantExpired)
}

func TestThePrivateKeyIsNotInTheFile(t *testing.T) {
	d := newDevice(t)
	answer, key := d.grant(timeclock.Manager)
	must(d.SaveSignIn(t.Context(), answer, key, []byte("secret")))(t)
	for _, name := range must(filepath.Glob(filepath.Join(d.dir, localdb.FileName+"*")))(t) {
		if bytes.Contains(must(os.ReadFile(name))(t), key.Seed()) {
			t.Errorf("%s holds the actor key in the clear", name)
		}
	}
}

func TestAGrantThatIsNotOursIsNotKept(t *testing.T) {
	d := newDevice(t)
	forged, key := d.grant(timeclock.Owner)
	forged.Grant.Membership = "somebody-else"
	_, err := d.SaveSignIn(t.Context(), forged, key, []byte("s"))
	wantErr(t, err, localdb.ErrInvalid)

	fine, _ := d.grant(timeclock.Owner)
	_, other, _ := ed25519.GenerateKey(nil)
	_, err = d.SaveSignIn(t.Context(), fine, other, []byte("s"))
	wantErr(t, err, localdb.ErrInvalid)
}

func TestWrongSecretsWaitLongerAndLonger(t *testing.T) {
	d := newDevice(t)
	d.signIn(timeclock.Manager, "secret")
	for range 3 {
		_, err := d.OpenSignIn(t.Context(), []byte("wrong"))
		wantErr(t, err, localdb.ErrWrongSecret)
	}
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		_, err := d.OpenSignIn(t.Context(), []byte("secret")) // even the right one waits
		var wait *localdb.WaitError
		if !errors.As(err, &wait) || wait.Wait != want {
			t.Fatalf("error = %v, want a wait of %s", err, want)
		}
		d.wall = d.wall.Add(-time.Hour) // setting the clock back does not help
		if _, err := d.OpenSignIn(t.Context(), []byte("secret")); !errors.As(err, &wait) || wait.Wait > want {
			t.Fatalf("error = %v after the clock was set back, want a wait of %s", err, want)
		}
		d.wall = d.wall.Add(time.Hour + want)
		_, err = d.OpenSignIn(t.Context(), []byte("wrong"))
		wantErr(t, err, localdb.ErrWrongSecret)
	}
	d.pass(10 * time.Minute)
	must(d.OpenSignIn(t.Context(), []byte("secret")))(t)
	_, err := d.OpenSignIn(t.Context(), []byte("wrong"))
	wantErr(t, err, localdb.ErrWrongSecret)
	must(d.OpenSignIn(t.Context(), []byte("secret")))(t) // the right one set the count back
}

func TestASessionLastsUntilSignOutOrExpiry(t *testing.T) {
	d := newDevice(t)
	_, err := d.UseSession(t.Context())
	wantErr(t, err, localdb.ErrNoGrant)
	a := d.signIn(timeclock.HR, "secret")
	if err := d.SaveSession(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(d.dir, "keys", "session")
	if info := must(os.Stat(file))(t); info.Mode().Perm() != 0o600 {
		t.Errorf("session file is %s", info.Mode())
	}
	again := must(d.UseSession(t.Context()))(t)
	d.put(again, "employee", string(anna), map[string]any{"number": "1", "name": "Anna"})

	d.pass(15 * 24 * time.Hour)
	_, err = d.UseSession(t.Context())
	wantErr(t, err, localdb.ErrGrantExpired)
	for range 2 {
		if err := d.EndSession(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	_, err = d.UseSession(t.Context())
	wantErr(t, err, localdb.ErrNoGrant)
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = d.UseSession(t.Context())
	wantErr(t, err, localdb.ErrNoGrant)
}

func TestPINTriesSurviveARestart(t *testing.T) {
	d := newDevice(t)
	at := timeclock.MicrosOf(d.wall)
	for i, ok := range []bool{false, true, false, false} {
		if err := d.AddPINTry(t.Context(), "12", at+timeclock.Micros(i), ok); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.AddPINTry(t.Context(), "13", at, false); err != nil {
		t.Fatal(err)
	}
	d.Close()
	d.open()
	if n := must(d.PINTries(t.Context(), "12", at+1))(t); n != 2 {
		t.Errorf("%d wrong tries since then, want 2", n)
	}
	last := must(d.LastPINTries(t.Context(), 3))(t)
	if len(last) != 3 || last[0].At != at || last[1].At != at+3 || last[1].OK {
		t.Errorf("last tries = %+v, want the newest first", last)
	}
}
