package localdb

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"clockface/sync/op"
	"clockface/timeclock"
)

// Cost of opening a sign-in, the first choice of OWASP's list for argon2id: a
// person does not notice it and a thief of the file does.
const (
	secretMemory = 46 << 10 // KiB
	secretPasses = 1
)

// Wrong secrets beyond freeTries make the next try wait, doubling to maxWait.
const (
	freeTries = 3
	maxWait   = 5 * time.Minute
)

// SaveSignIn keeps a grant that the cloud has given, with the private half of
// its actor key encrypted under the secret (password or token), in place of the
// person's older ones, and returns the opened actor.
func (db *DB) SaveSignIn(ctx context.Context, answer op.SignInAnswer, actor ed25519.PrivateKey, secret []byte) (*Actor, error) {
	a := &Actor{Grant: answer.Grant, Role: answer.Role, Name: answer.Name, key: actor}
	grant, err := json.Marshal(answer.Grant)
	if err != nil {
		return nil, fmt.Errorf("keep sign-in: %w", err)
	}
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	sealed, err := sealSecret(secret, salt, answer.Grant.ID, actor)
	if err != nil {
		return nil, fmt.Errorf("keep sign-in: %w", err)
	}
	err = db.update(ctx, "keep sign-in", func(t *tx) error {
		id, err := readIdentity(t)
		if err != nil {
			return err
		}
		if err := a.belongs(id); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM sign_in WHERE membership_id = $1", string(a.Grant.Membership)); err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO sign_in (grant_id, membership_id, grant_json, role, name, salt, sealed_key, expires_us)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, a.Grant.ID, string(a.Grant.Membership), string(grant), string(a.Role), a.Name,
			salt, sealed, int64(a.Grant.ExpiresUS)); err != nil {
			return err
		}
		return t.exec("UPDATE meta SET sign_in_wrong = 0")
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// belongs checks that the grant is the cloud's and for this device and key.
func (a *Actor) belongs(id Identity) error {
	public, ok := a.key.Public().(ed25519.PublicKey)
	switch {
	case !ok || !public.Equal(ed25519.PublicKey(a.Grant.ActorKey)):
		return fmt.Errorf("%w: the grant is for another actor key", ErrInvalid)
	case a.Grant.Company != id.Company || a.Grant.Device != id.Device:
		return fmt.Errorf("%w: the grant is for another company or device", ErrInvalid)
	case !a.Grant.Verify(id.CloudKey):
		return fmt.Errorf("%w: the grant is not signed by this company's cloud", ErrInvalid)
	}
	return nil
}

// storedSignIn is a row of sign_in.
type storedSignIn struct {
	grant        op.Grant
	role         timeclock.Role
	name         string
	salt, sealed []byte
}

// OpenSignIn opens a kept grant with the person's password or token: the
// sign-in without a network. It returns ErrNoGrant when none is kept,
// ErrGrantExpired when all have run out, ErrWrongSecret when the secret opens
// none, and a [WaitError] while wrong tries make the next one wait.
func (db *DB) OpenSignIn(ctx context.Context, secret []byte) (*Actor, error) {
	var kept []storedSignIn
	var wait time.Duration
	var now timeclock.Micros
	err := db.view(ctx, "open sign-in", func(q querier) (err error) {
		var wrong int
		var tried timeclock.Micros
		var offset timeclock.Micros
		if err := q.queryRow("SELECT sign_in_wrong, sign_in_tried_us, offset_us FROM meta").Scan(&wrong, &tried, &offset); err != nil {
			return err
		}
		now = db.nowUS()
		wait = waitAfter(wrong, tried, now)
		now += offset
		kept, err = readSignIns(q)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case len(kept) == 0:
		return nil, fmt.Errorf("open sign-in: %w", ErrNoGrant)
	case wait > 0:
		return nil, fmt.Errorf("open sign-in: %w", &WaitError{Wait: wait})
	}
	usable := 0
	for _, s := range kept {
		if s.grant.ExpiresUS <= now {
			continue
		}
		usable++
		if key, err := openSecret(secret, s.salt, s.grant.ID, s.sealed); err == nil {
			return &Actor{Grant: s.grant, Role: s.role, Name: s.name, key: key}, db.noteSignIn(ctx, true)
		}
	}
	if usable == 0 {
		return nil, fmt.Errorf("open sign-in: %w", ErrGrantExpired)
	}
	if err := db.noteSignIn(ctx, false); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("open sign-in: %w", ErrWrongSecret)
}

func readSignIns(q querier) (out []storedSignIn, err error) {
	err = eachRow(q, "SELECT grant_json, role, name, salt, sealed_key FROM sign_in ORDER BY expires_us DESC", nil,
		func(scan func(...any) error) error {
			var s storedSignIn
			var grant string
			if err := scan(&grant, &s.role, &s.name, &s.salt, &s.sealed); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(grant), &s.grant); err != nil {
				return fmt.Errorf("kept grant: %w", err)
			}
			out = append(out, s)
			return nil
		})
	return out, err
}

// waitAfter returns how long to wait after so many wrong tries, the last of
// them at tried. A clock that was set back does not shorten the wait.
func waitAfter(wrong int, tried, now timeclock.Micros) time.Duration {
	if wrong < freeTries {
		return 0
	}
	wait := maxWait
	if n := wrong - freeTries; n < 9 {
		wait = min(time.Second<<n, maxWait)
	}
	passed := time.Duration(max(now-tried, 0)) * time.Microsecond
	return max(wait-passed, 0)
}

func (db *DB) noteSignIn(ctx context.Context, ok bool) error {
	return db.update(ctx, "note sign-in", func(t *tx) error {
		if ok {
			return t.exec("UPDATE meta SET sign_in_wrong = 0")
		}
		return t.exec("UPDATE meta SET sign_in_wrong = sign_in_wrong + 1, sign_in_tried_us = $1", int64(db.nowUS()))
	})
}

func secretKey(secret, salt []byte) []byte {
	return argon2.IDKey(secret, salt, secretPasses, secretMemory, 1, chacha20poly1305.KeySize)
}

func sealSecret(secret, salt []byte, grant string, key ed25519.PrivateKey) ([]byte, error) {
	box, err := chacha20poly1305.NewX(secretKey(secret, salt))
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	rand.Read(nonce) // never fails
	return box.Seal(nonce, nonce, key.Seed(), []byte(grant)), nil
}

func openSecret(secret, salt []byte, grant string, sealed []byte) (ed25519.PrivateKey, error) {
	box, err := chacha20poly1305.NewX(secretKey(secret, salt))
	if err != nil {
		return nil, err
	}
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, ErrWrongSecret
	}
	seed, err := box.Open(nil, sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], []byte(grant))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, ErrWrongSecret
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// session is an opened grant as the command line keeps it between calls.
type session struct {
	Grant op.Grant       `json:"grant"`
	Role  timeclock.Role `json:"role"`
	Name  string         `json:"name"`
	Seed  []byte         `json:"seed"`
}

func (db *DB) sessionFile() string { return filepath.Join(db.dir, "keys", "session") }

// SaveSession keeps an opened grant in a 0600 file until EndSession or expiry,
// so that the next command need not ask again.
func (db *DB) SaveSession(_ context.Context, a *Actor) error {
	if a == nil || a.key == nil {
		return fmt.Errorf("save session: %w", ErrNoGrant)
	}
	b, err := json.Marshal(session{Grant: a.Grant, Role: a.Role, Name: a.Name, Seed: a.key.Seed()})
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(db.sessionFile()), 0o700); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	tmp := db.sessionFile() + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return db.explain("save session", err)
	}
	if err := os.Rename(tmp, db.sessionFile()); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// UseSession returns the kept session's actor: ErrNoGrant when there is none for
