//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// kioskSize is the screen that the kiosk's figures are stated for.
const kioskSize = "480x800"

// A kioskStat is one line of clockface-kiosk --stats.
type kioskStat struct {
	Screen      string  `json:"screen"`
	FramesShown float64 `json:"frames_shown"`
}

// aKiosk is a kiosk in a window of its own display.
type aKiosk struct {
	*program
	*display
	stats *reading
}

// startWindow starts the kiosk on a new display and waits for its first screen.
func (c *company) startWindow(t testing.TB, camera string) aKiosk {
	t.Helper()
	d := c.newDisplay(t, "kiosk", kioskSize)
	file := filepath.Join(c.out, "kiosk-stats.jsonl")
	k := aKiosk{display: d, stats: &reading{name: "kiosk", j: followFile(t, file)}}
	k.program = c.startKiosk(t, d.env(), camera, "--stats", file)
	await(t, k.stats, time.Minute, "the first screen", func(s kioskStat) bool { return s.Screen != "" })
	d.focus(t, "Clockface kiosk")
	return k
}

// answerColour fills the kiosk's screen when a punch is recorded.
var answerColour = colour{0x00, 0x74, 0x56}

// awaitAnswer waits until the answer to a punch can be seen.
func (k aKiosk) awaitAnswer(t testing.TB) {
	t.Helper()
	k.awaitColour(t, 4, 400, answerColour)
}

// awaitScreen waits until a screen has come up.
func (k aKiosk) awaitScreen(t testing.TB, name string) {
	t.Helper()
	await(t, k.stats, 30*time.Second, "the screen "+name, func(s kioskStat) bool { return s.Screen == name })
}

// typePIN types a person's number and PIN.
func (k aKiosk) typePIN(t testing.TB, who *person) {
	t.Helper()
	k.keys(t, strings.Split(who.number, "")...)
	k.keys(t, "Return")
	k.awaitScreen(t, "pin")
	k.keys(t, strings.Split(who.pin(), "")...)
	k.keys(t, "Return")
}

// deskSize is the screen that the desktop's window is opened on.
const deskSize = "1280x800"

// A deskReport is one line of clockface-desktop --stats.
type deskReport struct {
	Event   string
	Name    string
	Items   map[string]box
	Punch   string
	Verdict string
	Error   string
}

// aDesk is a desktop program in a window that fills its own display.
type aDesk struct {
	*program
	*display
	reports *reading
}

// startDesk enrols the desktop's folder and opens its window; the owner's token
// in the folder signs in.
func (c *company) startDesk(t testing.TB) aDesk {
	t.Helper()
	d := c.newDisplay(t, "desktop", deskSize)
	file := filepath.Join(c.out, "desktop-stats.jsonl")
	k := aDesk{display: d, reports: &reading{name: "desktop", j: followFile(t, file)}}
	k.program = c.start(t, "desktop", "clockface-desktop", d.env(), "--data", c.desktop, "--cloud", c.url(),
		"--enroll-code", c.enrolCode(t, "desktop"), "--size", deskSize, "--stats", file)
	await(t, k.reports, time.Minute, "the inbox", func(r deskReport) bool { return r.Event == "screen" && r.Name == "inbox" })
	d.focus(t, "Clockface")
	return k
}

// layout returns where the named parts of the window were when they last came to
// rest.
func (k aDesk) layout() map[string]box {
	var items map[string]box
	for _, r := range all[deskReport](k.reports.j) {
		if r.Event == "layout" {
			items = r.Items
		}
	}
	return items
}

// rows returns the punches whose rows can be clicked, from the top, as soon as
// there is one and none of those that are to be gone.
func (k aDesk) rows(t testing.TB, gone ...string) (ids []string) {
	t.Helper()
	eventually(t, 30*time.Second, "rows in the inbox", func() string {
		items := k.layout()
		ids = nil
		for name := range items {
			id, ok := strings.CutPrefix(name, "row:")
			if ok && slices.Contains(gone, id) {
				return "the row of " + id + " is still there"
			}
			if ok {
				ids = append(ids, id)
			}
		}
		slices.SortFunc(ids, func(a, b string) int { return int(items["row:"+a][1] - items["row:"+b][1]) })
		if len(ids) == 0 {
			return "there is none"
		}
		return ""
	})
	return ids
}

// clickPart clicks a named part of the window as soon as it is there.
func (k aDesk) clickPart(t testing.TB, name string) {
	t.Helper()
	eventually(t, 15*time.Second, "the part "+name, func() string {
		if b, ok := k.layout()[name]; ok {
			k.clickBox(t, b)
			return ""
		}
		return "it cannot be seen"
	})
}

// awaitDecided waits until a decision on the punch is on disk.
func (k aDesk) awaitDecided(t testing.TB, punch, verdict string) {
	t.Helper()
	await(t, k.reports, 15*time.Second, verdict+" of punch "+punch, func(r deskReport) bool {
		return r.Event == "decided" && r.Punch == punch && r.Verdict == verdict
	})
}
