package endpoint

import (
	"net"
	"sync/atomic"
)

// Writer writes to a connection. On Linux a small write, which a socket takes or
// refuses at once, is made without telling Go's scheduler of the system call, which
// costs as much as the write. Who waits for an answer and has nothing else to do
// better tells the scheduler: what it does then keeps it awake for the answer.
// Write is for one goroutine at a time and does not allocate.
type Writer struct {
	conn  net.Conn
	busy  *atomic.Bool
	quick *quick // nil: write plainly
}

// NewWriter returns a writer to c. Busy says, at any time, whether there is else to
// do than to wait for an answer; it is nil where no answer follows.
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
