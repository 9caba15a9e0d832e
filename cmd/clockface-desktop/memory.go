package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"clockface/desktop"
)

// memoryFile keeps the window's state in a file of the data folder.
type memoryFile struct{ dir string }

func (m *memoryFile) path() string { return filepath.Join(m.dir, "desktop.json") }

// Load reads the file; a missing one is an empty memory.
func (m *memoryFile) Load() (desktop.Remembered, error) {
	var r desktop.Remembered
	text, err := os.ReadFile(m.path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, nil
	case err != nil:
		return r, fmt.Errorf("read the window's state: %w", err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return desktop.Remembered{}, fmt.Errorf("read the window's state in %s: %w", m.path(), err)
	}
	return r, nil
}

// Save replaces the file as a whole, so that an interrupted write costs nothing.
func (m *memoryFile) Save(r desktop.Remembered) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the window's state: %w", err)
	}
	next := m.path() + ".next"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep the window's state: %w", err)
	}
	if err := os.Rename(next, m.path()); err != nil {
		return fmt.Errorf("keep the window's state: %w", err)
	}
	return nil
}
