// Package launch starts a program that has a window and a data folder: it reads
// the flags, opens the station and turns how the program ended into a sentence
// and an exit code. The kiosk and the desktop start this way, so that their
// common flags, sentences and codes are the same.
package launch

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

	"clockface/cmd/internal/station"
	"clockface/timeclock"
)

// Flags are those that every program with a window has. A program embeds them
// in its own.
type Flags struct {
	Data       string `help:"Data folder of this PC." placeholder:"DIR"`
	Cloud      string `help:"Address of the cloud; remembered from then on." placeholder:"URL"`
	EnrollCode string `help:"Single-use code that enrols this PC." placeholder:"CODE"`
	Lang       string `help:"Language until somebody chooses another: en, de or es." default:"${language}" placeholder:"TAG"`
	Dark       bool   `help:"Dark screens." xor:"look"`
	Contrast   bool   `help:"Screens of high contrast." xor:"look"`
	Size       string `help:"Size of the window, e.g. ${size}." placeholder:"WxH"`
	Stats      string `help:"Write diagnostics as JSON lines." placeholder:"FILE"`
	Verbose    bool   `short:"v" help:"Log more."`
}

// A Program is what differs between those that start this way.
type Program struct {
	Name        string
	Description string // for --help, with examples and exit codes
	Profile     timeclock.Profile
	Size        string // an example for --size
}

// UsageError tells that a flag's value cannot be used.
type UsageError struct{ Sentence string }

// Error returns the sentence.
func (e *UsageError) Error() string { return e.Sentence }

// Run reads args into options (a pointer to a struct that embeds [Flags]), calls
// serve with a context that ends on a signal, and returns the exit code. What
// went wrong is written to errs as one sentence.
func (p Program) Run(options any, args []string, out, errs io.Writer, getenv func(string) string, serve func(context.Context) error) int {
	parser, err := kong.New(options, kong.Name(p.Name), kong.Description(p.Description), kong.Writers(out, errs),
		kong.Vars{"language": language(getenv), "size": p.Size}, kong.Exit(os.Exit))
	if err != nil {
		fmt.Fprintln(errs, p.Name+":", err)
		return station.ExitFailed
	}
	if _, err := parser.Parse(args); err != nil {
		fmt.Fprintf(errs, "%s: %v. See %s --help.\n", p.Name, err, p.Name)
		return station.ExitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = serve(ctx)
	if err == nil || errors.Is(err, context.Canceled) {
		return station.ExitOK
	}
	sentence, code := explain(err)
	fmt.Fprintf(errs, "%s: %s\n", p.Name, sentence)
	return code
}

// Log returns the log of a program: warnings, or everything with --verbose.
func (f Flags) Log(errs io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if f.Verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: level}))
}

// Folder returns the data folder: --data, or the profile's own of this user.
func (p Program) Folder(f Flags) string {
	if f.Data != "" {
		return f.Data
	}
	return station.DefaultDir(p.Profile)
}

// Open opens the station that the flags name, writes its notes to errs, and
// calls onSync, which may be nil, after rounds that moved something.
func (p Program) Open(ctx context.Context, f Flags, log *slog.Logger, errs io.Writer, onSync func(acked, waiting int)) (*station.Station, error) {
	st, err := station.Open(ctx, station.Config{Dir: p.Folder(f), CloudURL: f.Cloud, EnrollCode: f.EnrollCode,
		Profile: p.Profile, Program: p.Name, Log: log, OnSync: onSync})
	if err != nil {
		return nil, err
	}
	for _, note := range st.Notes {
		fmt.Fprintf(errs, "%s: %s\n", p.Name, note)
	}
	return st, nil
}

// explain returns the sentence and the exit code for an error of this package,
// of a program, or of the station.
func explain(err error) (string, int) {
	var usage *UsageError
	var plain *Failure
	switch {
	case errors.As(err, &usage):
		return usage.Sentence, station.ExitUsage
	case errors.As(err, &plain):
		return plain.Error(), station.ExitFailed
	}
	return station.Explain(err)
}

// Failure is an error whose text is already the sentence for the person at the PC.
type Failure struct{ Err error }

// Error returns the sentence.
func (e *Failure) Error() string { return e.Err.Error() }

// Unwrap returns the error that was wrapped.
func (e *Failure) Unwrap() error { return e.Err }

// language returns what the environment asks for.
func language(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return "en"
}
