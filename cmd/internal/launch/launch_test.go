package launch_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"clockface/cmd/internal/launch"
	"clockface/cmd/internal/station"
	"clockface/timeclock"
)

// start runs a program of these arguments whose serve returns err.
func start(env map[string]string, err error, args ...string) (flags launch.Flags, code int, errs string) {
	var o struct{ launch.Flags }
	var out, e bytes.Buffer
	p := launch.Program{Name: "clockface-test", Profile: timeclock.Kiosk, Size: "480x800"}
	code = p.Run(&o, args, &out, &e, func(name string) string { return env[name] }, func(context.Context) error { return err })
	return o.Flags, code, e.String()
}

func TestHowAProgramEndsIsASentenceAndAnExitCode(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		args []string
		code int
		says string
	}{
		{"well", nil, nil, station.ExitOK, ""},
		{"by a signal", context.Canceled, nil, station.ExitOK, ""},
		{"a flag that does not exist", nil, []string{"--nonsense"}, station.ExitUsage, "clockface-test --help"},
		{"two looks at once", nil, []string{"--dark", "--contrast"}, station.ExitUsage, "can't be used together"},
		{"a flag that cannot be used", &launch.UsageError{Sentence: "Give it like this."}, nil, station.ExitUsage, "clockface-test: Give it like this."},
		{"an error that is a sentence", &launch.Failure{Err: errors.New("Plug it in.")}, nil, station.ExitFailed, "clockface-test: Plug it in."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, code, errs := start(nil, c.err, c.args...)
			if code != c.code || !strings.Contains(errs, c.says) || c.says == "" && errs != "" {
				t.Errorf("exit code %d and %q, want %d and %q", code, errs, c.code, c.says)
			}
		})
	}
}

func TestLanguageComesFromTheEnvironmentUnlessItIsGiven(t *testing.T) {
	for _, c := range []struct {
		want string
		env  map[string]string
		args []string
	}{
		{"en", nil, nil},
		{"de_DE.UTF-8", map[string]string{"LANG": "de_DE.UTF-8"}, nil},
		{"es_ES.UTF-8", map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "es_ES.UTF-8"}, nil},
		{"en", map[string]string{"LANG": "de_DE.UTF-8"}, []string{"--lang", "en"}},
	} {
		if f, _, errs := start(c.env, nil, c.args...); f.Lang != c.want {
			t.Errorf("language %q of %v and %v, want %q %s", f.Lang, c.env, c.args, c.want, errs)
		}
	}
}

func TestSizeIsReadOrRefusedWithASentence(t *testing.T) {
	usual := fyne.NewSize(1280, 800)
	for given, want := range map[string]fyne.Size{"": usual, "480x800": fyne.NewSize(480, 800), "480X800": fyne.NewSize(480, 800)} {
		if got, err := (launch.Flags{Size: given}).WindowSize(usual); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", given, got, err, want)
		}
	}
	for _, bad := range []string{"480", "axb", "10x10"} {
		var usage *launch.UsageError
		if _, err := (launch.Flags{Size: bad}).WindowSize(usual); !errors.As(err, &usage) || !strings.Contains(usage.Sentence, bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// blind is a toolkit without a display; it panics as the real one does.
type blind struct{ fyne.App }

func (blind) NewWindow(string) fyne.Window { panic("NotInitialized: no display") }

func TestWithoutADisplayTheSentenceSaysSo(t *testing.T) {
	_, err := launch.NewWindow(blind{}, "Clockface")
	if _, code, errs := start(nil, err); code != station.ExitFailed || !strings.Contains(errs, "no display to draw on") {
		t.Errorf("exit code %d, %q", code, errs)
	}
}
