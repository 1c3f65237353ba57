// Package tap is a byte proxy that logs its traffic. It is the yardstick of
// the end-to-end tests and therefore shares no code with the programs that it
// measures: it knows sockets and bytes, and nothing else.
//
//	t, err := tap.Start(tap.Addr{"unix", "/tmp/a.sock"}, tap.Addr{"unix", "/var/run/docker.sock"}, "/tmp/a.tap")
//	…
//	t.Close()
//	conns, err := tap.ReadFile("/tmp/a.tap")
package tap

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// Addr is a network and an address, as package net has them.
type Addr struct{ Net, Addr string }

// Tap is a running proxy.
type Tap struct {
	listener net.Listener
	upstream Addr
	log      *log

	mu    sync.Mutex
	open  map[net.Conn]bool
	ended bool
	done  sync.WaitGroup
}

// Start listens and hands each connection on to upstream, logging to the file
// at path, which it creates.
func Start(listen, upstream Addr, path string) (*Tap, error) {
	out, err := create(path)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen(listen.Net, listen.Addr)
	if err != nil {
		out.close()
		return nil, err
	}
	t := &Tap{listener: l, upstream: upstream, log: out, open: map[net.Conn]bool{}}
	t.done.Go(t.accept)
	return t, nil
}

// Addr returns the address that the tap listens at.
func (t *Tap) Addr() string { return t.listener.Addr().String() }

// Close stops accepting. It gives open connections two seconds to end on their
// own, so that no byte on its way is lost, and cuts the rest.
func (t *Tap) Close() error {
	t.listener.Close()
	cut := time.AfterFunc(2*time.Second, t.cut)
	t.done.Wait()
	cut.Stop()
	return t.log.close()
}

func (t *Tap) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	for c := range t.open {
		c.Close()
	}
}

func (t *Tap) accept() {
	for n := 1; ; n++ {
		c, err := t.listener.Accept()
		if err != nil {
			return
		}
		t.done.Go(func() { t.serve(n, c) })
	}
}

// track remembers c, so that Close can cut it. It reports false, with c
// closed, when the tap has ended.
func (t *Tap) track(c net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		c.Close()
		return false
	}
	t.open[c] = true
	return true
}

func (t *Tap) forget(c net.Conn) {
	c.Close()
	t.mu.Lock()
	delete(t.open, c)
	t.mu.Unlock()
}

func (t *Tap) serve(n int, client net.Conn) {
	if !t.track(client) {
		return
	}
	defer t.forget(client)
	t.log.add(n, Client, Open, nil)
	server, err := net.Dial(t.upstream.Net, t.upstream.Addr)
	if err != nil {
		t.log.add(n, Server, Unreachable, nil)
		return
	}
	if !t.track(server) {
		return
	}
	defer t.forget(server)
	p := &pair{log: t.log, n: n}
	var both sync.WaitGroup
	both.Go(func() { p.copy(Client, client, server) })
	both.Go(func() { p.copy(Server, server, client) })
	both.Wait()
}

// pair is the state that the two directions of a connection share.
type pair struct {
	log *log
	n   int

	mu    sync.Mutex
	ended [2]bool // nothing more will be read from this side
	gone  [2]bool // nothing more can be written to this side
}

// copy moves the bytes of src to dst until src ends.
func (p *pair) copy(side Side, src, dst net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			p.log.add(p.n, side, Data, buf[:n])
			p.write(side, buf[:n], src, dst)
		}
		if err != nil {
			p.end(side, err, src, dst)
			return
		}
	}
}

// write passes data on. If dst takes no more, data is still read and logged
// until dst has nothing more to send. Then src is closed, as it would have
// been without the tap.
func (p *pair) write(side Side, data []byte, src, dst net.Conn) {
	p.mu.Lock()
	gone := p.gone[side.Other()]
	p.mu.Unlock()
	if gone {
		return
	}
	if _, err := dst.Write(data); err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone[side.Other()] = true
	if p.ended[side.Other()] {
		src.Close()
	}
}

// end passes the end of src's direction on: a half-close as a half-close, a
// reset as a reset.
func (p *pair) end(side Side, err error, src, dst net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended[side] = true
	switch {
	case errors.Is(err, io.EOF):
		p.log.add(p.n, side, EOF, nil)
		if half, ok := dst.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
	case errors.Is(err, syscall.ECONNRESET):
		p.log.add(p.n, side, Reset, nil)
		if tcp, ok := dst.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		dst.Close()
		src.Close()
		return
	}
	if p.gone[side] {
		dst.Close()
	}
}
