package record

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
)

// resetGrace is the longest time to wait for bytes under way before a reset is
// passed on: a TCP reset throws them away.
const resetGrace = time.Second

// link is the two sockets of a client's connection, by the side at their other end,
// and which directions still work. It passes bytes on; the log brings them to conn.
type link struct {
	r    *Recorder
	conn *conn // makes interactions of the bytes, which the log brings it
	ends [2]net.Conn
	in   [2]*endpoint.Reader

	// mu guards the following fields, and ends and in until both ends are
	// there. A Reader's own lock comes after it.
	mu      sync.Mutex
	eof     [2]bool // the side has closed its direction
	refused [2]bool // bytes of the side cannot be delivered any more
	over    bool    // both sockets are closed, or about to be
	stopped bool    // by the recorder
}

// serve runs the connection to its end.
func (l *link) serve() {
	server, err := l.r.Dial(l.r.dialing)
	switch {
	case endpoint.IsReset(err): // the daemon accepted and reset before Dial returned
		l.mark(http1.Server, cassettes.Reset)
		endpoint.Reset(l.ends[http1.Client])
	case err != nil && l.r.dialing.Err() == nil:
		l.conn.log().Warn("upstream unreachable", "err", err)
		l.r.unreachable.Add(1)
		l.mark(http1.Server, cassettes.Unreachable)
	case err == nil && l.connect(server):
		var client sync.WaitGroup
		client.Go(func() { l.copy(http1.Client) })
		l.copy(http1.Server)
		client.Wait()
	}
	l.closeBoth()
	l.r.reads.add(entry{c: l.conn, end: l.howEnded()}, l.r.start)
	l.r.process()
}

// connect makes server the connection's other end. It reports false if the
// recorder has been closed.
func (l *link) connect(server net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	endpoint.InlineUrgent(server)
	l.ends[http1.Server] = server
	for side, end := range l.ends {
		l.in[side] = endpoint.NewReader(end)
		l.in[side].Busy(&l.r.busy)
		l.in[side].ExpectBeats()
	}
	return !l.over
}

// beat is called every endpoint.BeatInterval.
func (l *link) beat() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, in := range l.in {
		if in != nil {
			in.Beat()
		}
	}
}

// copy passes on the bytes that side sends, until it ends. An iteration allocates
// nothing.
func (l *link) copy(side http1.Side) {
	var buf buffer
	defer buf.free()
	dst := l.writer(side)
	for {
		b := buf.next()
		n, err := l.in[side].Read(b)
		if n > 0 {
			due := l.logRead(side, b[:n], "")
			if due == processNow { // before b is written: the log refers to it
				l.r.process()
			}
			_, werr := dst.Write(b[:n])
			l.in[1-side].Trim()
			if due == processSoon { // after the write: the peer need not wait for it
				l.r.tryProcess()
			}
			if werr != nil {
				l.undelivered(side)
				return
			}
			buf.last = n
		}
		if err != nil {
			l.closed(side, err)
			return
		}
	}
}

// writer returns the writer to the other side of side. Only a write to the server
// has an answer for which a recorder with few connections does nothing but wait.
func (l *link) writer(side http1.Side) *endpoint.Writer {
	if side == http1.Client {
		return endpoint.NewWriter(l.ends[http1.Server], &l.r.busy)
	}
	return endpoint.NewWriter(l.ends[http1.Client], nil)
}

// mark records how side closed.
func (l *link) mark(side http1.Side, m cassettes.Mark) {
	l.logRead(side, nil, m)
}

