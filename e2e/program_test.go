//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// endWithin is how long a program may take to end after SIGTERM. A kiosk tries a
// last push for 2 s.
const endWithin = 15 * time.Second

// A program is a running process of the product.
type program struct {
	name  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *journal // its stdout
	logs  string   // file with stdout and stderr
	ended chan struct{}
}

// start runs one of the built programs: see startCommand.
func (p place) start(t testing.TB, name, binary string, env []string, args ...string) *program {
	t.Helper()
	return p.startCommand(t, name, p.program(t, binary), env, args...)
}

// startCommand runs a command with its output in out/name.log (appended) until
// the test ends at the latest. env entries come on top of [place.environment].
func (p place) startCommand(t testing.TB, name, command string, env []string, args ...string) *program {
	t.Helper()
	logs, err := os.OpenFile(filepath.Join(p.out, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatalf("log of %s: %v", name, err)
	}
	r := &program{name: name, out: newJournal(), logs: logs.Name(), ended: make(chan struct{})}
	r.cmd = exec.Command(command, args...)
	r.cmd.Env = append(p.environment(), env...)
	r.cmd.Stderr = logs
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // nothing outlives a test that crashes
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("stdout of %s: %v", name, err)
	}
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		t.Fatalf("stdin of %s: %v", name, err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		r.out.copyLines(io.TeeReader(stdout, logs))
		_ = r.cmd.Wait() // how it ended is asked of ProcessState
		logs.Close()
		close(r.ended)
	}()
	t.Cleanup(func() {
		r.stop(t)
		if t.Failed() {
			t.Logf("--- last lines of %s\n%s", r.logs, fileTail(r.logs, 25))
		}
	})
	return r
}

// environment is the test's own one with what every program needs: the models,
// a locale that Fyne can read, and a dead session bus, since libdbus would
// otherwise start one for each program and leave it behind.
func (p place) environment() []string {
	return append(os.Environ(), "CLOCKFACE_MODELS="+p.models, "LANG=en_US.UTF-8", "LC_ALL=",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
}

// events returns a reading of the program's stdout from its first line.
func (r *program) events() *reading { return &reading{name: r.name, j: r.out} }

// say writes a line to the program's stdin.
func (r *program) say(t testing.TB, line string) {
	t.Helper()
	if _, err := io.WriteString(r.in, line+"\n"); err != nil {
		t.Fatalf("write to %s: %v", r.name, err)
	}
}

// kill ends the program as a power cut does.
func (r *program) kill(t testing.TB) {
	t.Helper()
	r.signal(t, syscall.SIGKILL)
	r.awaitEnd(t, 5*time.Second)
}

// stop asks the program to end and waits for it; it kills one that does not. It
// does nothing to a program that has ended.
func (r *program) stop(t testing.TB) {
	t.Helper()
	select {
	case <-r.ended:
		return
	default:
	}
	r.signal(t, syscall.SIGTERM)
	select {
	case <-r.ended:
	case <-time.After(endWithin):
		r.signal(t, syscall.SIGKILL)
		<-r.ended
		t.Errorf("%s did not end within %v of SIGTERM", r.name, endWithin)
	}
}

// awaitEnd waits for the program to end by itself and returns its exit code.
func (r *program) awaitEnd(t testing.TB, within time.Duration) int {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(within):
		t.Fatalf("%s still runs after %v; last lines:\n%s", r.name, within, fileTail(r.logs, 12))
	}
	return r.cmd.ProcessState.ExitCode()
}

func (r *program) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal %s: %v", r.name, err)
	}
}

// A finished command: what it printed and how it ended.
type finished struct {
	stdout, stderr string
	code           int
}

// run runs a program to its end with text on stdin. It fails the test when the
// program does not end within a minute; the exit code is the caller's to judge.
func (p place) run(t testing.TB, stdin, binary string, args ...string) finished {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.program(t, binary), args...)
	cmd.Env = p.environment()
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s %s: %v\n%s", binary, strings.Join(args, " "), errors.Join(err, ctx.Err()), stderr.String())
	}
	return finished{stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
}

// must is run for a command that has to succeed; it returns its stdout, trimmed.
func (p place) must(t testing.TB, stdin, binary string, args ...string) string {
	t.Helper()
	f := p.run(t, stdin, binary, args...)
	if f.code != 0 {
		t.Fatalf("%s %s: exit code %d\n%s%s", binary, strings.Join(args, " "), f.code, f.stdout, f.stderr)
	}
	return strings.TrimSpace(f.stdout)
}

func fileTail(path string, n int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
