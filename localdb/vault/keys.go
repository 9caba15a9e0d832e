package vault

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"filippo.io/age"

	"clockface/timeclock"
)

// Names of the secrets in the store.
const (
	deviceSecret  = "device-sign"
	ageSecret     = "device-age"
	companyPrefix = "company-"
)

// Keys are the private keys of one data folder. Its methods may be called from
// several goroutines.
type Keys struct {
	store  *secrets
	device ed25519.PrivateKey
	age    *age.X25519Identity

	mu      sync.Mutex
	company map[string]*age.X25519Identity // by key id
}

// Open reads the keys of the data folder and makes the device's own where there
// are none yet. They are kept in the operating system's key store where one
// answers, else in files in dir/keys that only their owner can read.
func Open(dir string) (*Keys, error) {
	store, err := openSecrets(dir)
	if err != nil {
		return nil, fmt.Errorf("open keys: %w", err)
	}
	k := &Keys{store: store, company: map[string]*age.X25519Identity{}}
	if err := k.openDevice(); err != nil {
		return nil, fmt.Errorf("open keys: %w", err)
	}
	if err := k.readCompany(); err != nil {
		return nil, fmt.Errorf("open keys: %w", err)
	}
	return k, nil
}

func (k *Keys) openDevice() error {
	seed, err := k.store.loadOrMake(deviceSecret, func() (string, error) {
		b := make([]byte, ed25519.SeedSize)
		rand.Read(b) // never fails: crypto/rand ends the program instead
		return base64.StdEncoding.EncodeToString(b), nil
	})
	if err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(seed)
	if err != nil || len(raw) != ed25519.SeedSize {
		return fmt.Errorf("%s is damaged: put back a copy of it, or enrol this device again in a new data folder", k.store.where(deviceSecret))
	}
	k.device = ed25519.NewKeyFromSeed(raw)
	text, err := k.store.loadOrMake(ageSecret, func() (string, error) {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return "", err
		}
		return id.String(), nil
	})
	if err != nil {
		return err
	}
	if k.age, err = age.ParseX25519Identity(text); err != nil {
		return fmt.Errorf("%s is damaged: put back a copy of it, or enrol this device again in a new data folder", k.store.where(ageSecret))
	}
	return nil
}

// readCompany loads the company identities that the store holds.
func (k *Keys) readCompany() error {
	names, err := k.store.names(companyPrefix)
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := k.store.load(name)
		if err != nil {
			return err
		}
		id, err := age.ParseX25519Identity(text)
		if err != nil {
			return fmt.Errorf("%s is damaged: move it away; the next sync brings it again", k.store.where(name))
		}
		k.company[strings.TrimPrefix(name, companyPrefix)] = id
	}
	return nil
}

// Device returns the device's signing key.
func (k *Keys) Device() ed25519.PrivateKey { return k.device }

// Recipient returns the device's age recipient, to which others wrap keys.
func (k *Keys) Recipient() string { return k.age.Recipient().String() }

// InKeyStore reports whether the device's key is in the operating system's key
// store rather than in a file.
func (k *Keys) InKeyStore() bool { return k.store.elsewhere(deviceSecret) }

// CompanyKey is a company's age identity as it is published: its recipient, and
// the identity wrapped for each device that may hold it.
type CompanyKey struct {
	ID        string
	Recipient string
	Wrapped   string // JSON object: device id → base64 age ciphertext
	Signature []byte // by the device that made or endorsed it
}

// MakeCompanyKey makes the company's identity, keeps it, and returns what is
// published of it, wrapped for this device and signed by it. The first kiosk of
// a company does this once.
func (k *Keys) MakeCompanyKey(id string, company timeclock.CompanyID, device timeclock.DeviceID) (CompanyKey, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return CompanyKey{}, fmt.Errorf("make company key: %w", err)
	}
	sealed, err := encrypt([]byte(identity.String()), k.Recipient())
	if err != nil {
		return CompanyKey{}, fmt.Errorf("make company key: %w", err)
	}
	wrapped, err := json.Marshal(map[timeclock.DeviceID][]byte{device: sealed})
	if err != nil {
		return CompanyKey{}, fmt.Errorf("make company key: %w", err)
	}
	if err := k.keepCompany(id, identity); err != nil {
		return CompanyKey{}, fmt.Errorf("make company key: %w", err)
	}
	c := CompanyKey{ID: id, Recipient: identity.Recipient().String(), Wrapped: string(wrapped)}
	c.Signature = ed25519.Sign(k.device, c.signed(company))
	return c, nil
}

// signed returns the bytes that a device signs for a company key.
func (c CompanyKey) signed(company timeclock.CompanyID) []byte {
	return []byte(strings.Join([]string{"clockface company key 1", string(company), c.ID, c.Recipient, c.Wrapped}, "\x00"))
}

// LearnCompanyKey keeps the company's identity when it is wrapped for this
// device. It reports false where it is not.
func (k *Keys) LearnCompanyKey(c CompanyKey, device timeclock.DeviceID) (bool, error) {
	if k.HoldsCompanyKey(c.ID) {
		return true, nil
	}
	var wrapped map[timeclock.DeviceID][]byte
	if err := json.Unmarshal([]byte(c.Wrapped), &wrapped); err != nil {
		return false, fmt.Errorf("company key %s: %w: %w", c.ID, ErrDamaged, err)
	}
	sealed, ok := wrapped[device]
	if !ok {
		return false, nil
	}
	text, err := decrypt(sealed, k.age)
	if err != nil {
		return false, fmt.Errorf("company key %s: %w", c.ID, err)
	}
	id, err := age.ParseX25519Identity(string(text))
	if err != nil || id.Recipient().String() != c.Recipient {
		return false, fmt.Errorf("company key %s: %w: it does not belong to its recipient", c.ID, ErrDamaged)
	}
	if err := k.keepCompany(c.ID, id); err != nil {
		return false, fmt.Errorf("company key %s: %w", c.ID, err)
	}
	return true, nil
}

// HoldsCompanyKey reports whether this device can open what is sealed to the
// company key of that id.
func (k *Keys) HoldsCompanyKey(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.company[id] != nil
}

func (k *Keys) keepCompany(id string, identity *age.X25519Identity) error {
	if err := k.store.create(companyPrefix+id, identity.String()); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.company[id] = identity
	return nil
}

// decryptCompany opens with any company identity that is held.
func (k *Keys) decryptCompany(sealed []byte) ([]byte, error) {
	k.mu.Lock()
	ids := make([]age.Identity, 0, len(k.company))
	for _, id := range k.company {
		ids = append(ids, id)
	}
	k.mu.Unlock()
	if len(ids) == 0 {
		return nil, ErrNotHolder
	}
	return decrypt(sealed, slices.Clip(ids)...)
}
