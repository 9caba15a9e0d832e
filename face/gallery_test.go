package face

import (
	"math"
	"math/rand/v2"
	"testing"

	"clockface/timeclock"
)

// mustAdd enrols vectors under names.
func mustAdd(t testing.TB, g *Gallery, who timeclock.EmployeeID, vectors ...[]float32) {
	t.Helper()
	for _, v := range vectors {
		if err := g.Add(who, v); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMatchNamesTheNearestPersonAndTheNearestOther(t *testing.T) {
	g := NewGallery("test", 2)
	mustAdd(t, g, "ann", []float32{0, 0}, []float32{0, 1})
	mustAdd(t, g, "bob", []float32{3, 0})
	mustAdd(t, g, "cid", []float32{0, 5}, []float32{9, 9})
	for _, c := range []struct {
		name string
		at   []float32
		want Match
	}{
		{"the runner-up is not another template of the best", []float32{0, 0}, Match{"ann", 0, "bob", 3}},
		{"the nearest template of a person counts", []float32{0, 4}, Match{"cid", 1, "ann", 3}},
		{"order of enrolment does not matter", []float32{9, 8}, Match{"cid", 1, "bob", 10}},
	} {
		if got := g.Match(c.at); got != c.want {
			t.Errorf("%s: Match = %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestMatchOfAnEmptyGalleryNamesNobody(t *testing.T) {
	m := NewGallery("test", 2).Match([]float32{1, 2})
	if m.Best != "" || !math.IsInf(m.Distance, 1) {
		t.Errorf("Match = %+v, want nobody at infinity", m)
	}
	if got := (Rule{Threshold: 10}).Judge(m); got != NobodyEnrolled {
		t.Errorf("Judge = %q, want %q", got, NobodyEnrolled)
	}
}

func TestMatchEqualsAPlainSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	vector := func() []float32 {
		v := make([]float32, 7) // not a multiple of four
		for i := range v {
			v[i] = r.Float32()
		}
		return v
	}
	g := NewGallery("test", 7)
	type row struct {
		who timeclock.EmployeeID
		v   []float32
	}
	var rows []row
	for range 60 {
		who := timeclock.EmployeeID(rune('a' + r.IntN(9)))
		rows = append(rows, row{who, vector()})
		mustAdd(t, g, who, rows[len(rows)-1].v)
	}
	for range 100 {
		probe, nearest := vector(), map[timeclock.EmployeeID]float64{}
		for _, row := range rows {
			d := 0.0
			for i := range probe {
				d += math.Pow(float64(probe[i]-row.v[i]), 2)
			}
			if old, ok := nearest[row.who]; !ok || math.Sqrt(d) < old {
				nearest[row.who] = math.Sqrt(d)
			}
		}
		m := g.Match(probe)
		for who, d := range nearest {
			if d < m.Distance-1e-6 || who != m.Best && d < m.SecondDistance-1e-6 {
				t.Fatalf("Match = %+v, but %s is at %v", m, who, d)
			}
		}
		if math.Abs(nearest[m.Second]-m.SecondDistance) > 1e-6 {
			t.Fatalf("SecondDistance = %v, want %v", m.SecondDistance, nearest[m.Second])
		}
	}
}

func TestGalleryRefusesVectorsItCannotCompare(t *testing.T) {
	g := NewGallery("test", 2)
	for name, v := range map[string][]float32{
		"too short": {1}, "too long": {1, 2, 3}, "not a number": {1, float32(math.NaN())}, "infinite": {float32(math.Inf(-1)), 0},
	} {
		if err := g.Add("ann", v); err == nil {
			t.Errorf("Add of a vector that is %s was taken", name)
		}
	}
	if g.People() != 0 || g.Templates() != 0 {
		t.Errorf("gallery holds %d people, %d templates after refusals, want none", g.People(), g.Templates())
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	g := NewGallery(Dlib, 128)
	for range 100 {
		mustAdd(t, g, "ann", make([]float32, 128))
	}
	probe := make([]float32, 128)
	if n := testing.AllocsPerRun(10, func() { g.Match(probe) }); n != 0 {
		t.Errorf("Match allocates %v times, want 0", n)
	}
}

func TestRuleJudgesThresholdAndMargin(t *testing.T) {
	r := Rule{Threshold: 0.5, Margin: 0.05}
	for _, c := range []struct {
		name string
		m    Match
		want Reason
	}{
		{"near, nobody else", Match{"ann", 0.5, "", math.Inf(1)}, ""},
		{"near, the other far", Match{"ann", 0.4, "bob", 0.6}, ""},
		{"too far", Match{"ann", 0.51, "bob", 0.9}, NotEnrolled},
		{"two about equally near", Match{"ann", 0.40, "bob", 0.44}, Ambiguous},
	} {
		if got := r.Judge(c.m); got != c.want {
			t.Errorf("%s: Judge = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPriorOfDlibKeepsToTheMeasuredFigures(t *testing.T) {
	p, err := PackByName(Dlib)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Threshold(1e-3); math.Abs(got-0.51) > 1e-9 {
		t.Errorf("Threshold(1e-3) = %v, want 0.51", got)
	}
	if got := p.Threshold(1e-4); got < 0.45 || got > 0.48 {
		t.Errorf("Threshold(1e-4) = %v, want 0.45 to 0.48", got)
	}
	if p.Threshold(0) != p.Threshold(1e-6) || p.Threshold(1) != p.Threshold(1e-1) {
		t.Error("rates beyond the data do not keep to its ends")
	}
	if _, err := PackByName("none"); err == nil {
		t.Error("PackByName(none) = nil error")
	}
}

func TestConfidenceFallsWithDistance(t *testing.T) {
	for _, c := range []struct{ distance, want float64 }{{0, 1}, {0.25, 0.875}, {0.5, 0.5}, {2, 0}, {math.Inf(1), 0}} {
		if got := Confidence(c.distance, 0.5); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("Confidence(%v, 0.5) = %v, want %v", c.distance, got, c.want)
		}
	}
}

func BenchmarkMatch1000Templates(b *testing.B) {
	g := NewGallery(Dlib, 128)
	v := make([]float32, 128)
	for i := range 1000 {
		v[i%128] = float32(i)
		mustAdd(b, g, timeclock.EmployeeID(rune(i)), v)
	}
	for b.Loop() {
		g.Match(v)
	}
}
