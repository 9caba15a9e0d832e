package cloud_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"clockface/cloud"
	"clockface/cloud/store/storetest"
	"clockface/sync/op"
	"clockface/timeclock"
)

func TestOnePunchGoesUpAndComesDown(t *testing.T) {
	w := newSite(t)
	ann := w.employees(t, 1)[0]
	o, id := w.kiosk.Punch(t, ann, timeclock.In)
	var pushed op.PushAnswer
	w.push(t, w.kiosk, o).decode(t, &pushed)
	if pushed.LastN != 1 || len(pushed.Results) != 1 || pushed.Results[0].Status != op.Accepted || pushed.MaxOps != op.MaxOps {
		t.Fatalf("push: %+v", pushed)
	}
	var snap op.SnapshotAnswer
	w.do(t, w.desktop, request{path: "/v1/sync/snapshot?tables=punch&order=desc"}).decode(t, &snap)
	if len(snap.Rows) != 1 || snap.Rows[0].ID != string(id) || snap.AsOf == "" || snap.After != "" {
		t.Errorf("snapshot: %+v", snap)
	}
	epoch, _, _ := strings.Cut(snap.AsOf, ".")
	var pulled op.PullAnswer
	w.do(t, w.desktop, request{path: "/v1/sync/pull?limit=2&cursor=" + epoch + ".0"}).decode(t, &pulled)
	if len(pulled.Rows) != 2 || !pulled.More {
		t.Errorf("first page: %+v", pulled)
	}
	w.do(t, w.desktop, request{path: "/v1/sync/pull?cursor=" + pulled.Cursor}).decode(t, &pulled)
	last := pulled.Rows[len(pulled.Rows)-1]
	if last.ID != string(id) || pulled.More || pulled.Cursor != fmt.Sprintf("%s.%d", epoch, pulled.HeadSeq) {
		t.Errorf("last page: %+v", pulled)
	}
	var known cloud.KnownAnswer
	w.do(t, w.kiosk, request{method: http.MethodPost, path: "/v1/sync/known", body: cloud.KnownRequest{IDs: []string{o.ID, "other"}}}).decode(t, &known)
	if len(known.IDs) != 1 || known.IDs[0] != o.ID {
		t.Errorf("known ops: %v, want %s", known.IDs, o.ID)
	}
}

func TestWhoIsNotSignedByAnActiveDeviceIsRefused(t *testing.T) {
	w := newSite(t)
	stranger := *w.kiosk
	stranger.ID = "nobody"
	foreign := *w.kiosk
	foreign.Company = "other"
	forged := *w.kiosk
	forged.Key = w.desktop.Key
	for what, c := range map[string]struct {
		device *storetest.Device
		r      request
		code   string
	}{
		"unsigned":       {w.kiosk, request{unsigned: true}, op.CodeUnauthorized},
		"other scheme":   {w.kiosk, request{unsigned: true, header: map[string]string{"Authorization": "Bearer x"}}, op.CodeUnauthorized},
		"unknown device": {&stranger, request{}, op.CodeUnauthorized},
		"other company":  {&foreign, request{}, op.CodeUnauthorized},
		"other key":      {&forged, request{}, op.CodeUnauthorized},
		"clock ahead":    {w.kiosk, request{skew: 11 * time.Minute}, op.CodeClockSkew},
		"clock behind":   {w.kiosk, request{skew: -11 * time.Minute}, op.CodeClockSkew},
	} {
		c.r.path = "/v1/sync/pull?cursor=a.0"
		a := w.do(t, c.device, c.r)
		p := a.problem(t)
		if a.status != http.StatusUnauthorized || p.Code != c.code {
			t.Errorf("%s: %d %s, want 401 %s", what, a.status, p.Code, c.code)
		}
		if c.code == op.CodeClockSkew && time.Since(p.ServerUS.Time()) > time.Minute {
			t.Errorf("%s: server_us is %v", what, p.ServerUS.Time())
		}
	}
}

