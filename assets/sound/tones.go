// Package sound plays the two tones of a kiosk: two rising notes for a success
// and one low one for a failure. They are made in code. Without a sound device,
// or in a build without cgo or with the tag nosound, the kiosk is silent: no
// message hangs on a tone alone.
package sound

import (
	"encoding/binary"
	"math"
	"time"
)

// rate is the samples a second of the tones; they are mono, 16 bits.
const rate = 44100

// note is one tone of a melody.
type note struct {
	hertz float64
	lasts time.Duration
}

// The melodies: a fifth upwards in 250 ms, and one low note.
var (
	rising = []note{{660, 110 * time.Millisecond}, {990, 140 * time.Millisecond}}
	low    = []note{{196, 320 * time.Millisecond}}
)

// loudness leaves room so that overtones and cheap speakers do not distort.
const loudness = 0.35

// fade is how long a note takes to come and go, without which it clicks.
const fade = 12 * time.Millisecond

// samples returns a melody as signed 16-bit little-endian samples.
func samples(melody []note) []byte {
	var out []byte
	for _, n := range melody {
		count := int(n.lasts.Seconds() * rate)
		edge := fade.Seconds() * rate
		for i := range count {
			t := float64(i) / rate
			// A little of the octave makes a sine less like a hearing test.
			wave := 0.8*math.Sin(2*math.Pi*n.hertz*t) + 0.2*math.Sin(4*math.Pi*n.hertz*t)
			envelope := math.Min(1, math.Min(float64(i), float64(count-i))/edge)
			out = binary.LittleEndian.AppendUint16(out, uint16(int16(wave*envelope*loudness*math.MaxInt16)))
		}
	}
	return out
}
