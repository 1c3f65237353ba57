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

// link is the two sockets of a connection, by the side at their other end, and
// which directions still work. Nothing in it is recorded.
type link struct {
	ends [2]net.Conn
	in   [2]*endpoint.Reader

	// linkMu guards the following fields, and ends and in until both ends are
	// there. A Reader's own lock comes after it.
	linkMu  sync.Mutex
	eof     [2]bool // the side has closed its direction
	refused [2]bool // bytes of the side cannot be delivered any more
	over    bool    // both sockets are closed, or about to be
	stopped bool    // by the recorder
}

// serve runs the connection to its end.
func (c *conn) serve() {
	server, err := c.r.Dial(c.r.dialing)
	switch {
	case endpoint.IsReset(err): // the daemon accepted and reset before Dial returned
		c.mark(http1.Server, cassettes.Reset)
		endpoint.Reset(c.ends[http1.Client])
	case err != nil && c.r.dialing.Err() == nil:
		c.log().Warn("upstream unreachable", "err", err)
		c.r.unreachable.Add(1)
		c.mark(http1.Server, cassettes.Unreachable)
	case err == nil && c.connect(server):
		var client sync.WaitGroup
		client.Go(func() { c.copy(http1.Client) })
		c.copy(http1.Server)
		client.Wait()
	}
	c.closeBoth()
	c.r.reads.add(entry{c: c, end: c.howEnded()}, c.r.start)
	c.r.process()
}

// connect makes server the connection's other end. It reports false if the
// recorder has been closed.
func (c *conn) connect(server net.Conn) bool {
	c.linkMu.Lock()
	defer c.linkMu.Unlock()
	endpoint.InlineUrgent(server)
	c.ends[http1.Server] = server
	for side, end := range c.ends {
		c.in[side] = endpoint.NewReader(end)
		c.in[side].Busy(&c.r.busy)
		c.in[side].ExpectBeats()
	}
	return !c.over
}

// beat is called every endpoint.BeatInterval.
func (l *link) beat() {
	l.linkMu.Lock()
	defer l.linkMu.Unlock()
	for _, in := range l.in {
		if in != nil {
			in.Beat()
		}
	}
}

// copy passes on the bytes that side sends, until it ends. An iteration allocates
// nothing.
func (c *conn) copy(side http1.Side) {
	var buf buffer
	defer buf.free()
	dst := c.writer(side)
	for {
		b := buf.next()
		n, err := c.in[side].Read(b)
		if n > 0 {
			due := c.logRead(side, b[:n], "")
			if due == processNow { // before b is written: the log refers to it
				c.r.process()
			}
			_, werr := dst.Write(b[:n])
			c.in[1-side].Trim()
			if due == processSoon { // after the write: the peer need not wait for it
				c.r.tryProcess()
			}
			if werr != nil {
				c.undelivered(side)
				return
			}
			buf.last = n
		}
		if err != nil {
			c.closed(side, err)
			return
		}
	}
}

// writer returns the writer to the other side of side. Only a write to the server
// has an answer for which a recorder with few connections does nothing but wait.
func (c *conn) writer(side http1.Side) *endpoint.Writer {
	if side == http1.Client {
		return endpoint.NewWriter(c.ends[http1.Server], &c.r.busy)
	}
	return endpoint.NewWriter(c.ends[http1.Client], nil)
}

// mark records how side closed.
func (c *conn) mark(side http1.Side, m cassettes.Mark) {
	c.logRead(side, nil, m)
}

// closed passes on the end of what side sends.
func (c *conn) closed(side http1.Side, err error) {
	if errors.Is(err, net.ErrClosed) {
		return // our own doing
	}
	m := cassettes.EOF
	switch {
	case endpoint.IsCut(err):
		m = cassettes.Cut
	case err != io.EOF:
		c.reportAlert(side, err)
		c.end(side, cassettes.Reset)
		return
	}
	c.linkMu.Lock()
	c.eof[side] = true
	both, deaf := c.eof[1-side], c.refused[1-side]
	c.linkMu.Unlock()
	switch {
	case both: // a half-close and a close are the same now
		c.end(side, m)
	case endpoint.HungUp(c.ends[side]):
		c.end(side, cassettes.FullClose)
	case deaf: // a failed write was the first sign of a reset
		c.end(side, cassettes.Reset)
	default:
		c.mark(side, m)
		passOnEnd(c.ends[1-side], m)
		c.awaitHangUp(side)
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
func (c *conn) reportAlert(side http1.Side, err error) {
	switch {
	case !endpoint.IsAlert(err):
	case side == http1.Server:
		c.log().Warn("the upstream ended TLS", "err", endpoint.ExplainAlert(err))
		c.r.unreachable.Add(1)
	default:
		c.log().Warn("the client ended TLS", "err", err)
	}
}

// undelivered is called when a write of side's bytes has failed: the other side is
// gone, but bytes that it sent before may still be under way.
func (c *conn) undelivered(side http1.Side) {
	c.linkMu.Lock()
	c.refused[side] = true
	silent := c.eof[1-side] || c.refused[1-side]
	c.linkMu.Unlock()
	switch {
	case !silent: // its own goroutine passes on the remaining bytes and the close
		c.awaitHangUp(side)
	case endpoint.HungUp(c.ends[1-side]):
		c.end(1-side, cassettes.FullClose)
	default:
		c.end(1-side, cassettes.Reset)
	}
}

// awaitHangUp waits until side, which is not read any more, closes wholly, and
// passes that on. Where the system does not tell, it returns at once.
func (c *conn) awaitHangUp(side http1.Side) {
	if !endpoint.AwaitHangUp(c.ends[side]) {
		return
	}
	// The stream has ended before: a read returns a reset or nothing.
	m := cassettes.FullClose
	if _, err := c.ends[side].Read(make([]byte, 1)); endpoint.IsReset(err) {
		m = cassettes.Reset
	}
	c.end(side, m)
}

// end ends the connection as side did: the other side sees the same. Only the
// first call has an effect.
func (c *conn) end(side http1.Side, m cassettes.Mark) {
	c.linkMu.Lock()
	over := c.over
	c.over = true
	c.linkMu.Unlock()
	if over {
		return
	}
	c.mark(side, m)
	dst := c.ends[1-side]
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
	c.closeBoth()
}

// howEnded returns the end of messages that are unfinished.
func (c *conn) howEnded() cassettes.End {
	c.linkMu.Lock()
	defer c.linkMu.Unlock()
	if c.stopped {
		return cassettes.NoEnd
	}
	return cassettes.Incomplete
}

// stop ends the connection because the recorder is closed.
func (c *conn) stop() {
	c.linkMu.Lock()
	c.stopped = !c.over
	c.linkMu.Unlock()
	c.closeBoth()
}

// closeBoth closes both sockets. It may be called more than once.
func (c *conn) closeBoth() {
	c.linkMu.Lock()
	defer c.linkMu.Unlock()
	c.over = true
	for side, end := range c.ends {
		if c.in[side] != nil {
			c.in[side].Release()
		}
		if end != nil {
			end.Close()
		}
	}
}
