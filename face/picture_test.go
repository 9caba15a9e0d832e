package face

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corner is a 40×24 picture whose top left quarter is red, the rest blue.
func corner() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 40, 24))
	for y := range 24 {
		for x := range 40 {
			c := color.RGBA{0, 0, 255, 255}
			if x < 20 && y < 12 {
				c = color.RGBA{255, 0, 0, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func encodeJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts an EXIF segment with that orientation behind the JPEG's start.
func withEXIF(jpeg []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, entry := range [][2]uint16{{0x0100, 40}, {0x0112, orientation}} {
		tiff = order.AppendUint16(tiff, entry[0])
		tiff = order.AppendUint16(tiff, 3)
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(tiff, entry[1])
		tiff = order.AppendUint16(tiff, 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := []byte{0xff, 0xd8, 0xff, 0xe1}
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	return append(append(out, segment...), jpeg[2:]...)
}

// storedAs returns how a camera held that way stores the upright picture: the
// inverse of turn, written out by the EXIF standard's words.
func storedAs(up *image.RGBA, orientation int) *image.RGBA {
	w, h := up.Rect.Dx(), up.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			at := map[int]image.Point{ // column and row in the file
				1: {x, y}, 2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {y, w - 1 - x}, 7: {h - 1 - y, w - 1 - x}, 8: {h - 1 - y, x},
			}[orientation]
			out.SetRGBA(at.X, at.Y, up.RGBAAt(x, y))
		}
	}
	return out
}

// isCorner fails unless img shows corner, give or take JPEG's blur.
func isCorner(t *testing.T, name string, img *image.RGBA) {
	t.Helper()
	if img.Rect != image.Rect(0, 0, 40, 24) {
		t.Errorf("%s: size = %v, want 40×24", name, img.Rect)
		return
	}
	for _, p := range []image.Point{{2, 2}, {15, 8}, {37, 2}, {2, 21}, {37, 21}} {
		want := corner().RGBAAt(p.X, p.Y)
		got := img.RGBAAt(p.X, p.Y)
		if int(got.R)-int(want.R) > 60 || int(want.R)-int(got.R) > 60 {
			t.Errorf("%s: pixel %v = %v, want about %v", name, p, got, want)
		}
	}
}

func TestPicturesAreTurnedUpright(t *testing.T) {
	for orientation := 1; orientation <= 8; orientation++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			name := fmt.Sprintf("orientation %d, %v", orientation, order)
			img, err := DecodePicture(withEXIF(encodeJPEG(t, storedAs(corner(), orientation)), order, uint16(orientation)))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			isCorner(t, name, img)
		}
	}
}

func TestBrokenEXIFDoesNotRefuseAPicture(t *testing.T) {
	data := encodeJPEG(t, corner())
	for _, orientation := range []uint16{0, 9, 65535} {
		img, err := DecodePicture(withEXIF(data, binary.LittleEndian, orientation))
		if err != nil {
			t.Fatal(err)
		}
		isCorner(t, fmt.Sprintf("orientation %d", orientation), img)
	}
	whole := withEXIF(data, binary.BigEndian, 6)
	for n := 2; n < 60; n++ {
		orientation(whole[:n]) // must not panic
	}
}

func TestGreyAndColourFormatsAreRead(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 40, 24))
	grey16 := image.NewGray16(image.Rect(5, 5, 45, 29))
	for y := range 24 {
		for x := range 40 {
			if x < 20 && y < 12 {
				grey.SetGray(x, y, color.Gray{255})
				grey16.SetGray16(x+5, y+5, color.Gray16{65535})
			}
		}
	}
	var png16 bytes.Buffer
	if err := png.Encode(&png16, grey16); err != nil {
		t.Fatal(err)
	}
	pgm := append([]byte("P5\n# a comment\n40 24\n255\n"), grey.Pix...)
	wide := []byte("P5 40 24 65535\n")
	text := "P2 40 24\n1\n"
	ppm, textPPM := []byte("P6\n40 24 255\n"), "P3 40 24 255\n"
	for i, v := range grey.Pix {
		wide = append(wide, v, v)
		text += fmt.Sprint(v/255, " ")
		p := corner().Pix[4*i : 4*i+3]
		ppm = append(ppm, p...)
		textPPM += fmt.Sprint(p[0], " ", p[1], " ", p[2], "\n")
	}
	for name, data := range map[string][]byte{
		"grey JPEG": encodeJPEG(t, grey), "colour JPEG": encodeJPEG(t, corner()), "grey PNG of 16 bits": png16.Bytes(),
		"P5": pgm, "P5 of 16 bits": wide, "P2": []byte(text), "P6": ppm, "P3": []byte(textPPM),
	} {
		img, err := DecodePicture(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		isCorner(t, name, img)
	}
}

func TestBadPicturesAreNamedWithTheReason(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := encodeJPEG(t, textured())
	for _, c := range []struct{ path, want string }{
		{write("empty.jpg", nil), "empty (0 bytes)"},
		{write("half.jpg", whole[:len(whole)/2]), "cut off"},
		{write("start.jpg", whole[:3]), "cut off"},
		{write("half.pgm", []byte("P5 40 24 255\nabc")), "cut off"},
		{write("head.pgm", []byte("P5 40")), "cut off"},
		{write("odd.pgm", []byte("P5 40 x 255\n")), "where a number is expected"},
		{write("zero.pgm", []byte("P5 0 0 255\n")), "0×0"},
		{write("huge.pgm", []byte("P5 99999 99999 255\n")), "more than"},
		{write("white.pgm", []byte("P5 4 4 70000\n")), "70000"},
		{write("text.jpg", []byte("hello")), "no JPEG"},
		{write("page.png", []byte("<html>")), "no JPEG"},
		{filepath.Join(dir, "none.jpg"), "no such file"},
		{dir, "folder"},
	} {
		_, err := ReadPicture(c.path)
		var bad *PictureError
		if !errors.As(err, &bad) || bad.Path != c.path || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ReadPicture(%s) = %v, want a PictureError with %q", filepath.Base(c.path), err, c.want)
		}
	}
}

