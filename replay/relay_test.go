package replay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
)

// live returns a player of one interaction, GET /a, which leaves all else to
// what serves a connection at the other end.
func live(t *testing.T, network string, handle func(net.Conn)) *player {
	t.Helper()
	return serve(t, network, recordedA(t, upstream(t, handle)))
}

// recordedA returns a server of one interaction, GET /a.
func recordedA(t *testing.T, onMiss func(context.Context, net.Conn) (net.Conn, error)) *Server {
	t.Helper()
	c := tape(t, cassettes.Header{}, saying(t, get("/a"), "recorded"))
	return &Server{Cassettes: []*cassettes.Cassette{c}, OnMiss: onMiss}
}

// upstream returns what connects to a live server.
func upstream(t *testing.T, handle func(net.Conn)) func(context.Context, net.Conn) (net.Conn, error) {
	t.Helper()
	l, err := endpoint.ListenPrivate()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			handle(c)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return func(ctx context.Context, _ net.Conn) (net.Conn, error) {
		return endpoint.Dial(ctx, endpoint.AddrOf(l.Addr()))
	}
}

// echo answers one request with its bytes as they came.
func echo(t *testing.T, framing string) func(net.Conn) {
	return func(c net.Conn) {
		var wire strings.Builder
		r := bufio.NewReader(io.TeeReader(c, &wire))
		req, err := http.ReadRequest(r)
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			t.Error(err)
		}
		switch got := wire.String(); framing {
		case "length":
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(got), got)
		case "chunked":
			fmt.Fprintf(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(got), got)
		case "close":
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\n\r\n%s", got)
		}
	}
}

// TestLive checks that a request which nothing answers reaches the live server
// byte for byte, that its answer comes back, and that the next request on the
// same connection is replayed.
func TestLive(t *testing.T) {
	requests := map[string]string{
		"get":     get("/b"),
		"head":    "GET /b HTTP/1.1\r\nhost:  h\r\nX: 1\r\n\r\n",
		"length":  post("/b", "xyz"),
		"chunked": "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n003;x=1\r\nabc\r\n0\r\nT: 1\r\n\r\n",
	}
	for _, network := range []string{"unix", "tcp"} {
		for _, framing := range []string{"length", "chunked"} {
			for name, request := range requests {
				t.Run(network+"/"+framing+"/"+name, func(t *testing.T) {
					p := live(t, network, echo(t, framing))
					c := p.dial(t)
					for range 2 {
						r := newResponseReader(c)
						for i := range request { // in the smallest pieces
							send(t, c, request[i:i+1])
						}
						if framing == "chunked" {
							expect(t, c, "HTTP/1.1 100 Continue\r\n\r\n")
						}
						if got := r.body(t); got != request {
							t.Errorf("the live server got %q, want %q", got, request)
						}
						send(t, c, get("/a"))
						if got := r.body(t); got != "recorded" {
							t.Errorf("then: %q, want the recording", got)
						}
					}
					r := p.Report()
					if len(r.Proxied) != 2 || len(r.Misses) != 0 || r.Played != 1 {
						t.Errorf("the report is %+v", r)
					}
				})
			}
		}
	}
}

// TestLiveAfterBody checks that a request whose body decides that nothing
// answers it is put to the live server from its first byte on.
func TestLiveAfterBody(t *testing.T) {
	s := recordedA(t, upstream(t, echo(t, "length")))
	s.Match.By = []string{"method", "path", "body"}
	p := serve(t, "unix", s)
	c := p.dial(t)
	request := "GET /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
	for i := range request {
		send(t, c, request[i:i+1])
	}
	r := newResponseReader(c)
	if got := r.body(t); got != request {
		t.Errorf("the live server got %q, want %q", got, request)
	}
	send(t, c, get("/a"))
	if got := r.body(t); got != "recorded" {
		t.Errorf("then: %q, want the recording", got)
	}
}

