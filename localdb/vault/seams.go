package vault

import (
	"crypto/ed25519"
	"errors"

	"clockface/timeclock"
)

var errSoon = errors.New("vault: not built yet")

// Template is what a credential holds about a person.
type Template struct {
	Company    timeclock.CompanyID
	Employee   timeclock.EmployeeID
	Credential timeclock.CredentialID
	Kind       timeclock.CredentialKind
	Pack       string
	Vectors    [][]float32
	PINHash    string
	Device     timeclock.DeviceID // that enrolled it
}

// Expected is what the row around a sealed template says it is.
type Expected struct {
	Company    timeclock.CompanyID
	Employee   timeclock.EmployeeID
	Credential timeclock.CredentialID
	Kind       timeclock.CredentialKind
	Pack       string
}

type Keys struct{}

func Open(dir string) (*Keys, error)       { return nil, errSoon }
func (k *Keys) Device() ed25519.PrivateKey { return nil }
func (k *Keys) Recipient() string          { return "" }
func Seal(t Template, signer ed25519.PrivateKey, recipient string) ([]byte, error) {
	return nil, errSoon
}
func (k *Keys) Unseal(sealed []byte, want Expected, trusted func(timeclock.DeviceID, ed25519.PublicKey) bool) (Template, error) {
	return Template{}, errSoon
}
func HashPIN(pin string) (string, error)       { return "", errSoon }
func VerifyPIN(hash, pin string) (bool, error) { return false, errSoon }
