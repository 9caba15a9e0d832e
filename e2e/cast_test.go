//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A person is somebody in front of the kiosk's camera. Names are invented.
type person struct {
	number, name string   // empty for the stranger
	enrolled     []string // pictures to enrol from
	others       []string // pictures to play as the camera: never an enrolled one
	id           string   // employee id, once added
}

// stranger reports whether the company does not know the person.
func (p *person) stranger() bool { return p.number == "" }

// A cast is who plays: four people of the company and one whom it does not know.
type cast struct {
	staff    []*person
	stranger *person
}

// newCast finds the pictures: three people of the gocv module's att_faces (4, 5
// and 10 pictures) and the two of the face-recognition package.
func newCast(t testing.TB, p place) cast {
	t.Helper()
	att := filepath.Join(moduleFolder(t, "gocv.io/x/gocv"), "contrib", "att_faces")
	pictures := func(folder string, numbers ...int) []string {
		var out []string
		for _, n := range numbers {
			out = append(out, filepath.Join(att, folder, fmt.Sprintf("%d.pgm", n)))
		}
		return out
	}
	face := func(name string) string { return filepath.Join(p.faces, name) }
	c := cast{
		staff: []*person{
			{number: "11", name: "Ines Albrecht", enrolled: pictures("s1", 1, 2), others: pictures("s1", 3, 4)},
			{number: "12", name: "Jonas Weber", enrolled: pictures("s2", 1, 2), others: pictures("s2", 3, 4, 5)},
			{number: "13", name: "Marta Sanchez", enrolled: pictures("s3", 1, 2, 3), others: pictures("s3", 4, 5, 6, 7, 8, 9, 10)},
			{number: "14", name: "Barnaby Oduya", enrolled: []string{face("obama.jpg"), face("obama2.jpg")}, others: []string{face("obama3.jpg")}},
		},
		stranger: &person{others: []string{face("biden.jpg")}},
	}
	for _, who := range append(slices.Clone(c.staff), c.stranger) {
		for _, file := range append(slices.Clone(who.enrolled), who.others...) {
			if _, err := os.Stat(file); err != nil {
				t.Skipf("picture of %q: %v", who.name, err)
			}
		}
	}
	return c
}

// A showing is one picture held in front of the camera.
type showing struct {
	who  *person
	file string
}

// round returns every other picture of the staff once, never the same person
// twice in a row where that can be helped, and the stranger after the third
// showing and at the end.
func (c cast) round() []showing {
	var out []showing
	left := 0
	for _, p := range c.staff {
		left = max(left, len(p.others))
	}
	for i := range left {
		for _, p := range c.staff {
			// People with few pictures are spread over the round.
			if at := i * len(p.others) / left; i == 0 || at != (i-1)*len(p.others)/left {
				out = append(out, showing{p, p.others[at]})
			}
		}
	}
	refused := showing{c.stranger, c.stranger.others[0]}
	return append(slices.Insert(out, 3, refused), refused)
}

// play copies the pictures of the showings, in their order, into a new folder
// and returns the camera that plays it once: each held for 3 s, then an empty
// frame for the gap.
func (p place) play(t testing.TB, folder string, showings []showing, gap time.Duration) (camera string) {
	t.Helper()
	dir := filepath.Join(p.work, folder)
	makeFolder(t, dir)
	for i, s := range showings {
		data, err := os.ReadFile(s.file)
		if err != nil {
			t.Fatalf("read picture: %v", err)
		}
		name := filepath.Join(dir, fmt.Sprintf("%03d%s", i, filepath.Ext(s.file)))
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatalf("copy picture: %v", err)
		}
	}
	return fmt.Sprintf("images:%s?fps=15&hold=3s&gap=%s&canvas=640x480&loop=0", dir, gap)
}
