package endpoint

import (
	"net"
	"sync/atomic"
	"time"
)

// Reader reads a connection so that a reset can be passed on through it.
//
// The peer of a Unix socket sees a reset only if input is unread when the
// socket is closed, and a proxy that forwards all its input has none. A
// Reader of a Unix connection therefore leaves the last byte that it returned
// in the kernel, until more comes, the stream ends or Release is called. While
// the program is busy, it leaves several small reads whole, so that one system
// call consumes them together. Call Release before closing the connection other
// than with Reset, or a clean close becomes a reset. On other connections, and
// on other systems than Linux, a Reader just reads.
//
// The kernel counts the buffers of unread bytes against the room that the sender
// has. A sender with a small send buffer, or with very many small writes, could
// wait forever for that room. The Reader therefore consumes the held bytes
// holdShort after a large write and holdLong after small ones, and all but a
// byte holdMany after many; Beats may come up to a beat later. A sender that goes
// on at once had been waiting: the Reader then holds a byte at most, and if that
// happens again nothing, to the end of the connection. No sender waits longer
// than these limits for each of the two steps. The states are drawn at policy.
//
// A socket with unread bytes counts as readable at every event, even when its
// peer just makes room. A Reader that was woken for nothing many times in a row
// waits for input alone until some comes, which takes another file descriptor. It
// may then see a deadline, or a close without Release, a tenth of a second late.
//
// A read costs up to a microsecond more than a plain one. Read is for one
// goroutine at a time, all other methods for any. Nothing allocates, but for that
// descriptor.
type Reader struct {
	conn net.Conn
	hold *holder // nil: read plainly
}

// NewReader returns a reader of c. Do not read c in another way any more.
func NewReader(c net.Conn) *Reader { return &Reader{conn: c, hold: newHolder(c)} }

// Read reads as the connection does, its deadlines and errors included.
func (r *Reader) Read(p []byte) (int, error) {
	if r.hold == nil {
		return r.conn.Read(p)
	}
	return r.hold.read(p)
}

// Busy gives the reader a flag that says, at any time, whether the program has
// several connections to serve. Call it before Read.
func (r *Reader) Busy(busy *atomic.Bool) {
	if r.hold != nil {
		r.hold.setBusy(busy)
	}
}

// BeatInterval is the time between two calls of a Reader's Beat.
const BeatInterval = 100 * time.Millisecond

// ExpectBeats promises a call of Beat every BeatInterval. The reader then needs no
// timer for its long limits, which would make every wait of an idle program
// dearer. Call it before Read.
func (r *Reader) ExpectBeats() {
	if r.hold != nil {
		r.hold.expectBeats()
	}
}

// Beat lets go of bytes that the reader has held beyond their limit.
func (r *Reader) Beat() {
	if r.hold != nil {
		r.hold.beat()
	}
}

// Trim lets go of the bytes of many small reads, but for one, if the reader waits
// for more. Call it after writing to the connection: the write wakes the peer,
// and the room that it gets does not wake it once more.
func (r *Reader) Trim() {
	if r.hold != nil {
		r.hold.trim()
	}
}

// Keep says that a reset will come. From now on a byte of a small write is held
// without limit, and a byte of any write if last says that the sender has sent
// everything.
func (r *Reader) Keep(last bool) {
	if r.hold != nil {
		r.hold.keep(last)
	}
}

// Release lets go of the byte held back, so that closing the connection is a
// clean close. It may be called at any time. Between two exchanges, when nothing
// depends on how the connection is closed, it also saves wake-ups: unread input
// makes every event of the socket one of input.
func (r *Reader) Release() {
	if r.hold != nil {
		r.hold.release()
	}
}
