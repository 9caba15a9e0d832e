//go:build e2e && cgo && !nocamera

package e2e

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestBench measures the figures of the product and leaves them in
// build/bench.json where all were measured; some of them (-run TestBench/face)
// are printed only. A missed figure is printed as missed and is no failure of
// the test; a figure that could not be measured is.
func TestBench(t *testing.T) {
	p := newPlace(t, "bench")
	var figures []figure
	measures := []struct {
		name    string
		measure func(*testing.T, place) []figure
	}{
		{"cloud", measureCloud},
		{"local", measureLocal},
		{"ingest", measureIngest},
		{"face", measureFace},
		{"punch", measureFaceToPunch},
		{"answer", measureAnswer},
		{"preview", measurePreview},
	}
	ran := 0
	for _, m := range measures {
		var rows []figure
		chosen := false
		t.Run(m.name, func(t *testing.T) {
			chosen = true
			rows = m.measure(t, p.below(t, m.name))
		})
		if chosen && len(rows) == 0 {
			t.Errorf("%s could not be measured", m.name)
		}
		if len(rows) > 0 {
			ran++
		}
		figures = append(figures, rows...)
	}
	keepFigures(t, filepath.Join(p.out, "..", "bench.json"), figures, ran == len(measures))
	fmt.Print("\n", table(figures))
}
