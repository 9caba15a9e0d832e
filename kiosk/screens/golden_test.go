package screens

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"clockface/assets/look"
)

// TestLayoutStays compares five screens with their markup in testdata. A change
// that is meant: copy testdata/failed/markup over testdata/markup and read the
// difference in review.
func TestLayoutStays(t *testing.T) {
	for _, name := range []string{"idle", "live-no-camera", "pin", "answer-in", "failure-not-recognised"} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, upright, look.Light)
			for _, sample := range samples() {
				if sample.name == name {
					s.show(sample.state, "en")
				}
			}
			test.AssertObjectRendersToMarkup(t, "markup/"+name+".xml", s.ui.Content())
		})
	}
}
