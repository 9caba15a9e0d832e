package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The streams are shortened from real ones.
const (
	withoutCgo = `{"Action":"start","Package":"clockface/face"}
{"Action":"run","Package":"clockface/face","Test":"TestCamera"}
{"Action":"output","Package":"clockface/face","Test":"TestCamera","Output":"    camera_test.go:9: needs cgo\n"}
{"Action":"output","Package":"clockface/face","Test":"TestCamera","Output":"--- SKIP: TestCamera (0.00s)\n"}
{"Action":"skip","Package":"clockface/face","Test":"TestCamera"}
{"Action":"run","Package":"clockface/face","Test":"TestMatch"}
{"Action":"run","Package":"clockface/face","Test":"TestMatch/near"}
{"Action":"run","Package":"clockface/face","Test":"TestMatch/far"}
{"Action":"pass","Package":"clockface/face","Test":"TestMatch/near"}
{"Action":"pass","Package":"clockface/face","Test":"TestMatch/far"}
{"Action":"pass","Package":"clockface/face","Test":"TestMatch"}
{"Action":"pass","Package":"clockface/face","Elapsed":0.5}
`
	withCgo = `{"Action":"run","Package":"clockface/face","Test":"TestCamera"}
{"Action":"pass","Package":"clockface/face","Test":"TestCamera"}
{"Action":"run","Package":"clockface/face","Test":"TestMatch"}
{"Action":"run","Package":"clockface/face","Test":"TestMatch/far"}
{"Action":"output","Package":"clockface/face","Test":"TestMatch/far","Output":"    match_test.go:3: got 1, want 2\n"}
{"Action":"fail","Package":"clockface/face","Test":"TestMatch/far"}
{"Action":"fail","Package":"clockface/face","Test":"TestMatch"}
{"Action":"fail","Package":"clockface/face","Elapsed":1.5}
`
	doesNotBuild = `{"ImportPath":"clockface/kiosk [clockface/kiosk.test]","Action":"build-output","Output":"kiosk/flow.go:3:1: syntax error\n"}
{"Action":"start","Package":"clockface/kiosk"}
{"Action":"fail","Package":"clockface/kiosk","FailedBuild":"clockface/kiosk [clockface/kiosk.test]"}
`
	dies = `{"Action":"run","Package":"clockface/localdb","Test":"TestKill"}
{"Action":"output","Package":"clockface/localdb","Test":"TestKill","Output":"panic: gone\n"}
{"Action":"fail","Package":"clockface/localdb"}
`
	parentFails = `{"Action":"run","Package":"clockface/sync","Test":"TestLoop"}
{"Action":"run","Package":"clockface/sync","Test":"TestLoop/one"}
{"Action":"pass","Package":"clockface/sync","Test":"TestLoop/one"}
{"Action":"fail","Package":"clockface/sync","Test":"TestLoop"}
{"Action":"fail","Package":"clockface/sync"}
`
)

func TestTotal(t *testing.T) {
	here := machine{strict: true, missing: []string{"CLOCKFACE_TESTDATA"}}
	for _, c := range []struct {
		rule    string
		streams []string
		want    []string // lines of the report, in order
		green   bool
	}{
		{"a parent is counted by its sub-tests, and an avoidable skip fails", []string{withoutCgo},
			[]string{"skipped: face TestCamera: needs cgo (this machine should have run it)", "tests skipped that this machine could have run: 1", "2 passed, 0 failed, 1 skipped"}, false},
		{"a skip that another run passes is no skip, a failure in any run stays one", []string{withoutCgo, withCgo},
			[]string{"failed: face TestMatch/far", "2 passed, 1 failed, 0 skipped"}, false},
		{"the order of the runs decides nothing", []string{withCgo, withoutCgo},
			[]string{"failed: face TestMatch/far", "2 passed, 1 failed, 0 skipped"}, false},
		{"a package that does not build is a failure", []string{doesNotBuild},
			[]string{"failed: package kiosk", "0 passed, 1 failed, 0 skipped"}, false},
		{"a test that never ended failed", []string{dies},
			[]string{"failed: localdb TestKill", "0 passed, 1 failed, 0 skipped"}, false},
		{"a parent that fails by itself is counted", []string{parentFails},
			[]string{"failed: sync TestLoop", "1 passed, 1 failed, 0 skipped"}, false},
		{"a skip for what the machine lacks is none of its faults",
			[]string{strings.ReplaceAll(withoutCgo, "needs cgo", "CLOCKFACE_TESTDATA is not set")},
			[]string{"skipped: face TestCamera: CLOCKFACE_TESTDATA is not set", "2 passed, 0 failed, 1 skipped"}, true},
		{"nothing at all is not success", []string{""}, []string{"no test ran", "0 passed, 0 failed, 0 skipped"}, false},
	} {
		t.Run(c.rule, func(t *testing.T) {
			sum := newTally()
			for _, s := range c.streams {
				if err := sum.read(strings.NewReader(s)); err != nil {
					t.Fatal(err)
				}
			}
			var out strings.Builder
			err := sum.report(&out, here)
			if got, want := strings.TrimSpace(out.String()), strings.Join(c.want, "\n"); got != want {
				t.Errorf("report:\n%s\nwant:\n%s", got, want)
			}
			if green := err == nil; green != c.green {
				t.Errorf("error = %v, want success: %v", err, c.green)
			}
		})
	}
}

func TestWatchPrintsFailuresAndKeepsTheStream(t *testing.T) {
	name := filepath.Join(t.TempDir(), "kept", "run.json")
	var out strings.Builder
	if err := run([]string{"watch", name}, strings.NewReader(withCgo+doesNotBuild), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"got 1, want 2", "FAIL face", "syntax error", "FAIL kiosk"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	var total strings.Builder
	err := run([]string{"total", name}, nil, &total)
	if want := "1 passed, 2 failed, 0 skipped\n"; err == nil || !strings.HasSuffix(total.String(), want) {
		t.Errorf("total of the kept stream = %q, %v; want it to end with %q", total.String(), err, want)
	}
}
