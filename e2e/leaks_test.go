package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// ending is a way in which a connection ends. It begins after the request,
// when the daemon has begun to answer.
type ending struct {
	name           string
	answer         string // begun
	client, daemon func(c net.Conn)
}

const (
	begunChunk  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nff\r\nonly this"
	begunLength = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this"
	whole       = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	upgradedTo  = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello"
)

var endings = []ending{
	{"client gone first", begunChunk, leave, readOut},
	{"client gone first, idle", whole, leave, readOut},
	{"client gone first, in a stream", upgradedTo, leave, readOut},
	{"daemon gone first", whole, readOut, leave},
	{"daemon gone first, in a chunk", begunChunk, readOut, leave},
	{"daemon gone first, in a length", begunLength, readOut, leave},
	{"daemon gone first, in a stream", upgradedTo, readOut, leave},
	{"client resets", begunChunk, resetConn, readOut},
	{"client resets a stream", upgradedTo, resetConn, readOut},
	{"daemon resets", begunLength, readOut, resetConn},
	{"daemon resets a stream", upgradedTo, readOut, resetConn},
	{"client half-closes", begunChunk, halfClose, readOut},
	{"client half-closes a stream", upgradedTo, halfClose, func(c net.Conn) { readOut(c); io.WriteString(c, "more") }},
	{"daemon half-closes a stream", upgradedTo, func(c net.Conn) { readOut(c); io.WriteString(c, "more") }, halfClose},
	{"client in a request", whole, func(c net.Conn) { io.WriteString(c, "POST /next HTTP/1.1\r\nContent-Length: 100\r\n\r\nonly") }, readOut},
	{"client in a head", whole, func(c net.Conn) { io.WriteString(c, "GET /next HTT") }, readOut},
	{"both at once", upgradedTo, leave, leave},
	{"both reset", upgradedTo, resetConn, resetConn},
}

func leave(net.Conn)     {}
func readOut(c net.Conn) { io.Copy(io.Discard, c) }

func halfClose(c net.Conn) {
	c.(interface{ CloseWrite() error }).CloseWrite()
	readOut(c)
}

// resetConn prepares a close that becomes a reset. On a Unix socket that takes
// unread input, which the other side must have sent.
func resetConn(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

// TestEndsLeaveNoDescriptorsAndSockets ends 1,000 connections in every way,
// through record and then with replay. No descriptor may be left after them,
// nor a socket's file after the program, whose end an open connection must not
// delay.
func TestEndsLeaveNoDescriptorsAndSockets(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		skip(t, err)
	}
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			dir, sockets := folder(t), folder(t)
			upstream, listen := filepath.Join(dir, "d"), "unix://"+filepath.Join(sockets, "s")
			if network == "tcp" {
				upstream, listen = "127.0.0.1:0", "tcp://127.0.0.1:0"
			}
			l, err := net.Listen(network, upstream)
			if err != nil {
				t.Fatal(err)
			}
			var daemon sync.WaitGroup
			daemon.Go(func() { acceptEndings(l, &daemon) })
			defer daemon.Wait()
			defer l.Close()
			cassette := filepath.Join(dir, "c.yaml")
			endAll(t, "record", "--upstream", network+"://"+l.Addr().String(), "--listen", listen, "--cassette", cassette)
			verifies(t, cassette)
			endAll(t, "replay", cassette, "--listen", listen)
			if left, err := os.ReadDir(sockets); err != nil || len(left) > 0 {
				t.Errorf("left beside the sockets: %v, %v", left, err)
			}
		})
	}
}

// endAll ends connections to a program, and checks the descriptors that it
// holds.
func endAll(t *testing.T, name string, args ...string) {
	t.Helper()
	s := serve(t, append([]string{command(name)}, args...)...)
	touch(t, s.addr)
	// The first of a kind may open what stays: replay keeps one netlink socket.
	for n := range endings {
		if err := endOne(s.addr, n); err != nil {
			t.Errorf("%s, first connection that ends by %s: %v", name, endings[n].name, err)
		}
	}
	before := descriptorsOf(t, s.cmd.Process.Pid, 0)
	var clients sync.WaitGroup
	const at = 20
	for k := range at {
		clients.Go(func() {
			for n := k; n < 1000; n += at {
				if err := endOne(s.addr, n); err != nil {
					t.Errorf("%s, connection %d, %s: %v", name, n, endings[n%len(endings)].name, err)
				}
			}
		})
	}
	clients.Wait()
	if after := descriptorsOf(t, s.cmd.Process.Pid, len(before)); len(after) > len(before) {
		t.Errorf("%s holds %d descriptors, %d before:\n%q\n%q", name, len(after), len(before), after, before)
	}
	half, err := net.Dial(dialAddr(s.addr).Net, dialAddr(s.addr).Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	io.WriteString(half, "GET /half HTT")
	start := time.Now()
	s.stop() // whatever it says: clients did as they liked
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("%s took %v to end", name, took)
	}
}

// touch connects and leaves, so that the program has opened everything that it
// opens once.
func touch(t *testing.T, addr string) {
	t.Helper()
	at := dialAddr(addr)
	c, err := net.Dial(at.Net, at.Addr)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	time.Sleep(100 * time.Millisecond)
}

// endOne is a client.
func endOne(addr string, n int) error {
	at := dialAddr(addr)
	c, err := net.Dial(at.Net, at.Addr)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	e := endings[n%len(endings)]
	fmt.Fprintf(c, "POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n", n)
	if strings.HasPrefix(e.answer, "HTTP/1.1 101") {
		io.WriteString(c, "Connection: Upgrade\r\nUpgrade: tcp\r\n")
	}
	io.WriteString(c, "\r\n")
	want := len(e.answer)
	if n/len(endings)%2 == 1 {
		want /= 2 // the rest stays unread
	}
	if got, err := io.ReadFull(c, make([]byte, want)); err != nil {
		return fmt.Errorf("after %d bytes of the answer: %w", got, err)
	}
	e.client(c)
	return nil
}

// acceptEndings is the daemon.
func acceptEndings(l net.Listener, running *sync.WaitGroup) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		running.Go(func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			in := bufio.NewReader(c)
			var n int
			line, err := in.ReadString('\n')
			if _, serr := fmt.Sscanf(line, "POST /%d ", &n); err != nil || serr != nil {
				return
			}
			for line != "\r\n" {
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
			}
			e := endings[n%len(endings)]
			io.WriteString(c, e.answer)
			time.Sleep(2 * time.Millisecond) // the client reads it first
			e.daemon(c)
		})
	}
}

// descriptorsOf returns the open descriptors of a process, once there are at
// most most of them or some seconds have passed.
func descriptorsOf(t *testing.T, pid, most int) (open []string) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		open = open[:0]
		for _, e := range entries {
			to, _ := os.Readlink(filepath.Join(dir, e.Name()))
			open = append(open, e.Name()+" "+to)
		}
		if most == 0 || len(open) <= most || time.Now().After(end) {
			return open
		}
	}
}
