// Command testsummary makes one answer out of several runs of "go test -json".
//
//	go test -json ./... | testsummary watch build/test/unit.json
//	testsummary total build/test/*.json
//
// watch keeps the stream in a file and prints a line a package, and what failing
// tests wrote. total prints every skipped test with its reason and ends with the
// line "N passed, N failed, N skipped"; it exits with 1 when a test failed, and
// with CI=true also when a test was skipped for something that the machine has.
//
// A test counts once: it failed if it failed in any run, and it was skipped only
// if it passed in none (the run without cgo skips what the run with cgo tests).
// A test with sub-tests is counted by these.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		if !errors.Is(err, errNotGreen) {
			fmt.Fprintln(os.Stderr, "testsummary:", err)
		}
		os.Exit(1)
	}
}

// run does what the arguments say.
func run(args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == "watch":
		return watch(args[1], in, out)
	case len(args) >= 2 && args[0] == "total":
		return total(args[1:], out)
	}
	return errors.New("usage: testsummary watch FILE | testsummary total FILE…")
}

// watch copies the stream to the file and reports it as it comes.
func watch(name string, in io.Reader, out io.Writer) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("keep test events: %w", err)
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("keep test events: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := newReporter(out)
	lines := bufio.NewReader(in)
	for {
		line, readErr := lines.ReadString('\n')
		if line != "" {
			if _, err := f.WriteString(line); err != nil {
				return fmt.Errorf("keep test events in %s: %w", name, err)
			}
			r.line(line)
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return fmt.Errorf("read test events: %w", readErr)
		}
	}
}

// total sums the files up.
func total(names []string, out io.Writer) error {
	t := newTally()
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("read test events: %w", err)
		}
		err = t.read(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("read test events of %s: %w", name, err)
		}
	}
	return t.report(out, thisMachine())
}
