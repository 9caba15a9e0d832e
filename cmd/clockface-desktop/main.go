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
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // sites have zones that a small system may lack

	"github.com/alecthomas/kong"

	"clockface/cmd/internal/station"
	"clockface/timeclock"
)

const program = "clockface-desktop"

const description = `The supervisor's window.

A first start enrols this PC:

  clockface-desktop --cloud http://127.0.0.1:8443 --enroll-code CODE

Later ones remember where the cloud is. An owner.token in the data folder (made
by clockface-cloud init --owner-here DIR) signs the owner in without a password:

  clockface-desktop
  clockface-desktop --data DIR --token-file DIR/owner.token

Exit codes: 0 ended as asked; 1 failed, the sentence says why; 2 wrong flags;
3 not enrolled; 4 refused, e.g. a used enrol code; 5 the cloud is needed and
cannot be reached; 6 another program holds the data folder.`

// options are the flags.
type options struct {
	Data       string `help:"Data folder of this PC." placeholder:"DIR"`
	Cloud      string `help:"Address of the cloud; remembered from then on." placeholder:"URL"`
	EnrollCode string `help:"Single-use code that enrols this PC." placeholder:"CODE"`
	TokenFile  string `help:"File with the owner's token. Default: owner.token in the data folder, where it exists." placeholder:"FILE"`
	Lang       string `help:"Language until somebody chooses another: en, de or es." default:"${language}" placeholder:"TAG"`
	Dark       bool   `help:"Dark window until somebody chooses another look." xor:"look"`
	Contrast   bool   `help:"High contrast until somebody chooses another look." xor:"look"`
	Size       string `help:"Size of the window at the start." default:"1280x800" placeholder:"WxH"`
	Stats      string `help:"Write diagnostics as JSON lines: screens, where their parts are, what was decided. - is the standard output." placeholder:"FILE"`
	Verbose    bool   `short:"v" help:"Log more."`
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// run is main without the process around it; it returns the exit code.
func run(args []string, out, errs io.Writer, getenv func(string) string) int {
	var o options
	parser, err := kong.New(&o, kong.Name(program), kong.Description(description), kong.Writers(out, errs),
		kong.Vars{"language": languageOf(getenv)}, kong.Exit(os.Exit))
	if err != nil {
		fmt.Fprintln(errs, program+":", err)
		return station.ExitFailed
	}
	if _, err := parser.Parse(args); err != nil {
		fmt.Fprintf(errs, "%s: %v. See %s --help.\n", program, err, program)
		return station.ExitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = serve(ctx, o, out, errs)
	if err == nil || errors.Is(err, context.Canceled) {
		return station.ExitOK
	}
	sentence, code := explain(err)
	fmt.Fprintf(errs, "%s: %s\n", program, sentence)
	return code
}

// languageOf returns what the environment asks for.
func languageOf(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return "en"
}

// usageError tells that a flag's value cannot be used.
type usageError struct{ sentence string }

// Error returns the sentence.
func (e *usageError) Error() string { return e.sentence }

// explain returns the sentence and the exit code for an error of this program or
// of the station.
func explain(err error) (string, int) {
	var usage *usageError
	if errors.As(err, &usage) {
		return usage.Error(), station.ExitUsage
	}
	return station.Explain(err)
}

// serve opens the station and runs the window until it is closed or the context
// ends.
func serve(ctx context.Context, o options, out, errs io.Writer) (err error) {
	level := slog.LevelWarn
	if o.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: level}))
	if o.Data == "" {
		o.Data = station.DefaultDir(timeclock.Desktop)
	}
	size, err := sizeOf(o.Size)
	if err != nil {
		return err
	}
	report, closeReport, err := openReport(o.Stats, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeReport()) }()
	st, err := station.Open(ctx, station.Config{Dir: o.Data, CloudURL: o.Cloud, EnrollCode: o.EnrollCode,
		Profile: timeclock.Desktop, Program: program, Log: log})
	if err != nil {
		return err
	}
	for _, note := range st.Notes {
		fmt.Fprintf(errs, "%s: %s\n", program, note)
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
		return nil, nil, &usageError{fmt.Sprintf("The diagnostics cannot be written to %s: %v.", name, err)}
	}
	return f, f.Close, nil
}
