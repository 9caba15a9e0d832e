package face

import (
	"context"
	"fmt"
	"image"
	"sync/atomic"
	"time"

	"clockface/timeclock"
)

// State is what a [Watcher] sees.
type State int

// The states. Identified and Unknown are answers: each is given once, and
// Standing follows for as long as the same face stays.
const (
	Nobody     State = iota // no face in view
	Looking                 // a face is followed and not yet decided
	Identified              // the face is an enrolled person's
	Unknown                 // the face is nobody's, or cannot be told
	Standing                // the face of the last answer is still there
)

// String returns the state in one lower-case word.
func (s State) String() string {
	switch s {
	case Nobody:
		return "nobody"
	case Looking:
		return "looking"
	case Identified:
		return "identified"
	case Unknown:
		return "unknown"
	case Standing:
		return "standing"
	}
	return fmt.Sprintf("state %d", int(s))
}

// Sighting is what a watcher says about one frame.
type Sighting struct {
	State State
	// Who is set with Identified, and with Standing after it.
	Who timeclock.Identification
	// Reason: with Unknown why; with Looking what is in the way, e.g. [TooSmall],
	// or empty while all is well.
	Reason Reason
	// Box surrounds the followed face in pixels of the frame; empty with Nobody.
	Box image.Rectangle
	// Others counts the further faces in view, who have to wait.
	Others int
	// FirstSeen is when the first frame was taken that may have held that face
	// ([Frame.Since]): never later than the first that did.
	FirstSeen time.Time
	// At and Picture are those of the frame ([Frame.At], [Frame.Name]).
	At      time.Time
	Picture string
	// Frames counts the frames that voted.
	Frames int
}

// WatchOptions change how a watcher decides; zero values stand for the defaults.
type WatchOptions struct {
	// Gate is the least quality of a frame that votes; default [LiveGate].
	Gate Gate
	// Votes is how many frames must agree on a person; default 3, least 2: no
	// single frame decides.
	Votes int
	// GiveUp is after how long a face that nobody fits is called Unknown; default 1.2 s.
	GiveUp time.Duration
	// Left is after how long without the face it has gone; default 400 ms. It
	// bridges the frames in which a moving face is not found.
	Left time.Duration
	// Again is after how long a face that stays is tried again once it was
	// Unknown; default 6 s, for which the answer stands on the kiosk.
	Again time.Duration
	// Played marks the answers with timeclock.PlayedCamera.
	Played bool
}

func (o WatchOptions) withDefaults() WatchOptions {
	if o.Gate == (Gate{}) {
		o.Gate = LiveGate()
	}
	if o.Votes == 0 {
		o.Votes = 3
	}
	o.Votes = max(o.Votes, 2)
	if o.GiveUp == 0 {
		o.GiveUp = 1200 * time.Millisecond
	}
	if o.Left == 0 {
		o.Left = 400 * time.Millisecond
	}
	if o.Again == 0 {
		o.Again = 6 * time.Second
	}
	return o
}

// Watcher follows the nearest face from frame to frame and says once who it is.
// It takes all time from the frames. [Watcher.Watch] serves one goroutine;
// [Watcher.Use] and [Watcher.Forget] may be called from any.
type Watcher struct {
	embedder Embedder
	options  WatchOptions
	known    atomic.Pointer[known]
	forget   atomic.Bool

	current *track // nil: nobody
	// rival is a face that does not look like the current one. It takes over once
	// it has as many votes as an answer needs, or the current one is gone: one odd
	// frame of somebody who stands there neither starts the vote over nor makes a
	// second answer.
	rival *track
	// named is the person of the last answer while there has been a face in view
	// ever since; such a person is not named twice.
	named timeclock.EmployeeID
	// looked is when the frame before was taken.
	looked time.Time
	// others counts the further faces when a whole frame was last looked at, and
	// close the frames since.
	others, close int
}

