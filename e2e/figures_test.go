//go:build e2e && cgo && !nocamera

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// A figure is one row of bench.json.
type figure struct {
	Name      string   `json:"name"`
	Value     float64  `json:"value"`
	Unit      string   `json:"unit"`      // ms, 1/s, frames/s, percent of one core, bytes
	Reference *float64 `json:"reference"` // the limit or peer measured in the same run
	Ratio     *float64 `json:"ratio"`     // value / reference
	Reach     *string  `json:"reach"`     // what the figure is held to; null = reported only
	OK        bool     `json:"ok"`
}

// reported is a figure that is held to nothing.
func reported(name string, value float64, unit string) figure {
	return figure{Name: name, Value: value, Unit: unit, OK: true}
}

// against sets what the figure is compared with.
func (f figure) against(reference float64) figure {
	ratio := f.Value / reference
	f.Reference, f.Ratio = &reference, &ratio
	return f
}

// atMost holds the value to an upper limit.
func (f figure) atMost(limit float64) figure {
	return f.held(fmt.Sprintf("<= %s %s", number(limit), f.Unit), f.Value <= limit)
}

// atLeast holds the value to a lower limit.
func (f figure) atLeast(limit float64) figure {
	return f.held(fmt.Sprintf(">= %s %s", number(limit), f.Unit), f.Value >= limit)
}

// ratioAtMost holds value / reference to an upper limit.
func (f figure) ratioAtMost(limit float64) figure {
	return f.held(fmt.Sprintf("<= %s x reference", number(limit)), *f.Ratio <= limit)
}

// ratioAtLeast holds value / reference to a lower limit.
func (f figure) ratioAtLeast(limit float64) figure {
	return f.held(fmt.Sprintf(">= %s x reference", number(limit)), *f.Ratio >= limit)
}

func (f figure) held(reach string, ok bool) figure {
	f.Reach, f.OK = &reach, ok
	return f
}

// keepFigures writes the figures as JSON to a file. Figures that are not all of
// them would pass for a whole run: then the file stays as it is.
func keepFigures(t testing.TB, path string, figures []figure, all bool) {
	t.Helper()
	if !all {
		t.Logf("not all was measured: %s stays as it is", filepath.Base(path))
		return
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // "<=" is to be read
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(figures); err != nil {
		t.Fatalf("encode figures: %v", err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatalf("write figures: %v", err)
	}
}

// table returns the figures as aligned text.
func table(figures []figure) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tvalue\tunit\treference\tratio\treach\t")
	for _, f := range figures {
		mark := ""
		if !f.OK {
			mark = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Name, number(f.Value), f.Unit,
			optional(f.Reference, number), optional(f.Ratio, func(v float64) string { return fmt.Sprintf("%.3f", v) }),
			optional(f.Reach, func(s string) string { return s }), mark)
	}
	w.Flush() // a strings.Builder takes everything
	return out.String()
}

func optional[T any](v *T, text func(T) string) string {
	if v == nil {
		return "-"
	}
	return text(*v)
}

// number writes a value with three digits behind the point where they matter.
func number(v float64) string {
	switch {
	case math.Abs(v) >= 1000 || v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.1f", v)
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", v), "0"), ".")
}

// quantile returns the smallest value that a share q of the values does not
// exceed. values must not be empty.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

func median(values []float64) float64 { return quantile(values, 0.5) }

func TestFiguresAreKeptWholeAndReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bench.json")
	keepFigures(t, path, []figure{reported("a", 1, "ms").atMost(2), reported("b", 3, "1/s")}, true)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(whole), `"<= 2 ms"`) {
		t.Errorf("what a figure is held to cannot be read: %s", whole)
	}
	keepFigures(t, path, []figure{reported("b", 4, "1/s")}, false)
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, whole) {
		t.Errorf("one figure replaced the whole run: %s %v", after, err)
	}
}