// this device, ErrGrantExpired when it has run out.
func (db *DB) UseSession(ctx context.Context) (*Actor, error) {
	b, err := os.ReadFile(db.sessionFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("use session: %w", ErrNoGrant)
	}
	if err != nil {
		return nil, fmt.Errorf("use session: %w", err)
	}
	var s session
	if err := json.Unmarshal(b, &s); err != nil || len(s.Seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("use session: %w: %s is damaged, sign in again", ErrNoGrant, db.sessionFile())
	}
	a := &Actor{Grant: s.Grant, Role: s.Role, Name: s.Name, key: ed25519.NewKeyFromSeed(s.Seed)}
	err = db.view(ctx, "use session", func(q querier) error {
		id, err := readIdentity(q)
		if err != nil {
			return err
		}
		if err := a.belongs(id); err != nil { // e.g. of the device that this PC was before
			return fmt.Errorf("%w: %w", ErrNoGrant, err)
		}
		var offset timeclock.Micros
		if err := q.queryRow("SELECT offset_us FROM meta").Scan(&offset); err != nil {
			return err
		}
		if db.nowUS()+offset >= a.Grant.ExpiresUS {
			return ErrGrantExpired
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// EndSession forgets the kept session; there need not be one.
func (db *DB) EndSession(context.Context) error {
	if err := os.Remove(db.sessionFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}
