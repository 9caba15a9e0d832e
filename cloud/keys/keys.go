// Package keys holds the one secret of a cloud: a 32-byte seed in a file that
// only its owner can read. Every company's Ed25519 key is derived from it, so no
// database and no dump of one holds a private key. Losing the file means that
// grants and checkpoints signed before can still be verified and no new ones
// made: back it up beside the database, not inside it.
package keys

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"clockface/timeclock"
)

// seedSize is the length of the seed in bytes.
const seedSize = 32

// ErrNoKeyFile says that there is no key file where one was looked for.
var ErrNoKeyFile = errors.New("no key file")

// Ring derives the companies' keys and remembers those it was asked for. It is
// safe for concurrent use.
type Ring struct {
	seed []byte

	mu   sync.Mutex
	made map[timeclock.CompanyID]ed25519.PrivateKey
}

// FromSeed returns a ring over a seed of 32 bytes.
func FromSeed(seed []byte) (*Ring, error) {
	if len(seed) != seedSize {
		return nil, fmt.Errorf("seed has %d bytes, want %d", len(seed), seedSize)
	}
	return &Ring{seed: seed, made: map[timeclock.CompanyID]ed25519.PrivateKey{}}, nil
}

// Load reads the key file. It returns ErrNoKeyFile where there is none.
func Load(file string) (*Ring, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s", ErrNoKeyFile, file)
	}
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("key file %s is damaged: %w", file, err)
	}
	ring, err := FromSeed(seed)
	if err != nil {
		return nil, fmt.Errorf("key file %s is damaged: %w", file, err)
	}
	return ring, nil
}

// Create makes a key file (0600) with a fresh seed, or loads the one that is
// there.
func Create(file string) (*Ring, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of key file: %w", err)
	}
	var seed [seedSize]byte
	rand.Read(seed[:]) // never fails: crypto/rand ends the program instead
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return Load(file)
	}
	if err != nil {
		return nil, fmt.Errorf("make key file: %w", err)
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(seed[:]) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("write key file %s: %w", file, err)
	}
	return FromSeed(seed[:])
}

// Company returns the company's key: it signs grants, checkpoints and the chain
// of the company's own device in the cloud.
func (r *Ring) Company(c timeclock.CompanyID) (ed25519.PrivateKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, ok := r.made[c]; ok {
		return k, nil
	}
	seed, err := hkdf.Key(sha256.New, r.seed, nil, "clockface company key 1 "+string(c), ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("derive key of company %s: %w", c, err)
	}
	k := ed25519.NewKeyFromSeed(seed)
	r.made[c] = k
	return k, nil
}
