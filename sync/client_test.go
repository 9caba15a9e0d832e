package sync

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

func TestAddressOfTheCloud(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://clock.example.com":       true,
		"http://127.0.0.1:8080/":          true,
		" https://clock.example.com ":     true,
		"clock.example.com":               false,
		"ftp://clock.example.com":         false,
		"https://":                        false,
		"https://a:b@clock.example.com":   false,
		"https://clock.example.com/clock": false,
		"":                                false,
	} {
		if _, err := NewClient(address, ClientOptions{}); (err == nil) != ok || err != nil && !errors.Is(err, ErrAddress) {
			t.Errorf("NewClient(%q): %v", address, err)
		}
	}
}

func TestWhoCanReadWhatIsSent(t *testing.T) {
	for address, private := range map[string]bool{
		"https://clock.example.com": true, "http://127.0.0.1:8080": true, "http://localhost:8080": true, "http://[::1]:8080": true,
		"http://clock.example.com": false, "http://192.168.1.4:8080": false,
	} {
		c, err := NewClient(address, ClientOptions{})
		if err != nil || c.Private() != private {
			t.Errorf("%s: private = %t, want %t; %v", address, !private, private, err)
		}
	}
}

func TestClockThatIsFarOffIsCorrectedAndAskedAgain(t *testing.T) {
	r := newRig(t)
	r.cloud.skew = 3 * time.Hour
	c := r.client()
	if _, err := c.Pull(t.Context(), "e1.0", 10); err != nil {
		t.Fatal(err)
	}
	if got := time.Duration(c.Offset()) * time.Microsecond; got < 3*time.Hour-time.Minute || got > 3*time.Hour+time.Minute {
		t.Errorf("offset %v, want about 3 h", got)
	}
	if n := r.cloud.countRequests("/v1/sync/pull"); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestSkewedClockIsKeptByTheReplica(t *testing.T) {
	r := newRig(t)
	r.cloud.skew = -2 * time.Hour
	r.store.punch()
	if _, err := r.replicator(Options{}).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := time.Duration(r.store.offset) * time.Microsecond; got > -2*time.Hour+time.Minute || got < -2*time.Hour-time.Minute {
		t.Errorf("kept offset %v, want about -2 h", got)
	}
}

func TestNonsenseMarksNothing(t *testing.T) {
	answers := map[string]func(path string, body []byte) []byte{
		"a portal's page":  func(string, []byte) []byte { return []byte("<html>Sign in to the Wi-Fi</html>") },
		"an empty object":  func(string, []byte) []byte { return []byte("{}") },
		"a list":           func(string, []byte) []byte { return []byte("[1,2]") },
		"half an answer":   func(_ string, b []byte) []byte { return b[:len(b)/2] },
		"nothing":          func(string, []byte) []byte { return nil },
		"foreign results":  changePush(func(a *op.PushAnswer) { a.Results[0].ID = op.NewID() }),
		"a result missing": changePush(func(a *op.PushAnswer) { a.Results = a.Results[1:] }),
		"a result twice":   changePush(func(a *op.PushAnswer) { a.Results[1] = a.Results[0] }),
		"unknown status":   changePush(func(a *op.PushAnswer) { a.Results[0].Status = "perhaps" }),
		"too low last_n":   changePush(func(a *op.PushAnswer) { a.LastN = 1 }),
	}
	for name, mangle := range answers {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.store.punch()
			r.store.punch()
			r.cloud.mangle = func(path string, body []byte) []byte {
				if path != "/v1/sync/push" {
					return body
				}
				return mangle(path, body)
			}
			d := r.replicator(Options{})
			if acked, err := d.Once(t.Context()); acked != 0 || !errors.Is(err, ErrNonsense) {
				t.Errorf("acked %d, err %v; want ErrNonsense", acked, err)
			}
			if n, _ := r.store.Unanswered(t.Context()); n != 2 {
				t.Errorf("%d ops wait, want both", n)
			}
			r.cloud.mangle = nil
			if _, err := d.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.sameAsCloud(t)
		})
	}
}

func changePush(change func(*op.PushAnswer)) func(string, []byte) []byte {
	return func(_ string, body []byte) []byte {
		var a op.PushAnswer
		json.Unmarshal(body, &a)
		change(&a)
		b, _ := json.Marshal(a)
		return b
	}
}

func TestAnswersThatAreNoClouds(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"redirect to a portal": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://portal.test/", http.StatusFound)
		}, ErrNonsense},
		"404 page":       {http.NotFound, ErrNonsense},
		"gateway error":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, ErrUnreachable},
		"cursor missing": {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"rows":[]}`)) }, ErrNonsense},
		"cursor stands":  {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"cursor":"e.1","more":true}`)) }, ErrNonsense},
		"answer cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			w.Write([]byte(`{}`))
		}, ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			client, err := NewClient(server.URL, ClientOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Pull(t.Context(), "e.1", 10); !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
}

