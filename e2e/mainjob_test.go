//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// perShowing is how long the answer to a showing may take to be printed: the
// picture itself lasts 4 s with its gap.
const perShowing = 15 * time.Second

// A mainJob is the state of TestMainJob: the company and what the kiosk has said
// so far.
type mainJob struct {
	*company
	cast    cast
	shown   map[string]*person // punch id → who was in front of the camera when the kiosk printed it
	refused int                // showings of the stranger that the kiosk refused
}

// TestMainJob is the product's main job: faces in front of a camera become
// punches, they reach the cloud through a killed kiosk and a stopped cloud, and
// a supervisor approves one in the desktop window.
func TestMainJob(t *testing.T) {
	p := newPlace(t, "e2e")
	p.needPictures(t)
	job := &mainJob{cast: newCast(t, p), shown: map[string]*person{}}
	job.company = p.newCompany(t)
	job.enrolKiosk(t)
	for _, who := range job.cast.staff {
		job.hire(t, who)
	}

	job.kioskKilled(t)
	job.cloudAway(t)
	kiosk := job.kioskWindow(t)
	approved := job.supervise(t)
	job.awaitDecisions(t, "kiosk", job.replica(job.kiosk), 3)
	kiosk.stop(t)

	ends := job.drain(t)
	job.checkPunches(t, ends.kiosk)
	for _, d := range []*database{ends.kiosk, ends.cloud, ends.desktop} {
		checkApproved(t, d, approved)
	}
	for _, table := range []string{"punch", "punch_edit", "punch_decision", "employee", "consent"} {
		ends.checkEqual(t, table)
	}
	checkChains(t, ends.cloud, ends.desktop)
	job.sayResult(t, ends)
}

// kioskKilled plays until five punches were printed and then cuts the power.
func (job *mainJob) kioskKilled(t *testing.T) {
	t.Helper()
	showings := job.cast.round()[:8]
	kiosk := job.startKiosk(t, nil, job.play(t, "play-killed", showings, time.Second), "--headless")
	events := kiosk.events()
	await(t, events, time.Minute, "ready", is("ready"))
	for _, s := range showings[:6] {
		job.watch(t, events, s)
	}
	kiosk.kill(t)
	for _, e := range all[kioskEvent](kiosk.out) {
		if _, ok := job.shown[e.Punch]; e.Event == "punched" && !ok {
			job.shown[e.Punch] = job.byID(t, e.Employee) // printed between the last look and the end
		}
	}
	db := openDatabase(t, "kiosk", job.replica(job.kiosk))
	if got := db.texts(t, "PRAGMA integrity_check"); !slices.Equal(got, []string{"ok"}) {
		t.Errorf("the killed kiosk's database: %v", got)
	}
	job.checkPunches(t, db)
}

// cloudAway plays two rounds; the cloud is stopped during the first and comes
// back, at the same address, during the second.
func (job *mainJob) cloudAway(t *testing.T) {
	t.Helper()
	showings := append(job.cast.round(), job.cast.round()[:7]...)
	kiosk := job.startKiosk(t, nil, job.play(t, "play-away", showings, time.Second), "--headless")
	events := kiosk.events()
	await(t, events, time.Minute, "ready", is("ready"))
	before := len(job.shown)
	for i, s := range showings {
		switch i {
		case 3:
			job.cloud.stop(t)
		case 12:
			local := openDatabase(t, "kiosk", job.replica(job.kiosk)).count(t, "SELECT count(*) FROM punch")
			sent := openDatabase(t, "cloud", job.file).count(t, "SELECT count(*) FROM punch")
			if local < sent+5 {
				t.Errorf("while the cloud was away the kiosk had %d punches and the cloud %d: want at least 5 more", local, sent)
			}
			job.serve(t)
		}
		job.watch(t, events, s)
	}
	ended := await(t, events, 30*time.Second, "ended", is("ended"))
	if want := len(job.shown) - before; ended.Punches != want {
		t.Errorf("ended says %d punches, the events %d", ended.Punches, want)
	}
	if code := kiosk.awaitEnd(t, endWithin); code != 0 {
		t.Errorf("the kiosk ended with exit code %d after its source", code)
	}
}

