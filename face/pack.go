package face

import (
	"fmt"
	"math"
)

// Dlib is the name of the pack that dlib's ResNet v1 makes (face/dlib).
const Dlib = "dlib"

// DefaultFMR is the false match rate per comparison of two people that is
// aimed at where nothing else is asked for.
const DefaultFMR = 1e-4

// Pack holds what is known of a model's distances before any gallery is seen:
// the prior that serves until a gallery has calibrated itself.
type Pack struct {
	Name string
	// Dim is the number of values in a vector.
	Dim int
	// AtFMR3 is the distance below which one comparison in 1,000 of two people falls.
	AtFMR3 float64
	// PerDecade is by how much that distance shrinks for each tenth of the rate.
	PerDecade float64
	// Margin is by how much the runner-up must be farther than the best.
	Margin float64
}

// The prior of dlib comes from 40 people × 10 photos at one fixed camera
// (ORL): FMR 1e-3 at distance 0.51, 1e-4 between 0.45 and 0.48. It holds for a
// varied staff; among people who look alike it is too wide, which is why a
// gallery has to be calibrated before it is trusted with them.
var packs = []Pack{
	{Name: Dlib, Dim: 128, AtFMR3: 0.51, PerDecade: 0.04, Margin: 0.04},
}

// PackByName returns the prior of a pack, or an error that names those there are.
func PackByName(name string) (Pack, error) {
	for _, p := range packs {
		if p.Name == name {
			return p, nil
		}
	}
	return Pack{}, fmt.Errorf("pack %q is not known; there is: %s", name, Dlib)
}

// Threshold returns the prior distance below which two vectors are taken for
// one person at the false match rate fmr, a fraction per comparison. Rates
// outside 1e-6…1e-1 are taken as the nearest of these: no data reach further.
func (p Pack) Threshold(fmr float64) float64 {
	fmr = math.Min(math.Max(fmr, 1e-6), 1e-1)
	return p.AtFMR3 + p.PerDecade*(math.Log10(fmr)+3)
}

// Confidence returns how sure a match at that distance is, 0…1: 1 at distance
// 0, 0.5 at the threshold. It orders matches; it is no probability.
func Confidence(distance, threshold float64) float64 {
	if threshold <= 0 || math.IsNaN(distance) || math.IsInf(distance, 0) {
		return 0
	}
	r := distance / threshold
	return math.Min(1, math.Max(0, 1-r*r/2))
}
