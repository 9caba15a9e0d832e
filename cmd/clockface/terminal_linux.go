package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// hideTyping stops the terminal f from showing what is typed, until show is
// called. hidden is false where f is no terminal.
func hideTyping(f *os.File) (show func(), hidden bool) {
	fd := int(f.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, false
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &quiet); err != nil {
		return nil, false
	}
	return func() { unix.IoctlSetTermios(fd, unix.TCSETS, before) }, true
}
