package main

import (
	"os"
	"path/filepath"
	"strings"
)

// machine says what the machine of this run lacks, so that a test which was
// skipped for another reason stands out.
type machine struct {
	strict  bool              // skips that could have been run are failures
	missing map[string]string // word in a skip's reason → what is missing here
}

// thisMachine looks around.
func thisMachine() machine {
	m := machine{strict: os.Getenv("CI") == "true", missing: map[string]string{}}
	lacking := func(absent bool, word, what string) {
		if absent {
			m.missing[word] = what
		}
	}
	cameras, _ := filepath.Glob("/dev/video*")
	cards, _ := filepath.Glob("/dev/snd/pcm*")
	_, noFUSE := os.Stat("/dev/fuse")
	lacking(os.Getenv("CLOCKFACE_TESTDATA") == "", "CLOCKFACE_TESTDATA", "the test data beside the repository")
	lacking(len(cameras) == 0, "camera device", "a camera")
	lacking(len(cards) == 0, "sound device", "a sound card")
	lacking(noFUSE != nil, "/dev/fuse", "FUSE")
	lacking(os.Getuid() == 0, "root", "an ordinary user: root may write anywhere")
	lacking(os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "", "key store", "a session bus with a key store")
	return m
}

// lacks reports whether the reason names something that is missing here.
func (m machine) lacks(reason string) bool {
	for word := range m.missing {
		if strings.Contains(reason, word) {
			return true
		}
	}
	return false
}
