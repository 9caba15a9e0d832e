//go:build cgo && !nocamera

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clockface/cmd/internal/cloudtest"
	"clockface/cmd/internal/station"
	"clockface/face"
	"clockface/face/evaluate"
	"clockface/face/models"
	"clockface/timeclock"
)

// facePhotos returns the folder of photos of three people that gocv brings, or
// skips where it or the models are missing.
func facePhotos(t *testing.T) string {
	t.Helper()
	dir, err := models.DefaultDir()
	if err != nil {
		t.Skip(err)
	}
	if err := models.Check(dir, models.Packs()[0]); err != nil {
		t.Skipf("the face models are not there: %v", err)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "gocv.io/x/gocv").Output()
	if err != nil {
		t.Skipf("go list does not find the gocv module: %v", err)
	}
	photos := filepath.Join(strings.TrimSpace(string(out)), "contrib", "att_faces")
	if _, err := os.Stat(photos); err != nil {
		t.Skipf("the gocv module has no photos: %v", err)
	}
	return photos
}

// does runs the command and returns what it printed; it must end with 0.
func does(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := &environment{in: strings.NewReader(""), out: &out, errs: &errs, now: time.Now}
	if code := run(context.Background(), args, env); code != 0 {
		t.Fatalf("clockface %s ended with %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return out.String(), errs.String()
}

// kioskWithGrace returns the data folder of an enrolled kiosk on which the owner
// is signed in and which knows employee 12.
func kioskWithGrace(t *testing.T) string {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	cloud, dir := cloudtest.Start(t), t.TempDir()
	does(t, "device", "enroll", "--data", dir, "--cloud", cloud.URL(), "--code", cloud.EnrollCode(timeclock.Kiosk), "--profile", "kiosk")
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(cloud.OwnerToken()), 0o600); err != nil {
		t.Fatal(err)
	}
	does(t, "sign-in", "--data", dir, "--token-file", token)
	does(t, "employee", "add", "--data", dir, "--number", "12", "--name", "Grace Hopper")
	return dir
}

func TestFaceIsEnrolledFromPicturesAndCamera(t *testing.T) {
	photos := facePhotos(t)
	dir := kioskWithGrace(t)
	empty := filepath.Join(t.TempDir(), "empty.jpg")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs := does(t, "face", "enroll", "--data", dir, "--employee", "12", "--consent", "2026-01-31", "--json",
		filepath.Join(photos, "s1", "1.pgm"), empty, filepath.Join(photos, "s1", "2.pgm"), filepath.Join(photos, "s2", "1.pgm"))
	var got enrolledJSON
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if got.Templates != 2 || len(got.Refused) != 2 || got.Refused[0].Reason != face.Unreadable || got.Refused[1].Reason != face.OtherPerson {
		t.Errorf("enrolled %+v, want two templates, the empty file and the other person refused", got)
	}
	if !strings.Contains(errs, "empty.jpg") {
		t.Errorf("standard error = %q, want the refused file named", errs)
	}
	does(t, "face", "enroll", "--data", dir, "--employee", "12", "--frames", "2",
		"--camera", "images:"+filepath.Join(photos, "s1")+"?pace=none&gap=0s")

	s, err := station.OpenBeside(t.Context(), station.Config{Dir: dir, Program: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	credentials, err := s.DB.Credentials(t.Context(), timeclock.FaceTemplate)
	if err != nil {
		t.Fatal(err)
	}
	if len(credentials) != 2 || credentials[0].Pack != face.Dlib || len(credentials[0].Sealed) == 0 {
		t.Errorf("credentials = %+v, want two sealed ones of dlib", credentials)
	}
	if on, ok, err := s.DB.Consent(t.Context(), credentials[0].Employee, timeclock.FaceTemplate); on != "2026-01-31" || !ok || err != nil {
		t.Errorf("consent = %q, %v, %v, want that of 2026-01-31", on, ok, err)
	}
}

func TestOneFaceIsNotEnrolledForTwoPeople(t *testing.T) {
	photos := facePhotos(t)
	dir := kioskWithGrace(t)
	does(t, "employee", "add", "--data", dir, "--number", "14", "--name", "Alan Turing")
	enroll := func(number, picture string) []string {
		return []string{"face", "enroll", "--data", dir, "--employee", number, "--consent", "2026-01-31", "--json", filepath.Join(photos, picture)}
	}
	does(t, enroll("12", "s1/1.pgm")...)
	does(t, enroll("14", "s2/1.pgm")...)

	for _, c := range []struct {
		number, picture string
		reason          face.Reason
		other, says     string
	}{
		{"12", "s2/2.pgm", face.EnrolledForOther, "14", "Alan Turing (14)"},
		{"12", "s3/1.pgm", face.OtherPerson, "", "face withdraw --employee 12"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), enroll(c.number, c.picture), &environment{out: &out, errs: &errs, now: time.Now})
		var got enrolledJSON
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, out.String())
		}
		if code != station.ExitFailed || got.Credential != nil || len(got.Refused) != 1 || got.Refused[0].Reason != c.reason {
			t.Errorf("%s for %s: exit code %d, %+v, want %d and %s", c.picture, c.number, code, got, station.ExitFailed, c.reason)
		} else if o := got.Refused[0].Other; (o != nil) != (c.other != "") || o != nil && o.Number != c.other {
			t.Errorf("%s for %s: other = %+v, want %q", c.picture, c.number, o, c.other)
		}
		if !strings.Contains(errs.String(), c.says) {
			t.Errorf("standard error = %q, want %q", errs.String(), c.says)
		}
	}

	does(t, "face", "withdraw", "--data", dir, "--employee", "14")
	does(t, "face", "withdraw", "--data", dir, "--employee", "12")
	does(t, enroll("12", "s2/2.pgm")...)
}

