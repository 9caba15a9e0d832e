package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sumOf(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// invented returns a pack of two files and the archive that holds them.
func invented(t *testing.T) (Pack, []byte) {
	t.Helper()
	contents := map[string][]byte{"x/big.dat": bytes.Repeat([]byte("big"), 1000), "x/small.dat": []byte("small"), "x/other.dat": []byte("other")}
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	w := tar.NewWriter(z)
	for _, name := range []string{"x/other.dat", "x/big.dat", "x/small.dat"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(contents[name])), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(contents[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	p := Pack{Name: "invented", Archive: Archive{
		Project: "invented", Version: "1", Name: "invented-1.tar.gz", Size: int64(buf.Len()), SHA256: sumOf(buf.Bytes()),
	}}
	for _, name := range []string{"big.dat", "small.dat"} {
		data := contents["x/"+name]
		p.Files = append(p.Files, File{Name: name, Member: "x/" + name, Size: int64(len(data)), SHA256: sumOf(data)})
	}
	return p, buf.Bytes()
}

// client is a download that leaves what it is told to and counts its calls.
type client struct {
	leaves []byte
	err    error
	calls  int
}

func (c *client) download(_ context.Context, a Archive, dir string, _ io.Writer) error {
	c.calls++
	if c.leaves != nil {
		if err := os.WriteFile(filepath.Join(dir, a.Name), c.leaves, 0o600); err != nil {
			return err
		}
	}
	return c.err
}

func TestFetchBringsOnlyTheFilesOfThePackAndOnlyOnce(t *testing.T) {
	p, archive := invented(t)
	dir, c := filepath.Join(t.TempDir(), "deep", "models"), &client{leaves: archive}
	for range 2 {
		if err := Fetch(context.Background(), p, dir, c.download, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	if c.calls != 1 {
		t.Errorf("downloads = %d, want 1", c.calls)
	}
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got, want := strings.Join(names, " "), "big.dat small.dat"; got != want {
		t.Errorf("folder holds %q, want %q", got, want)
	}
}

func TestFetchRepairsADamagedFile(t *testing.T) {
	p, archive := invented(t)
	dir, c := t.TempDir(), &client{leaves: archive}
	damaged := filepath.Join(dir, "big.dat")
	if err := os.WriteFile(damaged, []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Fetch(context.Background(), p, dir, c.download, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := Check(dir, p); err != nil {
		t.Errorf("Check after Fetch = %v", err)
	}
}

func TestFetchGoesOnWhereItWasInterrupted(t *testing.T) {
	p, archive := invented(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	first := &client{leaves: archive}
	err := Fetch(ctx, p, dir, func(ctx context.Context, a Archive, dir string, w io.Writer) error {
		cancel() // after the download, before the files are taken out
		return first.download(ctx, a, dir, w)
	}, io.Discard)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Fetch = %v, want %v", err, context.Canceled)
	}
	second := &client{err: errors.New("no network")}
	if err := Fetch(context.Background(), p, dir, second.download, io.Discard); err != nil || second.calls != 0 {
		t.Errorf("Fetch again = %v after %d downloads, want none of both", err, second.calls)
	}
}

func TestFetchUsesNothingWithoutItsChecksum(t *testing.T) {
	p, archive := invented(t)
	other := bytes.Clone(archive)
	other[len(other)/2] ^= 1
	wrongFile := p
	wrongFile.Files = []File{p.Files[0]}
	wrongFile.Files[0].SHA256 = sumOf([]byte("something else"))
	lacking := p
	lacking.Files = append([]File{{Name: "none.dat", Member: "x/none.dat", Size: 1}}, p.Files...)
	for _, c := range []struct {
		name   string
		pack   Pack
		client *client
		want   string
	}{
		{"another archive", p, &client{leaves: other}, p.Archive.SHA256},
		{"half an archive", p, &client{leaves: archive[:100]}, "100 bytes"},
		{"no archive", p, &client{}, "missing"},
		{"no network", p, &client{err: errors.New("no network")}, "no network"},
		{"another file in the archive", wrongFile, &client{leaves: archive}, wrongFile.Files[0].SHA256},
		{"a file that the archive lacks", lacking, &client{leaves: archive}, "x/none.dat"},
	} {
		dir := t.TempDir()
		err := Fetch(context.Background(), c.pack, dir, c.client.download, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Fetch = %v, want an error with %q", c.name, err, c.want)
		}
		if _, err := os.Stat(filepath.Join(dir, c.pack.Files[0].Name)); err == nil {
			t.Errorf("%s: %s is there all the same", c.name, c.pack.Files[0].Name)
		}
	}
}

func TestCheckNamesEachFileWithWhatIsWrong(t *testing.T) {
	p, _ := invented(t)
	p.Files = append(p.Files, File{Name: "none.dat", Size: 3}, File{Name: "long.dat", Size: 3}, File{Name: "folder.dat", Size: 3})
	dir := t.TempDir()
	for name, data := range map[string]string{"big.dat": "", "small.dat": "SMALL", "long.dat": "1234"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.dat"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := Check(dir, p)
	var bad *PackError
	if !errors.As(err, &bad) || len(bad.Files) != 5 {
		t.Fatalf("Check = %v, want five files", err)
	}
	for _, want := range []string{
		"big.dat is empty (0 bytes", p.Files[0].SHA256, "small.dat is damaged (sha256 " + sumOf([]byte("SMALL")), p.Files[1].SHA256,
		"none.dat is missing", "long.dat is damaged (4 bytes instead of 3", "folder.dat: is a folder",
		"clockface models fetch invented --models " + dir,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v, want %q in it", err, want)
		}
	}
	for name, want := range map[string]State{"big.dat": Empty, "small.dat": Damaged, "none.dat": Missing} {
		f := File{Name: name, Size: 5, SHA256: "x"}
		if got := StateOf(dir, f); got != want {
			t.Errorf("StateOf(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestMissingPipIsSaidInWords(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := Pip(context.Background(), Archive{}, t.TempDir(), io.Discard)
	if !errors.Is(err, ErrNoPip) {
		t.Errorf("Pip without pip = %v, want %v", err, ErrNoPip)
	}
}

func TestPipIsAskedForTheSourcePackageAlone(t *testing.T) {
	bin, dir := t.TempDir(), t.TempDir()
	script := "#!/bin/sh\necho \"$@\" >>" + filepath.Join(bin, "log") + "\n"
	if err := os.WriteFile(filepath.Join(bin, "pip3"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	if err := Pip(context.Background(), Archive{Project: "p", Version: "1"}, dir, io.Discard); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(bin, "log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"download", "--no-deps", "--no-binary :all:", "p==1", dir} {
		if !strings.Contains(string(log), want) {
			t.Errorf("pip was called with %q, want %q in it", log, want)
		}
	}
}

func TestDefaultFolderIsOverriddenByTheEnvironment(t *testing.T) {
	t.Setenv(Variable, "/some/where")
	if got, err := DefaultDir(); got != "/some/where" || err != nil {
		t.Errorf("DefaultDir = %q, %v, want the variable's", got, err)
	}
	t.Setenv(Variable, "")
	if got, err := DefaultDir(); err == nil && !strings.Contains(got, "clockface") {
		t.Errorf("DefaultDir = %q, want a folder of this product", got)
	}
}

func TestUnknownPackIsNamedWithThoseThereAre(t *testing.T) {
	if _, err := ByName("none"); err == nil || !strings.Contains(err.Error(), "dlib") {
		t.Errorf("ByName(none) = %v, want dlib named", err)
	}
}
