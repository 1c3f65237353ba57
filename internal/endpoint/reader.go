package endpoint

import (
	"net"
	"sync/atomic"
	"time"
)

// Reader reads a connection so that a reset can be passed on through it.
//
// The peer of a Unix socket sees a reset only if input is unread when the
// socket is closed, and a proxy that forwards what it reads has none. A
// Reader of a Unix connection therefore leaves the last byte that it returned
// in the kernel, until more comes, the stream ends or Release is called; where
// it is told that the program is busy, it leaves several small reads whole, so
// that one system call lets go of them.
// Whoever closes the connection otherwise than with Reset calls Release
// before, lest a clean close become a reset. On other connections, and on
// other systems than Linux, a Reader just reads.
//
// What is left keeps the kernel from freeing its buffers, which count against
// what the sender may have under way. A sender with a small send buffer, or
// with very many small writes, could wait for that forever, so that all of it
// is let go after holdShort where it may belong to a large write and after
// holdLong where it belongs to a small one; and all but a byte after holdMany
// where it may be many writes; by Beats, up to a beat later. No sender waits longer
// than that for each of the two steps that follow: one that goes on as soon as
// something is let go was waiting for it, and has a byte left at most, then none,
// from then on.
//
// A socket with something left counts as readable at every event, also where its
// peer just makes room. A Reader that was woken for nothing many times in a row
// waits for input alone until some comes, which takes another file descriptor. It
// may be a tenth of a second late then to see a deadline, or that the connection
// was closed with no Release.
//
// A read costs up to a microsecond more than a plain one. Read is for one
// goroutine at a time, all else for any. Nothing allocates, but for that descriptor.
type Reader struct {
	conn net.Conn
	hold *holder // nil: read plainly
}

// NewReader returns a reader of c, which must not be read otherwise any more.
func NewReader(c net.Conn) *Reader { return &Reader{conn: c, hold: newHolder(c)} }

// Read reads as the connection does, its deadlines and errors included.
func (r *Reader) Read(p []byte) (int, error) {
	if r.hold == nil {
		return r.conn.Read(p)
	}
	return r.hold.read(p)
}

// Busy has the reader ask busy, at any time, whether the program has several
// connections to serve. Call it before Read.
func (r *Reader) Busy(busy *atomic.Bool) {
	if r.hold != nil {
		r.hold.setBusy(busy)
	}
}

// BeatInterval is the time between two calls of a Reader's Beat.
const BeatInterval = 100 * time.Millisecond

// ExpectBeats says that Beat is going to be called, every BeatInterval. A timer
// for what is held long, which makes every wait of an idle program dearer, is not
// needed then. Call it before Read.
func (r *Reader) ExpectBeats() {
	if r.hold != nil {
		r.hold.expectBeats()
	}
}

// Beat has the reader look at how long it has held something.
func (r *Reader) Beat() {
	if r.hold != nil {
		r.hold.beat()
	}
}

// Trim has the reader let go of what many small reads left, but for a byte, if it
// waits for more. Call it after writing to the connection: the peer wakes up for
// that, and is not woken once more for the room that it gets.
func (r *Reader) Trim() {
	if r.hold != nil {
		r.hold.trim()
	}
}

// Keep says that a reset will come: a byte that belongs to a small write is
// held back without limit from now on, and where last says that the sender has
// sent all it has to send, any is.
func (r *Reader) Keep(last bool) {
	if r.hold != nil {
		r.hold.keep(last)
	}
}

// Release lets go of the byte held back, so that closing the connection is a
// clean close. It may be called at any time. Once nothing depends on how the
// connection is closed, say between two exchanges, it also saves the reader
// wake-ups: unread input makes every event of the socket one of input.
func (r *Reader) Release() {
	if r.hold != nil {
		r.hold.release()
	}
}
