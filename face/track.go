package face

import (
	"image"
	"math"
	"time"

	"clockface/timeclock"
)

// ballots is how many of the last voting frames are asked whether they agree.
const ballots = 5

// track is one face followed over frames: the mean of its vectors, and whom
// the last frames took it for.
type track struct {
	firstSeen time.Time // first frame that may have held the face
	began     time.Time // first frame in which it was found
	lastSeen  time.Time
	box       image.Rectangle
	width     int    // of the face when a whole frame was last looked at, in pixels
	hint      Reason // of the newest frame

	votes int
	sum   []float64
	named [ballots]timeclock.EmployeeID // ring: best match of each voting frame

	answered   bool
	answeredAt time.Time
	answer     Sighting
}

// newTrack returns the track of a face that is found in f and not before.
func newTrack(f *Frame) *track {
	t := &track{firstSeen: f.Since, began: f.At, lastSeen: f.At}
	if t.firstSeen.IsZero() {
		t.firstSeen = f.At
	}
	return t
}

// add counts one frame's vector.
func (t *track) add(vector []float32, g *Gallery) {
	if t.sum == nil {
		t.sum = make([]float64, len(vector))
	}
	for i, v := range vector {
		t.sum[i] += float64(v)
	}
	t.named[t.votes%ballots] = g.Match(vector).Best
	t.votes++
}

// mean returns the mean vector of the voting frames; there must be one.
func (t *track) mean() []float32 {
	m := make([]float32, len(t.sum))
	for i, v := range t.sum {
		m[i] = float32(v / float64(t.votes))
	}
	return m
}

// agreeing returns how many of the last frames took the face for who.
func (t *track) agreeing(who timeclock.EmployeeID) int {
	n := 0
	for i := range min(t.votes, ballots) {
		if t.named[i] == who {
			n++
		}
	}
	return n
}

// near reports whether the box is about where the face was last.
func (t *track) near(box image.Rectangle) bool {
	if t.box.Empty() {
		return false
	}
	dx := float64(box.Min.X + box.Max.X - t.box.Min.X - t.box.Max.X)
	dy := float64(box.Min.Y + box.Max.Y - t.box.Min.Y - t.box.Max.Y)
	return math.Hypot(dx, dy)/2 < 0.75*float64(max(box.Dx(), t.box.Dx()))
}

// fits reports whether the face can be the one followed: near its last place
// and, once a frame has voted, like its mean.
func (t *track) fits(f Found, limit float64) bool {
	if !t.near(f.Box) {
		return false
	}
	return t.votes == 0 || Distance(f.Vector, t.mean()) <= limit
}

// again starts another attempt on the same face.
func (t *track) again(now time.Time) {
	*t = track{firstSeen: now, began: now, lastSeen: now, box: t.box}
}

// sighting returns Standing with the answer for a face that has one, else Looking.
func (t *track) sighting() Sighting {
	s := Sighting{State: Looking, Reason: t.hint, Box: t.box, FirstSeen: t.firstSeen, Frames: t.votes}
	if t.answered {
		s.State, s.Who, s.Reason = Standing, t.answer.Who, t.answer.Reason
	}
	return s
}
