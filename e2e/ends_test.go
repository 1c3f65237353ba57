package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// conversation is a list of alternating bytes of client and server, up to a
// reset. A Unix socket is reset by a close with unread input, here the last
// byte.
type conversation []struct{ say, hear string }

var resets = map[string]conversation{
	"within a body": {
		{"PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"},
		{"hello", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"},
	},
	"of one read, within a body": {{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"}},
	"of one read, after a body":  {{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nthis"}},
	"of one read, unanswered":    {{"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 6000\r\n\r\n" + strings.Repeat("x", 6000), ""}},
	"of one read, in a request":  {{"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhal", ""}},
	"of one read, in a stream": {{
		"POST /attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello",
	}},
	"of one read, of no HTTP": {{"\x00\x01hello", "\x02"}},
}

// TestResetStaysReset checks that a client gets the server's bytes first and
// then the reset, through record and from replay.
func TestResetStaysReset(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		for name, said := range resets {
			t.Run(network+" "+name, func(t *testing.T) { testReset(t, network, said) })
		}
	}
}

func testReset(t *testing.T, network string, said conversation) {
	at := map[string]string{"unix": socketPath(), "tcp": "127.0.0.1:0"}[network]
	l, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan struct{}, 1)
	go said.reset(l, heard)
	listen := map[string]string{"unix": "unix://" + socketPath(), "tcp": "tcp://127.0.0.1:0"}[network]
	cassette := filepath.Join(folder(t), "c.yaml")
	r := serve(t, command("record"), "--upstream", network+"://"+l.Addr().String(), "--listen", listen, "--cassette", cassette)
	said.wantReset(t, r.addr, heard)
	if status := r.stop(); status != 0 {
		t.Errorf("record exited %d:\n%s", status, r.stderr.String())
	}
	if text := read(t, cassette); !strings.Contains(text, "reset, ") {
		t.Errorf("there is no reset in\n%s", text)
	}
	verifies(t, cassette)
	p := serve(t, command("replay"), cassette, "--listen", listen)
	said.wantReset(t, p.addr, make(chan struct{}, 1))
	if status := p.stop(); status != 0 {
		t.Errorf("replay exited %d:\n%s", status, p.stderr.String())
	}
}

// reset is the daemon: it waits until the client has its last answer.
func (said conversation) reset(l net.Listener, heard <-chan struct{}) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	for i, step := range said {
		n := len(step.say)
		if i == len(said)-1 {
			n--
		}
		io.ReadFull(c, make([]byte, n))
		io.WriteString(c, step.hear)
	}
	<-heard
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

// wantReset is the client: it confirms the last answer, and expects a reset
// then.
func (said conversation) wantReset(t *testing.T, addr string, heard chan<- struct{}) {
	t.Helper()
	at := dialAddr(addr)
	c, err := net.Dial(at.Net, at.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	for _, step := range said {
		io.WriteString(c, step.say)
		got := make([]byte, len(step.hear))
		if n, err := io.ReadFull(c, got); err != nil || string(got) != step.hear {
			t.Errorf("read %q, %v; want %q", got[:n], err, step.hear)
		}
	}
	heard <- struct{}{}
	if n, err := c.Read(make([]byte, 1)); n > 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("then read %d bytes, %v; want a reset", n, err)
	}
}

// chunkedPull is a recorded answer of three chunks with one JSON record each.
var chunkedPull = script{
	client("POST /images/create HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
	serverSays("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"a\r\n{\"a\":\"b\"}\n\r\n" + "10\r\n{\"c\":\"d\"}{\"e\":1}\r\n" + "3\r\n{}\n\r\n0\r\n\r\n"),
	serverEOF, clientEOF,
}

// leftByClient is the same with a close by the client.
var leftByClient = append(slices.Clone(chunkedPull[:2]), clientEOF, serverEOF)

const pulled = "{\"a\":\"b\"}\n{\"c\":\"d\"}{\"e\":1}{}\n"

// ask sends a request to a replay of recorded with flags, and returns
// everything up to the server's close.
func ask(t *testing.T, recorded script, request string, flags ...string) string {
	t.Helper()
	s := newStage(t)
	if err := s.perform(recorded); err != nil {
		t.Fatal(err)
	}
	s.finish()
	r := serve(t, append([]string{command("replay"), s.cassette()}, flags...)...)
	at := dialAddr(r.addr)
	c, err := net.Dial(at.Net, at.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, request)
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("after %q: %v", got, err)
	}
	if status := r.stop(); status != 0 {
		t.Errorf("replay exited %d:\n%s", status, r.stderr.String())
	}
	return string(got)
}

// TestOldClient checks that an HTTP/1.0 client, which knows no chunks, gets
// the body up to the close.
func TestOldClient(t *testing.T) {
	for _, recorded := range []script{chunkedPull, leftByClient} {
		got := ask(t, recorded, "POST /images/create HTTP/1.0\r\n\r\n")
		head, body, _ := strings.Cut(got, "\r\n\r\n")
		if body != pulled || strings.Contains(head, "chunked") {
			t.Errorf("an HTTP/1.0 client got\n%q", got)
		}
	}
}

// TestConnectionClose checks that a live client that asks for a close gets
// one, regardless of the close in the recording.
func TestConnectionClose(t *testing.T) {
	for _, recorded := range []script{chunkedPull, leftByClient} {
		got := ask(t, recorded, "POST /images/create HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		if !strings.HasSuffix(got, "3\r\n{}\n\r\n0\r\n\r\n") {
			t.Errorf("the client got\n%q", got)
		}
	}
}

// TestReframe cuts the body into other chunks and changes no byte of it.
func TestReframe(t *testing.T) {
	for _, c := range []struct {
		how   string
		sizes []int
	}{
		{"exact", []int{10, 16, 3}},
		{"one", []int{29}},
		{"bytes=7", []int{7, 7, 7, 7, 1}},
		{"bytes=1000", []int{29}},
		{"record", []int{10, 9, 7, 3}},
	} {
		t.Run(c.how, func(t *testing.T) {
			got := ask(t, chunkedPull, "POST /images/create HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "--reframe", c.how)
			_, chunks, _ := strings.Cut(got, "\r\n\r\n")
			sizes, body, err := dechunk(chunks)
			if err != nil || body != pulled || fmt.Sprint(sizes) != fmt.Sprint(c.sizes) {
				t.Errorf("got chunks %v of %q, %v; want %v of %q", sizes, body, err, c.sizes, pulled)
			}
		})
	}
}

// dechunk reads a chunked body.
func dechunk(s string) (sizes []int, body string, err error) {
	for {
		line, rest, ok := strings.Cut(s, "\r\n")
		var n int
		if _, err := fmt.Sscanf(line, "%x", &n); !ok || err != nil {
			return sizes, body, fmt.Errorf("%q is no chunk: %v", line, err)
		}
		if len(rest) < n+2 || rest[n:n+2] != "\r\n" {
			return sizes, body, fmt.Errorf("a chunk of %d bytes is cut short: %q", n, rest)
		}
		if n == 0 {
			return sizes, body, nil
		}
		sizes, body, s = append(sizes, n), body+rest[:n], rest[n+2:]
	}
}
