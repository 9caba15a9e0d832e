package station

import (
	"os"
	"path/filepath"
	"runtime"

	"clockface/timeclock"
)

// DataHome returns the folder below which Clockface keeps its data for this user
// where the operating system wants it; it is not made here.
func DataHome() string {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "."
	}
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "clockface")
		}
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "clockface")
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "clockface")
	}
	return filepath.Join(home, ".local", "share", "clockface")
}

// DefaultDir returns the data folder of a program of that profile when none is
// given. Each profile has its own, so that kiosk and desktop may run on one PC.
func DefaultDir(p timeclock.Profile) string { return filepath.Join(DataHome(), string(p)) }
