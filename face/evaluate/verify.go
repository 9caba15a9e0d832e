package evaluate

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"clockface/face"
)

// Pair is the answer on two pictures; "clockface face verify" prints one as a
// line of JSON. Every key is always there, null where there is nothing to say.
type Pair struct {
	FileX    string       `json:"file_x"`
	FileY    string       `json:"file_y"`
	Distance *float64     `json:"distance"`
	Score    *float64     `json:"score"` // calibrated; nil without a calibration
	Same     bool         `json:"same"`
	Reason   *face.Reason `json:"reason"` // why there is no distance
}

// Verifier compares pictures, each of which it looks at once.
type Verifier struct {
	embedder  face.Embedder
	threshold float64
	seen      map[string]Embedding
}

// NewVerifier returns a verifier that takes distances up to the threshold for
// one person.
func NewVerifier(e face.Embedder, threshold float64) *Verifier {
	return &Verifier{embedder: e, threshold: threshold, seen: map[string]Embedding{}}
}

// Compare says whether the largest faces of two files in the folder dir (empty
// for paths as they are) are of one person. The names stand in the answer as given.
func (v *Verifier) Compare(ctx context.Context, dir, x, y string) (Pair, error) {
	pair := Pair{FileX: x, FileY: y}
	a, err := v.embed(ctx, filepath.Join(dir, x))
	if err != nil {
		return pair, err
	}
	b, err := v.embed(ctx, filepath.Join(dir, y))
	if err != nil {
		return pair, err
	}
	for _, e := range []Embedding{a, b} {
		if e.Reason != "" {
			pair.Reason = &e.Reason
			return pair, nil
		}
	}
	d := face.Distance(a.Vector, b.Vector)
	pair.Same = d <= v.threshold
	d = rounded(d)
	pair.Distance = &d
	return pair, nil
}

// Refused returns the picture's error or reason in words, nil if it served.
func (v *Verifier) Refused(dir, name string) error {
	switch e := v.seen[filepath.Join(dir, name)]; {
	case e.Err != nil:
		return e.Err
	case e.Reason != "":
		return fmt.Errorf("%s: %s", name, e.Reason.Advice())
	}
	return nil
}

func (v *Verifier) embed(ctx context.Context, path string) (Embedding, error) {
	if e, ok := v.seen[path]; ok {
		return e, nil
	}
	e, err := EmbedPicture(ctx, v.embedder, path)
	if err == nil {
		v.seen[path] = e
	}
	return e, err
}

// ReadPairs reads the columns file_x and file_y of a CSV file with a heading;
// other columns are left alone.
func ReadPairs(r io.Reader) ([][2]string, error) {
	c := csv.NewReader(r)
	head, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("read pairs: the file is empty; its first line should be file_x,file_y")
	}
	if err != nil {
		return nil, fmt.Errorf("read pairs: %w", err)
	}
	x, y := slices.Index(head, "file_x"), slices.Index(head, "file_y")
	if x < 0 || y < 0 {
		return nil, fmt.Errorf("read pairs: the first line is %q; it should name the columns file_x and file_y", head)
	}
	var out [][2]string
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read pairs: %w", err)
		}
		out = append(out, [2]string{row[x], row[y]})
	}
}
