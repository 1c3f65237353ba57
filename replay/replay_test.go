package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/plan"
)

const (
	server = http1.Server
	client = http1.Client
)

// Ends of a client's reading.
const (
	open  = "open"
	eof   = "eof"
	reset = "reset"
)

// shape is an exchange with the bytes that a client sends and reads.
type shape struct {
	name string
	item func(t testing.TB) *cassettes.Interaction
	send string
	want []string // reads
	end  string
}

const ask = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"

// answered is an exchange of one request, answered in the reads given.
func answered(request string, reads ...string) func(testing.TB) *cassettes.Interaction {
	return func(t testing.TB) *cassettes.Interaction { return item(t, in(1, request), in(2, reads...)) }
}

// thenClosed adds a close to an exchange.
func thenClosed(f func(testing.TB) *cassettes.Interaction, wait time.Duration, m cassettes.Mark) func(testing.TB) *cassettes.Interaction {
	return func(t testing.TB) *cassettes.Interaction { return closed(f(t), 50, wait, m) }
}

// followed adds the client's close to an exchange, and the server's after it.
func followed(f func(testing.TB) *cassettes.Interaction) func(testing.TB) *cassettes.Interaction {
	return func(t testing.TB) *cassettes.Interaction {
		it := closed(f(t), 50, time.Millisecond, cassettes.EOF)
		it.Request.Closed = []cassettes.Closed{{Mark: cassettes.EOF, Seq: 40}}
		return it
	}
}

