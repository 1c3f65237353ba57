package endpoint

import "net"

// Writer writes to a connection. On Linux a small write, which a socket takes
// or refuses at once, is made without telling Go's scheduler of the system
// call: telling it costs as much as the write where the program was idle.
// Write is for one goroutine at a time and does not allocate.
type Writer struct {
	conn  net.Conn
	quick *quick // nil: write plainly
}

// NewWriter returns a writer to c.
func NewWriter(c net.Conn) *Writer { return &Writer{conn: c, quick: newQuick(c)} }

// Write writes as the connection does, its deadlines included.
func (w *Writer) Write(p []byte) (int, error) {
	if w.quick == nil || len(p) == 0 || len(p) > maxQuick {
		return w.conn.Write(p)
	}
	return w.quick.write(p)
}

// maxQuick is the size up to which a write is small: copying it takes about a
// microsecond.
const maxQuick = 8 << 10
