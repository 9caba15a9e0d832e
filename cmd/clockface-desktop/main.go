// Command clockface-desktop is the supervisor's window: what needs a decision
// today, who is in, what each punch has been through. It works on this PC's
// replica, with or without a connection; the cloud gets the decisions when it
// can be reached.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // sites have zones that a small system may lack

	"fyne.io/fyne/v2"

	"clockface/cmd/internal/launch"
	"clockface/timeclock"
)

const description = `The supervisor's window.

A first start enrols this PC:

  clockface-desktop --cloud http://127.0.0.1:8080 --enroll-code CODE

Later ones remember where the cloud is. An owner.token in the data folder (made
by clockface-cloud init --owner-here DIR) signs the owner in without a password:

  clockface-desktop
  clockface-desktop --data DIR --token-file DIR/owner.token

Exit codes: 0 ended as asked; 1 failed, the sentence says why; 2 wrong flags;
3 not enrolled; 4 refused, e.g. a used enrol code; 5 the cloud is needed and
cannot be reached; 6 another program holds the data folder.`

const name = "clockface-desktop"

// program is what this one adds to how programs start.
func program() launch.Program {
	return launch.Program{Name: name, Description: description, Profile: timeclock.Desktop, Size: "1280x800, which is usual"}
}

// options are the flags.
type options struct {
	launch.Flags
	TokenFile string `help:"File with the owner's token. Default: owner.token in the data folder, where it exists." placeholder:"FILE"`
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// run is main without the process around it; it returns the exit code.
func run(args []string, out, errs io.Writer, getenv func(string) string) int {
	var o options
	return program().Run(&o, args, out, errs, getenv, func(ctx context.Context) error { return serve(ctx, o, out, errs) })
}

// serve opens the station and runs the window until it is closed or the context
// ends.
func serve(ctx context.Context, o options, out, errs io.Writer) (err error) {
	o.Data = program().Folder(o.Flags)
	size, err := o.WindowSize(fyne.NewSize(1280, 800))
	if err != nil {
		return err
	}
	report, closeReport, err := openReport(o.Stats, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeReport()) }()
	log := o.Log(errs)
	st, err := program().Open(ctx, o.Flags, log, errs, nil)
	if err != nil {
		return err
	}
	err = show(ctx, st, o, size, report, log)
	return errors.Join(err, st.Close())
}

// openReport opens where the diagnostics go: nowhere (nil), the standard output
// for -, or a file that is appended to.
func openReport(name string, out io.Writer) (io.Writer, func() error, error) {
	nothing := func() error { return nil }
	switch name {
	case "":
		return nil, nothing, nil
	case "-":
		return out, nothing, nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, &launch.UsageError{Sentence: fmt.Sprintf("The diagnostics cannot be written to %s: %v.", name, err)}
	}
	return f, f.Close, nil
}