// closed passes on the end of what side sends.
func (l *link) closed(side http1.Side, err error) {
	if errors.Is(err, net.ErrClosed) {
		return // our own doing
	}
	m := cassettes.EOF
	switch {
	case endpoint.IsCut(err):
		m = cassettes.Cut
	case err != io.EOF:
		l.reportAlert(side, err)
		l.end(side, cassettes.Reset)
		return
	}
	l.mu.Lock()
	l.eof[side] = true
	both, deaf := l.eof[1-side], l.refused[1-side]
	l.mu.Unlock()
	switch {
	case both: // a half-close and a close are the same now
		l.end(side, m)
	case endpoint.HungUp(l.ends[side]):
		l.end(side, cassettes.FullClose)
	case deaf: // a failed write was the first sign of a reset
		l.end(side, cassettes.Reset)
	default:
		l.mark(side, m)
		passOnEnd(l.ends[1-side], m)
		l.awaitHangUp(side)
	}
}

// passOnEnd ends our direction of dst as the sender's ended. An error shows in
// dst's reads, too.
func passOnEnd(dst net.Conn, m cassettes.Mark) {
	if m == cassettes.Cut {
		_ = endpoint.Cut(dst)
		return
	}
	_ = endpoint.CloseWrite(dst)
}

// reportAlert logs the TLS alert with which side ended the connection, if err is
// one. A server that sends one has refused us: it counts as unreachable.
func (l *link) reportAlert(side http1.Side, err error) {
	switch {
	case !endpoint.IsAlert(err):
	case side == http1.Server:
		l.conn.log().Warn("the upstream ended TLS", "err", endpoint.ExplainAlert(err))
		l.r.unreachable.Add(1)
	default:
		l.conn.log().Warn("the client ended TLS", "err", err)
	}
}

// undelivered is called when a write of side's bytes has failed: the other side is
// gone, but bytes that it sent before may still be under way.
func (l *link) undelivered(side http1.Side) {
	l.mu.Lock()
	l.refused[side] = true
	silent := l.eof[1-side] || l.refused[1-side]
	l.mu.Unlock()
	switch {
	case !silent: // its own goroutine passes on the remaining bytes and the close
		l.awaitHangUp(side)
	case endpoint.HungUp(l.ends[1-side]):
		l.end(1-side, cassettes.FullClose)
	default:
		l.end(1-side, cassettes.Reset)
	}
}

// awaitHangUp waits until side, which is not read any more, closes wholly, and
// passes that on. Where the system does not tell, it returns at once.
func (l *link) awaitHangUp(side http1.Side) {
	if !endpoint.AwaitHangUp(l.ends[side]) {
		return
	}
	// The stream has ended before: a read returns a reset or nothing.
	m := cassettes.FullClose
	if _, err := l.ends[side].Read(make([]byte, 1)); endpoint.IsReset(err) {
		m = cassettes.Reset
	}
	l.end(side, m)
}

// end ends the connection as side did: the other side sees the same. Only the
// first call has an effect.
func (l *link) end(side http1.Side, m cassettes.Mark) {
	l.mu.Lock()
	over := l.over
	l.over = true
	l.mu.Unlock()
	if over {
		return
	}
	l.mark(side, m)
	dst := l.ends[1-side]
	if _, unix := dst.(*net.UnixConn); !unix && m != cassettes.EOF {
		// Unread input turns even a clean close of a TCP socket into a reset.
		endpoint.Drain(dst, resetGrace)
	}
	switch m {
	case cassettes.Reset:
		endpoint.Reset(dst)
	case cassettes.Cut:
		_ = endpoint.Cut(dst) // an error means that it is closed already
	}
	l.closeBoth()
}

// howEnded returns the end of messages that are unfinished.
func (l *link) howEnded() cassettes.End {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return cassettes.NoEnd
	}
	return cassettes.Incomplete
}

// stop ends the connection because the recorder is closed.
func (l *link) stop() {
	l.mu.Lock()
	l.stopped = !l.over
	l.mu.Unlock()
	l.closeBoth()
}

// closeBoth closes both sockets. It may be called more than once.
func (l *link) closeBoth() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	for side, end := range l.ends {
		if l.in[side] != nil {
			l.in[side].Release()
		}
		if end != nil {
			end.Close()
		}
	}
}