// TestLivePipelined checks that answers keep their order where the live server
// gives some of them.
func TestLivePipelined(t *testing.T) {
	p := live(t, "unix", echo(t, "length"))
	c := p.dial(t)
	send(t, c, get("/b")+get("/a")+get("/c")+get("/a"))
	r := newResponseReader(c)
	for _, want := range []string{get("/b"), "recorded", get("/c"), "recorded"} {
		if got := r.body(t); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestLiveClose checks that the live server's close ends an answer framed by
// it, and that a client that wants the connection closed gets that.
func TestLiveClose(t *testing.T) {
	for name, request := range map[string]string{"close": get("/b"), "length": "GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			p := live(t, "tcp", echo(t, name))
			c := p.dial(t)
			send(t, c, request)
			got, err := io.ReadAll(c)
			if _, body, _ := strings.Cut(string(got), "\r\n\r\n"); err != nil || body != request {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// upper upgrades a connection, repeats its client's bytes in upper case until the
// client has half-closed, and then says goodbye.
func upper(head string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		if head != "" {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			_ = req.Body.Close()
			io.WriteString(c, head)
		}
		for {
			b, err := r.ReadByte()
			if err != nil {
				break
			}
			io.WriteString(c, strings.ToUpper(string(b)))
		}
		io.WriteString(c, "bye")
	}
}

// TestLiveStream checks that what leaves HTTP is passed on in both directions
// to its end, half-close included.
func TestLiveStream(t *testing.T) {
	const switching = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
	const hijacked = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
	for name, test := range map[string]struct{ request, head string }{
		"upgrade": {"POST /attach HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", switching},
		"hijack":  {"POST /attach HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", hijacked},
		"raw":     {"\x00\x01", ""},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(name+"/"+network, func(t *testing.T) {
				p := live(t, network, upper(test.head))
				c := p.dial(t)
				send(t, c, test.request)
				expect(t, c, test.head)
				if test.head == "" {
					expect(t, c, test.request)
				}
				send(t, c, "abc")
				expect(t, c, "ABC")
				send(t, c, get("/a")) // no request any more
				expect(t, c, strings.ToUpper(get("/a")))
				if err := endpoint.CloseWrite(c); err != nil {
					t.Fatal(err)
				}
				expect(t, c, "bye")
				expectEnd(t, c, eof)
				if r := p.Report(); len(r.Proxied) != 1 || len(r.Misses) != 0 {
					t.Errorf("the report is %+v", r)
				}
			})
		}
	}
}

// TestLiveEarlyBytes checks that a client's bytes are passed on that it sends in
// a stream before the upgrade was confirmed.
func TestLiveEarlyBytes(t *testing.T) {
	p := live(t, "unix", upper("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"))
	c := p.dial(t)
	send(t, c, "POST /attach HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"+get("/a"))
	expect(t, c, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"+strings.ToUpper(get("/a")))
}

// TestLiveIsGone checks that a request is a miss where nobody is there to be
// asked, and that the client learns why.
func TestLiveIsGone(t *testing.T) {
	p := serve(t, "unix", recordedA(t, func(context.Context, net.Conn) (net.Conn, error) {
		return nil, errors.New("nobody is there")
	}))
	c := p.dial(t)
	send(t, c, get("/b"))
	resp, body := newResponseReader(c).read(t)
	if resp.StatusCode != 501 || !strings.Contains(body, `\nlive server: nobody is there`) {
		t.Errorf("the answer is %v with %q", resp, body)
	}
	if r := p.Report(); len(r.Misses) != 1 || len(r.Proxied) != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestLiveHangs checks that neither a client that leaves nor a server that is
// closed waits for a live server's answer.
func TestLiveHangs(t *testing.T) {
	asked, gone := make(chan struct{}), make(chan error)
	p := live(t, "unix", func(c net.Conn) {
		asked <- struct{}{}
		_, err := io.Copy(io.Discard, c)
		gone <- err
	})
	c := p.dial(t)
	send(t, c, get("/b"))
	<-asked
	c.Close()
	<-gone
	send(t, p.dial(t), get("/b"))
	<-asked
	p.Close()
	<-gone
}
