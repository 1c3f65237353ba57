// Package socket is a client's connection as bytes: it reads, writes, waits until
// the client has read, and closes. It knows no request and holds no lock.
package socket

import (
	"cmp"
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

// Socket is a client's connection. Reads come from one goroutine; its caller decides
// when it is closed.
type Socket struct {
	Conn net.Conn         // for deadlines and the ways of endpoint to end it
	seen time.Duration    // how long its client is waited for
	late atomic.Bool      // the client has not read for that long
	in   io.Reader        // Conn, or held
	held *endpoint.Reader // holds back a byte for a reset; nil where there is none
	log  *slog.Logger
}

// New returns the socket of nc. Its client is waited for at most for seen, in
// AwaitRead; 0 is SeenMax.
//
// The peer of a Unix socket sees a reset only where input is unread when the
// socket is closed, and all that a client sends may come in one read, before it
// is known what answers it. MayReset says that any interaction may end in a
// reset: a byte of the connection is then left unread from the beginning.
func New(nc net.Conn, mayReset bool, seen time.Duration, log *slog.Logger) *Socket {
	s := &Socket{Conn: nc, seen: cmp.Or(seen, SeenMax), in: nc, log: log}
	if _, ok := nc.(*net.UnixConn); ok && mayReset {
		s.held = endpoint.NewReader(nc)
		s.in = s.held
	}
	return s
}

// Read reads from the client.
func (s *Socket) Read(b []byte) (int, error) { return s.in.Read(b) }

// KeepUnread keeps a byte unread for as long as it may take until the reset, if
// an interaction ends in one. Last says that the client will send no more.
func (s *Socket) KeepUnread(it *cassettes.Interaction, last bool) {
	if s.held != nil && it != nil && recorded.MayReset(it) {
		s.held.Keep(last)
	}
}

// Limits of AwaitRead.
const (
	// SeenMax is how long a client is waited for that does not read: it may
	// not mean to, as docker run -d with an attach that nobody reads.
	SeenMax = 250 * time.Millisecond
	// unseenMax is the most that a gap of the recording counts where nobody can
	// tell what the client has read.
	unseenMax = 20 * time.Millisecond
)

// AwaitRead waits until the client has read all that was written to it, at most
// for as long as New says, and once for a client that then still does not read. Where nobody
// can tell, it waits for as long as passed in the recording, at most for unseenMax;
// a gap under 0 is not known. It takes no lock, and none may be held.
//
// It is the one place where replay waits for a client to read: between connections,
// for the gate, and between writes that a client is to read one by one.
func (s *Socket) AwaitRead(gap time.Duration) {
	if s.late.Load() && delivery.Of(s.Conn) == delivery.Unread {
		return
	}
	state := delivery.Await(s.Conn, s.seen)
	s.late.Store(state == delivery.Unread)
	if state == delivery.Unknown && gap != 0 {
		if gap < 0 {
			gap = unseenMax
		}
		time.Sleep(min(gap, unseenMax))
	}
}

// Send writes b at once, and reports whether the client may be there to read it.
func (s *Socket) Send(b []byte) bool {
	_, err := s.Conn.Write(b)
	return err == nil || s.lost(err)
}

// SendStep writes the bytes of a step, and reports as Send does.
func (s *Socket) SendStep(w *plan.Write) bool {
	if len(w.Data) > 0 && !s.Send(w.Data) {
		return false
	}
	if w.N == 0 {
		return true
	}
	_, err := copyN(s.Conn, w.From, w.N)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		s.log.Error("send a body: its file is shorter than it was", "err", err)
	}
	return err == nil || s.lost(err)
}

// lost notes that the connection cannot be written any more: as a rule, its
// client had seen enough.
func (s *Socket) lost(err error) bool {
	s.log.Debug("write to the client", "err", err)
	return false
}

// CloseWrite ends our side; the client may go on. An error means that the
// connection is closed already.
func (s *Socket) CloseWrite() error { return endpoint.CloseWrite(s.Conn) }

// Cut ends our side as the recorded server did that left out TLS's close_notify.
// On a plain connection it does what CloseWrite does.
func (s *Socket) Cut() error { return endpoint.Cut(s.Conn) }

// Close closes the connection. It may be called again.
func (s *Socket) Close() error {
	if s.held != nil {
		s.held.Release() // unread input would make this a reset
	}
	return s.Conn.Close()
}

// Buffers are for copying files to connections that the kernel does not send
// files to. They hold *[]byte.
var Buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// copyN copies n bytes. On TCP the kernel sends them from the file.
func copyN(w io.Writer, r io.Reader, n int64) (int64, error) {
	limited := io.LimitedReader{R: r, N: n}
	var copied int64
	var err error
	if rf, ok := w.(io.ReaderFrom); ok {
		copied, err = rf.ReadFrom(&limited)
	} else {
		buf := Buffers.Get().(*[]byte)
		defer Buffers.Put(buf)
		copied, err = io.CopyBuffer(w, &limited, *buf)
	}
	if err == nil && copied < n {
		err = io.ErrUnexpectedEOF
	}
	return copied, err
}
