//go:build e2e && cgo && !nocamera

package e2e

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestBench measures the figures of the product and leaves them in
// build/bench.json. A missed figure is printed as missed and is no failure of
// the test; a figure that could not be measured is.
func TestBench(t *testing.T) {
	p := newPlace(t, "bench")
	var figures []figure
	for _, m := range []struct {
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
	} {
		var rows []figure
		chosen := false
		t.Run(m.name, func(t *testing.T) {
			chosen = true
			rows = m.measure(t, p.below(t, m.name))
		})
		if chosen && len(rows) == 0 {
			t.Errorf("%s could not be measured", m.name)
		}
		figures = append(figures, rows...)
	}
	writeFigures(t, filepath.Join(p.out, "..", "bench.json"), figures)
	fmt.Print("\n", table(figures))
}
