package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// reporter prints a run while it goes on: a line a package, and the output of
// what failed.
type reporter struct {
	out    io.Writer
	output map[key]*strings.Builder
}

func newReporter(out io.Writer) *reporter {
	return &reporter{out: out, output: map[key]*strings.Builder{}}
}

// line takes one line of the stream; what is no event is printed as it is.
func (r *reporter) line(line string) {
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		fmt.Fprint(r.out, line)
		return
	}
	k := key{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		if r.output[k] == nil {
			r.output[k] = &strings.Builder{}
		}
		r.output[k].WriteString(e.Output)
	case "fail":
		r.print(k)
		if k.test == "" {
			fmt.Fprintf(r.out, "FAIL %-32s %6.1f s\n", k, e.Elapsed)
		}
	case "pass", "skip":
		delete(r.output, k)
		if k.test == "" {
			word := map[string]string{"pass": "ok", "skip": "none"}[e.Action]
			fmt.Fprintf(r.out, "%-4s %-32s %6.1f s\n", word, k, e.Elapsed)
		}
	}
}

// print writes what a test or package said and forgets it.
func (r *reporter) print(k key) {
	if b := r.output[k]; b != nil {
		fmt.Fprint(r.out, b.String())
		delete(r.output, k)
	}
}
