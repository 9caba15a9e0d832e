//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Exit codes that the programs document.
const (
	exitFailed      = 1
	exitNotEnrolled = 3
	exitRefused     = 4
	exitUnreachable = 5
	exitInUse       = 6
)

// TestBadInput starts the real programs on what goes wrong on site: each says a
// sentence that helps, loses nothing and does not crash.
func TestBadInput(t *testing.T) {
	p := newPlace(t, "bad-input")
	c := p.newCompany(t)
	c.enrolKiosk(t)
	c.on(t, c.kiosk, "", "employee", "add", "--number", "21", "--name", "Nadia Kern")
	c.on(t, c.kiosk, "4711", "pin", "set", "--employee", "21")

	t.Run("enrol code that was used", func(t *testing.T) {
		code := c.enrolCode(t, "kiosk")
		c.enrol(t, "first", c.url(), code)
		refused(t, c.tryEnrol(t, "second", c.url(), code), exitRefused, "code", "enroll-code")
	})
	t.Run("enrol code that has expired", func(t *testing.T) {
		code := c.must(t, "", "clockface-cloud", "enroll-code", "--db", c.db(), "--profile", "kiosk", "--site", siteName, "--ttl", "1ms")
		refused(t, c.tryEnrol(t, "expired", c.url(), code), exitRefused, "code", "enroll-code")
	})
	t.Run("cloud that nothing answers for", func(t *testing.T) {
		refused(t, c.tryEnrol(t, "alone", "http://"+freeAddress(t), "ABCDE-FGHJK"), exitUnreachable, "cloud cannot be reached")
	})
	t.Run("cloud that answers nonsense", c.cloudOfNonsense)
	t.Run("folder that is not enrolled", func(t *testing.T) {
		f := c.run(t, "", "clockface-kiosk", "--headless", "--camera", "none", "--data", filepath.Join(c.work, "bare"))
		refused(t, f, exitNotEnrolled, "not enrolled", "enroll-code")
	})
	t.Run("second kiosk on the same folder", c.secondKiosk)
	t.Run("second desktop on the same folder", c.secondDesktop)
	t.Run("no camera", c.noCamera)
	t.Run("no display", c.noDisplay)
	t.Run("cloud that never answers", c.silentCloud)
	t.Run("closed PIN", c.closedPIN)
	t.Run("wrong PIN", c.wrongPIN)
	t.Run("models that are damaged", c.damagedModels)
	t.Run("pictures that are damaged", c.damagedPictures)
	t.Run("picture without colour", c.greyPicture)
	t.Run("picture that lies down", c.turnedPicture)
}

// enrol enrols a new folder as a kiosk.
func (c *company) enrol(t *testing.T, folder, url, code string) {
	t.Helper()
	if f := c.tryEnrol(t, folder, url, code); f.code != 0 {
		t.Fatalf("enrol %s: exit code %d: %s", folder, f.code, f.stderr)
	}
}

func (c *company) tryEnrol(t *testing.T, folder, url, code string) finished {
	t.Helper()
	return c.run(t, "", "clockface", "device", "enroll", "--data", filepath.Join(c.work, folder),
		"--cloud", url, "--code", code, "--profile", "kiosk", "--name", folder)
}

// refused fails unless a program ended with the exit code and its last words
// hold all of the given ones and no crash.
func refused(t *testing.T, f finished, code int, words ...string) {
	t.Helper()
	if f.code != code {
		t.Errorf("exit code %d, want %d", f.code, code)
	}
	helpful(t, f.stderr, words...)
}

// helpful fails unless a message holds all the words, and no trace of a crash.
func helpful(t *testing.T, message string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(strings.ToLower(message), strings.ToLower(w)) {
			t.Errorf("the message does not say %q: %s", w, message)
		}
	}
	for _, w := range []string{"panic", "goroutine ", "SIGSEGV", "runtime error"} {
		if strings.Contains(message, w) {
			t.Errorf("the message shows a crash (%q): %s", w, message)
		}
	}
}

