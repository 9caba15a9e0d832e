package localdb

import (
	"fmt"
	"testing"
)

// LimitPages makes the file full once it has so many pages.
func (db *DB) LimitPages(t testing.TB, pages int) {
	t.Helper()
	if _, err := db.write.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
}
