package endpoint

import (
	"net"
	"sync/atomic"
)

// Writer writes to a connection. On Linux it makes a small write, which a socket
// takes or refuses at once, without telling Go's scheduler of the system call: that
// costs as much as the write. A program that has nothing to do but wait for an
// answer better tells the scheduler, which then stays awake for the answer. Write
// is for one goroutine at a time and does not allocate.
type Writer struct {
	conn  net.Conn
	busy  *atomic.Bool
	quick *quick // nil: write plainly
}

// NewWriter returns a writer to c. Busy says, at any time, whether the program has
// other work than to wait for an answer; it is nil if no answer follows.
func NewWriter(c net.Conn, busy *atomic.Bool) *Writer {
	return &Writer{conn: c, busy: busy, quick: newQuick(c)}
}

// Write writes as the connection does, its deadlines included.
func (w *Writer) Write(p []byte) (int, error) {
	awaited := w.busy != nil && !w.busy.Load()
	if w.quick == nil || awaited || len(p) == 0 || len(p) > maxQuick {
		return w.conn.Write(p)
	}
	return w.quick.write(p)
}

// maxQuick is the size up to which a write is small: copying it takes about a
// microsecond.
const maxQuick = 8 << 10
