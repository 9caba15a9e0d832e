package kiosk

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrCommand means that a line is no command.
var ErrCommand = errors.New("not a command")

// ParseCommand reads a line that a device or a test writes to a kiosk without a
// window, see docs/kiosk-events.md: {"pin":{"number":"12","pin":"1234"}},
// {"not_me":true} or {"other_direction":true}.
func ParseCommand(line []byte) (Input, error) {
	var c struct {
		PIN *struct {
			Number string `json:"number"`
			PIN    string `json:"pin"`
		} `json:"pin"`
		NotMe          bool `json:"not_me"`
		OtherDirection bool `json:"other_direction"`
	}
	if err := json.Unmarshal(line, &c); err != nil {
		return nil, fmt.Errorf("%w: no JSON object", ErrCommand) // the text may hold a PIN: it is not repeated
	}
	switch {
	case c.PIN != nil:
		if !digits(c.PIN.Number, 1, MaxNumber) || !digits(c.PIN.PIN, MinPIN, MaxPIN) {
			return nil, fmt.Errorf("%w: a number has 1 to %d digits, a PIN %d to %d", ErrCommand, MaxNumber, MinPIN, MaxPIN)
		}
		return TypePIN{Number: c.PIN.Number, PIN: c.PIN.PIN}, nil
	case c.NotMe:
		return SayNotMe{}, nil
	case c.OtherDirection:
		return OtherDirection{}, nil
	}
	return nil, fmt.Errorf("%w: pin, not_me or other_direction is expected", ErrCommand)
}

// digits reports whether s consists of least to most digits.
func digits(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
