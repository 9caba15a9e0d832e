package localdb_test

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"path/filepath"
	"testing"

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
		Kind: timeclock.In, Method: timeclock.ByFace, Confidence: 0.93, Wall: 1_770_000_000_000_000, Mono: 123_456_789_012,
		Boot: op.NewID(), Source: timeclock.FromKiosk})
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
