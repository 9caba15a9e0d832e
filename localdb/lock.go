package localdb

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// lockFile is held by the kiosk or desktop of a data folder.
const lockFile = "program.lock"

// holder is what a lock file says about who holds it.
type holder struct {
	Program string `json:"program"`
	PID     int    `json:"pid"`
}

// Lock makes the calling program the one kiosk or desktop of the data folder
// until unlock is called or the process ends. It returns an [InUseError] that
// names the program that holds the folder.
func Lock(dir, program string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder %s (choose another with --data): %w", dir, err)
	}
	name := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	got, err := tryLock(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	if !got {
		f.Close()
		h := readHolder(name)
		return nil, &InUseError{Dir: dir, Program: h.Program, PID: h.PID}
	}
	if err := writeHolder(f, holder{Program: program, PID: os.Getpid()}); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	return func() { f.Close() }, nil // closing gives the lock back; a second time does nothing
}

// LockedBy tells which program holds the folder; held is false when none does.
func LockedBy(dir string) (program string, pid int, held bool, err error) {
	name := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(name, os.O_RDWR, 0o600)
	if os.IsNotExist(err) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, fmt.Errorf("look at lock of data folder %s: %w", dir, err)
	}
	defer f.Close()
	free, err := tryLock(f)
	if err != nil {
		return "", 0, false, fmt.Errorf("look at lock of data folder %s: %w", dir, err)
	}
	if free {
		return "", 0, false, nil
	}
	h := readHolder(name)
	return h.Program, h.PID, true, nil
}

// waitLock waits for a lock that is held for moments only.
func waitLock(name string) (unlock func(), err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := blockingLock(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func writeHolder(f *os.File, h holder) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	return err
}

// readHolder returns who wrote the file; an unreadable one names "another program".
func readHolder(name string) holder {
	h := holder{Program: "another program"}
	if b, err := os.ReadFile(name); err == nil {
		if json.Unmarshal(b, &h) != nil || h.Program == "" {
			h.Program = "another program"
		}
	}
	return h
}
