package vault_test

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zalando/go-keyring"

	"clockface/localdb/vault"
	"clockface/timeclock"
)

const (
	company = timeclock.CompanyID("company")
	kiosk   = timeclock.DeviceID("kiosk")
)

func open(t *testing.T, dir string) *vault.Keys {
	t.Helper()
	k, err := vault.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// noKeyStore keeps the test's keys out of the desktop's key store.
func noKeyStore(t *testing.T) { t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") }

func anyone(timeclock.DeviceID, ed25519.PublicKey) bool { return true }

func sample() vault.Template {
	return vault.Template{Company: company, Employee: "anna", Credential: "c1", Kind: timeclock.FaceTemplate, Pack: "dlib",
		Vectors: [][]float32{{0.5, -0.25}, {1, 2}}, Device: kiosk}
}

func expected(t vault.Template) vault.Expected {
	return vault.Expected{Company: t.Company, Employee: t.Employee, Credential: t.Credential, Kind: t.Kind, Pack: t.Pack}
}

func TestKeysAreTheSameAfterARestartAndPrivate(t *testing.T) {
	noKeyStore(t)
	dir := t.TempDir()
	k := open(t, dir)
	if _, err := k.MakeCompanyKey("k1", company, kiosk); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	if !k.Device().Equal(again.Device()) || k.Recipient() != again.Recipient() || !again.HoldsCompanyKey("k1") {
		t.Error("the keys are others after a restart")
	}
	files, err := filepath.Glob(filepath.Join(dir, "keys", "*"))
	if err != nil || len(files) != 3 {
		t.Fatalf("files = %v, %v; want three", files, err)
	}
	for _, f := range append(files, filepath.Join(dir, "keys")) {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v %v", f, info.Mode(), err)
		}
	}
}

func TestTwoProgramsThatStartTogetherGetTheSameKeys(t *testing.T) {
	noKeyStore(t)
	dir := t.TempDir()
	got := make(chan string)
	for range 8 {
		go func() {
			k, err := vault.Open(dir)
			if err != nil {
				got <- err.Error()
				return
			}
			got <- k.Recipient() + string(k.Device())
		}()
	}
	first := <-got
	for range 7 {
		if next := <-got; next != first {
			t.Fatalf("keys differ: %q and %q", first, next)
		}
	}
}

func TestASealedTemplateOpensForTheHolderOnly(t *testing.T) {
	noKeyStore(t)
	holder, other := open(t, t.TempDir()), open(t, t.TempDir())
	key, err := holder.MakeCompanyKey("k1", company, kiosk)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Seal(sample(), holder.Device(), key.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	got, err := holder.Unseal(sealed, expected(sample()), anyone)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Error(diff)
	}
	if _, err := other.Unseal(sealed, expected(sample()), anyone); !errors.Is(err, vault.ErrNotHolder) {
		t.Errorf("error = %v, want ErrNotHolder", err)
	}
	if _, err := other.MakeCompanyKey("k2", company, "other"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Unseal(sealed, expected(sample()), anyone); !errors.Is(err, vault.ErrNotHolder) {
		t.Errorf("with another company's key: error = %v, want ErrNotHolder", err)
	}
}

func TestATemplateIsRefusedWhereItDoesNotBelong(t *testing.T) {
	noKeyStore(t)
	k := open(t, t.TempDir())
	key, err := k.MakeCompanyKey("k1", company, kiosk)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Seal(sample(), k.Device(), key.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		sealed []byte
		change func(*vault.Expected)
		trust  vault.Trust
		want   error
	}{
		"another employee":          {sealed, func(e *vault.Expected) { e.Employee = "bert" }, anyone, vault.ErrMismatch},
		"another company":           {sealed, func(e *vault.Expected) { e.Company = "x" }, anyone, vault.ErrMismatch},
		"another credential":        {sealed, func(e *vault.Expected) { e.Credential = "c2" }, anyone, vault.ErrMismatch},
		"another kind":              {sealed, func(e *vault.Expected) { e.Kind = timeclock.PIN }, anyone, vault.ErrMismatch},
		"another pack":              {sealed, func(e *vault.Expected) { e.Pack = "x" }, anyone, vault.ErrMismatch},
		"a signer without trust":    {sealed, nil, func(timeclock.DeviceID, ed25519.PublicKey) bool { return false }, vault.ErrUntrusted},
		"cut short":                 {sealed[:len(sealed)-5], nil, anyone, vault.ErrDamaged},
		"changed on the way":        {append(append([]byte{}, sealed[:len(sealed)-5]...), 1, 2, 3, 4, 5), nil, anyone, vault.ErrDamaged},
		"nothing at all":            {nil, nil, anyone, vault.ErrDamaged},
		"something else altogether": {[]byte("hello"), nil, anyone, vault.ErrDamaged},
	} {
		want := expected(sample())
		if tc.change != nil {
			tc.change(&want)
		}
		if _, err := k.Unseal(tc.sealed, want, tc.trust); !errors.Is(err, tc.want) {
			t.Errorf("%s: error = %v, want %v", name, err, tc.want)
		}
	}
}

func TestTheSignersOwnKeyIsWhatTrustIsAskedAbout(t *testing.T) {
	noKeyStore(t)
	k := open(t, t.TempDir())
	key, err := k.MakeCompanyKey("k1", company, kiosk)
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, _ := ed25519.GenerateKey(nil)
	sealed, err := vault.Seal(sample(), stranger, key.Recipient) // claims to be the kiosk
	if err != nil {
		t.Fatal(err)
	}
	own := k.Device().Public().(ed25519.PublicKey)
	_, err = k.Unseal(sealed, expected(sample()), func(d timeclock.DeviceID, p ed25519.PublicKey) bool { return d == kiosk && own.Equal(p) })
	if !errors.Is(err, vault.ErrUntrusted) {
		t.Errorf("error = %v, want ErrUntrusted", err)
	}
}

func TestACompanyKeyIsLearntWhereItIsWrapped(t *testing.T) {
	noKeyStore(t)
	dir := t.TempDir()
	k := open(t, dir)
	key, err := k.MakeCompanyKey("k1", company, kiosk)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "keys", "company-k1")); err != nil {
		t.Fatal(err)
	}
	lost := open(t, dir)
	if ok, err := lost.LearnCompanyKey(key, "another"); ok || err != nil {
		t.Errorf("learnt = %v, %v for another device", ok, err)
	}
	if ok, err := lost.LearnCompanyKey(key, kiosk); !ok || err != nil || !lost.HoldsCompanyKey("k1") {
		t.Errorf("learnt = %v, %v", ok, err)
	}
	wrong := key
	wrong.ID, wrong.Recipient = "k2", k.Recipient()
	if _, err := lost.LearnCompanyKey(wrong, kiosk); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("error = %v, want ErrDamaged", err)
	}
}