func TestARevokedDeviceOnlyBringsPunches(t *testing.T) {
	w := newSite(t)
	ann := w.employees(t, 1)[0]
	if err := w.store.RevokeDevice(t.Context(), w.company.ID, w.kiosk.ID); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/sync/pull?cursor=a.0", "/v1/sync/snapshot", "/v1/sync/wait?cursor=a.0"} {
		if a := w.do(t, w.kiosk, request{path: path}); a.status != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", path, a.status)
		}
	}
	var pushed op.PushAnswer
	o, _ := w.kiosk.Punch(t, ann, timeclock.In)
	w.push(t, w.kiosk, o).decode(t, &pushed)
	if pushed.Results[0].Status != op.Quarantined || pushed.Results[0].Reason != op.ReasonRevoked {
		t.Errorf("punch: %+v, want quarantined", pushed.Results)
	}
	for range 50 {
		o, _ = w.kiosk.Punch(t, ann, timeclock.In)
		a := w.push(t, w.kiosk, o)
		if a.status == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" || a.problem(t).Code != op.CodeBusy {
				t.Errorf("refused without saying for how long: %s", a.body)
			}
			return
		}
	}
	t.Error("51 pushes of a revoked device were taken in a row")
}

func TestBodiesAreReadPackedAndPlain(t *testing.T) {
	w := newSite(t)
	ann := w.employees(t, 1)[0]
	for _, encoding := range []string{"", "gzip", "zstd"} {
		o, _ := w.kiosk.Punch(t, ann, timeclock.In)
		var a op.PushAnswer
		w.do(t, w.kiosk, request{method: http.MethodPost, path: "/v1/sync/push", encoding: encoding, body: w.kiosk.Request(o)}).decode(t, &a)
		if a.LastN != w.kiosk.N {
			t.Errorf("%q: %+v", encoding, a)
		}
	}
}

func TestBadRequestsAreSaidWithACode(t *testing.T) {
	w := newSite(t)
	bomb := bytes.Repeat([]byte(" "), op.MaxUnpacked+1)
	key := make([]byte, 32)
	o, _ := w.kiosk.Punch(t, "x", timeclock.In)
	o.N += 7
	gap := w.kiosk.Request(o)
	gap.Head.N = o.N
	for what, c := range map[string]struct {
		r      request
		status int
		code   string
	}{
		"sent too much":      {request{method: http.MethodPost, path: "/v1/sync/push", body: make([]byte, op.MaxSent+1)}, 413, op.CodeTooLarge},
		"gzip bomb":          {request{method: http.MethodPost, path: "/v1/sync/push", body: bomb, encoding: "gzip"}, 413, op.CodeTooLarge},
		"zstd bomb":          {request{method: http.MethodPost, path: "/v1/sync/push", body: bomb, encoding: "zstd"}, 413, op.CodeTooLarge},
		"no JSON":            {request{method: http.MethodPost, path: "/v1/sync/push", body: []byte("{")}, 422, op.CodeBadRequest},
		"not packed":         {request{method: http.MethodPost, path: "/v1/sync/push", body: []byte("{}"), header: map[string]string{"Content-Encoding": "gzip"}}, 400, op.CodeBadRequest},
		"packed otherwise":   {request{method: http.MethodPost, path: "/v1/sync/push", body: []byte("{}"), header: map[string]string{"Content-Encoding": "br"}}, 400, op.CodeBadRequest},
		"gap":                {request{method: http.MethodPost, path: "/v1/sync/push", body: gap}, 409, op.CodeGap},
		"no cursor":          {request{path: "/v1/sync/pull"}, 422, op.CodeBadRequest},
		"old cursor":         {request{path: "/v1/sync/pull?cursor=old.1"}, 410, op.CodeResync},
		"bad limit":          {request{path: "/v1/sync/pull?cursor=a.0&limit=9999"}, 422, op.CodeBadRequest},
		"bad page":           {request{path: "/v1/sync/snapshot?after=wages/1"}, 400, op.CodeBadRequest},
		"old protocol":       {request{path: "/v1/time", header: map[string]string{"Sync-Protocol": "0"}}, 426, op.CodeUpgrade},
		"unknown route":      {request{path: "/v1/nothing"}, 404, "not_found"},
		"short code":         {request{method: http.MethodPost, path: "/v1/devices/enroll", body: op.EnrollRequest{Code: "a", PublicKey: key, Profile: timeclock.Kiosk}}, 422, op.CodeBadRequest},
		"wrong code":         {request{method: http.MethodPost, path: "/v1/devices/enroll", body: op.EnrollRequest{Code: "AAAAA-AAAAA", PublicKey: key, Profile: timeclock.Kiosk}}, 403, op.CodeBadCode},
		"short key":          {request{method: http.MethodPost, path: "/v1/devices/enroll", body: op.EnrollRequest{Code: "AAAAA-AAAAA", PublicKey: key[:3], Profile: timeclock.Kiosk}}, 400, op.CodeBadRequest},
		"NUL in a name":      {request{method: http.MethodPost, path: "/v1/devices/enroll", body: op.EnrollRequest{Code: "AAAAA-AAAAA", PublicKey: key, Profile: timeclock.Kiosk, Name: "a\x00b"}}, 400, op.CodeBadRequest},
		"sign-in of nobody":  {request{method: http.MethodPost, path: "/v1/sign-in", body: op.SignInRequest{Login: "nobody", Password: "x", ActorKey: key}}, 403, op.CodeBadLogin},
		"sign-in, bad token": {request{method: http.MethodPost, path: "/v1/sign-in", body: op.SignInRequest{Token: "x", ActorKey: key}}, 403, op.CodeBadLogin},
	} {
		a := w.do(t, w.kiosk, c.r)
		p := a.problem(t)
		if a.status != c.status || p.Code != c.code || p.Title == "" {
			t.Errorf("%s: %d %s %q, want %d %s", what, a.status, p.Code, p.Title, c.status, c.code)
		}
	}
	if p := w.do(t, w.kiosk, request{method: http.MethodPost, path: "/v1/sync/push", body: gap}).problem(t); p.LastN != 0 {
		t.Errorf("gap after %d, want 0", p.LastN)
	}
}

