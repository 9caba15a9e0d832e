package sound

import (
	"encoding/binary"
	"log/slog"
	"testing"
	"time"
)

func TestSuccessRisesWithinAQuarterSecond(t *testing.T) {
	tones := samples(rising)
	if got := time.Duration(len(tones)/2) * time.Second / rate; got < 240*time.Millisecond || got > 260*time.Millisecond {
		t.Errorf("the success tone lasts %v, want 250 ms", got)
	}
	if first, second := rising[0].hertz, rising[1].hertz; second <= first {
		t.Errorf("the notes are %v and %v Hz, want a rise", first, second)
	}
	if low[0].hertz >= rising[0].hertz/2 {
		t.Errorf("the failure tone has %v Hz, want it well below %v", low[0].hertz, rising[0].hertz)
	}
}

func TestTonesBeginAndEndSilent(t *testing.T) {
	for name, melody := range map[string][]note{"success": rising, "failure": low} {
		tones := samples(melody)
		last := len(tones) - 2
		for _, i := range []int{0, last} {
			if v := int16(binary.LittleEndian.Uint16(tones[i:])); v > 400 || v < -400 {
				t.Errorf("%s: sample at byte %d is %d, which clicks", name, i, v)
			}
		}
	}
}

func TestASpeakerWithoutDeviceIsSilent(t *testing.T) {
	s := Open(slog.New(slog.DiscardHandler))
	s.Play(true)
	s.Play(false)
}
