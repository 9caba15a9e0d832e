package localdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"clockface/timeclock"
)

// keepPINTries is how long tries are kept: longer than any limit looks back.
const keepPINTries timeclock.Micros = 48 * 3600 * 1_000_000

// AddPINTry keeps a try of a PIN, so that a restart does not forget wrong ones.
func (db *DB) AddPINTry(ctx context.Context, number string, at timeclock.Micros, ok bool) error {
	return db.update(ctx, "keep PIN try", func(t *tx) error {
		if err := t.exec("DELETE FROM pin_try WHERE at_us < $1", int64(at-keepPINTries)); err != nil {
			return err
		}
		return t.exec("INSERT INTO pin_try (number, at_us, ok) VALUES ($1, $2, $3)", hashNumber(number), int64(at), ok)
	})
}

// PINTries returns how many wrong PINs were typed for the number since then at
// this device.
func (db *DB) PINTries(ctx context.Context, number string, since timeclock.Micros) (wrong int, err error) {
	err = db.view(ctx, "read PIN tries", func(q querier) error {
		return q.queryRow("SELECT count(*) FROM pin_try WHERE number = $1 AND at_us >= $2 AND NOT ok", hashNumber(number), int64(since)).Scan(&wrong)
	})
	return wrong, err
}

// LastPINTries returns the newest n tries at this device, newest first, whatever
// the number.
func (db *DB) LastPINTries(ctx context.Context, n int) ([]PINTry, error) {
	var out []PINTry
	err := db.view(ctx, "read PIN tries", func(q querier) error {
		return eachRow(q, "SELECT at_us, ok FROM pin_try ORDER BY id DESC LIMIT $1", []any{n}, func(scan func(...any) error) error {
			var p PINTry
			if err := scan(&p.At, &p.OK); err != nil {
				return err
			}
			out = append(out, p)
			return nil
		})
	})
	return out, err
}

// hashNumber keeps typed numbers, which may be somebody's PIN typed in the wrong
// field, out of the file.
func hashNumber(number string) string {
	h := sha256.Sum256([]byte("clockface number 1\x00" + number))
	return hex.EncodeToString(h[:])
}