func TestModelsThatAreWholeAreListedWithoutComplaint(t *testing.T) {
	facePhotos(t) // skips where the models are missing
	if _, errs := does(t, "models", "list"); errs != "" {
		t.Errorf("standard error = %q, want nothing", errs)
	}
}

func TestPicturesWithoutAFaceEnrolNobody(t *testing.T) {
	photos := facePhotos(t)
	dir := kioskWithGrace(t)
	var errs bytes.Buffer
	args := []string{"face", "enroll", "--data", dir, "--employee", "12", "--consent", "2026-01-31", filepath.Join(photos, "README")}
	if code := run(t.Context(), args, &environment{out: io.Discard, errs: &errs, now: time.Now}); code != station.ExitFailed {
		t.Errorf("exit code = %d, want %d: %s", code, station.ExitFailed, errs.String())
	}
	s, err := station.OpenBeside(t.Context(), station.Config{Dir: dir, Program: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	person, err := s.DB.EmployeeByNumber(t.Context(), "12")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.DB.Consent(t.Context(), person.ID, timeclock.FaceTemplate); ok || err != nil {
		t.Errorf("a consent was recorded although nothing was enrolled (%v)", err)
	}
	if credentials, err := s.DB.Credentials(t.Context(), timeclock.FaceTemplate); len(credentials) != 0 || err != nil {
		t.Errorf("credentials = %+v, %v, want none", credentials, err)
	}
}

func TestPicturesAreEvaluatedAndVerified(t *testing.T) {
	photos := facePhotos(t)
	gallery, probes := t.TempDir(), t.TempDir()
	for _, person := range []string{"s1", "s2"} {
		if err := os.Mkdir(filepath.Join(gallery, person), 0o700); err != nil {
			t.Fatal(err)
		}
		copyFile(t, filepath.Join(photos, person, "1.pgm"), filepath.Join(gallery, person, "1.pgm"))
	}
	for _, person := range []string{"s1", "s2", "s3"} {
		if err := os.Mkdir(filepath.Join(probes, person), 0o700); err != nil {
			t.Fatal(err)
		}
		copyFile(t, filepath.Join(photos, person, "4.pgm"), filepath.Join(probes, person, "4.pgm"))
	}
	if err := os.WriteFile(filepath.Join(probes, "s3", "half.jpg"), []byte("\xff\xd8\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs := does(t, "face", "evaluate", "--gallery", gallery, "--probes", probes, "--json")
	var r evaluate.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if r.Genuine != 2 || r.Impostors != 2 || *r.TrueAccept != 1 || *r.FalseAccept != 0 || r.RejectReasons[face.Unreadable] != 1 || r.MsP50 == nil {
		t.Errorf("result = %s, want both named, the stranger and the cut file refused", out)
	}
	if !strings.Contains(errs, "half.jpg") {
		t.Errorf("standard error = %q, want the cut file named", errs)
	}
	one := filepath.Join(photos, "s1", "1.pgm")
	out, _ = does(t, "face", "verify", "--json", one, filepath.Join(photos, "s1", "4.pgm"))
	if !strings.Contains(out, `"same":true`) {
		t.Errorf("two photos of one person: %s", out)
	}
	out, _ = does(t, "face", "verify", one, filepath.Join(photos, "s2", "1.pgm"))
	if !strings.Contains(out, "not the same person") {
		t.Errorf("photos of two people: %s", out)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
