// Package archtest holds the line between the packages: which folder may import
// which, where a foreign toolkit may appear, and what a program may never link.
// It reads the source of every file, whatever its build tags, so that a stub or
// a test for another system counts as well.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "clockface/"

// anything marks a folder that may import every other one.
const anything = "*"

// mayImport lists, per folder, the other folders of this module it may use. A
// folder owns its sub-folders unless they have a line of their own; the longest
// line that fits decides.
var mayImport = map[string][]string{
	"timeclock": {}, // the domain: standard library only
	"sync/op":   {"timeclock"},
	"sync":      {"timeclock", "sync/op"}, // reaches storage through its own Store interface
	"localdb":   {"timeclock", "sync/op"},
	"cloud":     {"timeclock", "sync/op", "assets"},
	"face":      {"timeclock"},
	"kiosk":     {"timeclock", "assets"},
	"desktop":   {"timeclock", "assets"},
	"assets":    {},
	"demo":      {"timeclock"},
	"cmd":       {anything}, // the only place that wires
	"e2e":       {anything}, // drives and measures the whole product
	"archtest":  {},
	"scripts":   {},
}

// onlyIn lists foreign modules that are kept behind one door, by import path
// prefix, and the folders that are that door.
var onlyIn = map[string][]string{
	"gocv.io/":                   {"face", "e2e"},
	"github.com/Kagami/go-face":  {"face", "e2e"},
	"fyne.io/":                   {"kiosk/screens", "desktop/screens", "assets/look", "cmd/clockface-kiosk", "cmd/clockface-desktop", "cmd/internal/launch"},
	"github.com/jackc/pgx":       {"cloud"},
	"modernc.org/sqlite":         {"localdb", "cloud", "cmd", "e2e"},
	"github.com/danielgtaylor/":  {"cloud"},
	"github.com/go-resty/":       {"sync"},
	"filippo.io/age":             {"localdb"},
	"github.com/zalando/":        {"localdb"},
	"github.com/pressly/goose":   {"localdb", "cloud"},
	"github.com/ebitengine/oto/": {"kiosk", "assets", "cmd/clockface-kiosk"},
}

// neverReaches lists, per program, import path prefixes that nothing it is built
// from may import, directly or not.
var neverReaches = map[string][]string{
	"cmd/clockface-cloud":   {module + "face", module + "kiosk", module + "desktop", "gocv.io/", "github.com/Kagami/", "fyne.io/"},
	"cmd/clockface-desktop": {module + "face", module + "kiosk", "gocv.io/", "github.com/Kagami/"},
}

// file is one Go file: its folder below the root and what it imports.
type file struct {
	name, folder string
	test         bool
	imports      []string
}

func TestImportsPointInward(t *testing.T) {
	for _, f := range sources(t) {
		owner, allowed, known := rule(f.folder)
		if !known {
			t.Errorf("%s: folder %q has no line in mayImport: say there what it may use", f.name, f.folder)
			continue
		}
		for _, imp := range f.imports {
			target, ours := strings.CutPrefix(imp, module)
			if !ours || slices.Contains(allowed, anything) {
				continue
			}
			if to, _, _ := rule(target); to != owner && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s, but %s may use only %v", f.name, imp, owner, allowed)
			}
		}
	}
}

func TestDomainUsesOnlyTheStandardLibrary(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || !within(f.folder, "timeclock") {
			continue
		}
		for _, imp := range f.imports {
			if first, _, _ := strings.Cut(imp, "/"); strings.Contains(first, ".") {
				t.Errorf("%s imports %s, which is not of the standard library", f.name, imp)
			}
		}
	}
}

func TestForeignToolkitsStayBehindTheirDoor(t *testing.T) {
	for _, f := range sources(t) {
		for prefix, doors := range onlyIn {
			behind := slices.ContainsFunc(doors, func(d string) bool { return within(f.folder, d) })
			if behind {
				continue
			}
			for _, imp := range f.imports {
				if strings.HasPrefix(imp, prefix) {
					t.Errorf("%s imports %s, which belongs in %v only", f.name, imp, doors)
				}
			}
		}
	}
}

func TestProgramsDoNotLinkWhatTheyMustNot(t *testing.T) {
	byFolder := map[string][]file{}
	for _, f := range sources(t) {
		if !f.test {
			byFolder[f.folder] = append(byFolder[f.folder], f)
		}
	}
	for program, banned := range neverReaches {
		if len(byFolder[program]) == 0 {
			t.Errorf("%s holds no Go file", program)
		}
		walkImports(byFolder, program, nil, func(via []string, imp string) {
			for _, b := range banned {
				if strings.HasPrefix(imp, b) {
					t.Errorf("%s reaches %s by %s", program, imp, strings.Join(via, " → "))
				}
			}
		})
	}
}

// walkImports calls see for every import below folder, once for each importing
// folder, with the way that led there.
func walkImports(byFolder map[string][]file, folder string, way []string, see func(via []string, imp string)) {
	visited := map[string]bool{}
	var walk func(folder string, way []string)
	walk = func(folder string, way []string) {
		if visited[folder] {
			return
		}
		visited[folder] = true
		way = append(slices.Clone(way), folder)
		for _, f := range byFolder[folder] {
			for _, imp := range f.imports {
				see(way, imp)
				if target, ours := strings.CutPrefix(imp, module); ours {
					walk(target, way)
				}
			}
		}
	}
	walk(folder, way)
}

// rule returns the longest line of mayImport that folder is in.
func rule(folder string) (owner string, allowed []string, known bool) {
	for at := folder; at != "."; at = path.Dir(at) {
		if allowed, ok := mayImport[at]; ok {
			return at, allowed, true
		}
	}
	return "", nil, false
}

// within reports whether folder is dir or lies below it.
func within(folder, dir string) bool { return folder == dir || strings.HasPrefix(folder, dir+"/") }

// sources reads every Go file of the module, outputs and caches excepted.
func sources(t *testing.T) []file {
	t.Helper()
	const root = ".."
	var out []file
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			outputs := name == filepath.Join(root, "bin") || name == filepath.Join(root, "build")
			if name != root && (outputs || base == "testdata" || strings.HasPrefix(base, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		f, err := read(root, name)
		out = append(out, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 2 {
		t.Fatalf("found %d Go files below %s: this test looks in the wrong place", len(out), root)
	}
	return out
}

// read parses the imports of one file.
func read(root, name string) (file, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return file{}, err
	}
	rel, err := filepath.Rel(root, name)
	if err != nil {
		return file{}, err
	}
	rel = filepath.ToSlash(rel)
	f := file{name: rel, folder: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go")}
	for _, spec := range parsed.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return file{}, err
		}
		f.imports = append(f.imports, imp)
	}
	return f, nil
}
