package sync

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"clockface/sync/op"
	"clockface/timeclock"
)

const (
	testCompany = timeclock.CompanyID("company-1")
	testDevice  = timeclock.DeviceID("device-1")
)

// fakeCloud is a strict cloud for one device: it fails the test when a request
// breaks the protocol, and keeps the op log that a real one would have.
type fakeCloud struct {
	t interface {
		Helper()
		Errorf(format string, args ...any)
	}
	device   ed25519.PublicKey
	key      ed25519.PrivateKey // signs grants
	skew     time.Duration      // of the cloud's clock to the device's
	maxOps   int                // what a push may bring; 0 = op.MaxOps
	epoch    string
	refuse   *op.Problem                           // answers everything but pushes of punches
	mangle   func(path string, body []byte) []byte // changes an answer before it is sent
	problem  func(path string) *op.Problem         // answers instead of the cloud
	retryIn  string                                // Retry-After that goes with problem
	requests []string                              // paths in order of arrival

	mu      sync.Mutex
	log     []op.Op
	heads   [][]byte
	rows    []op.Row
	changed chan struct{}
}

func newFakeCloud(t interface {
	Helper()
	Errorf(format string, args ...any)
}, device ed25519.PublicKey) *fakeCloud {
	_, key, _ := ed25519.GenerateKey(nil)
	return &fakeCloud{t: t, device: device, key: key, epoch: "e1", changed: make(chan struct{})}
}

func (c *fakeCloud) now() timeclock.Micros { return timeclock.MicrosOf(time.Now().Add(c.skew)) }

func (c *fakeCloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Errorf("read body: %v", err)
	}
	c.mu.Lock()
	c.requests = append(c.requests, r.URL.Path)
	problem := c.problem
	c.mu.Unlock()
	if problem != nil {
		if p := problem(r.URL.Path); p != nil {
			w.Header().Set("Retry-After", c.retryIn)
			writeJSON(w, p.Status, p)
			return
		}
	}
	if r.Header.Get("Sync-Protocol") != "1" || r.Header.Get("Sync-Schema") != strconv.Itoa(op.Schema) {
		c.t.Errorf("%s without version headers: %v", r.URL.Path, r.Header)
	}
	if p := c.authorize(r, sent); p != nil {
		writeJSON(w, p.Status, p)
		return
	}
	status, answer := c.route(r, c.unpack(r, sent))
	body, _ := json.Marshal(answer)
	if c.mangle != nil {
		body = c.mangle(r.URL.Path, body)
	}
	w.WriteHeader(status)
	w.Write(body)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (c *fakeCloud) unpack(r *http.Request, sent []byte) []byte {
	if r.Header.Get("Content-Encoding") != "zstd" {
		if len(sent) > compressFrom {
			c.t.Errorf("%s: %d bytes not compressed", r.URL.Path, len(sent))
		}
		return sent
	}
	d, _ := zstd.NewReader(nil)
	defer d.Close()
	raw, err := d.DecodeAll(sent, nil)
	if err != nil {
		c.t.Errorf("unpack: %v", err)
	}
	return raw
}

// authorize refuses what is signed wrongly or at the wrong time.
func (c *fakeCloud) authorize(r *http.Request, sent []byte) *op.Problem {
	if r.URL.Path == "/v1/devices/enroll" {
		return nil
	}
	a, err := op.ParseAuth(r.Header.Get("Authorization"))
	if err != nil || a.Company != testCompany || a.Device != testDevice ||
		!a.VerifyRequest(c.device, r.Method, r.URL.RequestURI(), sent) {
		c.t.Errorf("%s %s: signature not right: %v", r.Method, r.URL, err)
		return &op.Problem{Status: 401, Code: op.CodeUnauthorized}
	}
	if d := a.TS - c.now(); d > op.MaxSkew || d < -op.MaxSkew {
		return &op.Problem{Status: 401, Code: op.CodeClockSkew, ServerUS: c.now()}
	}
	return nil
}

func (c *fakeCloud) route(r *http.Request, body []byte) (int, any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse != nil && r.URL.Path != "/v1/sync/push" {
		return c.refuse.Status, c.refuse
	}
	switch r.URL.Path {
	case "/v1/time":
		return 200, op.TimeAnswer{RecvUS: c.now(), SendUS: c.now()}
	case "/v1/sync/push":
		return c.push(body)
	case "/v1/sync/wait":
		return c.wait(r)
	case "/v1/sync/pull":
		return c.pull(r)
	case "/v1/sync/snapshot":
		return c.snapshot(r)
	}
	c.t.Errorf("unknown route %s", r.URL.Path)
	return 404, op.Problem{Status: 404, Code: op.CodeBadRequest}
}

