package face

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"slices"
	"time"

	"clockface/timeclock"
)

// Template is one vector of an enrolment and the picture it came from.
type Template struct {
	Name   string // file, or the frame's number
	Vector []float32
}

// Refusal says why a picture was not enrolled.
type Refusal struct {
	Name   string
	Reason Reason
	Err    error // set with [Unreadable]
	// Who is whose enrolled face it was compared with: with [EnrolledForOther]
	// somebody else's, with [OtherPerson] the person's own; empty where it differs
	// from the other pictures.
	Who timeclock.EmployeeID
}

// Error returns the picture and the reason in words.
func (r Refusal) Error() string {
	if r.Err != nil {
		return r.Err.Error()
	}
	if r.Reason == OtherPerson && r.Who != "" {
		return r.Name + ": does not look like the face that is enrolled for this person; leave it out, or withdraw that face first"
	}
	return fmt.Sprintf("%s: %s", r.Name, r.Reason.Advice())
}

// LookAlike is an accepted picture that comes close to somebody else's face.
type LookAlike struct {
	Name     string
	Who      timeclock.EmployeeID // whose face it is close to
	Distance float64
}

// Enrolment is what came of a person's pictures.
type Enrolment struct {
	Pack     string
	Accepted []Template
	Refused  []Refusal
	// LookAlikes names accepted pictures with which the kiosk may take two people
	// for each other.
	LookAlikes []LookAlike
}

// Vectors returns the accepted vectors.
func (e Enrolment) Vectors() [][]float32 {
	out := make([][]float32, len(e.Accepted))
	for i, t := range e.Accepted {
		out[i] = t.Vector
	}
	return out
}

// Advice returns in English what is wrong and what to do about it. Programs
// with a catalogue of texts use the reason as a key instead.
func (r Reason) Advice() string {
	switch r {
	case Unreadable:
		return "cannot be read as a picture; take another file"
	case NoFace:
		return "no face found; take a picture from the front, with the whole face and about 150 pixels of it or more"
	case SeveralFaces:
		return "more than one face; cut the picture down to the person"
	case TooSmall:
		return "the face is too small; come closer or take a larger picture"
	case AtEdge:
		return "the face is cut off at the edge; move to the middle"
	case TooDark:
		return "the face is too dark; turn towards the light"
	case TooBright:
		return "the face is too bright; turn away from the light"
	case Blurred:
		return "the face is blurred; hold still"
	case OtherPerson:
		return "does not look like the other pictures of this person; leave it out"
	case EnrolledForOther:
		return "looks like the face that is enrolled for somebody else; choose another picture, or withdraw that face first"
	case NotEnrolled:
		return "nobody enrolled looks like this"
	case Ambiguous:
		return "two enrolled people look about equally like this"
	case NobodyEnrolled:
		return "nobody is enrolled yet"
	}
	return string(r)
}

// Largest returns the face with the largest box, which is the nearest person's.
// ok is false without any face.
func Largest(faces []Found) (largest Found, ok bool) {
	for _, f := range faces {
		if !ok || f.Box.Dx()*f.Box.Dy() > largest.Box.Dx()*largest.Box.Dy() {
			largest, ok = f, true
		}
	}
	return largest, ok
}

// lookTwiceSide is the side in pixels up to which a picture without a face is
// looked at again at twice its size.
const lookTwiceSide = 1024

// Look finds the faces of a still picture. Where there are none it looks again
// at twice the size: unlike a camera's frame, a picture may show a small face
// well, and it may take longer. Boxes are in pixels of img.
func Look(ctx context.Context, e Embedder, img *image.RGBA) ([]Found, error) {
	faces, err := e.Find(ctx, img)
	if err != nil || len(faces) > 0 || max(img.Rect.Dx(), img.Rect.Dy()) > lookTwiceSide {
		return faces, err
	}
	double := image.NewRGBA(image.Rect(0, 0, 2*img.Rect.Dx(), 2*img.Rect.Dy()))
	Scale(double, double.Rect, img)
	if faces, err = e.Find(ctx, double); err != nil {
		return nil, err
	}
	for i := range faces {
		b := &faces[i].Box
		b.Min, b.Max = b.Min.Div(2), b.Max.Div(2)
		for j, p := range faces[i].Landmarks {
			faces[i].Landmarks[j] = p.Div(2)
		}
	}
	return faces, nil
}

// Enroller makes templates of one person's pictures.
type Enroller struct {
	embedder Embedder
	gate     Gate
	alike    float64 // distance up to which two pictures may be of one person
	rule     Rule    // by which a kiosk will tell people apart
	who      timeclock.EmployeeID
	known    *Gallery
}

// NewEnroller returns an enroller of who for the pack of the embedder, which the
// caller still owns. Known holds the faces of that pack that are enrolled already,
// of that person and of others.
func NewEnroller(e Embedder, p Pack, who timeclock.EmployeeID, known *Gallery) *Enroller {
	return &Enroller{
		embedder: e, gate: EnrolGate(), alike: p.Threshold(1e-2), rule: p.Prior(DefaultFMR), who: who, known: known,
	}
}