// punchByPIN types number and PIN into a headless kiosk and waits for the answer:
// a punch, or the last one again where that was less than a second ago.
func punchByPIN(t *testing.T, kiosk *program, events *reading) kioskEvent {
	t.Helper()
	kiosk.say(t, `{"pin":{"number":"21","pin":"4711"}}`)
	e := await(t, events, 20*time.Second, "the answer to number and PIN", is("punched", "repeated", "error"))
	if e.Event == "error" {
		t.Fatalf("after the right PIN: %v", e)
	}
	return e
}

// cloudOfNonsense: a captive portal answers everything with a page. The kiosk
// goes on, and what it recorded reaches the right cloud later.
func (c *company) cloudOfNonsense(t *testing.T) {
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>Please accept our terms.</html>")
	}))
	defer portal.Close()
	if f := c.tryEnrol(t, "portal", portal.URL, "ABCDE-FGHJK"); f.code == 0 {
		t.Error("a page was taken for an enrolment")
	} else {
		helpful(t, f.stderr, "cloud")
	}
	kiosk := c.start(t, "kiosk-portal", "clockface-kiosk", nil, "--data", c.kiosk, "--cloud", portal.URL, "--camera", "none", "--headless")
	events := kiosk.events()
	await(t, events, 30*time.Second, "ready", is("ready"))
	punch := punchByPIN(t, kiosk, events)
	if punch.Event != "punched" {
		t.Fatalf("the first punch: %v", punch)
	}
	kiosk.stop(t)
	if sent := openDatabase(t, "cloud", c.file).count(t, "SELECT count(*) FROM punch WHERE id = ?", punch.Punch); sent != 0 {
		t.Error("the punch is in the cloud before the kiosk met it again")
	}
	kiosk = c.start(t, "kiosk-portal", "clockface-kiosk", nil, "--data", c.kiosk, "--cloud", c.url(), "--camera", "none", "--headless")
	eventually(t, 30*time.Second, "the punch reaches the cloud", func() string {
		if openDatabase(t, "cloud", c.file).count(t, "SELECT count(*) FROM punch WHERE id = ?", punch.Punch) == 1 {
			return ""
		}
		return "it is not there"
	})
	kiosk.stop(t)
}

func (c *company) secondKiosk(t *testing.T) {
	first := c.startKiosk(t, nil, "none", "--headless")
	await(t, first.events(), 30*time.Second, "ready", is("ready"))
	second := c.run(t, "", "clockface-kiosk", "--headless", "--camera", "none", "--data", c.kiosk)
	refused(t, second, exitInUse, c.kiosk, fmt.Sprint(first.cmd.Process.Pid))
	punchByPIN(t, first, first.events())
	first.stop(t)
}

func (c *company) secondDesktop(t *testing.T) {
	first := c.startDesk(t)
	second := c.run(t, "", "clockface-desktop", "--data", c.desktop)
	refused(t, second, exitInUse, c.desktop, fmt.Sprint(first.cmd.Process.Pid))
	first.stop(t)
}

// noCamera: the kiosk says what is missing, and number and PIN work.
func (c *company) noCamera(t *testing.T) {
	kiosk := c.startKiosk(t, nil, "camera:63", "--headless")
	events := kiosk.events()
	e := await(t, events, 30*time.Second, "what is wrong with the camera", func(e kioskEvent) bool {
		return e.Event == "error" && strings.Contains(e.Message, "camera")
	})
	helpful(t, e.Message, "63")
	punchByPIN(t, kiosk, events)
	kiosk.stop(t)
}

// wrongPIN: three in a row make everybody wait and leave an incident.
func (c *company) wrongPIN(t *testing.T) {
	kiosk := c.startKiosk(t, nil, "none", "--headless")
	events := kiosk.events()
	await(t, events, 30*time.Second, "ready", is("ready"))
	for i := range 3 {
		kiosk.say(t, `{"pin":{"number":"21","pin":"9999"}}`)
		e := await(t, events, 20*time.Second, fmt.Sprintf("the refusal of wrong PIN %d", i+1), is("error", "punched"))
		if e.Event != "error" || e.Code != "wrong_pin" {
			t.Fatalf("after a wrong PIN: %v", e)
		}
	}
	kiosk.say(t, `{"pin":{"number":"21","pin":"4711"}}`)
	if e := await(t, events, 20*time.Second, "the wait", is("error", "punched")); e.Event != "error" || e.Code != "pin_wait" {
		t.Errorf("after three wrong PINs the right one was answered at once: %v", e)
	}
	eventually(t, 10*time.Second, "an incident is kept", func() string {
		if openDatabase(t, "kiosk", c.replica(c.kiosk)).count(t, "SELECT count(*) FROM incident WHERE kind = 'pin_wait'") > 0 {
			return ""
		}
		return "there is none"
	})
	kiosk.stop(t)
}