func (c *fakeCloud) push(body []byte) (int, any) {
	var req op.PushRequest
	if err := json.Unmarshal(body, &req); err != nil {
		c.t.Errorf("push body: %v", err)
	}
	if c.maxOps > 0 && len(req.Ops) > c.maxOps {
		return 413, op.Problem{Status: 413, Code: op.CodeTooLarge}
	}
	last := int64(len(c.log))
	if len(req.Ops) == 0 || req.Ops[0].N > last+1 {
		return 409, op.Problem{Status: 409, Code: op.CodeGap, LastN: last}
	}
	if !op.VerifyHead(c.device, req.Head, req.Now) {
		c.t.Errorf("push: head not signed right")
	}
	answer := op.PushAnswer{ServerUS: c.now(), MaxOps: op.MaxOps}
	for _, o := range req.Ops {
		if c.refuse != nil && o.Kind != op.PunchAdd {
			return c.refuse.Status, c.refuse
		}
		if o.N <= last {
			if c.log[o.N-1].ID != o.ID {
				return 409, op.Problem{Status: 409, Code: op.CodeChainBroken}
			}
		} else {
			c.append(o)
		}
		answer.Results = append(answer.Results, op.Result{ID: o.ID, Status: op.Accepted})
	}
	answer.LastN = int64(len(c.log))
	if n := req.Head.N; n != req.Ops[len(req.Ops)-1].N || !bytes.Equal(c.heads[n-1], req.Head.H) {
		c.t.Errorf("push: head %d does not fit the chain", n)
	}
	return 200, answer
}

func (c *fakeCloud) append(o op.Op) {
	var prev []byte
	if len(c.heads) > 0 {
		prev = c.heads[len(c.heads)-1]
	}
	if o.N != int64(len(c.log))+1 {
		c.t.Errorf("op %d after %d", o.N, len(c.log))
	}
	c.log = append(c.log, o)
	c.heads = append(c.heads, op.ChainHash(prev, testCompany, testDevice, o))
	c.addRow(op.Row{Table: "punch", ID: o.ID, Doc: json.RawMessage(o.Body)})
}

// addRow makes the next row of the company's feed; c.mu is held.
func (c *fakeCloud) addRow(r op.Row) {
	r.Seq = int64(len(c.rows)) + 1
	r.Rev = 1
	c.rows = append(c.rows, r)
	close(c.changed)
	c.changed = make(chan struct{})
}

// add makes a row as if another device had sent it.
func (c *fakeCloud) add(table, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.addRow(op.Row{Table: table, ID: id, Doc: json.RawMessage(`{}`)})
}

// set refuses everything but pushes of punches, or nothing.
func (c *fakeCloud) set(refuse *op.Problem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = refuse
}

func (c *fakeCloud) cursorOf(r *http.Request) (seq int64, ok bool) {
	cursor := r.URL.Query().Get("cursor")
	seq, ok = cursorSeq(cursor)
	return seq, ok && strings.HasPrefix(cursor, c.epoch+".")
}

func (c *fakeCloud) pull(r *http.Request) (int, any) {
	seq, ok := c.cursorOf(r)
	if !ok {
		return 410, op.Problem{Status: 410, Code: op.CodeResync}
	}
	end := min(int(seq)+3, len(c.rows)) // small pages
	return 200, op.PullAnswer{Cursor: fmt.Sprintf("%s.%d", c.epoch, end), More: end < len(c.rows),
		HeadSeq: int64(len(c.rows)), Rows: c.rows[seq:end]}
}

func (c *fakeCloud) snapshot(r *http.Request) (int, any) {
	var from int
	a := op.SnapshotAnswer{}
	if after := r.URL.Query().Get("after"); after == "" {
		a.AsOf = fmt.Sprintf("%s.%d", c.epoch, len(c.rows))
	} else {
		from, _ = strconv.Atoi(after)
	}
	end := min(from+2, len(c.rows))
	a.Rows = c.rows[from:end]
	if end < len(c.rows) {
		a.After = strconv.Itoa(end)
	}
	return 200, a
}

