package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"clockface/cmd/internal/station"
	"clockface/face/models"
	"clockface/localdb"
	"clockface/localdb/vault"
	"clockface/sync/op"
)

type doctorCommand struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// Help is shown by --help.
func (doctorCommand) Help() string {
	return `Changes nothing and needs no sign-in. Ends with exit code 1 when something fails; warnings are no failure.

Example:
  clockface doctor --json

JSON: a list of {check, state, text, remedy}: check = data_folder, program, replica, enrolment, keys, sign_in, outbox, cloud, clock, models, camera; state = ok, warn, fail; remedy is empty where nothing is to be done.`
}

// finding is the outcome of one check.
type finding struct {
	Check  string `json:"check"`
	State  string `json:"state"`
	Text   string `json:"text"`
	Remedy string `json:"remedy"`
}

// The states of a finding.
const (
	fine    = "ok"
	warning = "warn"
	failure = "fail"
)

// errDoctor is what doctor ends with when a check failed.
var errDoctor = errors.New("something here does not work; the lines that begin with fail say what to do")

// Run makes every check and prints one line for each.
func (c *doctorCommand) Run(ctx context.Context, env *environment) error {
	findings := append(checkFolder(ctx, env), checkModels(), checkCamera())
	if c.JSON {
		if err := env.printJSON(findings); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			fmt.Fprintf(env.out, "%-4s  %-11s  %s\n", f.State, strings.ReplaceAll(f.Check, "_", " "), f.Text)
			if f.Remedy != "" {
				fmt.Fprintf(env.out, "                   → %s\n", f.Remedy)
			}
		}
	}
	for _, f := range findings {
		if f.State == failure {
			return errDoctor
		}
	}
	return nil
}

// checkFolder looks at the data folder and what is in it. What depends on a
// check that failed is left out.
func checkFolder(ctx context.Context, env *environment) []finding {
	dir := env.dir()
	if !holdsReplica(dir) {
		return []finding{{"data_folder", warning, "there is no replica in " + dir,
			"give the folder of a kiosk or desktop with --data, or enrol this one with: clockface device enroll --cloud URL --code CODE --profile kiosk|desktop"}}
	}
	found := []finding{checkWritable(dir), checkProgram(dir)}
	db, err := localdb.Open(ctx, dir, localdb.Options{})
	if err != nil {
		return append(found, failed("replica", err))
	}
	defer db.Close()
	if err := db.Check(ctx); err != nil {
		return append(found, failed("replica", err))
	}
	found = append(found, finding{"replica", fine, filepath.Join(dir, localdb.FileName) + " is whole", ""})
	id, err := db.Identity(ctx)
	if err != nil {
		return append(found, failed("enrolment", err))
	}
	found = append(found, finding{"enrolment", fine, fmt.Sprintf("%s %q of company %s", id.Profile, id.Name, id.Company), ""})
	if _, err := vault.Open(dir); err != nil {
		return append(found, failed("keys", err))
	}
	found = append(found, finding{"keys", fine, "device keys can be read", ""}, checkSignIn(ctx, db), checkOutbox(ctx, db))
	return append(found, checkCloud(ctx, env)...)
}

// failed makes a finding of an error by the sentence that explains it.
func failed(check string, err error) finding {
	sentence, _ := station.Explain(err)
	text, remedy, _ := strings.Cut(sentence, ". ")
	return finding{check, failure, strings.TrimSuffix(text, "."), remedy}
}

func checkWritable(dir string) finding {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return finding{"data_folder", failure, fmt.Sprintf("%s cannot be written: %v", dir, err),
			"give this user the right to write there, or make room on the disk"}
	}
	f.Close()
	os.Remove(f.Name())
	return finding{"data_folder", fine, dir, ""}
}

func checkProgram(dir string) finding {
	program, pid, held, err := localdb.LockedBy(dir)
	switch {
	case err != nil:
		return failed("program", err)
	case held:
		return finding{"program", fine, fmt.Sprintf("%s is running (process %d)", program, pid), ""}
	}
	return finding{"program", fine, "no kiosk or desktop is running on this folder", ""}
}