// damagedModels: an empty and a cut file are named with their checksum, by the
// command and by the kiosk, which goes on with number and PIN.
func (c *company) damagedModels(t *testing.T) {
	c.needPictures(t)
	const file = "dlib_face_recognition_resnet_model_v1.dat"
	picture := filepath.Join(c.faces, "obama.jpg")
	for name, size := range map[string]int64{"empty": 0, "cut": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(c.work, "models-"+name)
			copyFolder(t, c.models, dir)
			if err := os.Truncate(filepath.Join(dir, file), size); err != nil {
				t.Fatalf("damage the model: %v", err)
			}
			f := c.run(t, "", "clockface", "face", "verify", picture, picture, "--models", dir)
			refused(t, f, exitFailed, file, "sha256", "models fetch")
			camera := c.play(t, "play-"+name, []showing{{&person{}, picture}}, time.Second)
			kiosk := c.startKiosk(t, nil, camera, "--headless", "--models", dir)
			e := await(t, kiosk.events(), 30*time.Second, "what is wrong with the models", is("error"))
			helpful(t, e.Message, file, "models fetch")
			kiosk.stop(t)
		})
	}
}

// copyFolder copies the files of a folder into a new one.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	makeFolder(t, to)
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatalf("read %s: %v", from, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.Contains(e.Name(), "68_face") {
			continue // the large predictor of another use
		}
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			t.Fatalf("copy model: %v", err)
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), data, 0o600); err != nil {
			t.Fatalf("copy model: %v", err)
		}
	}
}

// damagedPictures: each is answered by a line with a reason; the rest goes on.
func (c *company) damagedPictures(t *testing.T) {
	c.needPictures(t)
	good := filepath.Join(c.faces, "obama.jpg")
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatalf("read picture: %v", err)
	}
	dir := filepath.Join(c.work, "pictures")
	makeFolder(t, dir)
	for name, content := range map[string][]byte{"empty.jpg": nil, "cut.jpg": whole[:len(whole)/8], "text.jpg": []byte("not a picture\n")} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatalf("write picture: %v", err)
			}
			f := c.run(t, "", "clockface", "face", "verify", good, file, "--json")
			if f.code != 0 {
				t.Errorf("exit code %d, want 0: a rejected picture is an answer", f.code)
			}
			answer, ok := parseLine[struct {
				Same   bool
				Reason string
			}](strings.TrimSpace(f.stdout))
			if !ok || answer.Same || answer.Reason == "" {
				t.Errorf("answer %q: want same false and a reason", f.stdout)
			}
			helpful(t, f.stderr)
		})
	}
}

// greyPicture: a JPEG of one channel is the same person as the one of three.
func (c *company) greyPicture(t *testing.T) {
	c.needPictures(t)
	coloured := filepath.Join(c.faces, "obama.jpg")
	picture := readJPEG(t, coloured)
	grey := image.NewGray(picture.Bounds())
	draw.Draw(grey, grey.Bounds(), picture, picture.Bounds().Min, draw.Src)
	path := filepath.Join(c.work, "grey.jpg")
	out, err := os.Create(path)
	if err != nil {
		t.Fatalf("make picture: %v", err)
	}
	if err := errors.Join(jpeg.Encode(out, grey, nil), out.Close()); err != nil {
		t.Fatalf("write picture: %v", err)
	}
	answer, ok := parseLine[struct{ Same bool }](c.must(t, "", "clockface", "face", "verify", coloured, path, "--json"))
	if !ok || !answer.Same {
		t.Error("a person and the same picture in grey are not the same")
	}
}
