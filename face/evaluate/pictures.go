package evaluate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"clockface/face"
)

// Picture is a file and the person it shows.
type Picture struct {
	Person string
	Path   string
}

// Folder lists DIR/person/picture, or with flat DIR/NAME[N].picture, where the
// digits at the end of the name number a person's pictures. The pictures come
// sorted by person and name.
func Folder(dir string, flat bool) ([]Picture, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list the pictures of %s: %w", dir, err)
	}
	var out []Picture
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case flat && !e.IsDir() && face.IsPicture(e.Name()):
			name := strings.TrimSuffix(e.Name(), filepath.Ext(e.Name()))
			if person := strings.TrimRight(name, "0123456789"); person != "" {
				name = person
			}
			out = append(out, Picture{Person: name, Path: path})
		case !flat && e.IsDir():
			inner, err := os.ReadDir(path)
			if err != nil {
				return nil, fmt.Errorf("list the pictures of %s: %w", dir, err)
			}
			for _, f := range inner {
				if !f.IsDir() && face.IsPicture(f.Name()) {
					out = append(out, Picture{Person: e.Name(), Path: filepath.Join(path, f.Name())})
				}
			}
		}
	}
	if len(out) == 0 {
		how := "a folder for each person with .jpg, .png or .pgm files; --flat takes files named NAME1.jpg, NAME2.jpg …"
		if flat {
			how = "files named NAME1.jpg, NAME2.jpg …"
		}
		return nil, fmt.Errorf("there are no pictures in %s: it should hold %s", dir, how)
	}
	slices.SortStableFunc(out, func(a, b Picture) int { return strings.Compare(a.Person, b.Person) })
	return out, nil
}

// Embedding is the face of one picture, or why there is none.
type Embedding struct {
	Vector []float32
	Reason face.Reason // empty where there is a vector
	Err    error       // set with face.Unreadable
	Took   time.Duration
}

// EmbedPicture describes the largest face of a file. A picture that cannot
// serve has a Reason; an error comes only from the embedder or the context.
func EmbedPicture(ctx context.Context, e face.Embedder, path string) (Embedding, error) {
	img, err := face.ReadPicture(path)
	if err != nil {
		return Embedding{Reason: face.Unreadable, Err: err}, nil
	}
	start := time.Now()
	faces, err := face.Look(ctx, e, img)
	if err != nil {
		return Embedding{}, fmt.Errorf("picture %s: %w", path, err)
	}
	out := Embedding{Took: time.Since(start)}
	largest, ok := face.Largest(faces)
	if !ok {
		out.Reason = face.NoFace
		return out, nil
	}
	if out.Reason = face.EnrolGate().Judge(face.Measure(img, largest.Box)); out.Reason == "" {
		out.Vector = largest.Vector
	}
	return out, nil
}

// Progress is told of each picture once it has been looked at.
type Progress func(done, of int, p Picture, e Embedding)

// Embed makes a set of the pictures to enrol and to show. frames probes of a
// person, in name order, decide together; a rest is dropped. In such a group
// the pictures without a face do not vote, and the group is refused for its
// first one's reason if none is left.
func Embed(ctx context.Context, e face.Embedder, p face.Pack, gallery, probes []Picture, frames int, progress Progress) (Set, error) {
	set := Set{Pack: p}
	done, of := 0, len(gallery)+len(probes)
	embed := func(p Picture) (Embedding, error) {
		out, err := EmbedPicture(ctx, e, p.Path)
		if err != nil {
			return out, err
		}
		if out.Took > 0 {
			set.Took = append(set.Took, out.Took)
		}
		done++
		progress(done, of, p, out)
		return out, nil
	}
	for group := range groups(gallery) {
		person := Person{Name: group[0].Person}
		for _, p := range group {
			out, err := embed(p)
			if err != nil {
				return Set{}, err
			}
			if out.Reason == "" {
				person.Vectors = append(person.Vectors, out.Vector)
			}
		}
		set.People = append(set.People, person)
	}
	for group := range groups(probes) {
		for chunk := range slices.Chunk(group, frames) {
			if len(chunk) < frames {
				continue
			}
			probe := Probe{Person: group[0].Person}
			for _, p := range chunk {
				out, err := embed(p)
				if err != nil {
					return Set{}, err
				}
				if out.Reason == "" {
					probe.Vectors = append(probe.Vectors, out.Vector)
				} else if probe.Reason == "" {
					probe.Reason = out.Reason
				}
			}
			set.Probes = append(set.Probes, probe)
		}
	}
	return set, nil
}

// groups yields the runs of pictures of one person.
func groups(pictures []Picture) func(yield func([]Picture) bool) {
	return func(yield func([]Picture) bool) {
		for len(pictures) > 0 {
			n := 1
			for n < len(pictures) && pictures[n].Person == pictures[0].Person {
				n++
			}
			if !yield(pictures[:n]) {
				return
			}
			pictures = pictures[n:]
		}
	}
}
