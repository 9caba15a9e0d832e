//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A place says where a test finds what it needs and leaves what it makes. All
// paths are absolute.
type place struct {
	bin    string // the built programs
	out    string // logs, screenshots, databases of this test; emptied at the start
	work   string // data folders, below out
	models string // the dlib model files
	faces  string // obama*.jpg and biden.jpg
}

// newPlace returns the place of a test whose results go to build/name.
func newPlace(t testing.TB, name string) place {
	t.Helper()
	p := place{
		bin:    fromEnv(t, "CLOCKFACE_BIN", "../bin"),
		models: fromEnv(t, "CLOCKFACE_MODELS", "../.cache/models"),
		faces:  fromEnv(t, "CLOCKFACE_FACES", "../.cache/faces"),
		out:    absolute(t, filepath.Join("..", "build", name)),
	}
	p.work = filepath.Join(p.out, "work")
	makeFolder(t, p.work)
	entries, err := os.ReadDir(p.out)
	if err != nil {
		t.Fatalf("results of the run before: %v", err)
	}
	for _, e := range entries {
		if e.Name() == callersLog {
			continue
		}
		if err := os.RemoveAll(filepath.Join(p.out, e.Name())); err != nil {
			t.Fatalf("remove results of the run before: %v", err)
		}
	}
	makeFolder(t, p.work)
	return p
}

// callersLog is written by scripts/e2e while the test runs.
const callersLog = "test.log"

// program returns the path of a built program and fails where it is missing.
func (p place) program(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(p.bin, name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not built: run \"make build\" or set CLOCKFACE_BIN (%v)", name, err)
	}
	return path
}

// needPictures skips a test on a machine without the pictures or the models.
func (p place) needPictures(t testing.TB) {
	t.Helper()
	for _, file := range []string{
		filepath.Join(p.faces, "obama.jpg"), filepath.Join(p.faces, "biden.jpg"),
		filepath.Join(p.models, "dlib_face_recognition_resnet_model_v1.dat"),
	} {
		if _, err := os.Stat(file); err != nil {
			t.Skipf("%s is not there: \"make e2e\" fetches the pictures and the models, CLOCKFACE_FACES and CLOCKFACE_MODELS name other folders", file)
		}
	}
}

// needTools skips a test on a machine without one of the commands.
func needTools(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed: \"make e2e\" installs it", name)
		}
	}
}

// moduleFolder returns where the module's source lies.
func moduleFolder(t testing.TB, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("find the folder of module %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}

func fromEnv(t testing.TB, key, otherwise string) string {
	t.Helper()
	if v := os.Getenv(key); v != "" {
		return absolute(t, v)
	}
	return absolute(t, otherwise)
}

func absolute(t testing.TB, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatalf("absolute path of %s: %v", path, err)
	}
	return abs
}

func makeFolder(t testing.TB, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatalf("make folder: %v", err)
	}
}

// below returns a place of its own inside p's, for one part of a test.
func (p place) below(t testing.TB, name string) place {
	t.Helper()
	p.out = filepath.Join(p.out, name)
	p.work = filepath.Join(p.out, "work")
	makeFolder(t, p.work)
	return p
}
