//go:build !cgo || nosound

package sound

import "log/slog"

// Speaker is silent in this build.
type Speaker struct{}

// Open returns a speaker that stays silent, and says so.
func Open(log *slog.Logger) *Speaker {
	log.Info("no sound: this program was built without it")
	return &Speaker{}
}

// Play does nothing.
func (*Speaker) Play(bool) {}