// nearFinder is an [Embedder] that finds the faces around one of the frame before
// in less time than those in the whole picture.
type nearFinder interface {
	// FindNear is Find around the box, which is in pixels of img.
	FindNear(ctx context.Context, img *image.RGBA, box image.Rectangle) ([]Found, error)
}

// known is what a face is compared with; it is replaced as a whole.
type known struct {
	gallery *Gallery
	rule    Rule
}

// NewWatcher returns a watcher that finds faces with e and compares them with
// the gallery under the rule. It returns an error if the gallery holds vectors
// of another pack than e makes. The caller still owns e.
func NewWatcher(e Embedder, g *Gallery, r Rule, o WatchOptions) (*Watcher, error) {
	w := &Watcher{embedder: e, options: o.withDefaults()}
	if err := w.Use(g, r); err != nil {
		return nil, err
	}
	return w, nil
}

// Use replaces gallery and rule from the next frame on, e.g. after somebody
// was enrolled. The gallery must not be added to any more.
func (w *Watcher) Use(g *Gallery, r Rule) error {
	if g.Pack() != w.embedder.Pack() || g.dim != w.embedder.Dim() {
		return fmt.Errorf("watch with a gallery of pack %s (%d values): the embedder makes %s (%d values)",
			g.Pack(), g.dim, w.embedder.Pack(), w.embedder.Dim())
	}
	w.known.Store(&known{gallery: g, rule: r})
	return nil
}

// Forget drops what is being followed, so that whoever stands there is seen anew.
func (w *Watcher) Forget() { w.forget.Store(true) }

// Watch looks at one frame. Frames come in the order of their At.
func (w *Watcher) Watch(ctx context.Context, f *Frame) (Sighting, error) {
	if w.forget.Swap(false) {
		w.clear()
	}
	faces, err := w.find(ctx, f)
	if err != nil {
		return Sighting{}, fmt.Errorf("find faces in frame %d: %w", f.N, err)
	}
	s := w.see(f, faces)
	s.At, s.Picture = f.At, f.Name
	return s, nil
}

// find returns the faces of a frame. While somebody waits for the answer it looks
// around their face only, where that is quicker, but never for longer than an
// answer takes: somebody else may have come nearer.
func (w *Watcher) find(ctx context.Context, f *Frame) ([]Found, error) {
	finder, ok := w.embedder.(nearFinder)
	if t := w.current; ok && t != nil && t.votes > 0 && !t.answered && w.close < w.options.Votes-1 {
		w.close++
		faces, err := finder.FindNear(ctx, f.Pix, t.box)
		if len(faces) > 0 || err != nil {
			return faces, err
		}
	}
	faces, err := w.embedder.Find(ctx, f.Pix)
	w.close, w.others = 0, max(0, len(faces)-1)
	return faces, err
}

// clear starts over, as with nobody in view.
func (w *Watcher) clear() { w.current, w.rival, w.named = nil, nil, "" }

// see takes the faces of one frame into the tracks and says what to show.
func (w *Watcher) see(f *Frame, faces []Found) Sighting {
	w.dropOld(f.At, len(faces) == 0)
	w.looked = f.At
	if len(faces) == 0 {
		if w.current == nil {
			return Sighting{State: Nobody}
		}
		return w.current.sighting()
	}
	face := w.nearest(faces)
	t := w.trackOf(f, face)
	q := Measure(f.Pix, face.Box)
	if w.close > 0 {
		q.Width = max(q.Width, t.width) // a close look draws the box tighter; nobody has stepped back
	}
	t.width = q.Width
	t.box, t.lastSeen = face.Box, f.At
	t.hint = w.options.Gate.Judge(q)
	if t.hint == "" {
		t.add(face.Vector, w.known.Load().gallery)
	}
	s := w.decide(f.At)
	s.Others = max(w.others, len(faces)-1)
	return s
}

// longestBlink is how long a watcher may have seen no frame at all and still
// take the next face for the one before.
const longestBlink = 3 * time.Second

