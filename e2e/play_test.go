package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/wiretape/wiretape/e2e/tap"
)

// dialAddr reads an address as record and replay print it.
func dialAddr(s string) tap.Addr {
	network, addr, _ := strings.Cut(s, "://")
	return tap.Addr{Net: network, Addr: addr}
}

// play is a raw client. It sends the client bytes of a tap log on as many
// connections, each piece after the server bytes before it in the log. It
// returns the traffic as a tap in front of the server would have logged it. It
// understands no byte of it.
func play(addr tap.Addr, events []tap.Event) ([]*tap.Conn, error) {
	p := player{addr: addr, conns: map[int]*played{}}
	defer p.close()
	for i, e := range events {
		if err := p.step(e); err != nil {
			return nil, fmt.Errorf("event %d of %d, connection %d, %v %s of %d bytes: %w", i+1, len(events), e.Conn, e.Side, e.Kind, len(e.Data), err)
		}
	}
	return tap.Conns(p.log), nil
}

type player struct {
	addr  tap.Addr
	conns map[int]*played
	log   []tap.Event
}

// played is a connection of the player's.
type played struct {
	net.Conn
	clientEnded bool
}

func (p *player) close() {
	for _, c := range p.conns {
		c.Close()
	}
}

func (p *player) step(e tap.Event) error {
	if e.Kind == tap.Open {
		c, err := net.Dial(p.addr.Net, p.addr.Addr)
		if err != nil {
			return err
		}
		c.SetDeadline(time.Now().Add(patience))
		p.conns[e.Conn] = &played{Conn: c}
		p.log = append(p.log, e)
		return nil
	}
	c := p.conns[e.Conn]
	if e.Side == tap.Client {
		return p.send(c, e)
	}
	return p.receive(c, e)
}

// send repeats an action of the client. A server that has closed gets no more bytes;
// the comparison of its own bytes shows that.
func (p *player) send(c *played, e tap.Event) error {
	p.log = append(p.log, e)
	switch e.Kind {
	case tap.Data:
		if _, err := c.Write(e.Data); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
			return err
		}
	case tap.EOF, tap.Reset:
		c.clientEnded = true
		c.Conn.(interface{ CloseWrite() error }).CloseWrite()
	}
	return nil
}

// receive expects as many bytes as the server sent, or its end.
func (p *player) receive(c *played, e tap.Event) error {
	if e.Kind == tap.Data {
		data := make([]byte, len(e.Data))
		n, err := io.ReadFull(c, data)
		got := e
		got.Data = data[:n]
		p.log = append(p.log, got)
		if err != nil && !c.clientEnded {
			return fmt.Errorf("after %d bytes: %w", n, err)
		}
		return nil
	}
	err := p.awaitEnd(c)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		return err
	}
	end := e
	end.Kind = tap.EOF
	if errors.Is(err, syscall.ECONNRESET) {
		end.Kind = tap.Reset
	}
	p.log = append(p.log, end)
	return nil
}

// awaitEnd waits until the server closes. It returns nil for a close. Bytes
// after the client's end do not count.
func (p *player) awaitEnd(c *played) error {
	buf := make([]byte, 4<<10)
	for {
		n, err := c.Read(buf)
		switch {
		case n > 0 && !c.clientEnded:
			return errors.New("more bytes than were recorded")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("wait for the server to close: %w", err)
		}
	}
}
