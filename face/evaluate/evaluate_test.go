package evaluate

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clockface/face"
)

var plane = face.Pack{Name: "plane", Dim: 2, AtFMR3: 0.5}

func at(x, y float32) [][]float32 { return [][]float32{{x, y}} }

func TestRatesAreOverTheRightProbes(t *testing.T) {
	set := Set{
		Pack: plane,
		People: []Person{
			{"ann", at(0, 0)}, {"bob", at(5, 0)}, {"cid", at(5.7, 0)},
			{"dan", nil}, // none of whose pictures could be enrolled
		},
		Probes: []Probe{
			{Person: "ann", Vectors: at(0.1, 0)},                               // right
			{Person: "ann", Vectors: at(5, 0.1)},                               // taken for bob
			{Person: "bob", Vectors: at(5.34, 0)},                              // between two
			{Person: "bob", Vectors: [][]float32{{4, 0}, {6, 0}}},              // right by the mean alone
			{Person: "dan", Vectors: at(9, 9)},                                 // far from everybody
			{Person: "ann", Reason: face.NoFace},                               // no face
			{Person: "eve", Vectors: at(0, 0.1)},                               // stranger taken for ann
			{Person: "eve", Vectors: at(0, 3)},                                 // stranger refused
			{Person: "fay", Reason: face.Unreadable},                           // stranger's broken file
			{Person: "gus", Vectors: [][]float32{{0, 0}, {0, 8}, {0, 4.0001}}}, // stranger refused by the mean
		},
	}
	r, err := Run(set, face.Rule{Threshold: 0.5, Margin: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	if r.People != 3 || r.Gallery != 3 || r.Probes != 10 || r.Genuine != 6 || r.Impostors != 4 {
		t.Errorf("counts = %+v, want 3 people, 3 templates, 10 probes, 6 genuine, 4 impostors", r)
	}
	for _, c := range []struct {
		name string
		got  *float64
		want float64
	}{
		{"true accept", r.TrueAccept, 2.0 / 6}, {"wrong identity", r.WrongIdentity, 1.0 / 6},
		{"false accept", r.FalseAccept, 1.0 / 4}, {"released", r.Released, 4.0 / 10},
	} {
		if c.got == nil || math.Abs(*c.got-c.want) > 1e-9 {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
	want := map[face.Reason]int{face.Ambiguous: 1, face.NotEnrolled: 3, face.NoFace: 1, face.Unreadable: 1}
	for reason, n := range want {
		if r.RejectReasons[reason] != n {
			t.Errorf("rejects for %s = %d, want %d", reason, r.RejectReasons[reason], n)
		}
	}
}

func TestRatesOverNothingAreNull(t *testing.T) {
	r, err := Run(Set{Pack: plane}, face.Rule{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	keys := strings.Fields(`pack people gallery probes genuine impostors true_accept_rate wrong_identity_rate false_accept_rate
		released_rate eer needs_second reject_reasons threshold margin fmr_target fpir_target face_alone_people ms_p50 ms_p95`)
	for _, k := range keys {
		v, ok := got[k]
		if !ok {
			t.Errorf("key %s is missing in %s", k, out)
		}
		if null := strings.Contains(k, "rate") || strings.Contains(k, "ms_") || k == "eer"; null && v != nil {
			t.Errorf("%s over nothing = %v, want null", k, v)
		}
	}
	if len(got) != len(keys) {
		t.Errorf("JSON has %d keys, want %d", len(got), len(keys))
	}
}

func TestEqualErrorRate(t *testing.T) {
	for _, c := range []struct {
		name              string
		genuine, impostor []float64
		want              float64
	}{
		{"apart", []float64{0.1, 0.2}, []float64{0.8, 0.9}, 0},
		{"one of four each", []float64{0.1, 0.2, 0.3, 0.7}, []float64{0.4, 0.8, 0.9, 1}, 0.25},
		{"the wrong way round", []float64{0.8, 0.9}, []float64{0.1, 0.2}, 1},
	} {
		if got := equalErrorRate(c.genuine, c.impostor); got == nil || math.Abs(*got-c.want) > 1e-9 {
			t.Errorf("%s: EER = %v, want %v", c.name, got, c.want)
		}
	}
	if got := equalErrorRate(nil, []float64{1}); got != nil {
		t.Errorf("EER without genuine pairs = %v, want nil", *got)
	}
}

func TestSplitKeepsPeopleApart(t *testing.T) {
	var d Descriptors
	for i := range 20 {
		p := Person{Name: string(rune('a' + i))}
		for j := range i%4 + 1 {
			p.Vectors = append(p.Vectors, []float32{float32(i), float32(j)})
		}
		d = append(d, p)
	}
	learnt, test, err := d.Split(plane, 0.5, 7, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(learnt) != 10 || len(test.People) != 8 {
		t.Errorf("learnt %d, enrolled %d, want 10 and 8 of the other 10", len(learnt), len(test.People))
	}
	enrolled := map[string]bool{}
	for _, p := range test.People {
		enrolled[p.Name] = true
	}
	strangers := map[string]bool{}
	for _, p := range test.Probes {
		if !enrolled[p.Person] {
			strangers[p.Person] = true
		}
		if slices.ContainsFunc(learnt, func(l Person) bool { return l.Name == p.Person }) {
			t.Errorf("%s is learnt from and probed", p.Person)
		}
	}
	if len(strangers) != 2 {
		t.Errorf("strangers = %d, want 2", len(strangers))
	}
	_, again, err := d.Split(plane, 0.5, 7, 1)
	if err != nil || !slices.EqualFunc(test.People, again.People, func(a, b Person) bool { return a.Name == b.Name }) {
		t.Errorf("the same seed splits otherwise (%v)", err)
	}
	if _, _, err := d.Split(plane, 1, 7, 1); err == nil {
		t.Error("learning from everybody leaves nobody to test, and was taken")
	}
}

func TestBadDescriptorFilesAreExplained(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "EOF"}, {"[]", "array"}, {"{}", "faces"},
		{`{"faces":[{"idol_id":"a","descriptor":"AAAA"}]}`, "3 bytes"},
		{`{"faces":[{"idol_id":"a","descriptor":"!"}]}`, "base64"},
	} {
		if _, err := ReadDescriptors(strings.NewReader(c.file), plane); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ReadDescriptors(%q) = %v, want an error with %q", c.file, err, c.want)
		}
	}
}

// TestFixedThresholdFailsAmongPeopleWhoLookAlike holds the finding that a fixed
// threshold is wrong for a homogeneous staff, on the descriptors it was made with.
func TestFixedThresholdFailsAmongPeopleWhoLookAlike(t *testing.T) {
	dir := os.Getenv("CLOCKFACE_TESTDATA")
	if dir == "" {
		t.Skip("CLOCKFACE_TESTDATA is not set: no descriptors to evaluate")
	}
	f, err := os.Open(filepath.Join(dir, "faces-hard", "idols.json"))
	if err != nil {
		t.Skipf("the descriptors are not there: %v", err)
	}
	defer f.Close()
	pack, err := face.PackByName(face.Dlib)
	if err != nil {
		t.Fatal(err)
	}
	d, err := ReadDescriptors(f, pack)
	if err != nil {
		t.Fatal(err)
	}
	samples := 0
	for _, p := range d {
		samples += len(p.Vectors)
	}
	if len(d) != 134 || samples != 1286 {
		t.Errorf("read %d people, %d samples, want 134 and 1286", len(d), samples)
	}
	_, set, err := d.Split(pack, 0.5, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(set, face.Rule{Threshold: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	if *r.WrongIdentity < 0.1 || *r.FalseAccept < 0.5 {
		t.Errorf("wrong identity %.2f, false accept %.2f at 0.5, want as bad as was found: over 0.1 and 0.5", *r.WrongIdentity, *r.FalseAccept)
	}
	if *r.EER < 0.1 || *r.EER > 0.4 {
		t.Errorf("EER = %.2f, want about a fifth", *r.EER)
	}
}

// colourEmbedder finds in a picture a face whose vector is its colour at the
// middle, and none in a black one.
type colourEmbedder struct{ calls int }

func (e *colourEmbedder) Pack() string { return "plane" }
func (e *colourEmbedder) Dim() int     { return 2 }
func (e *colourEmbedder) Close() error { return nil }

func (e *colourEmbedder) Find(_ context.Context, img *image.RGBA) ([]face.Found, error) {
	e.calls++
	c := img.RGBAAt(img.Rect.Dx()/2, img.Rect.Dy()/2)
	if c.R == 0 && c.G == 0 {
		return nil, nil
	}
	return []face.Found{{Box: img.Rect, Vector: []float32{float32(c.R) / 100, float32(c.G) / 100}}}, nil
}

// paint writes a picture of stripes around the colour, or a black one.
func paint(t *testing.T, path string, r, g uint8) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 100, 100))
	for y := range 100 {
		for x := range 100 {
			c := color.RGBA{r, g, 0, 255}
			if (x/5+y/5)%2 == 1 && r != 0 {
				c.B = 255
			}
			img.SetRGBA(x, y, c)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

func TestFoldersBecomeASet(t *testing.T) {
	dir := t.TempDir()
	paint(t, filepath.Join(dir, "gallery/ann/1.png"), 100, 100)
	paint(t, filepath.Join(dir, "gallery/ann/2.png"), 0, 0)
	paint(t, filepath.Join(dir, "gallery/bob/1.png"), 200, 100)
	for _, name := range []string{"ann1", "ann2", "ann3", "eve"} {
		paint(t, filepath.Join(dir, "probes", name+".png"), 102, 100)
	}
	paint(t, filepath.Join(dir, "probes/bob7.png"), 0, 0)
	if err := os.WriteFile(filepath.Join(dir, "probes/bob8.png"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	gallery, err := Folder(filepath.Join(dir, "gallery"), false)
	if err != nil {
		t.Fatal(err)
	}
	probes, err := Folder(filepath.Join(dir, "probes"), true)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	set, err := Embed(context.Background(), &colourEmbedder{}, plane, gallery, probes, 2, func(done, of int, _ Picture, _ Embedding) {
		seen = done
		if of != 9 {
			t.Errorf("progress of %d, want 9", of)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.People) != 2 || len(set.People[0].Vectors) != 1 || len(set.People[1].Vectors) != 1 {
		t.Errorf("people = %+v, want ann and bob with a vector each", set.People)
	}
	if len(set.Probes) != 2 || set.Probes[0].Person != "ann" || len(set.Probes[0].Vectors) != 2 || set.Probes[1].Reason != face.NoFace {
		t.Errorf("probes = %+v, want two of ann's together and bob's refused; rests dropped", set.Probes)
	}
	if seen != 7 {
		t.Errorf("looked at %d pictures, want 7: three to enrol, four in whole groups", seen)
	}
}

func TestFolderWithoutPicturesSaysWhatItShouldHold(t *testing.T) {
	for _, flat := range []bool{false, true} {
		if _, err := Folder(t.TempDir(), flat); err == nil || !strings.Contains(err.Error(), "NAME1.jpg") {
			t.Errorf("Folder(flat=%v) = %v, want the form to expect", flat, err)
		}
	}
}

func TestPairsAreComparedInOrderAndByName(t *testing.T) {
	dir := t.TempDir()
	paint(t, filepath.Join(dir, "a.png"), 100, 100)
	paint(t, filepath.Join(dir, "b.png"), 104, 100)
	paint(t, filepath.Join(dir, "c.png"), 250, 100)
	paint(t, filepath.Join(dir, "black.png"), 0, 0)
	pairs, err := ReadPairs(strings.NewReader("id,file_y,file_x,same\n1,a.png,./b.png,Yes\n2,c.png,a.png,No\n3,black.png,a.png,No\n4,none.png,a.png,No\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := &colourEmbedder{}
	v := NewVerifier(e, 0.5)
	var got []string
	for _, p := range pairs {
		pair, err := v.Compare(context.Background(), dir, p[0], p[1])
		if err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(pair)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(out))
	}
	want := []string{
		`{"file_x":"./b.png","file_y":"a.png","distance":0.04`,
		`{"file_x":"a.png","file_y":"c.png","distance":1.5,"score":null,"same":false,"reason":null}`,
		`{"file_x":"a.png","file_y":"black.png","distance":null,"score":null,"same":false,"reason":"no_face"}`,
		`{"file_x":"a.png","file_y":"none.png","distance":null,"score":null,"same":false,"reason":"unreadable"}`,
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("line %d = %s, want %s", i, got[i], want[i])
		}
	}
	if !strings.HasSuffix(got[0], `"same":true,"reason":null}`) {
		t.Errorf("line 0 = %s, want same", got[0])
	}
	if e.calls != 5 {
		t.Errorf("pictures looked at %d times, want 5: each once, the black one twice", e.calls)
	}
	if err := v.Refused(dir, "none.png"); err == nil || !strings.Contains(err.Error(), "none.png") {
		t.Errorf("Refused(none.png) = %v, want its name and reason", err)
	}
}

func TestPairsWithoutTheColumnsAreExplained(t *testing.T) {
	for _, file := range []string{"", "a,b\n1,2\n"} {
		if _, err := ReadPairs(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), "file_x") {
			t.Errorf("ReadPairs(%q) = %v, want the columns named", file, err)
		}
	}
	if _, err := ReadPairs(strings.NewReader("file_x,file_y\n1\n")); err == nil {
		t.Error("a row with a column missing was taken")
	}
}
