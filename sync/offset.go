package sync

import (
	"time"

	"clockface/sync/op"
)

const (
	// offsetSamples is how many round trips the offset is chosen from.
	offsetSamples = 8
	// stepUS is how far wall and monotonic clock may drift apart between two
	// samples before the wall clock counts as having been set.
	stepUS = 1_000_000
)

// sampleEvery is how long a full set of samples stays good; until it is full one
// is taken each round.
const sampleEvery = 5 * time.Minute

// offsetSample is one measured round trip.
type offsetSample struct {
	offsetUS    int64
	roundTripUS int64
	clock       op.Clock // the device's clocks when it was taken
}

// offsetEstimate keeps the newest round trips and trusts the quickest of them:
// the less time a message can have waited, the less the offset can be wrong.
type offsetEstimate struct{ samples []offsetSample }

// add takes a sample. Older ones are dropped when the device's wall clock was
// set or the machine was started again since, because they speak of another clock.
func (e *offsetEstimate) add(s offsetSample) {
	if len(e.samples) > 0 && stepped(e.samples[len(e.samples)-1].clock, s.clock) {
		e.samples = nil
	}
	if len(e.samples) == offsetSamples {
		e.samples = e.samples[1:]
	}
	e.samples = append(e.samples, s)
}

// best returns the offset and half its round trip; ok is false without samples.
func (e *offsetEstimate) best() (offsetUS, errUS int64, ok bool) {
	if len(e.samples) == 0 {
		return 0, 0, false
	}
	b := e.samples[0]
	for _, s := range e.samples[1:] {
		if s.roundTripUS < b.roundTripUS {
			b = s
		}
	}
	return b.offsetUS, b.roundTripUS / 2, true
}

// due reports whether another sample should be taken now.
func (e *offsetEstimate) due(now op.Clock) bool {
	if len(e.samples) < offsetSamples {
		return true
	}
	newest := e.samples[len(e.samples)-1].clock
	return stepped(newest, now) || now.Mono-newest.Mono >= sampleEvery.Microseconds()
}

// stepped reports whether the wall clock was set between a and b, or the machine
// was started again.
func stepped(a, b op.Clock) bool {
	if a.Boot != b.Boot {
		return true
	}
	d := (int64(b.Wall) - b.Mono) - (int64(a.Wall) - a.Mono)
	return d > stepUS || d < -stepUS
}
