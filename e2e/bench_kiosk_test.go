//go:build e2e && cgo && !nocamera

package e2e

import (
	"image"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gocv.io/x/gocv"
)

// measureAnswer measures the time from the last key of a PIN to the answer
// screen, several times; the figure is the slowest but one: a busy machine delays the keys too.
func measureAnswer(t *testing.T, p place) []figure {
	const tries = 12
	p.needPictures(t)
	c := p.newCompany(t)
	c.enrolKiosk(t)
	who := newCast(t, p).staff[0]
	c.hire(t, who)
	k := c.startWindow(t, filmOf(t, p, ""))
	var took []float64
	for range tries {
		took = append(took, k.timeAnswer(t, who))
		await(t, k.stats, 30*time.Second, "the live screen", func(s kioskStat) bool { return s.Screen == "live" || s.Screen == "idle" })
	}
	k.stop(t)
	return []figure{
		reported("kiosk.answer", quantile(took, 0.9), "ms").atMost(300),
		reported("kiosk.answer_median", median(took), "ms"),
	}
}

// timeAnswer types number and PIN and returns the time, in ms, from the last key
// until the answer was seen on the display. Looking takes about 50 ms, which are
// in it.
func (k aKiosk) timeAnswer(t testing.TB, who *person) float64 {
	t.Helper()
	k.keys(t, strings.Split(who.number, "")...)
	k.keys(t, "Return")
	k.awaitScreen(t, "pin")
	k.keys(t, strings.Split(who.pin(), "")...)
	began := time.Now()
	k.keys(t, "Return")
	k.awaitAnswer(t)
	return milliseconds(time.Since(began))
}

// measurePreview measures the preview between 10 and 40 s after a touch: with
// nobody in view, which the figures are held to, and with a face in view, which
// is reported.
func measurePreview(t *testing.T, p place) []figure {
	p.needPictures(t)
	c := p.newCompany(t)
	c.enrolKiosk(t)
	for _, who := range newCast(t, p).staff {
		c.hire(t, who)
	}
	fps, cpu := c.preview(t, filmOf(t, p, ""))
	// A person of the staff is answered once and then stands there.
	facesFPS, facesCPU := c.preview(t, filmOf(t, p, filepath.Join(p.faces, "obama3.jpg")))
	return []figure{
		reported("kiosk.preview_fps", fps, "frames/s").atLeast(29),
		reported("kiosk.preview_cpu", cpu, "percent of one core").atMost(40),
		reported("kiosk.preview_fps_face", facesFPS, "frames/s"),
		reported("kiosk.preview_cpu_face", facesCPU, "percent of one core"),
	}
}

// preview plays a film in front of the kiosk and returns the frames it shows a
// second and the processor time it takes, in percent of one core.
func (c *company) preview(t testing.TB, camera string) (fps, cpu float64) {
	t.Helper()
	k := c.startWindow(t, camera)
	k.click(t, 240, 300)
	touched := time.Now()
	shown := func(after time.Duration) (frames float64, used time.Duration, at time.Time) {
		t.Helper()
		time.Sleep(time.Until(touched.Add(after))) // the figure is defined from this moment on
		k.stats.skipToEnd()
		s := await(t, k.stats, 5*time.Second, "the frames shown", func(s kioskStat) bool { return s.FramesShown > 0 })
		return s.FramesShown, cpuTime(t, k.program), time.Now()
	}
	frames, used, at := shown(10 * time.Second)
	framesAfter, usedAfter, atAfter := shown(40 * time.Second)
	k.screenshot(t, "preview")
	k.stop(t)
	seconds := atAfter.Sub(at).Seconds()
	return (framesAfter - frames) / seconds, 100 * (usedAfter - used).Seconds() / seconds
}

// filmOf makes a film of ten seconds at 640×480 and 30 frames a second, as a
// camera sees a room: every frame has its own noise. The upper half of picture,
// head and shoulders, stands in the middle of it, swaying a little; "" leaves
// the room empty. It returns the
// camera that plays it for ever.
func filmOf(t testing.TB, p place, picture string) (camera string) {
	t.Helper()
	const fps, seconds = 30, 10
	file := filepath.Join(p.work, "film-"+filepath.Base(picture)+".avi")
	film, err := gocv.VideoWriterFile(file, "MJPG", fps, 640, 480, true)
	if err != nil {
		t.Fatalf("make a film: %v", err)
	}
	defer film.Close()
	room := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(120, 128, 134, 0), 480, 640, gocv.MatTypeCV8UC3)
	defer room.Close()
	var person gocv.Mat
	if picture != "" {
		whole := gocv.IMRead(picture, gocv.IMReadColor)
		defer whole.Close()
		upper := whole.Region(image.Rect(0, 0, whole.Cols(), whole.Rows()/2))
		defer upper.Close()
		person = gocv.NewMat()
		defer person.Close()
		const height = 440
		gocv.Resize(upper, &person, image.Pt(upper.Cols()*height/upper.Rows(), height), 0, 0, gocv.InterpolationArea)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range fps * seconds {
		frame := room.Clone()
		if picture != "" {
			sway := i % 20
			if sway > 10 {
				sway = 20 - sway
			}
			left := (640-person.Cols())/2 + sway
			spot := frame.Region(image.Rect(left, 20, left+person.Cols(), 20+person.Rows()))
			person.CopyTo(&spot)
			spot.Close()
		}
		addNoise(t, frame, random)
		if err := film.Write(frame); err != nil {
			t.Fatalf("write the film: %v", err)
		}
		frame.Close()
	}
	return "file:" + file + "?loop=-1"
}

// addNoise changes every value of a frame by up to three steps, as a sensor does.
func addNoise(t testing.TB, frame gocv.Mat, random *rand.Rand) {
	t.Helper()
	values, err := frame.DataPtrUint8()
	if err != nil {
		t.Fatalf("frame of the film: %v", err)
	}
	for i := 0; i < len(values); i += 8 {
		bits := random.Uint64()
		for j := i; j < min(i+8, len(values)); j++ {
			values[j] = uint8(min(255, max(0, int(values[j])+int(bits%7)-3)))
			bits /= 7
		}
	}
}
