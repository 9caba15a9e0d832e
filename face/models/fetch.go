package models

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNoPip is returned where no pip is installed to fetch a pack with.
var ErrNoPip = errors.New("pip is not installed: on Debian and Ubuntu run: apt install python3-pip")

// A Download leaves the archive in the folder under its name. [Pip] is the one
// in use; tests bring their own.
type Download func(ctx context.Context, a Archive, dir string, progress io.Writer) error

// Fetch brings the files of the pack that the folder lacks or holds damaged.
// What is good already is kept, so that calling it again costs a check; an
// archive that came before Fetch was interrupted is used. Each file appears
// under its name only once it is whole and has its checksum. Lines on what
// happens go to progress.
func Fetch(ctx context.Context, p Pack, dir string, download Download, progress io.Writer) error {
	if Check(dir, p) == nil {
		fmt.Fprintf(progress, "models: pack %s is complete in %s\n", p.Name, dir)
		return nil
	}
	parts := filepath.Join(dir, ".download")
	if err := os.MkdirAll(parts, 0o755); err != nil {
		return fmt.Errorf("fetch pack %s: %w", p.Name, err)
	}
	archive := filepath.Join(parts, p.Archive.Name)
	if checkArchive(archive, p.Archive) != nil {
		fmt.Fprintf(progress, "models: fetching %s %s (%d MB)\n", p.Archive.Project, p.Archive.Version, p.Archive.Size/1_000_000)
		if err := download(ctx, p.Archive, parts, progress); err != nil {
			return fmt.Errorf("fetch pack %s: %w", p.Name, err)
		}
		if err := checkArchive(archive, p.Archive); err != nil {
			return fmt.Errorf("fetch pack %s: %w", p.Name, err)
		}
	}
	if err := extract(ctx, archive, p, dir, progress); err != nil {
		return fmt.Errorf("fetch pack %s: %w", p.Name, err)
	}
	if err := Check(dir, p); err != nil {
		return fmt.Errorf("fetch pack %s: %w", p.Name, err)
	}
	if err := os.RemoveAll(parts); err != nil {
		return fmt.Errorf("fetch pack %s: %w", p.Name, err)
	}
	fmt.Fprintf(progress, "models: pack %s is complete in %s\n", p.Name, dir)
	return nil
}

// checkArchive returns an error unless the archive is there and whole.
func checkArchive(path string, a Archive) error {
	if e := checkFile(filepath.Dir(path), File{Name: a.Name, Size: a.Size, SHA256: a.SHA256}); e != nil {
		return e
	}
	return nil
}

// extract writes the pack's files out of the archive.
func extract(ctx context.Context, archive string, p Pack, dir string, progress io.Writer) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("open %s: %w", p.Archive.Name, err)
	}
	wanted := make(map[string]File, len(p.Files))
	for _, file := range p.Files {
		wanted[file.Member] = file
	}
	members := tar.NewReader(z)
	for len(wanted) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		head, err := members.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", p.Archive.Name, err)
		}
		file, ok := wanted[head.Name]
		if !ok || head.Typeflag != tar.TypeReg {
			continue
		}
		if err := place(members, file, dir); err != nil {
			return err
		}
		fmt.Fprintf(progress, "models: %s (%d bytes)\n", file.Name, file.Size)
		delete(wanted, head.Name)
	}
	for member := range wanted {
		return fmt.Errorf("%s does not hold %s", p.Archive.Name, member)
	}
	return nil
}

// place writes the file beside its place, checks it and gives it its name.
func place(r io.Reader, file File, dir string) (err error) {
	out, err := os.CreateTemp(dir, "."+file.Name+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close(), os.Remove(out.Name()))
		}
	}()
	got, err := sum(io.TeeReader(io.LimitReader(r, file.Size), out))
	if err != nil {
		return fmt.Errorf("write %s: %w", file.Name, err)
	}
	if got != file.SHA256 {
		return fmt.Errorf("%s in the archive has sha256 %s; it should be %s", file.Name, got, file.SHA256)
	}
	if err := errors.Join(out.Chmod(0o644), out.Sync()); err != nil {
		return fmt.Errorf("write %s: %w", file.Name, err)
	}
	if err := os.Rename(out.Name(), filepath.Join(dir, file.Name)); err != nil {
		return err
	}
	return out.Close()
}

// Pip downloads the archive with the first pip it finds; what pip says goes to
// progress.
func Pip(ctx context.Context, a Archive, dir string, progress io.Writer) error {
	pip, err := findPip(ctx)
	if err != nil {
		return err
	}
	args := append(pip[1:], "download", "--no-deps", "--no-binary", ":all:", "--dest", dir,
		"--disable-pip-version-check", "--progress-bar", "off", a.Project+"=="+a.Version)
	cmd := exec.CommandContext(ctx, pip[0], args...)
	cmd.Stdout, cmd.Stderr = progress, progress
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("pip download %s==%s: %w; look at its lines above, then run this again", a.Project, a.Version, err)
	}
	return nil
}

// findPip returns the command line of a pip that starts.
func findPip(ctx context.Context) ([]string, error) {
	for _, c := range [][]string{{"python3", "-m", "pip"}, {"pip3"}, {"pip"}, {"python", "-m", "pip"}} {
		if _, err := exec.LookPath(c[0]); err != nil {
			continue
		}
		args := append(c[1:len(c):len(c)], "--version")
		if exec.CommandContext(ctx, c[0], args...).Run() == nil {
			return c, nil
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, ErrNoPip
}