func shapes() []shape {
	ok := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	chunks := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	return []shape{
		{"length", answered(ask, ok), ask, []string{ok}, open},
		{"length in three reads", answered(ask, ok[:30], ok[30:39], ok[39:]), ask, []string{ok[:30], ok[30:39], ok[39:]}, open},
		{"no body", answered(ask, "HTTP/1.1 204 No Content\r\n\r\n"), ask, []string{"HTTP/1.1 204 No Content\r\n\r\n"}, open},
		{"not modified", answered(ask, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), ask,
			[]string{"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"}, open},
		{"HEAD", answered("HEAD /x HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"), "HEAD /x HTTP/1.1\r\n\r\n",
			[]string{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"}, open},
		{"chunks of a read each", answered(ask, chunks, "3\r\nabc\r\n", "2\r\nde\r\n", "0\r\n\r\n"), ask,
			[]string{chunks, "3\r\nabc\r\n", "2\r\nde\r\n", "0\r\n\r\n"}, open},
		{"chunks that shared reads", answered(ask, chunks+"3\r\nabc\r\n", "2\r\nde\r\n0\r\n\r\n"), ask,
			[]string{chunks + "3\r\nabc\r\n", "2\r\nde\r\n0\r\n\r\n"}, open},
		{"chunks in pieces", answered(ask, chunks+"3\r\na", "bc\r", "\n0\r\n\r\n"), ask, []string{chunks + "3\r\na", "bc\r", "\n0\r\n\r\n"}, open},
		{"odd size lines", answered(ask, chunks+"03\r\nabc\r\n", "A;x=\"y\"\r\n0123456789\r\n000\r\n\r\n"), ask,
			[]string{chunks + "03\r\nabc\r\n", "A;x=\"y\"\r\n0123456789\r\n000\r\n\r\n"}, open},
		{"trailers", answered(ask, chunks+"1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"), ask, []string{chunks + "1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"}, open},
		{"odd head", answered(ask, "HTTP/1.1 200 OK\nContent-Length:2\r\nX:  a\r\n\tb\r\n\r\nok"), ask,
			[]string{"HTTP/1.1 200 OK\nContent-Length:2\r\nX:  a\r\n\tb\r\n\r\nok"}, open},
		{"until the close", thenClosed(answered(ask, "HTTP/1.1 200 OK\r\n\r\nab", "cd"), time.Hour, cassettes.EOF), ask,
			[]string{"HTTP/1.1 200 OK\r\n\r\nab", "cd"}, eof},
		{"closed at once", thenClosed(answered(ask, ok), 3*time.Millisecond, cassettes.EOF), ask, []string{ok}, eof},
		{"closed wholly at once", thenClosed(answered(ask, ok), 3*time.Millisecond, cassettes.FullClose), ask, []string{ok}, eof},
		{"closed when idle", thenClosed(answered(ask, ok), time.Minute, cassettes.EOF), ask, []string{ok}, eof},
		{"closed as announced", thenClosed(answered(ask, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), time.Minute, cassettes.EOF), ask,
			[]string{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"}, eof},
		{"closed in a body", thenClosed(answered(ask, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), time.Hour, cassettes.EOF), ask,
			[]string{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"}, eof},
		{"closed in a chunk", thenClosed(answered(ask, chunks+"5\r\nab"), time.Hour, cassettes.EOF), ask, []string{chunks + "5\r\nab"}, eof},
		{"closed in a chunk's end", thenClosed(answered(ask, chunks+"2\r\nab\r"), time.Hour, cassettes.EOF), ask, []string{chunks + "2\r\nab\r"}, eof},
		{"closed between chunks", thenClosed(answered(ask, chunks+"2\r\nab\r\n"), time.Hour, cassettes.EOF), ask, []string{chunks + "2\r\nab\r\n"}, eof},
		{"interim responses", answered(ask, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n"+ok), ask,
			[]string{"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n" + ok}, open},
		{"live close", answered(ask, ok), "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n", []string{ok}, eof},
		{"absolute target, another host", answered(ask, ok), "GET http://elsewhere/x HTTP/1.1\r\n\r\n", []string{ok}, open},
		{"HTTP/1.0 client", answered(ask, ok), "GET /x HTTP/1.0\r\n\r\n", []string{ok}, eof},
		{"HTTP/1.0 client that keeps alive", answered(ask, ok), "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", []string{ok}, open},
		{"HTTP/1.0 client of chunks", answered(ask, "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding:\r\n chunked\r\nC: d\r\n\r\n", "3\r\nabc\r\n", "0\r\nT: u\r\n\r\n"),
			"GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", []string{"HTTP/1.0 200 OK\r\nA: b\r\nC: d\r\n\r\n", "abc"}, eof},
		{"closed after its client", followed(answered(ask, ok)), ask, []string{ok}, open},
		{"closed after its client, live close", followed(answered(ask, ok)), "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n", []string{ok}, eof},
		{"closed after its client, HTTP/1.0 client of chunks", followed(answered(ask, chunks+"3\r\nabc\r\n", "0\r\n\r\n")),
			"GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", []string{"HTTP/1.0 200 OK\r\n\r\nabc"}, eof},
		{"no answer, and a close", func(t testing.TB) *cassettes.Interaction {
			return withTurns(item(t, in(1, ask), nil), marks(server, cassettes.EOF))
		}, ask, nil, eof},
		{"no answer", func(t testing.TB) *cassettes.Interaction { return item(t, in(1, ask), nil) }, ask, nil, open},
		{"an answer without an end", answered(ask, chunks+"1\r\na\r\n"), ask, []string{chunks + "1\r\na\r\n"}, open},
	}
}

// TestAnswersAsRecorded checks the bytes that a client reads, and that bytes of
// one read leave in one write.
func TestAnswersAsRecorded(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		for _, s := range shapes() {
			t.Run(network+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				it := s.item(t)
				if strings.HasPrefix(s.name, "closed in") || s.name == "closed between chunks" {
					it.Response.End = cassettes.Incomplete
				}
				if s.name == "an answer without an end" {
					it.Response.End = cassettes.NoEnd
				}
				p := play(t, network, it)
				c := p.dial(t)
				send(t, c, s.send)
				expect(t, c, strings.Join(s.want, ""))
				expectEnd(t, c, s.end)
				if r := p.Report(); r.Played != 1 || r.Unplayed != 0 || len(r.Misses) != 0 {
					t.Errorf("the report is %+v", r)
				}
				if got := writes(t, it, plan.Options{OldClient: strings.Contains(s.send, "HTTP/1.0")}); fmt.Sprint(got) != fmt.Sprint(s.want) {
					t.Errorf("the writes are\n%q, want\n%q", got, s.want)
				}
			})
		}
	}
}

// TestOneWriteForOneRead checks that bytes of one recorded read leave in one
// write, and bytes of two reads never do.
func TestOneWriteForOneRead(t *testing.T) {
	for _, s := range shapes() {
		if s.end == eof || strings.Contains(s.send, "HTTP/1.0") || s.want == nil || s.name == "an answer without an end" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			p := &Server{Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, s.item(t))}}
			l, err := net.Listen("unix", filepath.Join(shortDir(t), "s"))
			if err != nil {
				t.Fatal(err)
			}
			counted := &countingListener{Listener: l}
			served := make(chan error, 1)
			go func() { served <- p.Serve(counted) }()
			c := (&player{l: l}).dial(t)
			for range 2 { // the second time it is an answer that was kept
				send(t, c, s.send)
				expect(t, c, strings.Join(s.want, ""))
			}
			p.Close()
			<-served
			if got, want := counted.writes, append(s.want, s.want...); !slices.Equal(got, want) {
				t.Errorf("the writes are\n%q, want\n%q", got, want)
			}
		})
	}
}

// countingListener keeps the writes to its connections, each by itself.
type countingListener struct {
	net.Listener
	writes []string
}

func (l *countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countingConn{c, l}, err
}

type countingConn struct {
	net.Conn
	l *countingListener
}

func (c countingConn) Write(b []byte) (int, error) {
	c.l.writes = append(c.l.writes, string(b))
	return c.Conn.Write(b)
}

// writes returns the bytes of each step of an interaction's plan.
func writes(t testing.TB, it *cassettes.Interaction, how plan.Options) (out []string) {
	t.Helper()
	for w, err := range plan.Of(it, how) {
		if err != nil {
			t.Fatal(err)
		}
		b := bytes.Clone(w.Data)
		if w.N > 0 {
			rest, err := io.ReadAll(io.LimitReader(w.From, w.N))
			if err != nil {
				t.Fatal(err)
			}
			b = append(b, rest...)
		}
		if len(b) > 0 {
			out = append(out, string(b))
		}
	}
	return out
}

func send(t testing.TB, c net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

// expect reads as many bytes as want has, and compares them.
func expect(t testing.TB, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v, want %q", got[:n], err, want)
	}
}

// expectEnd checks the end that a client sees after all bytes.
func expectEnd(t testing.TB, c net.Conn, want string) {
	t.Helper()
	if want == open {
		c.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
		defer c.SetReadDeadline(time.Now().Add(10 * time.Second))
	}
	b := make([]byte, 64)
	n, err := c.Read(b)
	got := fmt.Sprintf("%q, %v", b[:n], err)
	switch {
	case errors.Is(err, io.EOF):
		got = eof
	case endpoint.IsReset(err):
		got = reset
	case errors.Is(err, os.ErrDeadlineExceeded):
		got = open
	}
	if got != want {
		t.Fatalf("the end is %s, want %s", got, want)
	}
}

func TestCloseIsImmediateAndClean(t *testing.T) {
	p := play(t, "unix", plain(t, ask, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	c := p.dial(t)
	send(t, c, "GET /x HTT")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	expectEndOneOf(t, c, eof, reset)
	if err := p.Serve(p.l); err != net.ErrClosed {
		t.Errorf("Serve after Close: %v", err)
	}
}

func expectEndOneOf(t testing.TB, c net.Conn, ends ...string) {
	t.Helper()
	_, err := c.Read(make([]byte, 1))
	for _, end := range ends {
		if end == eof && errors.Is(err, io.EOF) || end == reset && endpoint.IsReset(err) {
			return
		}
	}
	t.Fatalf("read: %v, want one of %v", err, ends)
}

func TestShutdown(t *testing.T) {
	it := item(t, in(1, ask), in(2, "HTTP/1.1 200 OK\r\n\r\n"))
	it.Response.End = cassettes.NoEnd
	p := play(t, "unix", it, plain(t, "GET /y HTTP/1.1\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"))
	busy, idle := p.dial(t), p.dial(t)
	send(t, busy, ask)
	expect(t, busy, "HTTP/1.1 200 OK\r\n\r\n")
	send(t, idle, "GET /y HTTP/1.1\r\n\r\n")
	expect(t, idle, "HTTP/1.1 204 No Content\r\n\r\n")

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.Shutdown(ctx) }()
	expectEnd(t, idle, eof)
	select {
	case err := <-done:
		t.Fatalf("Shutdown returned %v while an exchange was going on", err)
	case <-time.After(20 * time.Millisecond):
	}
	busy.Close()
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	it := item(t, in(1, ask), in(2, "HTTP/1.1 200 OK\r\n\r\n"))
	it.Response.End = cassettes.NoEnd
	p := play(t, "tcp", it)
	c := p.dial(t)
	send(t, c, ask)
	expect(t, c, "HTTP/1.1 200 OK\r\n\r\n")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := p.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v, want the context's error", err)
	}
	expectEndOneOf(t, c, eof, reset)
}