func TestSignInGivesAGrantAndWrongTriesWait(t *testing.T) {
	w := newSite(t)
	if err := w.store.SetPassword(t.Context(), "olga@example.com", "correct horse"); err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	try := func(login, password string) answer {
		return w.do(t, w.desktop, request{method: http.MethodPost, path: "/v1/sign-in",
			body: op.SignInRequest{Login: login, Password: password, ActorKey: key}})
	}
	var in op.SignInAnswer
	try("Olga@Example.com", "correct horse").decode(t, &in)
	g := in.Grant
	if in.Role != timeclock.Owner || in.Name != "Olga" || g.Device != w.desktop.ID || g.Membership != w.company.Owner ||
		g.ExpiresUS-g.IssuedUS != timeclock.Micros((14*24*time.Hour).Microseconds()) {
		t.Errorf("sign-in: %+v", in)
	}
	waited := false
	for range 6 {
		a := try("olga@example.com", "wrong")
		if waited = a.status == http.StatusTooManyRequests; waited {
			if a.header.Get("Retry-After") == "" {
				t.Error("told to wait, but not for how long")
			}
			break
		}
	}
	if !waited {
		t.Error("six wrong passwords in a row, and no wait")
	}
	if a := try("olga@example.com", "correct horse"); a.status != http.StatusTooManyRequests {
		t.Errorf("the right password within the wait: %d, want 429", a.status)
	}
	w.later.Store(int64(5 * time.Minute))
	try("olga@example.com", "correct horse").decode(t, &in)
	if a := try("somebody@example.com", "x"); a.status != http.StatusForbidden {
		t.Errorf("another login waits, too: %d", a.status)
	}
}

func TestWaitEndsWithAChange(t *testing.T) {
	w := newSite(t)
	ann := w.employees(t, 1)[0]
	for what, change := range map[string]func(){
		"a punch": func() {
			o, _ := w.kiosk.Punch(t, ann, timeclock.In)
			w.push(t, w.kiosk, o)
		},
		"a new device": func() { w.enrol(t) },
	} {
		seq, epoch, err := w.store.HeadSeq(t.Context(), w.company.ID)
		if err != nil {
			t.Fatal(err)
		}
		began, heads := time.Now(), w.wait(t, epoch, seq)
		for waiting := true; waiting; {
			change()
			select {
			case head := <-heads:
				waiting = false
				if took := time.Since(began); head <= seq || took > 10*time.Second {
					t.Errorf("%s: head %d after %s, want more than %d soon", what, head, took, seq)
				}
			case <-time.After(100 * time.Millisecond): // the wait had not begun yet
			case <-t.Context().Done():
				waiting = false
			}
		}
	}
	now, epoch, err := w.store.HeadSeq(t.Context(), w.company.ID)
	if err != nil {
		t.Fatal(err)
	}
	heads := w.wait(t, epoch, now)
	w.api.EndWaits()
	select {
	case <-heads:
	case <-time.After(10 * time.Second):
		t.Error("EndWaits left a wait open")
	}
}

