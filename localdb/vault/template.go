package vault

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"filippo.io/age"

	"clockface/timeclock"
)

// Why a sealed template is not used.
var (
	ErrNotHolder = errors.New("this device does not hold the company's key")
	ErrMismatch  = errors.New("sealed for somebody or something else")
	ErrUntrusted = errors.New("signed by a device that is not trusted")
	ErrDamaged   = errors.New("sealed template is damaged")
)

// Template is what a credential holds about a person.
type Template struct {
	Company    timeclock.CompanyID
	Employee   timeclock.EmployeeID
	Credential timeclock.CredentialID
	Kind       timeclock.CredentialKind
	Pack       string             // model pack that made the vectors
	Vectors    [][]float32        // one an enrolled picture
	PINHash    string             // argon2id, for the kind pin
	Device     timeclock.DeviceID // that enrolled it and signs
}

// Expected is what the row around a sealed template says it is.
type Expected struct {
	Company    timeclock.CompanyID
	Employee   timeclock.EmployeeID
	Credential timeclock.CredentialID
	Kind       timeclock.CredentialKind
	Pack       string
}

// Trust answers whether templates that the device signed with that key are
// believed.
type Trust func(device timeclock.DeviceID, key ed25519.PublicKey) bool

// plaintext is a template as it is signed; vectors are little-endian float32.
type plaintext struct {
	Company    timeclock.CompanyID      `json:"company_id"`
	Employee   timeclock.EmployeeID     `json:"employee_id"`
	Credential timeclock.CredentialID   `json:"credential_id"`
	Kind       timeclock.CredentialKind `json:"kind"`
	Pack       string                   `json:"pack"`
	Vectors    [][]byte                 `json:"vectors,omitempty"`
	PINHash    string                   `json:"pin_hash,omitempty"`
	Device     timeclock.DeviceID       `json:"device_id"`
}

// envelope is what age encrypts.
type envelope struct {
	Template []byte `json:"template"` // JSON of plaintext; its exact bytes are signed
	Key      []byte `json:"key"`      // the signer's public key
	Sig      []byte `json:"sig"`
}

// signed returns the bytes that a device signs for a template.
func signed(template []byte) []byte {
	return append([]byte("clockface template 1\x00"), template...)
}

// Seal signs the template as its enrolling device and encrypts it to the
// company's recipient.
func Seal(t Template, signer ed25519.PrivateKey, recipient string) ([]byte, error) {
	p := plaintext{t.Company, t.Employee, t.Credential, t.Kind, t.Pack, nil, t.PINHash, t.Device}
	for _, v := range t.Vectors {
		p.Vectors = append(p.Vectors, packVector(v))
	}
	inner, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("seal %s of employee %s: %w", t.Kind, t.Employee, err)
	}
	public, ok := signer.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("seal %s of employee %s: the device key is missing", t.Kind, t.Employee)
	}
	outer, err := json.Marshal(envelope{Template: inner, Key: public, Sig: ed25519.Sign(signer, signed(inner))})
	if err != nil {
		return nil, fmt.Errorf("seal %s of employee %s: %w", t.Kind, t.Employee, err)
	}
	sealed, err := encrypt(outer, recipient)
	if err != nil {
		return nil, fmt.Errorf("seal %s of employee %s: %w", t.Kind, t.Employee, err)
	}
	return sealed, nil
}

// Unseal opens a template with the company's key. It returns ErrNotHolder where
// this device has no key that opens it, ErrMismatch when the content is not what
// the row around it says (a template cannot be moved to somebody else), and
// ErrUntrusted when trusted does not accept the signer.
func (k *Keys) Unseal(sealed []byte, want Expected, trusted Trust) (Template, error) {
	outer, err := k.decryptCompany(sealed)
	if err != nil {
		return Template{}, err
	}
	var e envelope
	if err := json.Unmarshal(outer, &e); err != nil {
		return Template{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(e.Key) != ed25519.PublicKeySize || !ed25519.Verify(e.Key, signed(e.Template), e.Sig) {
		return Template{}, fmt.Errorf("%w: its signature does not fit", ErrUntrusted)
	}
	var p plaintext
	if err := json.Unmarshal(e.Template, &p); err != nil {
		return Template{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if got := (Expected{p.Company, p.Employee, p.Credential, p.Kind, p.Pack}); got != want {
		return Template{}, fmt.Errorf("%w: it names employee %s, credential %s, %s %s", ErrMismatch, got.Employee, got.Credential, got.Kind, got.Pack)
	}
	if !trusted(p.Device, e.Key) {
		return Template{}, fmt.Errorf("%w: device %s", ErrUntrusted, p.Device)
	}
	t := Template{p.Company, p.Employee, p.Credential, p.Kind, p.Pack, nil, p.PINHash, p.Device}
	for _, b := range p.Vectors {
		v, err := unpackVector(b)
		if err != nil {
			return Template{}, err
		}
		t.Vectors = append(t.Vectors, v)
	}
	return t, nil
}

func packVector(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, f := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

func unpackVector(b []byte) ([]float32, error) {
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("%w: a vector of %d bytes", ErrDamaged, len(b))
	}
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v, nil
}

func encrypt(plain []byte, recipient string) ([]byte, error) {
	r, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, r)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func decrypt(sealed []byte, ids ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), ids...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrNotHolder
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return plain, nil
}
