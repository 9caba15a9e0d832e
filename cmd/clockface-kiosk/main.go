// Command clockface-kiosk is the clock at the wall: it recognises who stands in
// front of its camera, or takes number and PIN, and records the punch on this
// machine; the cloud gets it when it can be reached. With --headless the same
// flow runs without a window and prints one JSON object a line, described in
// docs/kiosk-events.md.
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
	"clockface/kiosk"
	"clockface/timeclock"
)

const program = "clockface-kiosk"

const description = `The clock at the wall.

A first start enrols this machine:

  clockface-kiosk --cloud http://127.0.0.1:8443 --enroll-code CODE --camera camera:0

Later ones remember where the cloud is:

  clockface-kiosk --camera camera:0

Without a camera, played from photos or a film:

  clockface-kiosk --camera 'images:photos?fps=15&hold=2s&gap=1s'
  clockface-kiosk --camera file:clip.mp4

Without a window, for tests and for devices that bring their own screen:

  clockface-kiosk --camera camera:0 --headless

Exit codes: 0 ended as asked; 1 failed, the sentence says why; 2 wrong flags;
3 not enrolled; 4 refused, e.g. a used enrol code; 5 the cloud is needed and
cannot be reached; 6 another program holds the data folder.`

// options are the flags.
type options struct {
	Data       string `help:"Data folder of this kiosk." placeholder:"DIR"`
	Cloud      string `help:"Address of the cloud; remembered from then on." placeholder:"URL"`
	EnrollCode string `help:"Single-use code that enrols this machine." placeholder:"CODE"`
	Camera     string `help:"camera:N, file:CLIP, images:FOLDER?fps=15&hold=2s&gap=1s, or none." default:"camera:0" placeholder:"SOURCE"`
	Headless   bool   `help:"No window: print events as JSON lines, read commands from stdin."`
	Models     string `help:"Folder of the face models (see clockface models fetch)." placeholder:"DIR"`
	Lang       string `help:"Language until somebody chooses another: en, de or es." default:"${language}" placeholder:"TAG"`
	Dark       bool   `help:"Dark screens."`
	Contrast   bool   `help:"Screens of high contrast."`
	Silent     bool   `help:"No sounds."`
	Size       string `help:"A window of this size instead of the full screen, e.g. 480x800." placeholder:"WxH"`
	Stats      string `help:"Write diagnostics as JSON lines: screens, frames shown a second." placeholder:"FILE"`
	Verbose    bool   `short:"v" help:"Log more."`
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is main without the process around it; it returns the exit code.
func run(args []string, in io.Reader, out, errs io.Writer, getenv func(string) string) int {
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
	err = serve(ctx, o, in, out, errs)
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

// explain returns the sentence and the exit code for an error of this program or
// of the station.
func explain(err error) (string, int) {
	var usage *usageError
	switch {
	case errors.As(err, &usage):
		return usage.Error(), station.ExitUsage
	case errors.Is(err, kiosk.ErrNoSource):
		return err.Error(), station.ExitFailed
	}
	return station.Explain(err)
}

// usageError tells that a flag's value cannot be used.
type usageError struct{ sentence string }

// Error returns the sentence.
func (e *usageError) Error() string { return e.sentence }

// serve opens the station and runs the kiosk until the context or the camera ends.
func serve(ctx context.Context, o options, in io.Reader, out, errs io.Writer) error {
	level := slog.LevelWarn
	if o.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: level}))
	if o.Data == "" {
		o.Data = station.DefaultDir(timeclock.Kiosk)
	}
	w := &wiring{options: o, in: in, out: out, log: log}
	st, err := station.Open(ctx, station.Config{
		Dir: o.Data, CloudURL: o.Cloud, EnrollCode: o.EnrollCode, Profile: timeclock.Kiosk, Program: program,
		Log: log, OnSync: w.synced,
	})
	if err != nil {
		return err
	}
	for _, note := range st.Notes {
		fmt.Fprintf(errs, "%s: %s\n", program, note)
	}
	err = w.run(ctx, st)
	return errors.Join(err, st.Close())
}