func TestCloudThatIsAway(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client, err := NewClient(server.URL, ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Pull(t.Context(), "e.1", 10); !errors.Is(err, ErrUnreachable) {
		t.Errorf("err = %v, want ErrUnreachable", err)
	}
}

func TestProblemOfTheCloudKeepsItsCode(t *testing.T) {
	r := newRig(t)
	r.cloud.problem = func(string) *op.Problem {
		return &op.Problem{Status: 403, Code: op.CodeBadCode, Title: "the code was used"}
	}
	_, err := r.client().Enroll(t.Context(), op.EnrollRequest{Code: "ABCDEF"})
	if !HasCode(err, op.CodeBadCode) || !strings.Contains(err.Error(), "the code was used") {
		t.Errorf("err = %v", err)
	}
}

func TestGrantIsTakenOnlyFromTheOwnCloud(t *testing.T) {
	r := newRig(t)
	actor, _, _ := ed25519.GenerateKey(nil)
	grant := op.Grant{ID: "g", Company: testCompany, Device: testDevice, Membership: "m", ActorKey: actor, ExpiresUS: 1}
	cases := map[string]struct {
		change func(*op.Grant)
		want   error
	}{
		"as asked for":     {func(*op.Grant) {}, nil},
		"other company":    {func(g *op.Grant) { g.Company = "other" }, ErrOtherTenant},
		"other device":     {func(g *op.Grant) { g.Device = "other" }, ErrOtherTenant},
		"other actor":      {func(g *op.Grant) { g.ActorKey = make([]byte, 32) }, ErrOtherTenant},
		"without a grant":  {func(g *op.Grant) { g.ID = "" }, ErrNonsense},
		"changed expiring": {nil, ErrOtherTenant},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := grant
			if c.change != nil {
				c.change(&g)
			}
			g.Signature = ed25519.Sign(r.cloud.key, g.SigningBytes())
			if c.change == nil {
				g.ExpiresUS++
			}
			r.wire.leadsTo(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				writeJSON(w, 200, op.SignInAnswer{Grant: g, Role: timeclock.Owner})
			}))
			if _, err := r.client().SignIn(t.Context(), op.SignInRequest{ActorKey: actor}); !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
}

func TestRowsOfUnknownTablesAreLeftOut(t *testing.T) {
	r := newRig(t)
	r.cloud.add("shift_of_tomorrow", "s")
	r.cloud.add("employee", "e")
	page, err := r.client().Pull(t.Context(), "e1.0", 10)
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Table != "employee" {
		t.Errorf("rows %v, err %v; want the employee alone", page.Rows, err)
	}
}

func TestQuickestRoundTripGivesTheOffset(t *testing.T) {
	clock := op.Clock{Wall: 1e15, Mono: 1e9, Boot: "b"}
	var e offsetEstimate
	for i, trip := range []int64{900, 40, 700} {
		e.add(offsetSample{offsetUS: int64(100 + i), roundTripUS: trip, clock: clock})
	}
	if us, errUS, ok := e.best(); us != 101 || errUS != 20 || !ok {
		t.Errorf("best = %d ± %d, want 101 ± 20", us, errUS)
	}
	for range offsetSamples {
		e.add(offsetSample{offsetUS: 7, roundTripUS: 800, clock: clock})
	}
	if us, _, _ := e.best(); us != 7 {
		t.Errorf("best = %d, want 7: the quick sample is too old", us)
	}
}

func TestSetClockDropsOlderSamples(t *testing.T) {
	before := op.Clock{Wall: 1e15, Mono: 1e9, Boot: "b"}
	after := op.Clock{Wall: 1e15 - 3600e6, Mono: 1e9 + 5e6, Boot: "b"}
	var e offsetEstimate
	e.add(offsetSample{offsetUS: 1, roundTripUS: 1, clock: before})
	e.add(offsetSample{offsetUS: 3600e6, roundTripUS: 900, clock: after})
	if us, _, _ := e.best(); us != 3600e6 {
		t.Errorf("best = %d, want that of the clock as it is now", us)
	}
	for range offsetSamples {
		e.add(offsetSample{clock: after})
	}
	if e.due(op.Clock{Wall: after.Wall + 60e6, Mono: after.Mono + 60e6, Boot: "b"}) {
		t.Error("due a minute after a full set")
	}
	if !e.due(op.Clock{Wall: after.Wall + 3600e6, Mono: after.Mono + 60e6, Boot: "b"}) {
		t.Error("not due after the clock was set")
	}
}