// Pictures enrols files. What cannot serve is refused by name and the others
// go on; an error comes only from the embedder or the context.
func (n *Enroller) Pictures(ctx context.Context, files []string) (Enrolment, error) {
	out := Enrolment{Pack: n.embedder.Pack()}
	for _, file := range files {
		img, err := ReadPicture(file)
		if err != nil {
			out.Refused = append(out.Refused, Refusal{Name: file, Reason: Unreadable, Err: err})
			continue
		}
		faces, err := Look(ctx, n.embedder, img)
		if err != nil {
			return out, fmt.Errorf("enrol picture %s: %w", file, err)
		}
		n.take(&out, file, img, faces, n.gate)
	}
	n.dropMistaken(&out)
	n.dropStrangers(&out)
	return out, nil
}

// take accepts the only face of a picture or refuses the picture, and reports
// which.
func (n *Enroller) take(out *Enrolment, name string, img *image.RGBA, faces []Found, gate Gate) bool {
	reason := NoFace
	if len(faces) > 1 {
		reason = SeveralFaces
	} else if len(faces) == 1 {
		reason = gate.Judge(Measure(img, faces[0].Box))
	}
	if reason != "" {
		out.Refused = append(out.Refused, Refusal{Name: name, Reason: reason})
		return false
	}
	out.Accepted = append(out.Accepted, Template{Name: name, Vector: faces[0].Vector})
	return true
}

// dropMistaken refuses pictures that show somebody else than the enrolled faces
// say: with one face under two names the kiosk could tell neither of the two.
func (n *Enroller) dropMistaken(out *Enrolment) {
	var keep []Template
	for _, t := range out.Accepted {
		own, other, distance := n.known.Around(n.who, t.Vector)
		switch {
		case distance <= n.rule.Threshold:
			out.Refused = append(out.Refused, Refusal{Name: t.Name, Reason: EnrolledForOther, Who: other})
			continue
		case own > n.alike && !math.IsInf(own, 1):
			out.Refused = append(out.Refused, Refusal{Name: t.Name, Reason: OtherPerson, Who: n.who})
			continue
		case distance <= n.rule.Threshold+n.rule.Margin:
			out.LookAlikes = append(out.LookAlikes, LookAlike{Name: t.Name, Who: other, Distance: distance})
		}
		keep = append(keep, t)
	}
	out.Accepted = keep
}

// dropStrangers refuses pictures that are not like the one most like all
// others (of two, the first counts): a picture of somebody else among them
// would let that person punch for this one.
func (n *Enroller) dropStrangers(out *Enrolment) {
	if len(out.Accepted) < 2 {
		return
	}
	centre := 0
	if len(out.Accepted) > 2 {
		centre = medoid(out.Accepted)
	}
	var keep []Template
	for _, t := range out.Accepted {
		if Distance(t.Vector, out.Accepted[centre].Vector) > n.alike {
			out.Refused = append(out.Refused, Refusal{Name: t.Name, Reason: OtherPerson})
			out.LookAlikes = slices.DeleteFunc(out.LookAlikes, func(l LookAlike) bool { return l.Name == t.Name })
			continue
		}
		keep = append(keep, t)
	}
	out.Accepted = keep
}

// medoid returns the index of the template with the least sum of distances.
func medoid(ts []Template) int {
	best, bestSum := 0, 0.0
	for i, a := range ts {
		sum := 0.0
		for _, b := range ts {
			sum += Distance(a.Vector, b.Vector)
		}
		if i == 0 || sum < bestSum {
			best, bestSum = i, sum
		}
	}
	return best
}

const (
	// apart is the least time between two frames enrolled from a camera, so that
	// the head has moved a little in between.
	apart = 400 * time.Millisecond
	// patience is how long a camera is watched for the frames wanted.
	patience = 30 * time.Second
)

// Live enrols the person in front of a camera from the given number of frames,
// at least 400 ms apart, watching for at most 30 s. Each kind of refusal is
// reported once. It returns what it has when the source ends.
func (n *Enroller) Live(ctx context.Context, src Source, frames int) (Enrolment, error) {
	out := Enrolment{Pack: n.embedder.Pack()}
	var f Frame
	var began, last time.Time
	for len(out.Accepted) < frames {
		err := src.Read(ctx, &f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, fmt.Errorf("enrol from the camera: %w", err)
		}
		if began.IsZero() {
			began = f.At
		}
		if f.At.Sub(began) > patience {
			break
		}
		if f.At.Sub(last) < apart {
			continue
		}
		faces, err := n.embedder.Find(ctx, f.Pix)
		if err != nil {
			return out, fmt.Errorf("enrol from the camera: %w", err)
		}
		name := fmt.Sprintf("frame %d", f.N)
		if n.take(&out, name, f.Pix, faces, LiveGate()) {
			last = f.At
		}
	}
	n.dropMistaken(&out)
	n.dropStrangers(&out)
	out.Refused = oneOfEach(out.Refused)
	return out, nil
}

// oneOfEach keeps the first refusal of each reason: a camera gives the same one
// many times a second.
func oneOfEach(refused []Refusal) []Refusal {
	seen := map[Reason]bool{}
	return slices.DeleteFunc(refused, func(r Refusal) bool {
		again := seen[r.Reason]
		seen[r.Reason] = true
		return again
	})
}
