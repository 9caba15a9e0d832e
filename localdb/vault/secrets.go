package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

const (
	// service is the name under which secrets stand in the system's key store.
	service = "clockface"
	// inKeyStore is the content of a file whose secret is in the key store, so
	// that a program that finds no key store says so instead of making new keys.
	inKeyStore = "in the key store of the operating system\n"
	// keyStoreWait is how long the key store may take: a locked one may be
	// waiting for a password on a screen that nobody watches.
	keyStoreWait = 3 * time.Second
)

// secrets keeps named texts, each in a 0600 file of its own or in the key store.
type secrets struct {
	dir string // absolute
}

func openSecrets(dataDir string) (*secrets, error) {
	dir, err := filepath.Abs(filepath.Join(dataDir, "keys"))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &secrets{dir: dir}, nil
}

// where names a secret's place in messages.
func (s *secrets) where(name string) string { return filepath.Join(s.dir, name) }

// account tells apart the secrets of several data folders of one user.
func (s *secrets) account(name string) string { return s.where(name) }

// names lists the secrets with that prefix.
func (s *secrets) names(prefix string) ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && !strings.HasSuffix(e.Name(), ".new") {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// elsewhere reports whether the secret is in the key store.
func (s *secrets) elsewhere(name string) bool {
	b, err := os.ReadFile(s.where(name))
	return err == nil && string(b) == inKeyStore
}

// load returns a secret, or an error that wraps fs.ErrNotExist.
func (s *secrets) load(name string) (string, error) {
	b, err := os.ReadFile(s.where(name))
	if err != nil {
		return "", err
	}
	if string(b) != inKeyStore {
		return strings.TrimSpace(string(b)), nil
	}
	var text string
	err = withKeyStore(func() (err error) {
		text, err = keyring.Get(service, s.account(name))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("%s is in the operating system's key store, which does not give it: start this in the desktop session that enrolled the device: %w", s.where(name), err)
	}
	return text, nil
}

// create keeps a new secret. When another program has just made one of that
// name, the error wraps fs.ErrExist.
func (s *secrets) create(name, text string) error {
	content := text + "\n"
	if keyStoreThere() {
		err := withKeyStore(func() error { return keyring.Set(service, s.account(name), text) })
		if err == nil {
			content = inKeyStore
		}
	}
	f, err := os.CreateTemp(s.dir, name+".*.new") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(content); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Link(f.Name(), s.where(name)) // fails where the name is taken, unlike a rename
}

// loadOrMake returns the secret and makes it where there is none.
func (s *secrets) loadOrMake(name string, fresh func() (string, error)) (string, error) {
	text, err := s.load(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	if text, err = fresh(); err != nil {
		return "", err
	}
	if err := s.create(name, text); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return s.load(name) // another program may have been quicker
}

// keyStoreThere reports whether asking the key store makes sense: on Linux it
// is reached over the session bus.
func keyStoreThere() bool {
	return runtime.GOOS == "darwin" || runtime.GOOS == "windows" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != ""
}

var errKeyStoreSilent = errors.New("the key store does not answer")

func withKeyStore(do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }() // keyring takes no context; a silent store leaves this goroutine behind
	select {
	case err := <-done:
		return err
	case <-time.After(keyStoreWait):
		return errKeyStoreSilent
	}
}
