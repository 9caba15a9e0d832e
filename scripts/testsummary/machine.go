package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// machine says what the machine of this run lacks, so that a test which was
// skipped for another reason stands out.
type machine struct {
	strict  bool     // skips that could have been run are failures
	missing []string // words that stand in the reason of a skip which is right here
}

// thisMachine looks around.
func thisMachine() machine {
	m := machine{strict: os.Getenv("CI") == "true"}
	cameras, _ := filepath.Glob("/dev/video*")
	cards, _ := filepath.Glob("/dev/snd/pcm*")
	_, noFUSE := os.Stat("/dev/fuse")
	for word, absent := range map[string]bool{
		"CLOCKFACE_TESTDATA": os.Getenv("CLOCKFACE_TESTDATA") == "",
		"camera device":      len(cameras) == 0,
		"sound device":       len(cards) == 0,
		"/dev/fuse":          noFUSE != nil,
		"root":               os.Getuid() == 0, // root may write anywhere, so what must be refused is not
		"key store":          os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "unix:path=/nonexistent",
	} {
		if absent {
			m.missing = append(m.missing, word)
		}
	}
	return m
}

// lacks reports whether the reason names something that is missing here.
func (m machine) lacks(reason string) bool {
	return slices.ContainsFunc(m.missing, func(word string) bool { return strings.Contains(reason, word) })
}
