package replay

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/delivery"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// socket is a client's connection as bytes. It holds no lock: reads come from one
// goroutine; when it is closed, ending decides.
type socket struct {
	nc   net.Conn
	seen time.Duration    // how long its client is waited for
	late atomic.Bool      // the client has not read for that long
	in   io.Reader        // nc, or unread
	held *endpoint.Reader // holds back a byte for a reset; nil where there is none
	log  *slog.Logger
}

// newSocket returns the socket of nc.
//
// The peer of a Unix socket sees a reset only where input is unread when the
// socket is closed, and all that a client sends may come in one read, before it
// is known what answers it. MayReset says that any interaction may end in a
// reset: a byte of the connection is then left unread from the beginning.
func newSocket(nc net.Conn, mayReset bool, log *slog.Logger) *socket {
	s := &socket{nc: nc, in: nc, log: log}
	if _, ok := nc.(*net.UnixConn); ok && mayReset {
		s.held = endpoint.NewReader(nc)
		s.in = s.held
	}
	return s
}

// keepUnread keeps a byte unread for as long as it may take until the reset, if
// an interaction ends in one. Last says that the client will send no more.
func (s *socket) keepUnread(it *cassettes.Interaction, last bool) {
	if s.held != nil && it != nil && recorded.MayReset(it) {
		s.held.Keep(last)
	}
}

// Limits of awaitRead.
const (
	// defaultSeenMax is how long a client is waited for that does not read: it may
	// not mean to, as docker run -d with an attach that nobody reads.
	defaultSeenMax = 250 * time.Millisecond
	// unseenMax is the most that a gap of the recording counts where nobody can
	// tell what the client has read.
	unseenMax = 20 * time.Millisecond
)

// awaitRead waits until the client has read all that was written to it, at most
// for s.seen, and once for a client that then still does not read. Where nobody
// can tell, it waits for as long as passed in the recording, at most for unseenMax;
// a gap under 0 is not known. It takes no lock, and none may be held.
//
// It is the one place where replay waits for a client to read: between connections,
// for the gate, and between writes that a client is to read one by one.
func (s *socket) awaitRead(gap time.Duration) {
	if s.late.Load() && delivery.Of(s.nc) == delivery.Unread {
		return
	}
	state := delivery.Await(s.nc, s.seen)
	s.late.Store(state == delivery.Unread)
	if state == delivery.Unknown && gap != 0 {
		if gap < 0 {
			gap = unseenMax
		}
		time.Sleep(min(gap, unseenMax))
	}
}

// AwaitRead is awaitRead, for the gate.
func (s *socket) AwaitRead(gap time.Duration) { s.awaitRead(gap) }

// write writes b at once, and reports whether the client may be there to read it.
func (s *socket) write(b []byte) bool {
	_, err := s.nc.Write(b)
	return err == nil || s.lost(err)
}

// writeStep writes the bytes of a step, and reports as write does.
func (s *socket) writeStep(w *plan.Write) bool {
	if len(w.Data) > 0 && !s.write(w.Data) {
		return false
	}
	if w.N == 0 {
		return true
	}
	_, err := copyN(s.nc, w.From, w.N)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		s.log.Error("send a body: its file is shorter than it was", "err", err)
	}
	return err == nil || s.lost(err)
}

// lost notes that the connection cannot be written any more: as a rule, its
// client had seen enough.
func (s *socket) lost(err error) bool {
	s.log.Debug("write to the client", "err", err)
	return false
}

// closeWrite ends our side; the client may go on. An error means that the
// connection is closed already.
func (s *socket) closeWrite() error { return endpoint.CloseWrite(s.nc) }

// cut does the same, on TLS without a close_notify.
func (s *socket) cut() error { return endpoint.Cut(s.nc) }

// close closes the connection. It may be called again.
func (s *socket) close() {
	if s.held != nil {
		s.held.Release() // unread input would make this a reset
	}
	s.nc.Close()
}

// buffers are for copying files to connections that the kernel does not send
// files to.
var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// copyN copies n bytes. On TCP the kernel sends them from the file.
func copyN(w io.Writer, r io.Reader, n int64) (int64, error) {
	limited := io.LimitedReader{R: r, N: n}
	var copied int64
	var err error
	if rf, ok := w.(io.ReaderFrom); ok {
		copied, err = rf.ReadFrom(&limited)
	} else {
		buf := buffers.Get().(*[]byte)
		defer buffers.Put(buf)
		copied, err = io.CopyBuffer(w, &limited, *buf)
	}
	if err == nil && copied < n {
		err = io.ErrUnexpectedEOF
	}
	return copied, err
}
