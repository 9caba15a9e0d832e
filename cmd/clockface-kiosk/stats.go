package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"clockface/kiosk"
)

// countEvery is how often the frames shown are written.
const countEvery = time.Second

// stats writes diagnostics as JSON lines: each screen as it comes up, and once a
// second how many pictures the preview has shown since the start. The format is
// in docs/kiosk-events.md. A nil stats writes nothing.
type stats struct {
	mu   sync.Mutex
	file *os.File
	last kiosk.Screen
}

// openStats makes the file; an empty name gives nil.
func openStats(file string) (*stats, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("write diagnostics: %w", err)
	}
	return &stats{file: f}, nil
}

func (s *stats) write(fields map[string]any) {
	fields["time"] = time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00")
	line, err := json.Marshal(fields)
	if err != nil {
		return // strings and numbers always encode
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// A full disk must not stop the kiosk for want of its diagnostics.
	_, _ = s.file.Write(append(line, '\n'))
}

// screen writes the name of a screen that has come up.
func (s *stats) screen(v kiosk.View) {
	if s == nil || v.Screen == s.last {
		return
	}
	s.last = v.Screen
	s.write(map[string]any{"screen": string(v.Screen)})
}

// count writes the pictures shown until the context ends.
func (s *stats) count(ctx context.Context, shown func() int64) error {
	if s == nil {
		return nil
	}
	ticker := time.NewTicker(countEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			s.write(map[string]any{"frames_shown": shown()})
		}
	}
}

// Close closes the file.
func (s *stats) Close() error {
	if s == nil {
		return nil
	}
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("close diagnostics: %w", err)
	}
	return nil
}
