package kiosk

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// noticeFields is the documented format: event → fields beyond event and time.
var noticeFields = map[NoticeKind][]string{
	NoticeReady:      {"faces"},
	NoticeIdentified: {"confidence", "employee", "method", "ms", "name", "number"},
	NoticePunched:    {"at", "employee", "kind", "method", "ms", "punch"},
	NoticeRepeated:   {"employee", "punch"},
	NoticeUnknown:    {"reason"},
	NoticeUndone:     {"punch"},
	NoticeChanged:    {"kind", "punch"},
	NoticeSynced:     {"acked", "waiting"},
	NoticeError:      {"code", "message"},
	NoticeEnded:      {"punches"},
}

func TestNoticesHaveTheDocumentedFields(t *testing.T) {
	page, err := os.ReadFile("../docs/kiosk-events.md")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 8, 1, 4, 123456789, time.FixedZone("Berlin", 3600))
	for kind, want := range noticeFields {
		var out bytes.Buffer
		if err := NewNoticeWriter(&out, func() time.Time { return at }).Write(Notice{Event: kind, Took: 1500 * time.Microsecond}); err != nil {
			t.Fatal(err)
		}
		if strings.Count(out.String(), "\n") != 1 || !strings.HasSuffix(out.String(), "\n") {
			t.Errorf("%s: %q is not one line", kind, out.String())
		}
		var got map[string]any
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got["event"] != string(kind) || got["time"] != "2026-11-21T07:01:04.123456Z" {
			t.Errorf("%s: event %v, time %v", kind, got["event"], got["time"])
		}
		delete(got, "event")
		delete(got, "time")
		if fields := slices.Sorted(maps.Keys(got)); !slices.Equal(fields, want) {
			t.Errorf("%s has the fields %v, want %v", kind, fields, want)
		}
		if ms, ok := got["ms"]; ok && ms != 1.5 {
			t.Errorf("%s: ms = %v, want 1.5", kind, ms)
		}
		row := "| `" + string(kind) + "` |"
		i := strings.Index(string(page), row)
		if i < 0 {
			t.Errorf("docs/kiosk-events.md has no row for %s", kind)
			continue
		}
		line, _, _ := strings.Cut(string(page[i:]), "\n")
		for _, f := range want {
			if !strings.Contains(line, "`"+f+"`") {
				t.Errorf("docs/kiosk-events.md does not name %s of %s", f, kind)
			}
		}
	}
}

func TestCommands(t *testing.T) {
	for line, want := range map[string]Input{
		`{"pin":{"number":"12","pin":"1234"}}`: TypePIN{Number: "12", PIN: "1234"},
		`{"not_me":true}`:                      SayNotMe{},
		`{"other_direction":true}`:             OtherDirection{},
	} {
		if got, err := ParseCommand([]byte(line)); err != nil || got != want {
			t.Errorf("%s: %#v, %v", line, got, err)
		}
	}
	for _, line := range []string{"", "12", "{}", `{"not_me":false}`, `{"pin":{"number":"","pin":"1234"}}`, `{"pin":{"number":"12","pin":"123"}}`,
		`{"pin":{"number":"12","pin":"123456789"}}`, `{"pin":{"number":"1a","pin":"1234"}}`, `{"pin":"1234"}`} {
		_, err := ParseCommand([]byte(line))
		if !errors.Is(err, ErrCommand) {
			t.Errorf("%q: %v, want ErrCommand", line, err)
		} else if strings.Contains(err.Error(), "123456789") {
			t.Errorf("%q: the message repeats a PIN: %v", line, err)
		}
	}
}
