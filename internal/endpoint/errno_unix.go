//go:build unix

package endpoint

import "golang.org/x/sys/unix"

// The system's numbers for the errors that callers tell apart.
const (
	errReset   = unix.ECONNRESET
	errRefused = unix.ECONNREFUSED
	errInUse   = unix.EADDRINUSE
)

// passing are the errors of accepting that go by: the system is short of
// something, or the client has left.
var passing = []error{unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.ECONNABORTED}

// queueFull is the error of dialling a Unix socket whose queue has no room.
const queueFull = unix.EAGAIN
