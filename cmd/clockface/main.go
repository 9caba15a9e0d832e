// Command clockface acts on the data folder of the kiosk or desktop of this PC:
// it enrols the device, signs a person in, adds people, PINs, consents and faces,
// lists punches, and tells what works. It may run beside the program that holds
// the folder, because everything it changes is an op in the same outbox.
//
// Each command is a struct with a Run method; package station opens the folder
// and says what went wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"clockface/cmd/internal/station"
)

const description = `Acts on the data folder of the kiosk or desktop of this PC, also while that program runs.

Begin with:

  clockface device enroll --cloud http://127.0.0.1:8080 --code CODE --profile kiosk
  clockface sign-in --login owner@example.com < password.txt
  clockface employee add --number 12 --name "Grace Hopper"
  echo 4711 | clockface pin set --employee 12
  clockface doctor

Exit codes: 0 done; 1 failed; 2 wrong flags or arguments; 3 not enrolled, or nobody signed in; 4 not allowed, or refused by the cloud; 5 cloud not reachable; 6 the data folder is held by another program.`

// commands is the command line.
type commands struct {
	Data string `help:"Data folder of the device. Default: the kiosk's of this user, or the desktop's where there is no kiosk." type:"path" env:"CLOCKFACE_DATA" placeholder:"DIR"`

	SignIn   signInCommand    `cmd:"" help:"Sign a person in for the commands that change something."`
	SignOut  signOutCommand   `cmd:"" help:"End the sign-in."`
	Device   deviceCommands   `cmd:"" help:"Make this device known to the cloud."`
	Employee employeeCommands `cmd:"" help:"Add and list people."`
	PIN      pinCommands      `cmd:"" name:"pin" help:"Set a person's PIN, or open a closed one."`
	Consent  consentCommands  `cmd:"" help:"Record that a person agreed to a face or finger template."`
	Face     faceCommands     `cmd:"" help:"Enrol faces, and try how well they are recognised."`
	Models   modelsCommands   `cmd:"" help:"Bring face models to this PC."`
	Punches  punchesCommands  `cmd:"" help:"List punches as they now stand."`
	Sync     syncCommands     `cmd:"" help:"See and hurry the exchange with the cloud."`
	Demo     demoCommands     `cmd:"" hidden:"" help:"Fill a new company with invented people."`
	Doctor   doctorCommand    `cmd:"" help:"Tell what works here, what does not, and what to do."`
}

// environment is what a command gets of the world. Tests replace it.
type environment struct {
	in   io.Reader
	out  io.Writer // what was asked for: text or JSON
	errs io.Writer // remarks and errors
	data string    // --data; empty = the default
	now  func() time.Time
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &environment{in: os.Stdin, out: os.Stdout, errs: os.Stderr, now: time.Now})
	stop()
	os.Exit(code)
}

// exitRequest is how kong ends a program after printing its help.
type exitRequest int

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, args []string, env *environment) (code int) {
	defer func() {
		if r := recover(); r != nil {
			request, ok := r.(exitRequest)
			if !ok {
				panic(r)
			}
			code = int(request)
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("clockface"), kong.Description(description),
		kong.Writers(env.out, env.errs), kong.Exit(func(code int) { panic(exitRequest(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(env))
	if err != nil {
		return env.fail(fmt.Errorf("set up commands: %w", err))
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return env.fail(&usageError{err})
	}
	env.data = c.Data
	return env.fail(chosen.Run())
}

// fail prints the sentence for an error and returns the exit code; nil is 0.
func (e *environment) fail(err error) int {
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(e.errs, "clockface: %v. See: clockface --help\n", usage.err)
		return station.ExitUsage
	}
	sentence, code := station.Explain(err)
	if sentence != "" {
		fmt.Fprintln(e.errs, "clockface: "+sentence)
	}
	return code
}

// usageError is a command line that does not say what is to be done.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }
