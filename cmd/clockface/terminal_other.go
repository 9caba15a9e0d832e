//go:build !linux

package main

import "os"

// hideTyping reports that typing cannot be hidden here; secrets come by a pipe.
func hideTyping(*os.File) (show func(), hidden bool) { return nil, false }
