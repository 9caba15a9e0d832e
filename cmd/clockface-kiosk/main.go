// Command clockface-kiosk is the clock at the wall: it recognises who stands in
// front of its camera, or takes number and PIN, and records the punch on this
// machine; the cloud gets it when it can be reached. With --headless the same
// flow runs without a window and prints one JSON object a line, described in
// docs/kiosk-events.md.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	_ "time/tzdata" // sites have zones that a small system may lack

	"clockface/cmd/internal/launch"
	"clockface/kiosk"
	"clockface/timeclock"
)

const description = `The clock at the wall.

A first start enrols this machine:

  clockface-kiosk --cloud http://127.0.0.1:8080 --enroll-code CODE --camera camera:0

Later ones remember where the cloud is:

  clockface-kiosk --camera camera:0

Without a camera, played from photos in the order of their names, or a film:

  clockface-kiosk --camera 'images:photos?fps=15&hold=2s&gap=1s'
  clockface-kiosk --camera file:clip.mp4

Without a window, for tests and for devices that bring their own screen:

  clockface-kiosk --camera camera:0 --headless

Exit codes: 0 ended as asked; 1 failed, the sentence says why; 2 wrong flags;
3 not enrolled; 4 refused, e.g. a used enrol code; 5 the cloud is needed and
cannot be reached; 6 another program holds the data folder.`

const name = "clockface-kiosk"

// program is what this one adds to how programs start.
func program() launch.Program {
	return launch.Program{Name: name, Description: description, Profile: timeclock.Kiosk, Size: "480x800, instead of the full screen"}
}

// options are the flags.
type options struct {
	launch.Flags
	Camera   string `help:"camera:N, file:CLIP, images:FOLDER?fps=15&hold=2s&gap=1s, or none." default:"camera:0" placeholder:"SOURCE"`
	Headless bool   `help:"No window: print events as JSON lines, read commands from stdin."`
	Models   string `help:"Folder of the face models (see clockface models fetch)." placeholder:"DIR"`
	Silent   bool   `help:"No sounds."`
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is main without the process around it; it returns the exit code.
func run(args []string, in io.Reader, out, errs io.Writer, getenv func(string) string) int {
	var o options
	return program().Run(&o, args, out, errs, getenv, func(ctx context.Context) error { return serve(ctx, o, in, out, errs) })
}

// serve opens the station and runs the kiosk until the context or the camera ends.
func serve(ctx context.Context, o options, in io.Reader, out, errs io.Writer) error {
	source, err := parseCamera(o.Camera)
	if err != nil {
		return err
	}
	w := &wiring{options: o, source: source, in: in, out: out, log: o.Log(errs)}
	st, err := program().Open(ctx, o.Flags, w.log, errs, w.synced)
	if err != nil {
		return err
	}
	err = w.run(ctx, st)
	if errors.Is(err, kiosk.ErrNoSource) {
		err = &launch.Failure{Err: err}
	}
	return errors.Join(err, st.Close())
}
