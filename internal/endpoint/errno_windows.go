package endpoint

import "golang.org/x/sys/windows"

// The system's numbers for the errors that callers tell apart.
const (
	errReset   = windows.WSAECONNRESET
	errRefused = windows.WSAECONNREFUSED
	errInUse   = windows.WSAEADDRINUSE
)

// passing are the errors of accepting that go by: the system is short of
// something, or the client has left.
var passing = []error{windows.WSAEMFILE, windows.WSAENOBUFS, windows.WSAECONNABORTED, windows.WSAECONNRESET}

// queueFull is the error of dialling a Unix socket whose queue has no room.
const queueFull = windows.WSAEWOULDBLOCK
