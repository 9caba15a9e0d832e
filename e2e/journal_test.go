//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A journal holds the lines that a program has written so far and wakes whoever
// waits for the next one. It is safe for concurrent use.
type journal struct {
	mu    sync.Mutex
	lines []string
	ended bool          // no more lines will come
	grown chan struct{} // closed and replaced with every change
}

func newJournal() *journal { return &journal{grown: make(chan struct{})} }

func (j *journal) add(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
	j.wake()
}

func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
	j.wake()
}

func (j *journal) wake() {
	close(j.grown)
	j.grown = make(chan struct{})
}

// from returns the lines from index i on, whether more may come, and a channel
// that closes when they do.
func (j *journal) from(i int) (lines []string, ended bool, grown <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines[i:]), j.ended, j.grown
}

// copyLines adds every line of r until it ends.
func (j *journal) copyLines(r io.Reader) {
	defer j.end()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		j.add(lines.Text())
	}
}

// followFile removes a file and then collects the whole lines that are written
// to it anew, until the test ends. A program's diagnostics come this way.
func followFile(t testing.TB, path string) *journal {
	t.Helper()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("remove the diagnostics of the run before: %v", err)
	}
	j := newJournal()
	stop, stopped := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(stop); <-stopped })
	go func() {
		defer close(stopped)
		defer j.end()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		var rest []byte
		var offset int64
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			more := readFrom(path, offset)
			offset += int64(len(more))
			rest = append(rest, more...)
			for {
				line, after, whole := bytes.Cut(rest, []byte("\n"))
				if !whole {
					break
				}
				j.add(string(line))
				rest = after
			}
		}
	}()
	return j
}

// readFrom returns what a file holds from offset on, nothing where it cannot be
// read: the program may not have made it yet.
func readFrom(path string, offset int64) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	more, err := io.ReadAll(io.NewSectionReader(f, offset, 1<<30))
	if err != nil {
		return nil
	}
	return more
}

// A reading goes through a journal's JSON lines once, in order.
type reading struct {
	name string // whose lines they are, for messages
	j    *journal
	next int
}

// skipToEnd leaves out the lines written so far.
func (r *reading) skipToEnd() {
	lines, _, _ := r.j.from(r.next)
	r.next += len(lines)
}

// await returns the next line that match accepts, parsed as T, and moves behind
// it. It fails the test when none comes in time or the journal ends before.
// Lines that are not JSON are passed over.
func await[T any](t testing.TB, r *reading, within time.Duration, what string, match func(T) bool) T {
	t.Helper()
	v, ok := tryAwait(r, within, match)
	if !ok {
		t.Fatalf("%s: waited %v for %s; last lines:\n%s", r.name, within, what, r.tail(12))
	}
	return v
}

// tryAwait is await for what may not come: ok is false then.
func tryAwait[T any](r *reading, within time.Duration, match func(T) bool) (v T, ok bool) {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		lines, ended, grown := r.j.from(r.next)
		for i, line := range lines {
			if v, ok := parseLine[T](line); ok && match(v) {
				r.next += i + 1
				return v, true
			}
		}
		r.next += len(lines)
		if ended {
			return v, false
		}
		select {
		case <-grown:
		case <-deadline.C:
			return v, false
		}
	}
}

// all returns every JSON line of a journal so far, parsed as T.
func all[T any](j *journal) []T {
	lines, _, _ := j.from(0)
	var out []T
	for _, line := range lines {
		if v, ok := parseLine[T](line); ok {
			out = append(out, v)
		}
	}
	return out
}

func parseLine[T any](line string) (v T, ok bool) {
	if !strings.HasPrefix(line, "{") {
		return v, false
	}
	return v, json.Unmarshal([]byte(line), &v) == nil
}

func (r *reading) tail(n int) string {
	lines, _, _ := r.j.from(0)
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
