package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecret bounds what is read as a password or PIN, in bytes.
const maxSecret = 1000

// readSecret reads one line from standard input without its line end. At a
// terminal it asks for it and does not show what is typed.
func (e *environment) readSecret(prompt string) (string, error) {
	if f, ok := e.in.(*os.File); ok {
		if show, hidden := hideTyping(f); hidden {
			fmt.Fprint(e.errs, prompt)
			defer func() { show(); fmt.Fprintln(e.errs) }()
		}
	}
	line, err := bufio.NewReader(io.LimitReader(e.in, maxSecret)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", usagef("nothing came on standard input, where %q is read from", strings.TrimSuffix(prompt, ": "))
	}
	return line, nil
}
