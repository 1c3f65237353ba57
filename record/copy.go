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

// deliver is how long what was sent before a reset may take to arrive: a TCP
// reset throws away what is still under way.
const deliver = time.Second

// link is the two sockets of a connection, by the side at their other end, and
// how much of them is left. It has no part in what is recorded.
type link struct {
	ends [2]net.Conn
	in   [2]*endpoint.Reader

	gate    sync.Mutex // guards what follows, and ends until both are there
	eof     [2]bool    // the side has closed its direction
	refused [2]bool    // what the side sends cannot be delivered any more
	over    bool       // both sockets are closed, or about to be
	stopped bool       // by the recorder
}

// serve runs the connection to its end.
func (c *conn) serve() {
	server, err := c.r.Dial(c.r.dialing)
	switch {
	case endpoint.IsReset(err): // connected, and at once not any more
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
	c.r.notes.add(note{c: c, end: c.howEnded()}, c.r.start)
	c.r.catchUp()
}

// connect makes server the connection's other end. It reports false if the
// recorder was closed meanwhile.
func (c *conn) connect(server net.Conn) bool {
	c.gate.Lock()
	defer c.gate.Unlock()
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
	l.gate.Lock()
	defer l.gate.Unlock()
	for _, in := range l.in {
		if in != nil {
			in.Beat()
		}
	}
}

// copy passes on what side sends, until it ends.
func (c *conn) copy(side http1.Side) {
	var buf buffer
	defer buf.free()
	dst := c.writer(side)
	for {
		b := buf.next()
		n, err := c.in[side].Read(b)
		if n > 0 {
			due := c.note(side, b[:n], "")
			if due == now {
				c.r.catchUp()
			}
			_, werr := dst.Write(b[:n])
			c.in[1-side].Trim()
			if due == soon {
				c.r.tryCatchUp()
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

// writer returns what passes on what side sends. Only what a client sends has an
// answer for which a recorder with few connections does nothing but wait.
func (c *conn) writer(side http1.Side) *endpoint.Writer {
	if side == http1.Client {
		return endpoint.NewWriter(c.ends[http1.Server], &c.r.busy)
	}
	return endpoint.NewWriter(c.ends[http1.Client], nil)
}

// mark has it recorded how side closed.
func (c *conn) mark(side http1.Side, m cassettes.Mark) {
	c.note(side, nil, m)
}

// closed passes on the end of what side sends.
func (c *conn) closed(side http1.Side, err error) {
	if errors.Is(err, net.ErrClosed) {
		return // our own doing
	}
	if err != io.EOF {
		c.end(side, cassettes.Reset)
		return
	}
	c.gate.Lock()
	c.eof[side] = true
	both, deaf := c.eof[1-side], c.refused[1-side]
	c.gate.Unlock()
	switch {
	case both: // whether this is a half or whole close makes no difference
		c.end(side, cassettes.EOF)
	case endpoint.HungUp(c.ends[side]):
		c.end(side, cassettes.FullClose)
	case deaf: // a write was the first to learn of a reset
		c.end(side, cassettes.Reset)
	default:
		c.mark(side, cassettes.EOF)
		endpoint.CloseWrite(c.ends[1-side]) // if that is gone, its reads tell
		c.awaitHangUp(side)
	}
}

// undelivered is what happens when the other side does not take what side
// sends: it is gone, but what it sent before may still be under way.
func (c *conn) undelivered(side http1.Side) {
	c.gate.Lock()
	c.refused[side] = true
	silent := c.eof[1-side] || c.refused[1-side]
	c.gate.Unlock()
	switch {
	case !silent: // its own goroutine passes on what is left, and how it went
		c.awaitHangUp(side)
	case endpoint.HungUp(c.ends[1-side]):
		c.end(1-side, cassettes.FullClose)
	default:
		c.end(1-side, cassettes.Reset)
	}
}

// awaitHangUp passes on that side, which is not read any more, closes wholly.
// It returns when the connection is over.
func (c *conn) awaitHangUp(side http1.Side) {
	if !endpoint.AwaitHangUp(c.ends[side]) {
		return
	}
	// Where it had ended before, a reset is all that is left to be read.
	m := cassettes.FullClose
	if _, err := c.ends[side].Read(make([]byte, 1)); endpoint.IsReset(err) {
		m = cassettes.Reset
	}
	c.end(side, m)
}

// end ends the connection as side did: the other side sees the same. Only the
// first call has an effect.
func (c *conn) end(side http1.Side, m cassettes.Mark) {
	c.gate.Lock()
	over := c.over
	c.over = true
	c.gate.Unlock()
	if over {
		return
	}
	c.mark(side, m)
	dst := c.ends[1-side]
	if _, unix := dst.(*net.UnixConn); !unix && m != cassettes.EOF {
		endpoint.Drain(dst, deliver) // unread input makes any close a reset
	}
	if m == cassettes.Reset {
		endpoint.Reset(dst)
	}
	c.closeBoth()
}

// howEnded returns how what is unfinished ended.
func (c *conn) howEnded() cassettes.End {
	c.gate.Lock()
	defer c.gate.Unlock()
	if c.stopped {
		return cassettes.NoEnd
	}
	return cassettes.Incomplete
}

// stop ends the connection because the recorder is closed.
func (c *conn) stop() {
	c.gate.Lock()
	c.stopped = !c.over
	c.gate.Unlock()
	c.closeBoth()
}

// closeBoth closes both sockets. It may be called more than once.
func (c *conn) closeBoth() {
	c.gate.Lock()
	defer c.gate.Unlock()
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
