package localdb_test

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// The two benchmarks write to the same disk; what they reach is compared:
// RecordPunch shall reach 0.8 of the bare inserts.

func BenchmarkRecordPunch(b *testing.B) {
	db, err := localdb.Open(b.Context(), b.TempDir(), localdb.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	err = db.SaveEnrolment(b.Context(), localdb.Identity{Company: company, Device: deviceA, Site: siteA,
		Profile: timeclock.Kiosk, CloudKey: make([]byte, ed25519.PublicKeySize)})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_, err := db.RecordPunch(b.Context(), localdb.NewPunch{Employee: anna, Kind: timeclock.In, Method: timeclock.ByFace,
			Confidence: 0.93, Source: timeclock.FromKiosk})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "punches/s")
}

// BenchmarkEntriesOf20000 reads what a supervisor's longest list holds.
func BenchmarkEntriesOf20000(b *testing.B) {
	db, err := localdb.Open(b.Context(), b.TempDir(), localdb.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	err = db.SaveEnrolment(b.Context(), localdb.Identity{Company: company, Device: deviceA, Site: siteA,
		Profile: timeclock.Desktop, CloudKey: make([]byte, ed25519.PublicKeySize)})
	if err != nil {
		b.Fatal(err)
	}
	const count = 20_000
	var page op.PullAnswer
	page.Cursor = "1.1"
	for i := range count {
		values := op.PunchRow(op.NewID(), op.PunchBody{Employee: timeclock.EmployeeID(fmt.Sprint("employee ", i%200)), Kind: timeclock.In,
			Method: timeclock.ByFace, Source: timeclock.FromKiosk}, "kiosk", siteA, timeclock.Micros(i)*1_000_000, "mono", nil)
		doc, err := json.Marshal(values)
		if err != nil {
			b.Fatal(err)
		}
		page.Rows = append(page.Rows, op.Row{Table: "punch", ID: op.NewID(), Rev: 1, Seq: int64(i + 1), Doc: doc})
	}
	start := time.Now()
	if err := db.ApplyPage(b.Context(), page); err != nil {
		b.Fatal(err)
	}
	b.Logf("pulled %.0f rows/s", count/time.Since(start).Seconds())
	for name, q := range map[string]localdb.Query{"all": {}, "one person's last": {Employee: "employee 7", Limit: 20}, "one day": {From: 1, To: 600_000_000}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Entries(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBareInsert(b *testing.B) {
	dir := b.TempDir()
	db, err := localdb.Open(b.Context(), dir, localdb.Options{})
	if err != nil {
		b.Fatal(err)
	}
	db.Close() // only its schema is wanted
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(dir, localdb.FileName)+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	ctx := context.Background()
	conn, err := pool.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	prepare := func(text string) *sql.Stmt {
		s, err := conn.PrepareContext(ctx, text)
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	begin, commit := prepare("BEGIN IMMEDIATE"), prepare("COMMIT")
	insertOp := prepare(`INSERT INTO op (n, op_id, kind, body, sealed, asig, h, tbl, row_id, state, made_us)
		VALUES ($1, $2, 'punch.add', $3, NULL, NULL, $4, 'punch', $5, 'queued', $6)`)
	insertPunch := prepare(`INSERT INTO punch VALUES ($1, $2, $3, $4, $5, $6, 'in', 'face', 0.93, $7, $7, 1, 'boot', 'wall', '', 'kiosk', '',
		0, 0, FALSE, $7, $4)`)
	body, err := op.Encode(op.PunchBody{Head: op.NewHead(string(anna), ""), ID: timeclock.PunchID(op.NewID()), Employee: anna,
		Kind: timeclock.In, Method: timeclock.ByFace, Confidence: 0.93, Source: timeclock.FromKiosk,
		Clock: op.Clock{Wall: 1_770_000_000_000_000, Mono: 123_456_789_012, Boot: op.NewID()}})
	if err != nil {
		b.Fatal(err)
	}
	h := make([]byte, 32)
	n := 0
	for b.Loop() {
		n++
		id, opID := op.NewID(), op.NewID()
		run := func(s *sql.Stmt, args ...any) {
			if _, err := s.ExecContext(ctx, args...); err != nil {
				b.Fatal(err)
			}
		}
		run(begin)
		run(insertOp, n, opID, body, h, id, 1_770_000_000_000_000)
		run(insertPunch, string(company), id, opID, string(anna), string(deviceA), string(siteA), 1_770_000_000_000_000+n)
		run(commit)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "punches/s")
}