func checkSignIn(ctx context.Context, db *localdb.DB) finding {
	actor, err := db.UseSession(ctx)
	if err != nil {
		f := failed("sign_in", err)
		f.State = warning
		return f
	}
	return finding{"sign_in", fine, fmt.Sprintf("%s (%s), until %s", actor.Name, actor.Role, forPeople(actor.Grant.ExpiresUS)), ""}
}

func checkOutbox(ctx context.Context, db *localdb.DB) finding {
	w, err := db.SyncStatus(ctx)
	if err != nil {
		return failed("outbox", err)
	}
	text := fmt.Sprintf("%d waiting, %d refused, %d in conflict", w.Queued+w.Sent, w.Rejected, w.Conflicts)
	if w.Rejected+w.Conflicts > 0 {
		return finding{"outbox", warning, text, "see why with: clockface sync status"}
	}
	return finding{"outbox", fine, text, ""}
}

// checkCloud asks the cloud for its time.
func checkCloud(ctx context.Context, env *environment) []finding {
	s, err := env.open(ctx)
	if err != nil {
		return []finding{failed("cloud", err)}
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	offset, trip, err := s.Client.Time(ctx)
	if err != nil {
		return []finding{failed("cloud", err)}
	}
	answers := finding{"cloud", fine, fmt.Sprintf("%s answers in %s", s.Client.Address(), (time.Duration(trip) * time.Microsecond).Round(time.Millisecond)), ""}
	if !s.Client.Private() {
		answers.State, answers.Remedy = warning, "others on the network can read names and passwords: use an address with https"
	}
	return []finding{answers, judgeClock(offset)}
}

// judgeClock judges the offset of the cloud's clock to this device's, in
// microseconds. Punches are anchored to the cloud's time, so a wrong clock shows
// a wrong time but records the right one.
func judgeClock(offsetUS int64) finding {
	off := (time.Duration(offsetUS) * time.Microsecond).Round(time.Millisecond)
	text := fmt.Sprintf("this clock differs from the cloud's by %s", off.Abs())
	const remedy = "set date and time of this machine, best by network time"
	switch us := max(offsetUS, -offsetUS); {
	case us > int64(op.MaxSkew):
		return finding{"clock", failure, text, remedy}
	case off.Abs() > 2*time.Minute:
		return finding{"clock", warning, text, remedy}
	}
	return finding{"clock", fine, text, ""}
}

func checkModels() finding {
	dir, err := models.DefaultDir()
	if err != nil {
		return failed("models", err)
	}
	var names []string
	for _, p := range models.Packs() {
		var bad []string
		for _, f := range p.Files {
			if state := models.StateOf(dir, f); state != models.Good {
				bad = append(bad, fmt.Sprintf("%s is %s", f.Name, state))
			}
		}
		if len(bad) > 0 {
			return finding{"models", warning, fmt.Sprintf("in %s: %s", dir, strings.Join(bad, ", ")),
				"faces are not recognised until then; run: clockface models fetch " + p.Name}
		}
		names = append(names, p.Name)
	}
	return finding{"models", fine, strings.Join(names, ", ") + " in " + dir, ""}
}

// checkCamera lists the cameras that the kernel knows and that this user may open.
func checkCamera() finding {
	if runtime.GOOS != "linux" {
		return finding{"camera", warning, "cameras are not listed on this system", "start the kiosk with --camera camera:0 to try one"}
	}
	devices, err := filepath.Glob("/dev/video*")
	if err != nil || len(devices) == 0 {
		return finding{"camera", warning, "no camera is connected",
			"connect one, or play pictures with: clockface-kiosk --camera images:DIR"}
	}
	var usable []string
	for _, d := range devices {
		if f, err := os.OpenFile(d, os.O_RDWR, 0); err == nil {
			f.Close()
			usable = append(usable, d)
		}
	}
	if len(usable) == 0 {
		return finding{"camera", failure, strings.Join(devices, ", ") + " cannot be opened by this user",
			"add the user to the group video, and sign in to the system again"}
	}
	return finding{"camera", fine, strings.Join(usable, ", "), ""}
}
