package main

import (
	"bytes"
	"strings"
	"testing"

	"clockface/cmd/internal/station"
	"clockface/face"
	"clockface/kiosk"
	"clockface/localdb"
)

// start runs the program and returns its exit code and what it wrote.
func start(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(args, strings.NewReader(""), &o, &e, func(string) string { return "" })
	return code, o.String(), e.String()
}

func TestStartsThatCannotBeEndWithASentence(t *testing.T) {
	busy := t.TempDir()
	unlock, err := localdb.Lock(busy, "clockface-kiosk")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a flag that does not exist", []string{"--nonsense"}, station.ExitUsage, "--help"},
		{"a folder that is not enrolled", []string{"--headless", "--data", t.TempDir()}, station.ExitNotEnrolled, "enroll-code"},
		{"a folder that another kiosk holds", []string{"--headless", "--data", busy}, station.ExitInUse, "in use by clockface-kiosk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := start(t, c.args...)
			if code != c.code || !strings.Contains(errs, c.says) {
				t.Errorf("exit code %d and %q, want %d and %q", code, errs, c.code, c.says)
			}
			if out != "" {
				t.Errorf("stdout holds %q, want nothing", out)
			}
		})
	}
}

func TestLanguageComesFromTheEnvironment(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"en":          {},
		"de_DE.UTF-8": {"LANG": "de_DE.UTF-8"},
		"es_ES.UTF-8": {"LANG": "de_DE.UTF-8", "LC_ALL": "es_ES.UTF-8"},
	} {
		if got := languageOf(func(name string) string { return env[name] }); got != want {
			t.Errorf("languageOf = %q, want %q", got, want)
		}
	}
}

func TestSizeIsReadOrRefusedWithASentence(t *testing.T) {
	w := &wiring{options: options{Size: "480x800"}}
	if got, err := w.size(); err != nil || got.Width != 480 || got.Height != 800 {
		t.Errorf("size = %v, %v", got, err)
	}
	for _, bad := range []string{"480", "axb", "10x10"} {
		w.Size = bad
		_, err := w.size()
		if sentence, code := explain(err); code != station.ExitUsage || !strings.Contains(sentence, bad) {
			t.Errorf("%s: %q, exit code %d", bad, sentence, code)
		}
	}
}

func TestEveryStateOfAWatcherIsASight(t *testing.T) {
	for state, want := range map[face.State]kiosk.Sight{
		face.Nobody: kiosk.Nobody, face.Looking: kiosk.Looking, face.Identified: kiosk.Known,
		face.Unknown: kiosk.Stranger, face.Standing: kiosk.Standing,
	} {
		if got := sighting(face.Sighting{State: state, Reason: face.TooSmall}); got.Sight != want || got.Reason != "too_small" {
			t.Errorf("%s became %+v", state, got)
		}
	}
}

func TestDecoyIsAVerifierThatFitsNobody(t *testing.T) {
	p, err := newPINs()
	if err != nil {
		t.Fatal(err)
	}
	right, err := p.Verify(p.Decoy(), "1234")
	if err != nil || right {
		t.Errorf("Verify = %v, %v", right, err)
	}
}