// wait has the desktop wait for a change; the channel gets the answer's head.
func (w *site) wait(t *testing.T, epoch string, seq int64) <-chan int64 {
	heads := make(chan int64, 1)
	go func() {
		var a op.WaitAnswer
		w.do(t, w.desktop, request{path: fmt.Sprintf("/v1/sync/wait?cursor=%s.%d", epoch, seq)}).decode(t, &a)
		heads <- a.HeadSeq
	}()
	return heads
}

// enrol makes one more kiosk.
func (w *site) enrol(t *testing.T) {
	t.Helper()
	code, err := w.store.NewEnrollCode(t.Context(), w.company.ID, timeclock.Kiosk, string(w.company.Site), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := w.do(t, w.kiosk, request{method: http.MethodPost, path: "/v1/devices/enroll",
		body: op.EnrollRequest{Code: code, PublicKey: key, Profile: timeclock.Kiosk, Name: "Gate"}})
	if a.status != http.StatusOK {
		t.Fatalf("enrol: %d %s", a.status, a.body)
	}
}

func TestBigPagesArePackedForWhoTakesThem(t *testing.T) {
	w := newSite(t)
	w.employees(t, 50)
	a := w.do(t, w.desktop, request{path: "/v1/sync/snapshot", header: map[string]string{"Accept-Encoding": "gzip"}})
	if a.header.Get("Content-Encoding") != "gzip" || len(a.body) > 4096 {
		t.Errorf("page of %d bytes with encoding %q", len(a.body), a.header.Get("Content-Encoding"))
	}
	plain := w.do(t, w.desktop, request{path: "/v1/sync/snapshot", header: map[string]string{"Accept-Encoding": "identity"}})
	if plain.header.Get("Content-Encoding") != "" || !json.Valid(plain.body) {
		t.Errorf("plain page with encoding %q", plain.header.Get("Content-Encoding"))
	}
}

func TestTheServerDescribesItself(t *testing.T) {
	w := newSite(t)
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]json.RawMessage
			Security  []map[string][]string
		}
	}
	w.do(t, w.kiosk, request{path: "/openapi.json", unsigned: true}).decode(t, &doc)
	for path, method := range map[string]string{"/v1/devices/enroll": "post", "/v1/sign-in": "post", "/v1/sync/push": "post", "/v1/sync/known": "post",
		"/v1/sync/pull": "get", "/v1/sync/wait": "get", "/v1/sync/snapshot": "get", "/v1/time": "get", "/healthz": "get"} {
		r, ok := doc.Paths[path][method]
		if !ok || !bytes.Contains(r.Responses["default"], []byte("application/problem+json")) {
			t.Errorf("%s %s is not described with its problems", method, path)
		}
		open := path == "/v1/devices/enroll" || path == "/v1/time" || path == "/healthz"
		if (len(r.Security) == 0) != open {
			t.Errorf("%s %s is described with security %v", method, path, r.Security)
		}
	}
	var now op.TimeAnswer
	w.do(t, w.kiosk, request{path: "/v1/time", unsigned: true}).decode(t, &now)
	if d := time.Since(now.RecvUS.Time()); d < 0 || d > time.Minute || now.SendUS < now.RecvUS {
		t.Errorf("time %+v", now)
	}
	if a := w.do(t, w.kiosk, request{path: "/healthz", unsigned: true}); a.status != http.StatusOK {
		t.Errorf("health: %d %s", a.status, a.body)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	if a := w.do(t, w.kiosk, request{path: "/healthz", unsigned: true}); a.status != http.StatusInternalServerError || a.problem(t).Code != op.CodeInternal ||
		strings.Contains(string(a.body), "sql") {
		t.Errorf("health of a closed store: %d %s", a.status, a.body)
	}
}