// kioskWindow runs the kiosk as it hangs on a wall: faces and the stranger in
// front of it, then a number and a PIN by its keys. It returns the kiosk, which
// goes on running.
func (job *mainJob) kioskWindow(t *testing.T) aKiosk {
	t.Helper()
	round := job.cast.round()
	showings := []showing{round[0], round[3], round[2]}
	db := openDatabase(t, "kiosk", job.replica(job.kiosk))
	before := db.count(t, "SELECT count(*) FROM punch")
	// The gap lasts until an answer has gone from the screen.
	kiosk := job.startWindow(t, job.play(t, "play-window", showings, 7*time.Second))
	for i, s := range showings {
		want := "answer"
		if s.who.stranger() {
			want = "failure"
			job.refused++
		}
		got := await(t, kiosk.stats, time.Minute, "the answer to "+filepath.Base(s.file), func(s kioskStat) bool {
			return s.Screen == "answer" || s.Screen == "failure"
		})
		if got.Screen != want {
			t.Fatalf("%s (%q) in front of the window: the screen is %s, want %s", filepath.Base(s.file), s.who.name, got.Screen, want)
		}
		if i == 0 {
			kiosk.awaitAnswer(t)
			kiosk.screenshot(t, "kiosk")
		}
		await(t, kiosk.stats, time.Minute, "the live screen again", func(s kioskStat) bool { return s.Screen == "live" })
	}
	typist := job.cast.staff[1]
	kiosk.typePIN(t, typist)
	kiosk.awaitScreen(t, "answer")
	kiosk.awaitAnswer(t)
	kiosk.screenshot(t, "kiosk-pin")

	var came []string
	want := []string{literal(showings[0].who.id) + " by face", literal(showings[2].who.id) + " by face", literal(typist.id) + " by pin"}
	for _, id := range db.texts(t, "SELECT id FROM punch ORDER BY wall_us LIMIT -1 OFFSET ?", before) {
		r := db.rows(t, "punch", "id = ?", id)[0]
		came = append(came, r["employee_id"]+" by "+strings.Trim(r["method"], "'"))
	}
	if !slices.Equal(came, want) {
		t.Errorf("punches at the window: %v, want %v", came, want)
	}
	return kiosk
}

// supervise approves two punches in the desktop's window with real clicks and
// takes one back with Ctrl+Z. It returns the punch that stays approved.
func (job *mainJob) supervise(t *testing.T) (approved string) {
	t.Helper()
	desk := job.startDesk(t)
	var waiting []string
	eventually(t, 30*time.Second, "the punches in the inbox", func() string {
		if waiting = desk.rows(t); len(waiting) < 2 {
			return fmt.Sprintf("%d rows", len(waiting))
		}
		return ""
	})
	desk.screenshot(t, "desktop-before")
	approved, regretted := waiting[0], waiting[1]
	for _, punch := range []string{approved, regretted} {
		desk.clickPart(t, "row:"+punch)
		desk.clickPart(t, "approve")
		desk.awaitDecided(t, punch, "approve")
		desk.rows(t, punch)
	}
	desk.keys(t, "ctrl+z")
	await(t, desk.reports, 15*time.Second, "the approval taken back", func(r deskReport) bool {
		return r.Event == "edited" && r.Punch == regretted
	})
	eventually(t, 15*time.Second, "the regretted punch in the inbox again", func() string {
		if !slices.Contains(desk.rows(t), regretted) {
			return "it is not there"
		}
		return ""
	})
	desk.screenshot(t, "desktop")
	job.awaitDecisions(t, "cloud", job.file, 3)
	desk.stop(t)
	return approved
}

// awaitDecisions waits until a program's database has n decisions.
func (job *mainJob) awaitDecisions(t *testing.T, name, file string, n int) {
	t.Helper()
	db := openDatabase(t, name, file)
	eventually(t, 30*time.Second, "the decisions reach the "+name, func() string {
		if got := db.count(t, "SELECT count(*) FROM punch_decision"); got < n {
			return fmt.Sprintf("%d of %d are there", got, n)
		}
		return ""
	})
}

// checkApproved fails unless the punch is approved in the database as it stands.
func checkApproved(t *testing.T, d *database, punch string) {
	t.Helper()
	verdicts := d.texts(t, "SELECT verdict FROM punch_decision WHERE punch_id = ? AND effective ORDER BY seq", punch)
	if !slices.Equal(verdicts, []string{"approve"}) {
		t.Errorf("decisions on punch %s in %s: %v, want approve", punch, d.name, verdicts)
	}
}

