package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is a line of "go test -json"; see "go doc test2json". Lines of the build
// carry ImportPath instead of Package.
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// outcome is how a test ended; the order says which one wins over several runs.
type outcome int

const (
	unfinished outcome = iota // began and never ended: the program died
	skipped
	passed
	failed
)

// errNotGreen is returned after a report that says itself what is wrong.
var errNotGreen = errors.New("not every test passed")

// key names a test, or a package where test is empty.
type key struct{ pkg, test string }

// String returns the key as people read it.
func (k key) String() string {
	pkg := strings.TrimPrefix(k.pkg, "clockface/")
	if k.test == "" {
		return pkg
	}
	return pkg + " " + k.test
}

// tally gathers the outcomes of several runs.
type tally struct {
	outcomes map[key]outcome
	reasons  map[key]string // what a test wrote before it was skipped
	broken   []string       // packages that failed without a failing test
}

func newTally() *tally {
	return &tally{outcomes: map[key]outcome{}, reasons: map[key]string{}}
}

// read adds one run.
func (t *tally) read(r io.Reader) error {
	one := newRun()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			one.add(e)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	t.merge(one)
	return nil
}

// merge adds a finished run: its leaves, and the parents and packages that
// failed by themselves.
func (t *tally) merge(r *testRun) {
	for k, o := range r.outcomes {
		if r.parents[k] && !(o == failed && !r.failedBelow(k)) {
			continue
		}
		if o == unfinished {
			o = failed
		}
		t.outcomes[k] = max(t.outcomes[k], o)
		if o == skipped {
			t.reasons[k] = reason(r.output[k])
		}
	}
	t.broken = append(t.broken, r.broken()...)
}

// report prints the skipped tests, what failed, and the sum, which is always the
// last line. It returns errNotGreen when that is no success.
func (t *tally) report(out io.Writer, m machine) error {
	byOutcome := map[outcome][]key{}
	for k, o := range t.outcomes {
		byOutcome[o] = append(byOutcome[o], k)
	}
	for _, keys := range byOutcome {
		slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.test, b.test)) })
	}
	var avoidable int
	for _, k := range byOutcome[skipped] {
		mark := ""
		if m.strict && !m.lacks(t.reasons[k]) {
			avoidable++
			mark = " (this machine should have run it)"
		}
		fmt.Fprintf(out, "skipped: %s: %s%s\n", k, t.reasons[k], mark)
	}
	for _, k := range byOutcome[failed] {
		fmt.Fprintf(out, "failed: %s\n", k)
	}
	slices.Sort(t.broken)
	broken := slices.Compact(t.broken)
	for _, pkg := range broken {
		fmt.Fprintf(out, "failed: package %s\n", pkg)
	}
	failures := len(byOutcome[failed]) + len(broken)
	var err error
	switch {
	case failures > 0:
		err = errNotGreen
	case avoidable > 0:
		fmt.Fprintf(out, "tests skipped that this machine could have run: %d\n", avoidable)
		err = errNotGreen
	case len(byOutcome[passed]) == 0:
		fmt.Fprintln(out, "no test ran")
		err = errNotGreen
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", len(byOutcome[passed]), failures, len(byOutcome[skipped]))
	return err
}

// testRun is one run as it comes in.
type testRun struct {
	outcomes map[key]outcome
	parents  map[key]bool
	output   map[key][]string
	packages map[string]outcome
}

func newRun() *testRun {
	return &testRun{outcomes: map[key]outcome{}, parents: map[key]bool{}, output: map[key][]string{}, packages: map[string]outcome{}}
}

// add takes one event in.
func (r *testRun) add(e event) {
	k := key{e.Package, e.Test}
	switch e.Action {
	case "output":
		if e.Test != "" {
			r.output[k] = append(r.output[k], e.Output)
		}
	case "run":
		r.outcomes[k] = unfinished
		if i := strings.LastIndex(e.Test, "/"); i > 0 {
			r.parents[key{e.Package, e.Test[:i]}] = true
		}
	case "pass":
		r.end(k, passed)
	case "fail":
		r.end(k, failed)
	case "skip":
		r.end(k, skipped)
	}
}

func (r *testRun) end(k key, o outcome) {
	if k.test == "" {
		r.packages[k.pkg] = o
		return
	}
	r.outcomes[k] = o
}

// failedBelow reports whether a sub-test of k failed.
func (r *testRun) failedBelow(k key) bool {
	for other, o := range r.outcomes {
		if o != passed && o != skipped && other.pkg == k.pkg && strings.HasPrefix(other.test, k.test+"/") {
			return true
		}
	}
	return false
}

// broken returns the packages that failed while no test of theirs did: they did
// not build, or died outside of a test.
func (r *testRun) broken() []string {
	blamed := map[string]bool{}
	for k, o := range r.outcomes {
		if o == failed || o == unfinished {
			blamed[k.pkg] = true
		}
	}
	var out []string
	for _, pkg := range slices.Sorted(maps.Keys(r.packages)) {
		if r.packages[pkg] == failed && !blamed[pkg] {
			out = append(out, strings.TrimPrefix(pkg, "clockface/"))
		}
	}
	return out
}

// reason returns why a test was skipped: the last line it wrote itself, without
// the place in the source that testing puts before it.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "===") {
			continue
		}
		if _, rest, ok := strings.Cut(line, ".go:"); ok {
			if _, text, ok := strings.Cut(rest, ": "); ok {
				return text
			}
		}
		return line
	}
	return "no reason given"
}