// dropOld forgets the faces that have not been seen for long enough to have
// left. On a busy PC more than that may pass between two frames: a face is gone
// only once a frame was looked at in which it was not.
func (w *Watcher) dropOld(now time.Time, empty bool) {
	gone := func(t *track) bool {
		if t == nil {
			return true
		}
		missed := empty || w.looked.After(t.lastSeen)
		away := now.Sub(t.lastSeen)
		return missed && away > w.options.Left || away > longestBlink
	}
	if gone(w.rival) {
		w.rival = nil
	}
	switch {
	case !gone(w.current):
	case w.rival != nil:
		w.current, w.rival = w.rival, nil
	default:
		w.clear()
	}
}

// stickiness is by how much larger in area another face must be than the
// followed one to be taken for the nearer: two people side by side must not
// take turns.
const stickiness = 1.3

// nearest returns the largest face, preferring the followed one.
func (w *Watcher) nearest(faces []Found) Found {
	best, bestArea := 0, 0.0
	for i, f := range faces {
		area := float64(f.Box.Dx()) * float64(f.Box.Dy())
		if w.current != nil && w.current.near(f.Box) {
			area *= stickiness
		}
		if area > bestArea {
			best, bestArea = i, area
		}
	}
	return faces[best]
}

// trackOf returns the track that the face belongs to, a new one if it fits none.
func (w *Watcher) trackOf(f *Frame, face Found) *track {
	if w.current == nil {
		w.current = newTrack(f)
		return w.current
	}
	limit := w.known.Load().rule.sameFace()
	if w.current.fits(face, limit) {
		w.rival = nil
		return w.current
	}
	if w.rival == nil || !w.rival.fits(face, limit) {
		w.rival = newTrack(f)
	}
	return w.rival
}

// sameFace is the distance up to which two frames may show one face that is
// being followed. It is wider than the threshold, since the place in the
// picture speaks for the same face as well.
func (r Rule) sameFace() float64 { return r.Threshold * 1.3 }

// decide gives the answer for the current face, if it is time for one.
func (w *Watcher) decide(now time.Time) Sighting {
	if w.rival != nil && w.rival.votes >= w.options.Votes {
		w.current, w.rival = w.rival, nil
	}
	t := w.current
	if t.answered && t.answer.State == Unknown && now.Sub(t.answeredAt) >= w.options.Again {
		t.again(now)
	}
	if t.answered {
		return t.sighting()
	}
	s, done := w.judge(t, now)
	if !done {
		return s
	}
	t.answered, t.answer, t.answeredAt = true, s, now
	if s.State == Identified && s.Who.Employee == w.named {
		return t.sighting()
	}
	w.named = s.Who.Employee
	return s
}

// hopeless is by how much the mean of the frames must miss the threshold to be
// called Unknown before GiveUp.
const hopeless = 0.08

// judge returns what the votes of the track say now, and whether that is an answer.
func (w *Watcher) judge(t *track, now time.Time) (Sighting, bool) {
	k, o := w.known.Load(), w.options
	s := t.sighting()
	waited := now.Sub(t.began)
	if t.votes < o.Votes {
		if t.hint != "" && t.hint != TooSmall && waited >= 2*o.GiveUp {
			s.State = Unknown
			return s, true
		}
		return s, false
	}
	m := k.gallery.Match(t.mean())
	reason := k.rule.Judge(m)
	if reason == "" && t.agreeing(m.Best) >= o.Votes {
		s.State, s.Reason = Identified, ""
		s.Who = timeclock.Identification{
			Employee: m.Best, Method: timeclock.ByFace, Confidence: Confidence(m.Distance, k.rule.Threshold),
		}
		if o.Played {
			s.Who.Flags = s.Who.Flags.With(timeclock.PlayedCamera)
		}
		return s, true
	}
	if reason == "" {
		reason = Ambiguous
	}
	far := m.Distance > k.rule.Threshold+hopeless
	if t.votes > o.Votes+1 && (far || waited >= o.GiveUp) {
		s.State, s.Reason = Unknown, reason
		return s, true
	}
	return s, false
}
