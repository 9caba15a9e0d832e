package face

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/draw"
)

// Limits of a picture that [ReadPicture] takes: far above any camera's, and
// low enough that a hostile file cannot use up the memory.
const (
	MaxPictureBytes  = 64 << 20
	MaxPicturePixels = 64_000_000
)

// PictureError says which picture could not be read and why.
type PictureError struct {
	Path string
	Err  error
}

// Error returns file and reason.
func (e *PictureError) Error() string { return fmt.Sprintf("picture %s: %v", e.Path, e.Err) }

// Unwrap returns the reason.
func (e *PictureError) Unwrap() error { return e.Err }

// ReadPicture reads a JPEG, PNG or PGM/PPM file, grey or in colour, and turns
// it upright as its EXIF orientation says. The result starts at the origin.
// Anything else (empty, cut off, larger than the limits, not a picture) is a
// [*PictureError] that names file and reason.
func ReadPicture(path string) (*image.RGBA, error) {
	data, err := readLimited(path)
	if err != nil {
		return nil, &PictureError{Path: path, Err: withoutPath(err)}
	}
	img, err := DecodePicture(data)
	if err != nil {
		return nil, &PictureError{Path: path, Err: err}
	}
	return img, nil
}

// IsPicture reports whether the name ends like a picture that [ReadPicture] reads.
func IsPicture(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".pgm", ".ppm", ".pnm":
		return true
	}
	return false
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a folder, not a picture")
	case info.Size() > MaxPictureBytes:
		return nil, fmt.Errorf("%d bytes, more than the %d that are read", info.Size(), MaxPictureBytes)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxPictureBytes+1))
	if err == nil && len(data) > MaxPictureBytes {
		err = fmt.Errorf("more than the %d bytes that are read", MaxPictureBytes)
	}
	return data, err
}

// withoutPath drops the path that an os error repeats.
func withoutPath(err error) error {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// DecodePicture is [ReadPicture] on the bytes of a file.
func DecodePicture(data []byte) (*image.RGBA, error) {
	if len(data) == 0 {
		return nil, errors.New("the file is empty (0 bytes)")
	}
	var (
		config func(io.Reader) (image.Config, error)
		decode func(io.Reader) (image.Image, error)
		turned = upright
	)
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xd8}):
		config, decode, turned = jpeg.DecodeConfig, jpeg.Decode, orientation(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		config, decode = png.DecodeConfig, png.Decode
	case len(data) > 2 && data[0] == 'P' && bytes.IndexByte([]byte("2356"), data[1]) >= 0:
		config, decode = decodeNetpbmConfig, decodeNetpbm
	default:
		return nil, errors.New("is no JPEG, PNG or PGM picture")
	}
	c, err := config(bytes.NewReader(data))
	if err != nil {
		return nil, cutOff(err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > MaxPicturePixels/c.Height {
		return nil, fmt.Errorf("%d×%d pixels, more than the %d that are read", c.Width, c.Height, MaxPicturePixels)
	}
	img, err := decode(bytes.NewReader(data))
	if errors.As(err, new(jpeg.FormatError)) && !bytes.Contains(data, endOfJPEG) {
		err = io.ErrUnexpectedEOF // image/jpeg has several words for it
	}
	if err != nil {
		return nil, cutOff(err)
	}
	return turn(toRGBA(img), turned), nil
}

// endOfJPEG is the marker that closes a whole JPEG.
var endOfJPEG = []byte{0xff, 0xd9}

// cutOff says in words that a file ends too early.
func cutOff(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("the file is cut off")
	}
	return err
}

// toRGBA returns img in RGBA from the origin; the picture's own pixels where
// they are that already.
func toRGBA(img image.Image) *image.RGBA {
	if p, ok := img.(*image.RGBA); ok && p.Rect.Min == (image.Point{}) {
		return p
	}
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	return out
}

// Scale draws img into a rectangle of out, smoothly, without keeping its aspect.
func Scale(out *image.RGBA, into image.Rectangle, img *image.RGBA) {
	draw.BiLinear.Scale(out, into, img, img.Rect, draw.Src, nil)
}

// FitInto returns the largest rectangle with the aspect of a w×h picture,
// centred in the frame.
func FitInto(frame image.Rectangle, w, h int) image.Rectangle {
	fw, fh := frame.Dx(), frame.Dy()
	if w*fh > h*fw {
		h, w = max(1, h*fw/w), fw
	} else {
		w, h = max(1, w*fh/h), fh
	}
	at := frame.Min.Add(image.Pt((fw-w)/2, (fh-h)/2))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(w, h))}
}
