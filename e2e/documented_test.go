//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDocumentedCommands runs the commands of docs/operations.md as they stand
// there, for a first company and for a PC that is enrolled anew: only folders,
// addresses, ids, the code and the camera are this machine's.
func TestDocumentedCommands(t *testing.T) {
	p := newPlace(t, "documented")
	address := freeAddress(t)
	m := &manual{place: p, address: address, here: map[string]string{
		"/srv/clockface": filepath.Join(p.work, "srv"), "/var/lib/clockface": filepath.Join(p.work, "kiosk"),
		"127.0.0.1:8080": address, "https://time.example.com": "http://" + address, "camera:0": "none",
	}}
	if err := os.WriteFile(filepath.Join(p.work, "password.txt"), []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.follow(t, documentedCommands(t, "## First company"))
	m.here["DEVICE"] = strings.Trim(openDatabase(t, "cloud", filepath.Join(p.work, "srv", "cloud.db")).
		rows(t, "device", "profile = ?", "kiosk")[0]["device_id"], "'")
	m.kiosk.stop(t)
	m.follow(t, documentedCommands(t, "### A suspect device"))
	m.kiosk.say(t, `{"pin":{"number":"12","pin":"4711"}}`)
	if e := await(t, m.kiosk.events(), 20*time.Second, "the answer to a PIN of before", is("punched", "error")); e.Event != "punched" {
		t.Errorf("the PC with its old keys does not know a PIN of before: %v", e)
	}
}

// A manual is followed at a place of this machine.
type manual struct {
	place
	address string            // of the cloud
	here    map[string]string // what stands in the text, and what it is here
	kiosk   *program          // the one that was started last
}

func (m *manual) follow(t *testing.T, lines []string) {
	t.Helper()
	if len(lines) == 0 {
		t.Fatal("no commands stand there")
	}
	for _, line := range lines {
		t.Log(line)
		words := strings.Fields(line)
		switch {
		case words[0] == "clockface-cloud" && words[1] == "serve":
			cloud := m.sh(t, "cloud", "exec "+line)
			eventually(t, 15*time.Second, "the cloud listens", func() string {
				if lines, _, _ := cloud.out.from(0); strings.Contains(strings.Join(lines, "\n"), "listening on http://"+m.address) {
					return ""
				}
				return fileTail(cloud.logs, 3)
			})
		case words[0] == "clockface-kiosk":
			m.kiosk = m.sh(t, "kiosk", "exec "+line+" --headless")
			await(t, m.kiosk.events(), 30*time.Second, "ready", is("ready"))
		default:
			command := m.sh(t, words[0], line)
			if code := command.awaitEnd(t, 30*time.Second); code != 0 {
				t.Fatalf("exit code %d of the documented command\n%s\n%s", code, line, fileTail(command.logs, 5))
			}
			if words[1] == "enroll-code" {
				lines, _, _ := command.out.from(0)
				m.here["CODE"] = strings.Join(lines, "")
			}
		}
	}
}

// sh starts a shell on a documented line.
func (m *manual) sh(t *testing.T, name, line string) *program {
	t.Helper()
	for there, here := range m.here {
		line = strings.ReplaceAll(line, there, here)
	}
	return m.startCommand(t, name, "sh", []string{"PATH=" + m.bin + string(os.PathListSeparator) + os.Getenv("PATH")},
		"-c", "cd '"+m.work+"' && "+line)
}

// documentedCommands returns the lines of the fenced blocks below a heading of
// docs/operations.md.
func documentedCommands(t testing.TB, heading string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), heading+"\n")
	if !found {
		t.Fatalf("docs/operations.md has no %q", heading)
	}
	level, _, _ := strings.Cut(heading, " ")
	section, _, _ = strings.Cut(section, "\n"+level+" ")
	var out []string
	for i, block := range strings.Split(section, "```") {
		if i%2 == 1 {
			out = append(out, strings.Split(strings.TrimSpace(block), "\n")...)
		}
	}
	return out
}
