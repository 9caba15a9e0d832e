//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// noDisplay: both programs with a window say so in a sentence.
func (c *company) noDisplay(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	refused(t, c.run(t, "", "clockface-kiosk", "--data", c.kiosk, "--camera", "none"), exitFailed, "no display", "DISPLAY")
	refused(t, c.run(t, "", "clockface-desktop", "--data", c.desktop), exitFailed, "no display", "DISPLAY")
}

// closedPIN: five wrong ones on one number close it, and the cloud is told. A
// right PIN between keeps everybody else from having to wait.
func (c *company) closedPIN(t *testing.T) {
	c.on(t, c.kiosk, "", "employee", "add", "--number", "22", "--name", "Pavel Horn")
	c.on(t, c.kiosk, "5822", "pin", "set", "--employee", "22")
	kiosk := c.startKiosk(t, nil, "none", "--headless")
	events := kiosk.events()
	await(t, events, 30*time.Second, "ready", is("ready"))
	answer := func(pin, code string) {
		t.Helper()
		kiosk.say(t, fmt.Sprintf(`{"pin":{"number":"22","pin":%q}}`, pin))
		if e := await(t, events, 20*time.Second, "the answer", is("error", "punched", "repeated")); e.Code != code {
			t.Fatalf("after the PIN %s: %v, want %s", pin, e, code)
		}
	}
	for i := range 5 {
		answer("9999", "wrong_pin")
		if i%2 == 1 || i == 4 {
			punchByPIN(t, kiosk, events)
		}
	}
	answer("5822", "pin_closed")
	eventually(t, 20*time.Second, "the incident reaches the cloud", func() string {
		if openDatabase(t, "cloud", c.file).count(t, "SELECT count(*) FROM incident WHERE kind = 'pin_closed'") == 1 {
			return ""
		}
		return "it is not there"
	})
	kiosk.stop(t)
}

// silentCloud: an address that takes connections and never answers keeps nobody
// at the kiosk waiting.
func (c *company) silentCloud(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	defer silent.Close() // the system accepts for it, and nobody reads
	kiosk := c.start(t, "kiosk-silent", "clockface-kiosk", nil, "--data", c.kiosk, "--cloud", "http://"+silent.Addr().String(), "--camera", "none", "--headless")
	events := kiosk.events()
	await(t, events, 30*time.Second, "ready", is("ready"))
	asked := time.Now()
	punchByPIN(t, kiosk, events)
	if took := time.Since(asked); took > 2*time.Second {
		t.Errorf("the punch was answered after %v", took)
	}
	kiosk.stop(t)
}

// turnedPicture: a phone stores a picture lying down and notes it in its EXIF
// data; it is the same person as the upright one.
func (c *company) turnedPicture(t *testing.T) {
	c.needPictures(t)
	upright := filepath.Join(c.faces, "obama.jpg")
	picture := readJPEG(t, upright)
	size := picture.Bounds()
	lying := image.NewRGBA(image.Rect(0, 0, size.Dy(), size.Dx()))
	for y := range size.Dy() {
		for x := range size.Dx() {
			lying.Set(y, size.Dx()-1-x, picture.At(size.Min.X+x, size.Min.Y+y))
		}
	}
	var stored bytes.Buffer
	if err := jpeg.Encode(&stored, lying, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatalf("encode picture: %v", err)
	}
	compare := func(name string, data []byte) (answer struct {
		Same     bool
		Distance *float64
	}) {
		file := filepath.Join(c.work, name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatalf("write picture: %v", err)
		}
		answer, ok := parseLine[struct {
			Same     bool
			Distance *float64
		}](c.must(t, "", "clockface", "face", "verify", upright, file, "--json"))
		if !ok {
			t.Fatalf("no answer about %s", name)
		}
		return answer
	}
	if a := compare("lying.jpg", stored.Bytes()); a.Same {
		t.Error("a face that lies down is recognised: the test proves nothing")
	}
	if a := compare("turned.jpg", withOrientation(stored.Bytes(), 6)); !a.Same || a.Distance == nil || *a.Distance > 0.1 {
		t.Errorf("the turned picture is not the upright one: %+v", a)
	}
}

// withOrientation puts an EXIF segment with that orientation into a JPEG.
func withOrientation(picture []byte, orientation uint16) []byte {
	tiff := append([]byte("Exif\x00\x00MM\x00*"), 0, 0, 0, 8, 0, 1) // one entry
	for _, v := range []uint16{0x0112, 3, 0, 1, orientation, 0} {
		tiff = binary.BigEndian.AppendUint16(tiff, v)
	}
	out := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(tiff)+2))
	return append(append(out, tiff...), picture[2:]...)
}

func readJPEG(t testing.TB, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatalf("open picture: %v", err)
	}
	picture, err := jpeg.Decode(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatalf("decode picture: %v", err)
	}
	return picture
}
