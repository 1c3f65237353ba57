// Package delivery tells whether the program at the other end of a connection
// has read what was written to it.
//
// On Linux the kernel knows. Of a Unix socket it counts the bytes that the peer
// has not taken (SIOCOUTQ). Of TCP that number says only which bytes the peer's
// kernel has not acknowledged. But where the peer is in the same network
// namespace, its own socket can be looked up (sock_diag(7)), which has what
// arrived and what its program has not read. Of a TCP peer elsewhere, and on
// other systems, nobody can tell.
package delivery

import (
	"net"
	"time"
)

// State says how far the peer has read.
type State int

// States.
const (
	Unknown State = iota // all has left, and nobody can tell whether it was read
	Unread               // some of it was not read
	Read                 // all was read, or the connection is closed
)

// Await waits until c's peer has read all that was written to c, at most for
// limit, and returns how far the peer has come then. It returns at once where
// nobody can tell. Await may be called by several goroutines, and beside writes.
func Await(c net.Conn, limit time.Duration) State {
	s := Of(c)
	for end, n := time.Now().Add(limit), 0; s == Unread && time.Now().Before(end); n++ {
		pause(n)
		s = Of(c)
	}
	if s == Read {
		// The peer's read may still be running: having emptied the queue, it takes
		// with it whatever is written before it looks once more.
		pause(settled)
	}
	return s
}

// settled is the pause after which a read has ended that has emptied the queue.
const settled = 50
