package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"clockface/cmd/internal/cloudtest"
	"clockface/localdb"
	"clockface/timeclock"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"clockface": main})
}

type cloudKey struct{}

// TestScripts runs the command as a process, each script with a cloud of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			c := cloudtest.Start(t)
			env.Values[cloudKey{}] = c
			env.Setenv("CLOUD", c.URL())
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits, "code": cmdCode, "token": cmdToken, "cloud": cmdCloud, "punch": cmdPunch, "hold": cmdHold,
		},
	})
}

func cloudOf(ts *testscript.TestScript) *cloudtest.Cloud {
	return ts.Value(cloudKey{}).(*cloudtest.Cloud)
}

// exits CODE PROGRAM ARGS… runs the program and wants that exit code.
func cmdExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s ended with exit code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// code VARIABLE PROFILE [expired] sets the variable to an enrol code.
func cmdCode(ts *testscript.TestScript, _ bool, args []string) {
	c, p := cloudOf(ts), timeclock.Profile(args[1])
	if len(args) > 2 {
		ts.Setenv(args[0], c.ExpiredCode(p))
		return
	}
	ts.Setenv(args[0], c.EnrollCode(p))
}

// token FILE writes a fresh token of the owner.
func cmdToken(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(cloudOf(ts).OwnerToken()+"\n"), 0o600))
}

// cloud stop|start|password LOGIN PASSWORD acts on the cloud.
func cmdCloud(ts *testscript.TestScript, _ bool, args []string) {
	switch c := cloudOf(ts); args[0] {
	case "stop":
		c.Stop()
	case "start":
		c.Restart()
	case "password":
		c.SetPassword(args[1], args[2])
	default:
		ts.Fatalf("cloud %s: unknown", args[0])
	}
}

// punch DIR NUMBER KIND records a punch as a kiosk does.
func cmdPunch(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	db, err := localdb.Open(ctx, ts.MkAbs(args[0]), localdb.Options{})
	ts.Check(err)
	defer db.Close()
	p, err := db.EmployeeByNumber(ctx, args[1])
	ts.Check(err)
	_, err = db.RecordPunch(ctx, localdb.NewPunch{Employee: p.ID, Kind: timeclock.PunchKind(args[2]), Method: timeclock.ByPIN,
		Confidence: 1, Source: timeclock.FromKiosk, Flags: timeclock.Flags{timeclock.PINTrouble}})
	ts.Check(err)
}

// hold DIR PROGRAM takes the data folder like a running program until the script ends.
func cmdHold(ts *testscript.TestScript, _ bool, args []string) {
	unlock, err := localdb.Lock(ts.MkAbs(args[0]), args[1])
	ts.Check(err)
	ts.Defer(unlock)
}
