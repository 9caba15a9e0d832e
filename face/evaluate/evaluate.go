// Package evaluate measures how well faces are told apart, on pictures or on
// descriptors alone, so that a site can try its own people before a roll-out.
//
// A [Set] holds whom to enrol and whom to show; [Run] enrols, lets a rule
// decide on every probe and counts. Sets come from folders ([Embed]) or from a
// file of descriptors ([ReadDescriptors] and [Descriptors.Split]).
package evaluate

import (
	"fmt"
	"math"
	"slices"
	"time"

	"clockface/face"
	"clockface/timeclock"
)

// Person is somebody to enrol. Somebody with no usable picture has no vectors
// and stays a genuine person whom nothing can match.
type Person struct {
	Name    string
	Vectors [][]float32
}

// Probe is one decision to make: the frames that vote together.
type Probe struct {
	Person  string
	Vectors [][]float32
	// Reason is why there are no vectors; empty where there are.
	Reason face.Reason
}

// Set is what an evaluation runs on.
type Set struct {
	Pack   face.Pack
	People []Person
	Probes []Probe
	// Took holds the time that finding and describing the faces of each picture
	// took; empty where descriptors were given.
	Took []time.Duration
}

// Result is printed as JSON by "clockface face evaluate"; every key is always
// there. Rates are fractions 0…1, nil over nothing.
type Result struct {
	Pack    string `json:"pack"`
	People  int    `json:"people"`  // enrolled with at least one template
	Gallery int    `json:"gallery"` // templates
	Probes  int    `json:"probes"`  // decisions = genuine + impostors
	// Genuine probes are of people in the gallery, impostors of others.
	Genuine   int `json:"genuine"`
	Impostors int `json:"impostors"`
	// TrueAccept and WrongIdentity are over Genuine, FalseAccept over Impostors,
	// Released (accepted as anybody) over Probes.
	TrueAccept    *float64 `json:"true_accept_rate"`
	WrongIdentity *float64 `json:"wrong_identity_rate"`
	FalseAccept   *float64 `json:"false_accept_rate"`
	Released      *float64 `json:"released_rate"`
	// EER is the rate at which one-to-one comparisons of a probe with the own and
	// with other people's templates go wrong equally often.
	EER *float64 `json:"eer"`
	// NeedsSecond counts the probes sent on to a second factor; nil without a calibrated gallery.
	NeedsSecond   *int                `json:"needs_second"`
	RejectReasons map[face.Reason]int `json:"reject_reasons"`
	Threshold     float64             `json:"threshold"`
	Margin        float64             `json:"margin"`
	FMRTarget     *float64            `json:"fmr_target"`
	FPIRTarget    *float64            `json:"fpir_target"`
	// FaceAlonePeople counts the people whom the face alone suffices for; nil
	// without a calibrated gallery.
	FaceAlonePeople *int `json:"face_alone_people"`
	// MsP50 and MsP95 are milliseconds a picture; nil where descriptors were given.
	MsP50 *float64 `json:"ms_p50"`
	MsP95 *float64 `json:"ms_p95"`
}

// Run enrols the people of the set and decides on its probes under the rule. A
// probe of several vectors is decided on their mean, as a watcher does.
func Run(set Set, rule face.Rule) (Result, error) {
	r := Result{
		Pack: set.Pack.Name, Probes: len(set.Probes), RejectReasons: map[face.Reason]int{},
		Threshold: rounded(rule.Threshold), Margin: rounded(rule.Margin),
		MsP50: percentile(set.Took, 0.50), MsP95: percentile(set.Took, 0.95),
	}
	gallery := face.NewGallery(set.Pack.Name, set.Pack.Dim)
	known := map[string]bool{}
	for _, p := range set.People {
		known[p.Name] = true
		for _, v := range p.Vectors {
			if err := gallery.Add(timeclock.EmployeeID(p.Name), v); err != nil {
				return Result{}, fmt.Errorf("evaluate: %w", err)
			}
		}
	}
	r.People, r.Gallery = gallery.People(), gallery.Templates()
	var right, wrong, strangers int
	for _, p := range set.Probes {
		if known[p.Person] {
			r.Genuine++
		} else {
			r.Impostors++
		}
		who, reason := identify(gallery, rule, p)
		switch {
		case reason != "":
			r.RejectReasons[reason]++
		case !known[p.Person]:
			strangers++
		case string(who) == p.Person:
			right++
		default:
			wrong++
		}
	}
	r.TrueAccept, r.WrongIdentity = rate(right, r.Genuine), rate(wrong, r.Genuine)
	r.FalseAccept, r.Released = rate(strangers, r.Impostors), rate(right+wrong+strangers, r.Probes)
	r.EER = equalErrorRate(compareAll(set))
	return r, nil
}

// identify decides on one probe.
func identify(g *face.Gallery, rule face.Rule, p Probe) (timeclock.EmployeeID, face.Reason) {
	if len(p.Vectors) == 0 {
		return "", p.Reason
	}
	m := g.Match(face.Mean(p.Vectors))
	return m.Best, rule.Judge(m)
}

// compareAll returns the distances of every probe to the nearest template of
// the own person and of each other person.
func compareAll(set Set) (genuine, impostor []float64) {
	for _, p := range set.Probes {
		if len(p.Vectors) == 0 {
			continue
		}
		v := face.Mean(p.Vectors)
		for _, person := range set.People {
			nearest := math.Inf(1)
			for _, t := range person.Vectors {
				nearest = min(nearest, face.Distance(v, t))
			}
			switch {
			case math.IsInf(nearest, 1):
			case person.Name == p.Person:
				genuine = append(genuine, nearest)
			default:
				impostor = append(impostor, nearest)
			}
		}
	}
	return genuine, impostor
}

// equalErrorRate returns the rate at the threshold where as large a part of the
// genuine distances lies above as of the impostors' below, the mean of the two
// where none is exactly equal; nil if either side has none.
func equalErrorRate(genuine, impostor []float64) *float64 {
	if len(genuine) == 0 || len(impostor) == 0 {
		return nil
	}
	slices.Sort(genuine)
	slices.Sort(impostor)
	best, at := math.Inf(1), 0.0
	// The rates change only at the distances found; both are walked in step.
	i, j := 0, 0
	for _, d := range merge(genuine, impostor) {
		for i < len(genuine) && genuine[i] <= d {
			i++
		}
		for j < len(impostor) && impostor[j] <= d {
			j++
		}
		missed := float64(len(genuine)-i) / float64(len(genuine))
		matched := float64(j) / float64(len(impostor))
		if gap := math.Abs(missed - matched); gap < best {
			best, at = gap, (missed+matched)/2
		}
	}
	return &at
}

func merge(a, b []float64) []float64 {
	all := slices.Concat(a, b)
	all = append(all, math.Inf(-1)) // the threshold that accepts nothing
	slices.Sort(all)
	return slices.Compact(all)
}

// rounded drops what a float32 does not hold anyway.
func rounded(distance float64) float64 { return math.Round(distance*1e6) / 1e6 }

func rate(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	r := float64(n) / float64(of)
	return &r
}

// percentile returns the q-quantile in milliseconds, rounded to hundredths.
func percentile(took []time.Duration, q float64) *float64 {
	if len(took) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(took))
	i := min(len(sorted)-1, int(q*float64(len(sorted))))
	ms := math.Round(sorted[i].Seconds()*1e5) / 100
	return &ms
}
