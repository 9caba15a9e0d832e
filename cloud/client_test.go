package cloud_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"clockface/cloud"
	"clockface/cloud/keys"
	"clockface/cloud/store"
	"clockface/cloud/store/storetest"
	"clockface/sync/op"
	"clockface/timeclock"
)

// site is a server with a company, a kiosk and a desktop, as a test sees it from
// outside.
type site struct {
	file    string // of the database
	store   *store.Store
	api     *cloud.Server
	server  *httptest.Server
	later   atomic.Int64 // nanoseconds by which the server's clock was moved on
	company store.Company
	kiosk   *storetest.Device
	desktop *storetest.Device
}

func newSite(t testing.TB) *site {
	t.Helper()
	ring, err := keys.Create(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cloud.db")
	s, err := store.Open(t.Context(), "sqlite:"+file, store.Config{Keys: ring})
	if err != nil {
		t.Fatal(err)
	}
	w := &site{file: file, store: s}
	w.api = cloud.NewServer(cloud.Config{Store: s, Now: func() time.Time { return time.Now().Add(time.Duration(w.later.Load())) }})
	w.server = httptest.NewServer(w.api)
	t.Cleanup(func() {
		w.api.EndWaits()
		w.server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.company, err = s.CreateCompany(t.Context(), store.NewCompany{Name: "Bright Bakery", Site: "Main site", Zone: "Europe/Berlin", OwnerName: "Olga"})
	if err != nil {
		t.Fatal(err)
	}
	w.kiosk = storetest.NewDevice(t, s, w.company, timeclock.Kiosk, time.Now())
	w.desktop = storetest.NewDevice(t, s, w.company, timeclock.Desktop, time.Now())
	return w
}

// request is what a test sends; zero values are the usual.
type request struct {
	method, path string
	body         any // marshalled, unless it is []byte
	encoding     string
	unsigned     bool
	skew         time.Duration
	header       map[string]string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) problem(t testing.TB) op.Problem {
	t.Helper()
	var p op.Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("answer %d %q is no problem: %v", a.status, a.body, err)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q, want application/problem+json", got)
	}
	return p
}

func (a answer) decode(t testing.TB, into any) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("answer %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("answer %q: %v", a.body, err)
	}
}

// do sends the request as that device.
func (w *site) do(t testing.TB, d *storetest.Device, r request) answer {
	t.Helper()
	if r.method == "" {
		r.method = http.MethodGet
	}
	sent := encode(t, r)
	req, err := http.NewRequestWithContext(t.Context(), r.method, w.server.URL+r.path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if r.encoding != "" {
		req.Header.Set("Content-Encoding", r.encoding)
	}
	if !r.unsigned {
		ts := timeclock.MicrosOf(time.Now().Add(r.skew))
		req.Header.Set("Authorization", op.SignRequest(d.Key, d.Company, d.ID, r.method, r.path, ts, sent))
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	res, err := w.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, body}
}

func encode(t testing.TB, r request) []byte {
	t.Helper()
	plain, ok := r.body.([]byte)
	if !ok && r.body != nil {
		var err error
		if plain, err = json.Marshal(r.body); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	var z io.WriteCloser
	switch r.encoding {
	case "gzip":
		z = gzip.NewWriter(&b)
	case "zstd":
		var err error
		if z, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	default:
		return plain
	}
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// employees makes n of them as the owner, over HTTP like everything here.
func (w *site) employees(t testing.TB, n int) []timeclock.EmployeeID {
	t.Helper()
	owner := storetest.SignIn(t, w.store, w.desktop)
	var ids []timeclock.EmployeeID
	var ops []op.Op
	for range n {
		id := op.NewID()
		ids = append(ids, timeclock.EmployeeID(id))
		ops = append(ops, w.desktop.Put(t, owner, "employee", id, 0, map[string]any{"name": "Ann Ames", "active": true}, nil))
	}
	var a op.PushAnswer
	w.push(t, w.desktop, ops...).decode(t, &a)
	for _, r := range a.Results {
		if r.Status != op.Accepted {
			t.Fatalf("employee: %+v", r)
		}
	}
	return ids
}

// push brings ops over HTTP.
func (w *site) push(t testing.TB, d *storetest.Device, ops ...op.Op) answer {
	t.Helper()
	return w.do(t, d, request{method: http.MethodPost, path: "/v1/sync/push", body: d.Request(ops...)})
}
