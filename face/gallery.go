package face

import (
	"fmt"
	"math"

	"clockface/timeclock"
)

// Distance returns the Euclidean distance of two vectors of the same pack and
// length. It has no unit: 0 is the same picture; what is one person is for
// [Pack.Threshold] to say.
func Distance(a, b []float32) float64 {
	return math.Sqrt(float64(squaredDistance(a, b)))
}

// Mean returns the mean of vectors of one length; there must be at least one.
func Mean(vectors [][]float32) []float32 {
	m := make([]float32, len(vectors[0]))
	for i := range m {
		sum := 0.0
		for _, v := range vectors {
			sum += float64(v[i])
		}
		m[i] = float32(sum / float64(len(vectors)))
	}
	return m
}

// squaredDistance runs over four sums at once: a single one makes every
// addition wait for the one before.
func squaredDistance(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		d0, d1, d2, d3 := a[i]-b[i], a[i+1]-b[i+1], a[i+2]-b[i+2], a[i+3]-b[i+3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; i < len(a); i++ {
		d := a[i] - b[i]
		s0 += d * d
	}
	return s0 + s1 + s2 + s3
}

// Gallery holds the vectors of the enrolled people of one pack in one block of
// memory. Fill it, then share it: [Gallery.Match] may be called by several
// goroutines once nothing is added any more.
type Gallery struct {
	pack   string
	dim    int
	people []timeclock.EmployeeID
	index  map[timeclock.EmployeeID]int32
	owner  []int32   // per row: index into people
	rows   []float32 // row after row, dim values each
}

// NewGallery returns an empty gallery for vectors of dim values made by the pack.
func NewGallery(pack string, dim int) *Gallery {
	return &Gallery{pack: pack, dim: dim, index: make(map[timeclock.EmployeeID]int32)}
}

// Pack returns the pack whose vectors the gallery holds.
func (g *Gallery) Pack() string { return g.pack }

// People returns the number of people with at least one vector.
func (g *Gallery) People() int { return len(g.people) }

// Templates returns the number of vectors.
func (g *Gallery) Templates() int { return len(g.owner) }

// Add enrols one vector of a person. It refuses a vector of another length and
// one with values that are no numbers, which would match everybody or nobody.
func (g *Gallery) Add(who timeclock.EmployeeID, vector []float32) error {
	if len(vector) != g.dim {
		return fmt.Errorf("add a template of %s: %d values, pack %s has %d", who, len(vector), g.pack, g.dim)
	}
	for _, v := range vector {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("add a template of %s: a value is not a number", who)
		}
	}
	i, ok := g.index[who]
	if !ok {
		i = int32(len(g.people))
		g.people = append(g.people, who)
		g.index[who] = i
	}
	g.owner = append(g.owner, i)
	g.rows = append(g.rows, vector...)
	return nil
}

// Match is the answer of a gallery to one vector.
type Match struct {
	Best           timeclock.EmployeeID // nearest person; empty in an empty gallery
	Distance       float64              // to the nearest template of Best; +Inf in an empty gallery
	Second         timeclock.EmployeeID // nearest other person; empty where there is none
	SecondDistance float64              // to the nearest template of Second; +Inf where there is none
}

// Margin is how much farther the runner-up is than the best; +Inf without one.
func (m Match) Margin() float64 {
	if m.Second == "" {
		return math.Inf(1)
	}
	return m.SecondDistance - m.Distance
}

// Match returns the nearest person and the nearest other one. It allocates
// nothing. The vector must have the gallery's length.
func (g *Gallery) Match(vector []float32) Match {
	best, second := int32(-1), int32(-1)
	bestD, secondD := float32(math.Inf(1)), float32(math.Inf(1))
	for i, who := range g.owner {
		d := squaredDistance(vector, g.rows[i*g.dim:(i+1)*g.dim])
		switch {
		case d < bestD:
			if who != best {
				second, secondD = best, bestD
			}
			best, bestD = who, d
		case d < secondD && who != best:
			second, secondD = who, d
		}
	}
	m := Match{Distance: math.Sqrt(float64(bestD)), SecondDistance: math.Sqrt(float64(secondD))}
	if best >= 0 {
		m.Best = g.people[best]
	}
	if second >= 0 {
		m.Second = g.people[second]
	}
	return m
}

// Around returns how far the person's own nearest template is, and who of the
// others is nearest and how far; +Inf where there is none. The vector must have
// the gallery's length.
func (g *Gallery) Around(who timeclock.EmployeeID, vector []float32) (own float64, other timeclock.EmployeeID, distance float64) {
	own, distance = math.Inf(1), math.Inf(1)
	for i, owner := range g.owner {
		d := Distance(vector, g.rows[i*g.dim:(i+1)*g.dim])
		switch person := g.people[owner]; {
		case person == who:
			own = min(own, d)
		case d < distance:
			other, distance = person, d
		}
	}
	return own, other, distance
}
