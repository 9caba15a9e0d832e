package localdb

import (
	"crypto/ed25519"
	"fmt"
	"testing"

	"clockface/sync/op"
)

// NewActor opens a grant without keeping it.
func NewActor(answer op.SignInAnswer, key ed25519.PrivateKey) *Actor {
	return &Actor{Grant: answer.Grant, Role: answer.Role, Name: answer.Name, key: key}
}

// LimitPages makes the file full once it has so many pages.
func (db *DB) LimitPages(t testing.TB, pages int) {
	t.Helper()
	if _, err := db.write.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
}

// Synchronous returns how the writing connection waits for the disk.
func (db *DB) Synchronous(t testing.TB) (mode int) {
	t.Helper()
	if err := db.write.conn.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&mode); err != nil {
		t.Fatal(err)
	}
	return mode
}
