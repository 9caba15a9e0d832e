//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A display is an X server without a screen, a window manager or anybody else's
// windows: a window's positions are the display's.
type display struct {
	name string // for DISPLAY
	out  string // folder of screenshots
}

// newDisplay starts an X server of that size, e.g. 480x800, for this test.
func (p place) newDisplay(t testing.TB, name, size string) *display {
	t.Helper()
	needTools(t, "Xvfb", "xdotool", "import")
	server := p.startCommand(t, "xvfb-"+name, "Xvfb", nil,
		"-displayfd", "1", "-screen", "0", size+"x24", "-nolisten", "tcp", "-noreset")
	lines, deadline := []string(nil), time.After(10*time.Second)
	for len(lines) == 0 {
		var ended bool
		var grown <-chan struct{}
		if lines, ended, grown = server.out.from(0); len(lines) > 0 {
			break
		}
		if ended {
			t.Fatalf("Xvfb did not start:\n%s", fileTail(server.logs, 10))
		}
		select {
		case <-grown:
		case <-deadline:
			t.Fatalf("Xvfb named no display within 10 s:\n%s", fileTail(server.logs, 10))
		}
	}
	return &display{name: ":" + strings.TrimSpace(lines[0]), out: p.out}
}

// env is what a program needs to draw on the display.
func (d *display) env() []string { return []string{"DISPLAY=" + d.name} }

// click moves the pointer and presses the left button once.
func (d *display) click(t testing.TB, x, y int) {
	t.Helper()
	d.xdotool(t, "mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", "1")
}

// keys presses keys one after the other, by their X names.
func (d *display) keys(t testing.TB, names ...string) {
	t.Helper()
	d.xdotool(t, append([]string{"key", "--delay", "20"}, names...)...)
}

// focus gives the keyboard to the window of that name, as a window manager would.
func (d *display) focus(t testing.TB, window string) {
	t.Helper()
	d.xdotool(t, "search", "--sync", "--onlyvisible", "--name", "^"+window+"$", "windowfocus")
}

func (d *display) xdotool(t testing.TB, args ...string) {
	t.Helper()
	d.command(t, "xdotool", args...)
}

// screenshot writes the whole display to out/name.png.
func (d *display) screenshot(t testing.TB, name string) {
	t.Helper()
	d.command(t, "import", "-window", "root", filepath.Join(d.out, name+".png"))
}

// A colour is red, green, blue.
type colour [3]byte

// awaitColour waits until a pixel has a colour: a program's diagnostics tell of a
// screen a moment before it is painted.
func (d *display) awaitColour(t testing.TB, x, y int, want colour) {
	t.Helper()
	area := fmt.Sprintf("1x1+%d+%d", x, y)
	deadline := time.Now().Add(15 * time.Second)
	for {
		out := d.command(t, "import", "-silent", "-window", "root", "-crop", area, "-depth", "8", "rgb:-")
		if string(out) == string(want[:]) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("pixel %d,%d is %x after 15 s, want %x", x, y, out, want)
		}
	}
}

// command runs a command on the display and returns its stdout.
func (d *display) command(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(cmd.Environ(), d.env()...)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return out
}

// A box is a rectangle on a display in pixels: left, top, width, height.
type box [4]float64

func (b box) String() string { return fmt.Sprintf("%.0f×%.0f at %.0f,%.0f", b[2], b[3], b[0], b[1]) }

// clickBox clicks the middle of a box.
func (d *display) clickBox(t testing.TB, b box) {
	t.Helper()
	d.click(t, int(b[0]+b[2]/2), int(b[1]+b[3]/2))
}
