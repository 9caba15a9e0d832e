package vault

import (
	"errors"
	"fmt"

	"github.com/alexedwards/argon2id"
)

// A PIN is 4 to 8 digits.
const (
	MinPIN = 4
	MaxPIN = 8
)

// ErrBadPIN is returned for a PIN that is not 4 to 8 digits.
var ErrBadPIN = errors.New("a PIN is 4 to 8 digits")

// pinParams follow OWASP's smallest choice for argon2id (19 MiB, two passes):
// about 30 ms here and under 150 ms on a small wall PC, so that the answer comes
// 300 ms after the last key. The PIN's real protection is the sealing.
func pinParams() *argon2id.Params {
	return &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// HashPIN returns the verifier of a PIN, or ErrBadPIN.
func HashPIN(pin string) (string, error) {
	if len(pin) < MinPIN || len(pin) > MaxPIN {
		return "", ErrBadPIN
	}
	for _, r := range pin {
		if r < '0' || r > '9' {
			return "", ErrBadPIN
		}
	}
	h, err := argon2id.CreateHash(pin, pinParams())
	if err != nil {
		return "", fmt.Errorf("hash PIN: %w", err)
	}
	return h, nil
}

// VerifyPIN reports whether the PIN belongs to the verifier. It takes the same
// time for a right and a wrong one. A kiosk checks an unknown number against the
// verifier of an arbitrary PIN, so that it takes as long too.
func VerifyPIN(hash, pin string) (bool, error) {
	ok, err := argon2id.ComparePasswordAndHash(pin, hash)
	if err != nil {
		return false, fmt.Errorf("check PIN: %w", err)
	}
	return ok, nil
}
