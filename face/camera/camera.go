// Package camera opens the sources of frames that a kiosk knows:
//
//	camera:N            the N-th camera of this PC, at 640×480
//	file:CLIP           a film, at its own rate
//	images:DIR?OPTIONS  a camera played from the pictures of a folder
//
// The options of images:, all with a default, are written like those of a URL:
//
//	fps=15           frames a second
//	hold=2s          how long each picture stays in front of the camera
//	gap=1s           how long the camera sees an empty frame after each picture
//	canvas=640x480   size of the frames; a picture is scaled to fit it, keeping its
//	                 aspect, in the middle of a grey background
//	loop=0           how many more times the folder is played; -1 = for ever
//	pace=real        real: as fast as time goes, dropping frames that come too late;
//	                 none: as fast as frames are read
//
// Pictures are played in the order of their names, byte by byte: 10.pgm comes
// before 2.pgm, so number them 02.pgm, 10.pgm. Sub-folders and other files are
// left out. The options of file: are loop= and pace=. [Parse] serves every build;
// opening cameras and films needs OpenCV: a build without it (CGO_ENABLED=0 or
// the tag nocamera) plays folders only, and says so for the rest.
package camera

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"clockface/face"
)

// ErrNoOpenCV is returned where this build has no camera support.
var ErrNoOpenCV = errors.New("this program was built without OpenCV (CGO_ENABLED=0 or the tag nocamera)")

// Width and Height are the size in which a camera is read, in pixels.
const (
	Width  = 640
	Height = 480
)

// Open parses a specification and opens its source, which the caller closes. An
// error says what to do about it.
func Open(spec string) (face.Source, error) {
	s, err := Parse(spec)
	if err != nil {
		return nil, err
	}
	return s.Open()
}

// Spec is a specification that can be meant; [Parse] makes one.
type Spec struct {
	played bool
	open   func() (face.Source, error)
}

// Parse reads a specification without looking at devices or files. An error says
// how to write it.
func Parse(spec string) (Spec, error) {
	kind, rest, _ := strings.Cut(spec, ":")
	s := Spec{played: true}
	var err error
	switch kind {
	case "camera":
		var n int
		if n, err = strconv.Atoi(rest); err != nil || n < 0 {
			err = errors.New("write the number of the camera, e.g. camera:0 for the first")
		}
		s = Spec{open: func() (face.Source, error) { return openDevice(n) }}
	case "file":
		var path string
		var o playOptions
		path, o, err = parseFile(rest)
		s.open = func() (face.Source, error) { return openFilm(path, o) }
	case "images":
		var dir string
		var o imageOptions
		dir, o, err = parseImages(rest)
		s.open = func() (face.Source, error) { return openImages(dir, o) }
	default:
		err = fmt.Errorf("%q is no kind of camera; write camera:0, file:clip.mp4 or images:FOLDER", kind)
	}
	if err != nil {
		return Spec{}, fmt.Errorf("camera %q: %w", spec, err)
	}
	return s, nil
}

// Played reports whether the frames come from files instead of a device.
func (s Spec) Played() bool { return s.played }

// Open opens the source. An error says what to do about it. The caller closes
// the source.
func (s Spec) Open() (face.Source, error) { return s.open() }

// parseFile splits CLIP?loop=0&pace=real.
func parseFile(rest string) (path string, o playOptions, err error) {
	path, q, err := splitOptions(rest)
	if err != nil {
		return "", o, err
	}
	o = defaultPlay()
	for key := range q {
		switch key {
		case "loop":
			o.loop, err = parseLoop(q.Get(key))
		case "pace":
			o.real, err = parsePace(q.Get(key))
		default:
			err = fmt.Errorf("%q is no option of file:; there are loop and pace", key)
		}
		if err != nil {
			return "", o, err
		}
	}
	return path, o, nil
}

// splitOptions cuts the path from the options. A question mark that is part of
// a path has to be written %3F in the options' absence too.
func splitOptions(rest string) (path string, q url.Values, err error) {
	path, options, _ := strings.Cut(rest, "?")
	path = strings.ReplaceAll(path, "%3F", "?")
	if path == "" {
		return "", nil, errors.New("the path is missing")
	}
	if q, err = url.ParseQuery(options); err != nil {
		return "", nil, fmt.Errorf("options %q: %w", options, err)
	}
	return path, q, nil
}

// playOptions say how often and how fast a played source runs.
type playOptions struct {
	loop int  // more times; -1 for ever
	real bool // as fast as time goes
}

func defaultPlay() playOptions { return playOptions{real: true} }

func parseLoop(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < -1 {
		return 0, fmt.Errorf("loop=%s: write how many more times, 0 for none, -1 for ever", s)
	}
	return n, nil
}

func parsePace(s string) (real bool, err error) {
	switch s {
	case "real":
		return true, nil
	case "none":
		return false, nil
	}
	return false, fmt.Errorf("pace=%s: write real or none", s)
}
