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
// Pictures are played in natural order of their names (2.pgm before 10.pgm);
// sub-folders and other files are left out. The options of file: are loop= and
// pace=. Cameras and films need OpenCV: a build without it (CGO_ENABLED=0 or
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

// Open opens the source that the specification names. An error says what to do
// about it. The caller closes the source.
func Open(spec string) (face.Source, error) {
	kind, rest, ok := strings.Cut(spec, ":")
	if !ok {
		return nil, fmt.Errorf("camera %q: write camera:0, file:clip.mp4 or images:FOLDER", spec)
	}
	switch kind {
	case "camera":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("camera %q: write the number of the camera, e.g. camera:0 for the first", spec)
		}
		return openDevice(n)
	case "file":
		path, o, err := parseFile(rest)
		if err != nil {
			return nil, fmt.Errorf("camera %q: %w", spec, err)
		}
		return openFilm(path, o)
	case "images":
		dir, o, err := parseImages(rest)
		if err != nil {
			return nil, fmt.Errorf("camera %q: %w", spec, err)
		}
		return openImages(dir, o)
	}
	return nil, fmt.Errorf("camera %q: %q is no kind of camera; write camera:0, file:clip.mp4 or images:FOLDER", spec, kind)
}

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