func FuzzDecodePicture(f *testing.F) {
	f.Add(encodeJPEG(f, corner()))
	f.Add(withEXIF(encodeJPEG(f, corner()), binary.BigEndian, 6))
	f.Add([]byte("P5 4 4 255\n0123456789abcdef"))
	f.Add([]byte("P3 1 1 255\n1 2 3"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			t.Skip("large input")
		}
		if img, err := DecodePicture(data); err == nil && img.Rect.Empty() {
			t.Error("an empty picture without an error")
		}
	})
}

func TestFitKeepsTheAspect(t *testing.T) {
	frame := image.Rect(0, 0, 640, 480)
	for _, c := range []struct {
		w, h int
		want image.Rectangle
	}{
		{640, 480, frame},
		{1280, 960, frame},
		{92, 112, image.Rect(123, 0, 517, 480)},
		{1000, 100, image.Rect(0, 208, 640, 272)},
		{1, 10000, image.Rect(319, 0, 320, 480)},
	} {
		if got := FitInto(frame, c.w, c.h); got != c.want {
			t.Errorf("FitInto(%d×%d) = %v, want %v", c.w, c.h, got, c.want)
		}
	}
}

func TestQualityTellsLightBlurAndEdge(t *testing.T) {
	box := image.Rect(200, 100, 400, 300)
	gate := LiveGate()
	if got := gate.Judge(Measure(textured(), box)); got != "" {
		t.Errorf("a textured face is refused: %s", got)
	}
	dark, flat := textured(), image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range dark.Pix {
		dark.Pix[i] /= 6
	}
	bright := textured()
	for i := range bright.Pix {
		bright.Pix[i] = 255 - bright.Pix[i]/20
	}
	for y := range 480 {
		for x := range 640 {
			flat.SetRGBA(x, y, color.RGBA{uint8(x / 4), uint8(x / 4), uint8(x/4 + 40), 255}) // a soft slope
		}
	}
	for _, c := range []struct {
		name string
		img  *image.RGBA
		box  image.Rectangle
		want Reason
	}{
		{"a dark face", dark, box, TooDark},
		{"a face in glaring light", bright, box, TooBright},
		{"a smear", flat, box, Blurred},
		{"a far face", textured(), image.Rect(300, 200, 350, 250), TooSmall},
		{"a face cut by the edge", textured(), image.Rect(540, 100, 740, 300), AtEdge},
		{"a box outside the picture", textured(), image.Rect(700, 500, 900, 700), AtEdge},
	} {
		if got := gate.Judge(Measure(c.img, c.box)); got != c.want {
			t.Errorf("%s: %q (%+v), want %q", c.name, got, Measure(c.img, c.box), c.want)
		}
	}
}
