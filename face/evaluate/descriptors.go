package evaluate

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"clockface/face"
)

// Descriptors are people with the descriptors of their pictures.
type Descriptors []Person

// ReadDescriptors reads the format of go-face's test data: an object with
// "idols" (id, name) and "faces" (idol_id, descriptor: base64 of little-endian
// float32 values of the pack's number). People come sorted by id, their
// samples in the order of the file.
func ReadDescriptors(r io.Reader, p face.Pack) (Descriptors, error) {
	var file struct {
		Faces []struct {
			Descriptor []byte `json:"descriptor"` // base64 in JSON
			Person     string `json:"idol_id"`
		} `json:"faces"`
	}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		if errors.As(err, new(base64.CorruptInputError)) {
			err = fmt.Errorf("a descriptor is not base64: %w", err)
		}
		return nil, fmt.Errorf("read descriptors: %w", err)
	}
	if len(file.Faces) == 0 {
		return nil, errors.New(`read descriptors: there is no "faces" in the file`)
	}
	people := map[string]*Person{}
	for i, f := range file.Faces {
		if len(f.Descriptor) != 4*p.Dim {
			return nil, fmt.Errorf("read descriptors: face %d has %d bytes, pack %s has %d", i, len(f.Descriptor), p.Name, 4*p.Dim)
		}
		v := make([]float32, p.Dim)
		for j := range v {
			v[j] = math.Float32frombits(binary.LittleEndian.Uint32(f.Descriptor[4*j:]))
		}
		if people[f.Person] == nil {
			people[f.Person] = &Person{Name: f.Person}
		}
		people[f.Person].Vectors = append(people[f.Person].Vectors, v)
	}
	var out Descriptors
	for _, person := range people {
		out = append(out, *person)
	}
	slices.SortFunc(out, func(a, b Person) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// Split shuffles the people by the seed and sets the given part of them, 0…1,
// aside to learn from. Of the rest every fourth person is a stranger, all of
// whose samples are probes; of each other the first half (of an odd number the
// larger one) is enrolled and the rest are probes. frames probes of a person
// decide together; a rest is dropped.
func (d Descriptors) Split(p face.Pack, learn float64, seed uint64, frames int) (learnt Descriptors, test Set, err error) {
	if !(learn >= 0 && learn < 1) {
		return nil, Set{}, fmt.Errorf("split descriptors: --learn %v is not a part from 0 to below 1", learn)
	}
	people := slices.Clone(d)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	cut := int(learn * float64(len(people)))
	learnt, test = people[:cut], Set{Pack: p}
	for i, person := range people[cut:] {
		enrolled := 0
		if i%4 != 3 {
			enrolled = (len(person.Vectors) + 1) / 2
			test.People = append(test.People, Person{Name: person.Name, Vectors: person.Vectors[:enrolled]})
		}
		for chunk := range slices.Chunk(person.Vectors[enrolled:], frames) {
			if len(chunk) == frames {
				test.Probes = append(test.Probes, Probe{Person: person.Name, Vectors: chunk})
			}
		}
	}
	return learnt, test, nil
}
