//go:build cgo && !nosound

package sound

import (
	"bytes"
	"log/slog"

	"github.com/ebitengine/oto/v3"
)

// Speaker plays the tones. A nil Speaker is silent.
type Speaker struct {
	context         *oto.Context
	ready           chan struct{}
	success, failed []byte
	log             *slog.Logger
	playing         *oto.Player // kept, since a player that is collected stops
}

// Open opens the sound device, once in a process: a speaker plugged in later
// needs a restart. Where there is none it returns a speaker that stays silent.
func Open(log *slog.Logger) *Speaker {
	context, ready, err := oto.NewContext(&oto.NewContextOptions{SampleRate: rate, ChannelCount: 1, Format: oto.FormatSignedInt16LE})
	if err != nil {
		log.Info("no sound", "error", err)
		return nil
	}
	return &Speaker{context: context, ready: ready, success: samples(rising), failed: samples(low), log: log}
}

// Play starts the tones of a success or a failure and does not wait. It is used
// by one goroutine.
func (s *Speaker) Play(success bool) {
	if s == nil {
		return
	}
	select {
	case <-s.ready:
	default:
		return // still opening: a late tone would belong to nobody
	}
	// Without a device NewContext reports nothing: only Err tells.
	if err := s.context.Err(); err != nil {
		return
	}
	tones := s.failed
	if success {
		tones = s.success
	}
	s.playing = s.context.NewPlayer(bytes.NewReader(tones))
	s.playing.Play()
}
