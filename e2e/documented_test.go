//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDocumentedFirstCompany runs the commands of docs/operations.md, "First
// company", as they stand there: only folders, addresses, the code and the
// camera are this machine's.
func TestDocumentedFirstCompany(t *testing.T) {
	p := newPlace(t, "documented")
	address := freeAddress(t)
	here := []string{"/srv/clockface", filepath.Join(p.work, "srv"), "/var/lib/clockface", filepath.Join(p.work, "kiosk"),
		"127.0.0.1:8080", address, "https://time.example.com", "http://" + address, "camera:0", "none", "CODE", ""}
	if err := os.WriteFile(filepath.Join(p.work, "password.txt"), []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ran := map[string]int{}
	for _, line := range documentedCommands(t, "## First company") {
		words := strings.Fields(line)
		ran[words[0]]++
		script := "cd '" + p.work + "' && " + strings.NewReplacer(here...).Replace(line)
		t.Log(line)
		env := []string{"PATH=" + p.bin + string(os.PathListSeparator) + os.Getenv("PATH")}
		switch {
		case words[0] == "clockface-cloud" && words[1] == "serve":
			cloud := p.startCommand(t, "cloud", "sh", env, "-c", strings.Replace(script, "&& ", "&& exec ", 1))
			eventually(t, 15*time.Second, "the cloud listens", func() string {
				if lines, _, _ := cloud.out.from(0); strings.Contains(strings.Join(lines, "\n"), "listening on http://"+address) {
					return ""
				}
				return fileTail(cloud.logs, 3)
			})
		case words[0] == "clockface-kiosk":
			kiosk := p.startCommand(t, "kiosk", "sh", env, "-c", strings.Replace(script, "&& ", "&& exec ", 1)+" --headless")
			await(t, kiosk.events(), 30*time.Second, "ready", is("ready"))
		default:
			command := p.startCommand(t, words[0], "sh", env, "-c", script)
			if code := command.awaitEnd(t, 30*time.Second); code != 0 {
				t.Fatalf("exit code %d of the documented command\n%s\n%s", code, line, fileTail(command.logs, 5))
			}
			if words[1] == "enroll-code" {
				lines, _, _ := command.out.from(0)
				here[len(here)-1] = strings.Join(lines, "")
			}
		}
	}
	for _, program := range []string{"clockface-cloud", "clockface-kiosk", "clockface"} {
		if ran[program] == 0 {
			t.Errorf("no command of %s stands there", program)
		}
	}
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
	section, _, _ = strings.Cut(section, "\n## ")
	var out []string
	for i, block := range strings.Split(section, "```") {
		if i%2 == 1 {
			out = append(out, strings.Split(strings.TrimSpace(block), "\n")...)
		}
	}
	return out
}