// wait answers when a row came after the cursor, or after 25 s.
func (c *fakeCloud) wait(r *http.Request) (int, any) {
	seq, _ := c.cursorOf(r)
	for int64(len(c.rows)) <= seq {
		changed := c.changed
		c.mu.Unlock()
		late := time.NewTimer(25 * time.Second)
		select {
		case <-changed:
		case <-late.C:
		case <-r.Context().Done():
		}
		gone := !late.Stop() || r.Context().Err() != nil
		c.mu.Lock()
		if gone {
			break
		}
	}
	return 200, op.WaitAnswer{HeadSeq: int64(len(c.rows))}
}

func (c *fakeCloud) countRequests(path string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, p := range c.requests {
		if p == path {
			n++
		}
	}
	return n
}

// fault is what goes wrong with one request on the wire.
type fault int

const (
	noFault fault = iota
	requestLost
	answerLost
	duplicated
	gatewayError
	portalPage
	faultKinds
)

// wire carries requests to a handler without a network, so that a test's clock
// can stand still around it, and loses what the test wants lost.
type wire struct {
	mu    sync.Mutex
	to    http.Handler
	fault func(*http.Request) fault
}

// breaks sets what goes wrong from now on; nil = nothing.
func (w *wire) breaks(f func(*http.Request) fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
}

// leadsTo sets who gets the requests from now on.
func (w *wire) leadsTo(h http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = h
}

func (w *wire) now() (to http.Handler, f func(*http.Request) fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to, w.fault
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	to, broken := w.now()
	deliver := func() *http.Response {
		in := r.Clone(r.Context())
		in.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		to.ServeHTTP(rec, in)
		return rec.Result()
	}
	f := noFault
	if broken != nil {
		f = broken(r)
	}
	switch f {
	case requestLost:
		return nil, fmt.Errorf("connection refused")
	case answerLost:
		deliver()
		return nil, io.ErrUnexpectedEOF
	case duplicated:
		deliver()
	case gatewayError:
		return answerWith(r, 502, "text/html", "<h1>Bad Gateway</h1>"), nil
	case portalPage:
		return answerWith(r, 200, "text/html", "<h1>Welcome to our Wi-Fi</h1>"), nil
	}
	res := deliver()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return res, nil
}

func answerWith(r *http.Request, status int, kind, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// rig is a device with its store, and the cloud it talks with.
type rig struct {
	cloud *fakeCloud
	wire  *wire
	store *memStore
	key   ed25519.PrivateKey
}

func newRig(t interface {
	Helper()
	Errorf(format string, args ...any)
}) *rig {
	pub, key, _ := ed25519.GenerateKey(nil)
	cloud := newFakeCloud(t, pub)
	return &rig{cloud: cloud, wire: &wire{to: cloud}, store: newMemStore(), key: key}
}

func (r *rig) client() *Client {
	c, err := NewClient("http://cloud.test", ClientOptions{Transport: r.wire})
	if err != nil {
		panic(err)
	}
	return c.WithCredentials(Credentials{Company: testCompany, Device: testDevice, Key: r.key,
		CloudKey: r.cloud.key.Public().(ed25519.PublicKey)})
}

func testClock() op.Clock {
	now := time.Now()
	return op.Clock{Wall: timeclock.MicrosOf(now), Mono: now.UnixMicro() - 1e15, Boot: "boot-1"}
}

func (r *rig) replicator(o Options) *Replicator {
	if o.Clock == nil {
		o.Clock = testClock
	}
	return NewReplicator(r.store, r.client(), o)
}

// sameAsCloud fails the test unless both sides hold the same ops and rows.
func (r *rig) sameAsCloud(t *testing.T) {
	t.Helper()
	if err := r.differences(); err != nil {
		t.Error(err)
	}
}

func (r *rig) differences() error {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	if len(r.cloud.log) != len(r.store.ops) {
		return fmt.Errorf("cloud has %d ops, device %d", len(r.cloud.log), len(r.store.ops))
	}
	for i, o := range r.store.ops {
		if r.cloud.log[i].ID != o.ID {
			return fmt.Errorf("op %d is %s in the cloud, %s on the device", i+1, r.cloud.log[i].ID, o.ID)
		}
		if r.store.status[o.ID] != op.Accepted {
			return fmt.Errorf("op %d is %q on the device", i+1, r.store.status[o.ID])
		}
	}
	if len(r.cloud.rows) != len(r.store.rows) {
		return fmt.Errorf("cloud has %d rows, device %d", len(r.cloud.rows), len(r.store.rows))
	}
	for _, row := range r.cloud.rows {
		if mine := r.store.rows[row.Table+"/"+row.ID]; mine.Seq != row.Seq {
			return fmt.Errorf("row %s is %d in the cloud, %d on the device", row.ID, row.Seq, mine.Seq)
		}
	}
	return nil
}
