//go:build e2e && cgo && !nocamera

package e2e

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"clockface/localdb"
	punchsync "clockface/sync"
	"clockface/sync/op"
	"clockface/timeclock"
)

// measureLocal measures durable punches of one kiosk against the same rows
// inserted bare, in turns, so that a slow minute of the disk meets both.
func measureLocal(t *testing.T, p place) []figure {
	const rounds, perRound = 60, 40
	c := p.newCompany(t)
	c.enrolKiosk(t)
	employees := c.hireMany(t, 5)
	db, err := localdb.Open(t.Context(), c.kiosk, localdb.Options{})
	if err != nil {
		t.Fatalf("open the replica: %v", err)
	}
	defer db.Close()
	file := openDatabase(t, "kiosk", c.replica(c.kiosk))
	bare := newBareEngine(t, file, "op", "punch")

	var ours, theirs []float64
	for range rounds {
		last := file.count(t, "SELECT max(n) FROM op")
		began := time.Now()
		for i := range perRound {
			kind := timeclock.In
			if i/len(employees)%2 == 1 {
				kind = timeclock.Out
			}
			if _, err := db.RecordPunch(t.Context(), localdb.NewPunch{
				Employee: employees[i%len(employees)], Kind: kind, Method: timeclock.ByFace, Confidence: 0.97, Source: timeclock.FromKiosk,
			}); err != nil {
				t.Fatalf("record a punch: %v", err)
			}
		}
		ours = append(ours, perRound/time.Since(began).Seconds())

		var batches [][]bareRow
		for _, o := range file.bareRows(t, "op", "n > ? ORDER BY n", last) {
			batches = append(batches, []bareRow{o})
		}
		punches := file.bareRows(t, "punch", "op_id IN (SELECT op_id FROM op WHERE n > ?) ORDER BY id", last)
		if len(batches) != perRound || len(punches) != perRound {
			t.Fatalf("a round of %d punches left %d ops and %d punches", perRound, len(batches), len(punches))
		}
		for i, r := range punches {
			batches[i] = append(batches[i], r)
		}
		theirs = append(theirs, perRound/bare.insert(t, batches).Seconds())
	}
	return []figure{reported("local.punch", median(ours), "1/s").against(median(theirs)).ratioAtLeast(0.8)}
}

// hireMany adds n people without face and PIN and returns their ids.
func (c *company) hireMany(t testing.TB, n int) []timeclock.EmployeeID {
	t.Helper()
	for i := range n {
		c.on(t, c.kiosk, "", "employee", "add", "--number", fmt.Sprint(100+i), "--name", fmt.Sprintf("Worker Number %d", i))
	}
	c.on(t, c.kiosk, "", "sync", "now", "--timeout", "20s")
	var ids []timeclock.EmployeeID
	for _, id := range openDatabase(t, "cloud", c.file).texts(t, "SELECT id FROM employee ORDER BY number") {
		ids = append(ids, timeclock.EmployeeID(id))
	}
	if len(ids) != n {
		t.Fatalf("the cloud has %d of %d people", len(ids), n)
	}
	return ids
}

const (
	ingestDevices = 4
	ingestRounds  = 6
	ingestBatches = 8 // of each device in a round
	ingestBatch   = 100
)

// measureIngest measures how fast the real server takes signed batches of 100
// punches from four devices at once over loopback, against the engine's own
// insert of the same rows in transactions of 100, in turns.
func measureIngest(t *testing.T, p place) []figure {
	c := p.newCompany(t)
	c.enrolKiosk(t)
	employees := c.hireMany(t, 2*ingestDevices)
	devices := make([]*ingester, ingestDevices)
	for i := range devices {
		devices[i] = c.newIngester(t, employees[2*i:2*i+2])
	}
	file := openDatabase(t, "cloud", c.file)
	bare := newBareEngine(t, file, "op", "punch", "checkpoint")

	var ours, theirs []float64
	for range ingestRounds {
		first := devices[0].n + 1
		for _, d := range devices {
			d.prepare(t)
		}
		ours = append(ours, perSecond(pushAll(t, devices)))
		theirs = append(theirs, perSecond(bare.insert(t, ingestedRows(t, file, devices, first))))
	}
	c.cloud.stop(t)
	return []figure{reported("cloud.ingest", median(ours), "1/s").against(median(theirs)).ratioAtLeast(0.4)}
}

func perSecond(took time.Duration) float64 {
	return ingestDevices * ingestBatches * ingestBatch / took.Seconds()
}

// An ingester is a kiosk that only pushes. Its requests are made before the
// clock runs, so that the figure is the server's and not this program's.
type ingester struct {
	url       string
	key       ed25519.PrivateKey
	creds     punchsync.Credentials
	employees []timeclock.EmployeeID
	n         int64
	h         []byte
	batches   [][]byte // requests as sent
	answers   [][]byte // what came back, in their order
}

func (c *company) newIngester(t testing.TB, employees []timeclock.EmployeeID) *ingester {
	t.Helper()
	client, err := punchsync.NewClient(c.url(), punchsync.ClientOptions{Agent: "bench"})
	if err != nil {
		t.Fatalf("client: %v", err)
	}
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatalf("device key: %v", err)
	}
	a, err := client.Enroll(t.Context(), op.EnrollRequest{
		Code: c.enrolCode(t, "kiosk"), PublicKey: public, Name: "Bench", Profile: timeclock.Kiosk, Schema: op.Schema,
	})
	if err != nil {
		t.Fatalf("enrol: %v", err)
	}
	creds := punchsync.Credentials{Company: a.Company, Device: a.Device, Key: key, CloudKey: a.CloudKey}
	return &ingester{url: c.url(), key: key, creds: creds, employees: employees}
}

