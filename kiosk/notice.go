package kiosk

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"clockface/timeclock"
)

// NoticeKind is the word in a notice's field "event".
type NoticeKind string

// The kinds of notices. They and their fields are described in
// docs/kiosk-events.md and are stable.
const (
	NoticeReady      NoticeKind = "ready"
	NoticeIdentified NoticeKind = "identified"
	NoticePunched    NoticeKind = "punched"
	NoticeRepeated   NoticeKind = "repeated"
	NoticeUnknown    NoticeKind = "unknown"
	NoticeUndone     NoticeKind = "undone"
	NoticeChanged    NoticeKind = "changed"
	NoticeSynced     NoticeKind = "synced"
	NoticeError      NoticeKind = "error"
	NoticeEnded      NoticeKind = "ended"
)

// Notice is one thing that happened, for whoever reads the kiosk's output.
// Which fields are written depends on the kind.
type Notice struct {
	Event      NoticeKind
	Punch      timeclock.PunchID
	Employee   timeclock.EmployeeID
	Name       string
	Number     string
	Kind       timeclock.PunchKind
	Method     timeclock.Method
	Confidence float64
	At         timeclock.Micros
	Took       time.Duration // from the first frame with the face, or the first digit
	Reason     string
	Acked      int
	Waiting    int
	Code       string
	Message    string
	Punches    int
	Faces      int // people who can be recognised
}

// fields returns what the kind writes.
func (n Notice) fields() map[string]any {
	ms := float64(n.Took.Microseconds()) / 1000
	switch n.Event {
	case NoticeReady:
		return map[string]any{"faces": n.Faces}
	case NoticeIdentified:
		return map[string]any{"employee": n.Employee, "name": n.Name, "number": n.Number, "method": n.Method,
			"confidence": n.Confidence, "ms": ms}
	case NoticePunched:
		return map[string]any{"punch": n.Punch, "employee": n.Employee, "kind": n.Kind, "method": n.Method,
			"at": instant(n.At.Time()), "ms": ms}
	case NoticeRepeated:
		return map[string]any{"employee": n.Employee, "punch": n.Punch}
	case NoticeUnknown:
		return map[string]any{"reason": n.Reason}
	case NoticeUndone:
		return map[string]any{"punch": n.Punch}
	case NoticeChanged:
		return map[string]any{"punch": n.Punch, "kind": n.Kind}
	case NoticeSynced:
		return map[string]any{"acked": n.Acked, "waiting": n.Waiting}
	case NoticeError:
		return map[string]any{"code": n.Code, "message": n.Message}
	case NoticeEnded:
		return map[string]any{"punches": n.Punches}
	}
	return map[string]any{}
}

// instant is RFC 3339 in UTC with microseconds, always of the same length.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z07:00") }

// A NoticeWriter writes notices as JSON, one object a line. It is safe for use
// by several goroutines; lines are never mixed.
type NoticeWriter struct {
	mu  sync.Mutex
	out io.Writer
	now func() time.Time
}

// NewNoticeWriter returns a writer to out that stamps each line with now.
func NewNoticeWriter(out io.Writer, now func() time.Time) *NoticeWriter {
	return &NoticeWriter{out: out, now: now}
}

// Write writes one notice.
func (w *NoticeWriter) Write(n Notice) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	line := n.fields()
	line["event"], line["time"] = string(n.Event), instant(w.now())
	raw, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode notice %s: %w", n.Event, err)
	}
	if _, err := w.out.Write(append(raw, '\n')); err != nil {
		return fmt.Errorf("write notice %s: %w", n.Event, err)
	}
	return nil
}