// watch waits for what the kiosk says about one showing: the right person and a
// punch, or a refusal.
func (job *mainJob) watch(t *testing.T, events *reading, s showing) {
	t.Helper()
	what := fmt.Sprintf("the answer to %s (%q)", filepath.Base(s.file), s.who.name)
	first := await(t, events, perShowing, what, is("identified", "unknown"))
	if s.who.stranger() {
		if first.Event != "unknown" {
			t.Fatalf("the stranger was taken for somebody: %v", first)
		}
		job.refused++
		return
	}
	if first.Employee != s.who.id {
		t.Fatalf("%s: %s is employee %s, the kiosk said %v", filepath.Base(s.file), s.who.name, s.who.id, first)
	}
	second := await(t, events, perShowing, "the punch of "+s.who.name, is("punched", "repeated", "error"))
	if second.Event != "punched" || second.Employee != s.who.id || second.Method != "face" {
		t.Fatalf("after %s was identified: %v", s.who.name, second)
	}
	if _, ok := job.shown[second.Punch]; ok {
		t.Fatalf("punch %s was printed twice", second.Punch)
	}
	job.shown[second.Punch] = s.who
}

// checkPunches fails unless every punch that the kiosk printed is in its
// database, once, under the right person.
func (job *mainJob) checkPunches(t *testing.T, kiosk *database) {
	t.Helper()
	rows := byID(kiosk.rows(t, "punch", "1"), "id")
	for _, id := range slices.Sorted(maps.Keys(job.shown)) {
		r, ok := rows[literal(id)]
		if !ok {
			t.Errorf("punch %s of %s was printed and is not in the database", id, job.shown[id].name)
			continue
		}
		if r["employee_id"] != literal(job.shown[id].id) {
			t.Errorf("punch %s is of employee %s in the database, %s was in front of the camera", id, r["employee_id"], job.shown[id].name)
		}
	}
}

// byID returns the person with an employee id.
func (job *mainJob) byID(t *testing.T, id string) *person {
	t.Helper()
	i := slices.IndexFunc(job.cast.staff, func(p *person) bool { return p.id == id })
	if i < 0 {
		t.Fatalf("the kiosk named employee %q, who is nobody of the staff", id)
	}
	return job.cast.staff[i]
}

// ends are the three databases when all is said and done.
type ends struct{ kiosk, cloud, desktop *database }

// drain lets both replicas send and fetch until nothing is left and leaves the
// three databases in the folder of results.
func (job *mainJob) drain(t *testing.T) ends {
	t.Helper()
	for _, data := range []string{job.kiosk, job.desktop, job.kiosk} {
		job.on(t, data, "", "sync", "now", "--timeout", "20s")
	}
	job.cloud.stop(t)
	leave := func(name, path string) *database {
		return openDatabase(t, name, path).copyTo(t, filepath.Join(job.out, name+".db"))
	}
	return ends{
		kiosk:   leave("kiosk", job.replica(job.kiosk)),
		cloud:   leave("cloud", job.file),
		desktop: leave("desktop", job.replica(job.desktop)),
	}
}

// checkEqual fails unless the table has the same rows, in all columns, in all
// three databases.
func (e ends) checkEqual(t *testing.T, table string) {
	t.Helper()
	want := e.cloud.rows(t, table, "1")
	for _, d := range []*database{e.kiosk, e.desktop} {
		if diff := difference("cloud", want, d.name, d.rows(t, table, "1")); diff != "" {
			t.Errorf("table %s of cloud and %s differ:\n%s", table, d.name, diff)
		}
	}
}

// sayResult prints the line that the job ends with and leaves it in result.txt.
func (job *mainJob) sayResult(t *testing.T, e ends) {
	t.Helper()
	punched := e.kiosk.count(t, "SELECT count(*) FROM punch")
	synced := e.cloud.count(t, "SELECT count(*) FROM punch")
	approved := e.cloud.count(t, "SELECT count(*) FROM punch_decision WHERE verdict = 'approve'")
	if punched < 20 || job.refused < 3 {
		t.Errorf("%d punches and %d refusals: want at least 20 and 3", punched, job.refused)
	}
	line := fmt.Sprintf("main job: %d punched, %d synced, %d approved, %d refused", punched, synced, approved, job.refused)
	if err := os.WriteFile(filepath.Join(job.out, "result.txt"), []byte(line+"\n"), 0o600); err != nil {
		t.Errorf("leave the result: %v", err)
	}
	fmt.Println(line)
}

// literal is text as an SQL literal.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