// prepare makes the requests of one round. Ten minutes lie between two punches,
// so that none is a twin; the cloud looks for twins all the same.
func (d *ingester) prepare(t testing.TB) {
	t.Helper()
	packer, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatalf("compression: %v", err)
	}
	defer packer.Close()
	d.batches, d.answers = nil, nil
	for range ingestBatches {
		var r op.PushRequest
		r.AckedN = d.n
		r.Now = op.Clock{Wall: timeclock.MicrosOf(time.Now()), Mono: 1 << 50, Boot: "bench"}
		for range ingestBatch {
			r.Ops = append(r.Ops, d.punch(t, r.Now))
		}
		r.Head = op.SignHead(d.key, d.h, d.n, r.Now)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("encode a batch: %v", err)
		}
		d.batches = append(d.batches, packer.EncodeAll(text, nil))
	}
}

// tenMinutes in microseconds.
const tenMinutes = 600_000_000

func (d *ingester) punch(t testing.TB, now op.Clock) op.Op {
	t.Helper()
	d.n++
	ago := timeclock.Micros(100_000-d.n) * tenMinutes
	who := d.employees[d.n%int64(len(d.employees))]
	body, err := op.Encode(op.PunchBody{
		Head: op.NewHead(string(who), ""), ID: timeclock.PunchID(op.NewID()), Employee: who, Kind: timeclock.In, Method: timeclock.ByFace,
		Confidence: 0.97, Clock: op.Clock{Wall: now.Wall - ago, Mono: now.Mono - int64(ago), Boot: now.Boot}, Source: timeclock.FromKiosk,
	})
	if err != nil {
		t.Fatalf("make a punch: %v", err)
	}
	o := op.Op{N: d.n, ID: op.NewID(), Kind: op.PunchAdd, Body: body}
	d.h = op.ChainHash(d.h, d.creds.Company, d.creds.Device, o)
	return o
}

// push sends the prepared requests one after the other and keeps the answers.
func (d *ingester) push(ctx context.Context) error {
	const path = "/v1/sync/push"
	for _, body := range d.batches {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header = http.Header{
			"Authorization": {op.SignRequest(d.key, d.creds.Company, d.creds.Device, r.Method, path, timeclock.MicrosOf(time.Now()), body)},
			"Content-Type":  {"application/json"}, "Content-Encoding": {"zstd"},
			"Sync-Protocol": {strconv.Itoa(op.Protocol)}, "Sync-Schema": {strconv.Itoa(op.Schema)},
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(a.Body)
		a.Body.Close()
		if err != nil {
			return err
		}
		if a.StatusCode != http.StatusOK {
			return fmt.Errorf("push: %s: %s", a.Status, text)
		}
		d.answers = append(d.answers, text)
	}
	return nil
}

// checkAccepted fails unless every op of the round was accepted.
func (d *ingester) checkAccepted(t testing.TB) {
	t.Helper()
	accepted := 0
	for _, text := range d.answers {
		var a op.PushAnswer
		if err := json.Unmarshal(text, &a); err != nil {
			t.Fatalf("answer to a push: %v", err)
		}
		for _, result := range a.Results {
			if result.Status != op.Accepted {
				t.Fatalf("op %s is %s: %s", result.ID, result.Status, result.Reason)
			}
			accepted++
		}
	}
	if accepted != ingestBatches*ingestBatch {
		t.Fatalf("%d of %d ops were accepted", accepted, ingestBatches*ingestBatch)
	}
}

// pushAll lets all devices send their round at once and returns how long it took
// until the last answer.
func pushAll(t testing.TB, devices []*ingester) time.Duration {
	t.Helper()
	g, ctx := errgroup.WithContext(t.Context())
	began := time.Now()
	for _, d := range devices {
		g.Go(func() error { return d.push(ctx) })
	}
	err := g.Wait()
	took := time.Since(began)
	if err != nil {
		t.Fatalf("ingest: %v", err)
	}
	for _, d := range devices {
		d.checkAccepted(t)
	}
	return took
}

// ingestedRows reads what the cloud stored for the ops from first on, in batches
// as they came: ops, punches and the checkpoint.
func ingestedRows(t testing.TB, file *database, devices []*ingester, first int64) [][]bareRow {
	t.Helper()
	var out [][]bareRow
	for _, d := range devices {
		for n := first; n <= d.n; n += ingestBatch {
			batch := file.bareRows(t, "op", "device_id = ? AND n BETWEEN ? AND ?", d.creds.Device, n, n+ingestBatch-1)
			batch = append(batch, file.bareRows(t, "punch",
				"op_id IN (SELECT op_id FROM op WHERE device_id = ? AND n BETWEEN ? AND ?)", d.creds.Device, n, n+ingestBatch-1)...)
			batch = append(batch, file.bareRows(t, "checkpoint", "device_id = ? AND n = ?", d.creds.Device, n+ingestBatch-1)...)
			if len(batch) != 2*ingestBatch+1 {
				t.Fatalf("the cloud stored %d rows for a batch of %d punches: want ops, punches and one checkpoint", len(batch), ingestBatch)
			}
			out = append(out, batch)
		}
	}
	return out
}