func TestADamagedKeyFileIsNamed(t *testing.T) {
	noKeyStore(t)
	dir := t.TempDir()
	open(t, dir)
	file := filepath.Join(dir, "keys", "device-sign")
	if err := os.WriteFile(file, []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(dir); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error = %v, want the file's name", err)
	}
}

func TestKeysInTheKeyStoreAreNotMadeAnewWhereItIsAway(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/somewhere")
	keyring.MockInit()
	dir := t.TempDir()
	k := open(t, dir)
	if !k.InKeyStore() {
		t.Fatal("the key is not in the key store")
	}
	if again := open(t, dir); !again.Device().Equal(k.Device()) {
		t.Error("the key is another after a restart")
	}
	keyring.MockInitWithError(errors.New("no answer"))
	if _, err := vault.Open(dir); err == nil || !strings.Contains(err.Error(), "key store") {
		t.Errorf("error = %v, want it to name the key store", err)
	}
	fresh := open(t, t.TempDir())
	if fresh.InKeyStore() {
		t.Error("a key went into a key store that does not answer")
	}
}

func TestAPINIsCheckedFastEnoughForTheDoor(t *testing.T) {
	h, err := vault.HashPIN("4711")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for _, pin := range []string{"4711", "4712"} {
		ok, err := vault.VerifyPIN(h, pin)
		if err != nil || ok != (pin == "4711") {
			t.Errorf("PIN %s: %v, %v", pin, ok, err)
		}
	}
	t.Logf("two checks took %s", time.Since(start))
	if _, err := vault.VerifyPIN("nonsense", "1"); err == nil {
		t.Error("a damaged verifier was taken")
	}
}
