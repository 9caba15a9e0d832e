// Command clockface-cloud is the API server of Clockface and the tool that sets
// it up: it makes the company, hands out enrol codes and serves devices, on an
// SQLite file or on PostgreSQL.
//
// Exit codes: 0 done, 1 failed, 2 wrong use of the command, 3 database not
// reachable.
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

	"github.com/alecthomas/kong"

	"clockface/cloud/keys"
	"clockface/cloud/store"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
)

const description = `The cloud of Clockface: makes a company, enrols devices, and serves them.

Examples:

  clockface-cloud init --db sqlite:/var/lib/clockface/cloud.db --company "Bright Bakery" --zone Europe/Berlin
  clockface-cloud enroll-code --db sqlite:/var/lib/clockface/cloud.db --profile kiosk --site "Main site"
  clockface-cloud serve --db sqlite:/var/lib/clockface/cloud.db --addr 127.0.0.1:8080
  clockface-cloud serve --db postgres://clockface@db/clockface --key /etc/clockface/cloud.key

Exit codes: 0 done, 1 failed, 2 wrong use, 3 database not reachable.`

// commands is what the program can do.
type commands struct {
	Init       initCommand       `cmd:"" help:"Make the company and its owner; says so and changes nothing when there is one."`
	EnrollCode enrollCodeCommand `cmd:"" name:"enroll-code" help:"Print a code that enrols one kiosk or desktop."`
	Serve      serveCommand      `cmd:"" help:"Serve devices until a signal comes."`
	Account    accountCommand    `cmd:"" help:"Change logins."`
	Device     deviceCommand     `cmd:"" help:"List devices, revoke one."`
	Verify     verifyCommand     `cmd:"" help:"Check the log: hashes, signatures, times."`
	Rebuild    rebuildCommand    `cmd:"" help:"Make the tables from the log again."`
}

// database is the flags that every command shares.
type database struct {
	DB  string `name:"db" required:"" placeholder:"sqlite:PATH|postgres://…" help:"The database."`
	Key string `name:"key" type:"path" placeholder:"FILE" help:"The cloud's key file. Default: <sqlite file>.key, or ./clockface-cloud.key."`
}

// terminal is what the commands read and write, given to them by main.
type terminal struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	log *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	os.Exit(run(&terminal{ctx: ctx, in: os.Stdin, out: os.Stdout, log: log}, os.Args[1:], os.Stderr))
}

// run does what the arguments say and returns the exit code.
func run(t *terminal, args []string, errs io.Writer) int {
	ended := -1
	var c commands
	p, err := kong.New(&c, kong.Name("clockface-cloud"), kong.Description(description), kong.Writers(t.out, errs),
		kong.Exit(func(code int) { ended = code }))
	if err != nil {
		fmt.Fprintln(errs, "clockface-cloud:", err)
		return exitFailed
	}
	k, err := p.Parse(args)
	if ended >= 0 { // --help was printed
		return ended
	}
	if err != nil {
		fmt.Fprintf(errs, "clockface-cloud: %v\nSee clockface-cloud --help.\n", err)
		return exitUsage
	}
	if err := k.Run(t); err != nil {
		fmt.Fprintln(errs, "clockface-cloud:", sentence(err))
		return exitCode(err)
	}
	return 0
}

// usageError is a flag whose value cannot be meant.
type usageError string

// Error says which flag, and what it wants.
func (u usageError) Error() string { return string(u) }

func exitCode(err error) int {
	var usage usageError
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, store.ErrUnreachable):
		return exitUnreachable
	}
	return exitFailed
}

// sentence says what went wrong and, where it is known, what to do.
func sentence(err error) string {
	todo := ""
	switch {
	case errors.Is(err, store.ErrUnreachable):
		todo = "Check that the database runs and that --db names it."
	case errors.Is(err, keys.ErrNoKeyFile):
		todo = "Run clockface-cloud init first, or name the key file with --key."
	case errors.Is(err, store.ErrNoSite):
		todo = "Give --site the name or the id of a site of the company."
	case errors.Is(err, errNoCompany):
		todo = "Run clockface-cloud init first."
	case errors.Is(err, store.ErrNoDevice):
		todo = "See clockface-cloud device list."
	case errors.Is(err, store.ErrLogDiffers):
		todo = "Somebody or something changed the database beside the program: keep a copy, and restore from a backup."
	case errors.Is(err, store.ErrNoAccount):
		todo = "Give --login the login of an account."
	case errors.Is(err, syscall.EADDRINUSE):
		todo = "Another program listens there: stop it or choose another --addr."
	}
	if todo == "" {
		return err.Error()
	}
	return err.Error() + "\n" + todo
}
