package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"clockface/cloud/keys"
)

func TestTheSameFileGivesTheSameKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub", "cloud.key")
	if _, err := keys.Load(file); !errors.Is(err, keys.ErrNoKeyFile) {
		t.Errorf("error %v, want ErrNoKeyFile", err)
	}
	made, err := keys.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v, want 0600", info.Mode(), err)
	}
	again, err := keys.Create(file) // keeps what is there
	if err != nil {
		t.Fatal(err)
	}
	a, err := made.Company("a")
	if err != nil {
		t.Fatal(err)
	}
	same, err := again.Company("a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := again.Company("b")
	if err != nil {
		t.Fatal(err)
	}
	if !a.Equal(same) || a.Equal(other) {
		t.Error("keys do not depend on seed and company alone")
	}
}

func TestADamagedKeyFileIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cloud.key")
	for _, text := range []string{"", "not base64!", "AAAA"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Load(file); err == nil {
			t.Errorf("key file %q was taken", text)
		}
	}
}
