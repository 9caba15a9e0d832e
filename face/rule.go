package face

// Rule decides whether a match names a person. The prior of a pack gives one
// ([Pack.Prior]); a calibrated gallery brings its own.
type Rule struct {
	// Threshold is the largest distance that is taken for the same person.
	Threshold float64
	// Margin is by how much the runner-up must be farther away than the best.
	Margin float64
}

// Prior returns the rule that serves a gallery which has not been calibrated,
// at the false match rate fmr per comparison.
func (p Pack) Prior(fmr float64) Rule {
	return Rule{Threshold: p.Threshold(fmr), Margin: p.Margin}
}

// Judge returns the empty reason if the match names its best person, else why not.
func (r Rule) Judge(m Match) Reason {
	switch {
	case m.Best == "":
		return NobodyEnrolled
	case m.Distance > r.Threshold:
		return NotEnrolled
	case m.Margin() < r.Margin:
		return Ambiguous
	}
	return ""
}
