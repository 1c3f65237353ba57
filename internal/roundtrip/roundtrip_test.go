package roundtrip

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// step is one action of one side.
type step struct {
	server bool
	bytes  string // "": it half-closes
	reset  bool   // or resets the connection
}

// parse reads a script: lines of "C: bytes" and "S: bytes", the bytes as in a
// Go string, and "C half" and "S half".
func parse(t testing.TB, script string) (steps []step) {
	t.Helper()
	for line := range strings.Lines(strings.TrimSpace(script)) {
		line = strings.TrimSpace(line)
		s := step{server: line[0] == 'S'}
		if line[1:] != " half" {
			text, err := strconv.Unquote(`"` + line[len("C: "):] + `"`)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			s.bytes = text
		}
		steps = append(steps, s)
	}
	return steps
}

// stage is the place of a script: a recorder between a client and a server, or
// a replay.
type stage struct {
	t   testing.TB
	dir string
	n   int
}

func newStage(t testing.TB) *stage {
	t.Helper()
	dir, err := os.MkdirTemp("", "wt") // short: a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return &stage{t: t, dir: dir}
}

// listen listens on a socket of its own.
func (s *stage) listen(network string) net.Listener {
	s.t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		s.n++
		address = filepath.Join(s.dir, strconv.Itoa(s.n))
	}
	l, err := net.Listen(network, address)
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

func (s *stage) dial(l net.Listener) net.Conn {
	s.t.Helper()
	c, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(5 * time.Second))
	return c
}

// record plays the steps of client and server through a recorder, and returns
// the cassette's path.
func (s *stage) record(network string, steps []step, rules *redact.Rules) string {
	s.t.Helper()
	path := filepath.Join(s.dir, "tape.yaml")
	upstream, l := s.listen(network), s.listen(network)
	defer upstream.Close()
	h := cassettes.Header{Upstream: upstream.Addr().String()}
	if rules != nil {
		h.Redaction = rules.Names()
	}
	w, err := cassettes.Create(path, h, cassettes.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	r := &record.Recorder{
		Dial: func(ctx context.Context) (net.Conn, error) {
			return endpoint.Dial(ctx, endpoint.AddrOf(upstream.Addr()))
		},
		Cassette:  w,
		InlineMax: 100,
		Unmasked:  rules == nil,
	}
	served := make(chan error, 1)
	go func() { served <- r.Serve(l) }()
	client := s.dial(l)
	defer client.Close()
	server, err := upstream.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	defer server.Close()
	server.SetDeadline(time.Now().Add(5 * time.Second))

	act(s.t, steps, client, server)
	s.end(r.Close(), <-served)
	s.end(w.Close(), net.ErrClosed)
	return path
}

// act plays the steps of both sides, each when the one before has arrived.
func act(t testing.TB, steps []step, client, server net.Conn) {
	t.Helper()
	for i, step := range steps {
		from, to := client, server
		if step.server {
			from, to = server, client
		}
		if step.reset {
			endpoint.Reset(from)
			wantReset(t, to)
			return
		}
		if step.bytes == "" {
			if err := endpoint.CloseWrite(from); err != nil {
				t.Fatal(err)
			}
			wantEnd(t, to)
			continue
		}
		if _, err := io.WriteString(from, step.bytes); err != nil {
			t.Fatal(err)
		}
		heard := step.bytes
		if i+1 < len(steps) && steps[i+1].reset {
			heard = heard[:len(heard)-1] // a Unix socket is reset with input unread
		}
		wantRead(t, to, heard)
	}
}

// replay plays the client's steps against a replay of the cassette.
func (s *stage) replay(network, path string, steps []step) replay.Report {
	s.t.Helper()
	c, err := cassettes.OpenFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	l := s.listen(network)
	p := &replay.Server{Cassettes: []*cassettes.Cassette{c}}
	served := make(chan error, 1)
	go func() { served <- p.Serve(l) }()
	client := s.dial(l)
	defer client.Close()
	for _, step := range steps {
		switch {
		case step.reset:
			wantReset(s.t, client)
		case step.server && step.bytes == "":
			wantEnd(s.t, client)
		case step.server:
			wantRead(s.t, client, step.bytes)
		case step.bytes == "":
			if err := endpoint.CloseWrite(client); err != nil {
				s.t.Fatal(err)
			}
		default:
			if _, err := io.WriteString(client, step.bytes); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s.end(p.Shutdown(ctx), <-served)
	return p.Report()
}

// end checks how a server ended.
func (s *stage) end(err, served error) {
	s.t.Helper()
	if err != nil || !errors.Is(served, net.ErrClosed) {
		s.t.Fatalf("closing: %v; serving: %v", err, served)
	}
}

func wantRead(t testing.TB, c net.Conn, want string) {
	t.Helper()
	b := make([]byte, len(want))
	if n, err := io.ReadFull(c, b); err != nil || string(b) != want {
		t.Fatalf("read %q, %v, want %q", b[:n], err, want)
	}
}

func wantEnd(t testing.TB, c net.Conn) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Fatalf("read %d bytes, %v, want the end", n, err)
	}
}

// wantReset waits for a reset. On a Unix socket a side that has read the end
// still sees a reset, but not by waiting in a read.
func wantReset(t testing.TB, c net.Conn) {
	t.Helper()
	if _, ok := c.(*net.UnixConn); ok {
		for end := time.Now().Add(5 * time.Second); !endpoint.HungUp(c) && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || !endpoint.IsReset(err) {
		t.Fatalf("read %d bytes, %v, want a reset", n, err)
	}
}

const (
	ask      = `C: GET / HTTP/1.1\r\nHost: d\r\n\r\n` + "\n"
	ok       = `S: HTTP/1.1 200 OK\r\n`
	chunks   = ok + `Transfer-Encoding: chunked\r\n\r\n`
	nothing  = ok + `Content-Length: 0\r\n\r\n` + "\n"
	hijack   = `C: POST /attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`
	hijacked = `S: HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`
)

// scripts are conversations of every shape.
var scripts = []string{
	ask + ok + `Content-Length: 5\r\n\r\nhello`,
	ask + ok + `Content-Length: 5\r\n\r\n` + "\nS: he\nS: llo",
	ask + chunks + `5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`,
	ask + chunks + "\n" + `S: 5\r\nhello\r\n` + "\n" + `S: 0\r\nA: b\r\n\r\n` + "\n" + ask + nothing,
	ask + chunks + `1` + "\nS: 0\nS: \\r\\n01234567\nS: 89abcdef\\r\nS: \\n0\\r\\n\nS: A: b\\r\\n\nS: \\r\\n",
	ask + chunks + `005;x=y\r\nhello\r\n00\r\n\r\n`,
	ask + ok + `\r\nhello` + "\nS half",
	`C: GET / HTTP/1.0\r\n\r\n` + "\n" + `S: HTTP/1.0 200 OK\r\n\r\nhi` + "\nS half",
	`C: GET / HTTP/1.0\r\n\r\n` + "\n" + chunks + `2\r\nhi\r\n0\r\n\r\n` + "\nS half",
	`C: HEAD / HTTP/1.1\r\nHost: d\r\n\r\n` + "\n" + ok + `Content-Length: 5\r\n\r\n` + "\n" + ask + ok + `Content-Length: 1\r\n\r\nx`,
	ask + `S: HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n`,
	`C: POST / HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n` + "\n" + `S: HTTP/1.1 100 Continue\r\n\r\n` + "\nC: hi\n" + nothing,
	`C: POST / HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi` + "\n" + nothing,
	`C: POST / HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n` + "\n" + `S: HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n` + "\nS half",
	ask + `S: HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n` + "\n" + nothing,
	ask + `S: HTTP/1.1 103 Early Hints\r\n\r\n` + "\nS half",
	`C: POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n` + "\n" + chunks + "\n" + `C: 2\r\nhi\r\n` + "\n" + `S: 2\r\nho\r\n` + "\n" + `C: 0\r\n\r\n` + "\n" + `S: 0\r\n\r\n`,
	`C: GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n` + "\n" + ok + `Content-Length: 1\r\n\r\na` + "\n" + ok + `Content-Length: 1\r\n\r\nbHTTP/1.1 204 No Content\r\n\r\n`,
	`C: POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n\r\nhe` + "\n" + nothing + "C: llo\n" + ask + nothing,
	ask + chunks + `5\r\nhe` + "\nS half",
	ask + chunks + `5\r\nhello\r` + "\nS half",
	ask + chunks + `5\r\nhello\r\n1` + "\nS half",
	ask + chunks + `5\r\nhello\r\n0\r\nA:` + "\nS half",
	ask + chunks + `0\r\n` + "\nS half",
	ask + ok + `Content-Length: 5\r\n\r\nhe` + "\nS half",
	ask + `S: HTTP/1.1 200` + "\nS half",
	ask + "S half",
	ask + nothing + "C half\nS half",
	ask + "C half\n" + nothing + "S half",
	"C: GET / HT\nC half\nS half",
	ask + nothing + "C: GE\nC half\nS half",
	hijack + "\n" + hijacked + "hello\nC: hi\nC half\nS: bye\nS half",
	hijack + "\n" + hijacked + "\nS: bye\nS half\nC: more\nC half",
	hijack + `GET /inside HTTP/1.1\r\n\r\n` + "\nC: more\nC half\n" + hijacked + "\nS: x\nS half",
	hijack + `GET /next HTTP/1.1\r\n\r\n` + "\n" + ok + `Content-Length: 0\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n`,
	`C: POST /v1.11/containers/x/attach HTTP/1.1\r\nHost: d\r\n\r\n` + "\n" + ok + `Content-Type: application/vnd.docker.raw-stream\r\n\r\n` + "\nC: ls\nS: file\nS half",
	`C: CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n` + "\n" + ok + `\r\n` + "\n" + `C: \x16\x03` + "\n" + `S: \x16\x03` + "\nC half",
	`C: \x16\x03\x01\x00\x02\x01\x02` + "\n" + `S: HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request` + "\nS half",
	`S: 220 ready\r\n` + "\n" + `C: EHLO x\r\n` + "\n" + `S: 250 ok\r\n` + "\nC half\nS half",
	"C half\nS half",
	"S half\nC half",
	ask + nothing + `C: \x00\x01` + "\n" + `S: \x02` + "\nC half\nS half",
	ask + `C: \x00\x01` + "\n" + ok + `Content-Length: 2\r\n\r\nhi` + "\n" + `S: \x02` + "\nC half\nS half",
	ask + chunks + `5\r\nhello\r\nZ\r\nrest` + "\nC: next\nS: more\nS half",
	ask + chunks + `5\r\nhello\rX` + "\nS half",
	`C: POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n` + "\n" + `S: HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n` + "\nS half",
	ask + ok + `Content-Length: 2\r\n\r\nhithere` + "\nS half",
	`C: GET /\r\n` + "\n" + `S: <p>hello` + "\nS half",
	"C: GET / HTTP/1.1\\r\\n\nC: Host: d\\r\\n\\r\\n\n" + ok + "\nS: Content-Length: 2\\r\\n\\r\\n\nS: h\nS: i",
	strings.Repeat(ask+ok+`Content-Length: 1\r\n\r\nx`+"\n", 3) + "C half\nS half",
	ask + ok + `Content-Length: 1\r\n\r\nx` + "\n" + ask + "S half",
	// Found by the fuzzer.
	`C: GET / HTTP/1.1\r\n\r\n\x01\x00+HTTP` + "\n" + `S: 00 OK\r\n`,
	`C: GET - HTTP/1.1\r\nHost: d\r\n\r\n` + "\n" + nothing,
	ask + `S: HTTP/1.1 200dddddddd OK\r\n` + "\n" + `S: more\r\n`,
	`C: POST / HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n` + "\n" + `S: HTTP/1.1 100 Continue\r\n\r\n` + "\nC: hi\n" + `S: HTTP/1.1OK\r\n`,
	`C: POST / HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\n\r\n` + "\n" + `S: HTTP/1.1 100 Continue\r\n\r\n` + "\nC: hi\n" + `S: HTTP/1.1OK\r\n`,
	`C: GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n` + "\n" + `S: HTTP/1.1 200 OK\r\nContent-L\xf6: 1\r\n`,
	ask + `C: \x00\x01` + "\n" + ok + `Content-: 2\r\n\r\nhi`,
	`C: POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\n` + "\n" + `S: HTTP/1.1 \x1700\r\n\r\n` + "\nC: hi\n" + nothing,
	`C: POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 9\r\n\r\nab` + "\n" + `S: HTTP/1.1 \x1700\r\n\r\n` + "\nC: hi\n" + nothing,
	hijack + "\n" + `S: HTTP/1.1 101 UPGRADED\r\n'\b` + "\n" + `C: \x9a\xe9\r\n` + "\nS: x",
	ask + ok + `Content-Length: 5\r\n\r\n` + "\n" + `C: GET / HTTP/1.1\r\nHost: d\r\x1e` + "\nC half\n" + `S: helloP/1.1 200 OK\r\n`,
	ask + ok + `Content-Length: 0\r\n\r\n` + "\nC: hi\n" + `S: HTTP/1.1 209999\r\n`,
	`C: HEAD / HTTP/1.1\r\n\r\n` + "\n" + ok + `\x00\r\n` + "\n" + ask + `S: HTTP/1.1 \xe2`,
	`C: \x16\x03\x01.0 4` + "\n" + `S: HTTP/1\x00 400 Bad Request\r\n`,
	`C: POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n` + "\n" + `S: HT\x01 400 Bad Request\r\n` + "\nS half",

	// The client asks for a close, and the server leaves it out.
	`C: GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n` + "\n" + ok + `Content-Length: 1\r\n\r\na` + "\n" + ok + `Content-Length: 1\r\n\r\nbHTTP/1.1 204 No Content\r\n\r\n`,
	`C: GET / HTTP/1.1\r\nConnection: close\r\n\r\n` + "\n" + nothing + ask + nothing,
	`C: GET / HTTP/1.0\r\n\r\n` + "\n" + chunks + `2\r\nhi\r\n0\r\n\r\n` + "\n" + ask + nothing + "S half",
	`C: GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.0\r\n\r\nGET /c HTTP/1.0\r\n\r\n` + "\n" + ok + `Content-Length: 1\r\n\r\na` + "\nS half",

	`C: POST /login HTTP/1.1\r\nAuthorization: Basic YWJjOmRlZg==\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"token\":\"abcd\"}` + "\n" + nothing,
}

// TestReplayIsWhatWasRecorded checks every script over both kinds of socket:
// each byte and end arrives, and everything counts as played.
func TestReplayIsWhatWasRecorded(t *testing.T) {
	rules, err := redact.Parse([]string{"default"})
	if err != nil {
		t.Fatal(err)
	}
	for _, network := range []string{"unix", "tcp"} {
		for _, script := range scripts {
			t.Run(network, func(t *testing.T) {
				t.Parallel()
				s, steps := newStage(t), parse(t, script)
				path := s.record(network, steps, rules)
				t.Cleanup(func() {
					if t.Failed() {
						text, _ := os.ReadFile(path)
						t.Logf("%s\n%s", script, text)
					}
				})
				if r := s.replay(network, path, steps); r.Unplayed != 0 || len(r.Misses) != 0 {
					t.Errorf("the report is %+v", r)
				}
			})
		}
	}
}

// TestResetsAreReplayed resets the connection from the server's side after
// each piece of the client's in every script.
func TestResetsAreReplayed(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		for _, script := range scripts {
			steps := parse(t, script)
			for i, last := range steps {
				if last.server || last.bytes == "" {
					continue
				}
				if network == "tcp" && slices.Contains(steps[:i], step{server: true}) {
					continue // its client had read the end: it sees no more
				}
				t.Run(network, func(t *testing.T) {
					t.Parallel()
					s, steps := newStage(t), append(slices.Clone(steps[:i+1]), step{server: true, reset: true})
					t.Cleanup(func() {
						if t.Failed() {
							t.Logf("%+v", steps)
						}
					})
					path := s.record(network, steps, nil)
					if !endsUnheard(t, path) {
						s.replay(network, path, steps)
					}
				})
			}
		}
	}
}

// endsUnheard reports whether the client's last bytes after its requests were
// not HTTP and got no answer. Replay does not wait for such bytes, so its
// reset may come before them.
func endsUnheard(t *testing.T, path string) bool {
	t.Helper()
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	last, err := c.Interaction(c.Len() - 1)
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() == 1 || last.Request != nil {
		return false
	}
	return !slices.ContainsFunc(last.Turns.List, func(u cassettes.Turn) bool { return u.Side == http1.Server })
}

// FuzzReplayIsWhatWasRecorded checks the same for conversations of any bytes.
func FuzzReplayIsWhatWasRecorded(f *testing.F) {
	for _, script := range scripts {
		f.Add(encode(parse(f, script)))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		steps, ok := decode(input)
		if !ok {
			t.Skip("no conversation")
		}
		s := newStage(t)
		s.replay("unix", s.record("unix", steps, nil), steps)
	})
}

// In a fuzzer's input a step is a byte for the action, and for bytes to send
// two more for their length, then the bytes.
const (
	clientBytes = iota
	serverBytes
	clientEnd
	serverEnd
)

func encode(steps []step) (b []byte) {
	for _, s := range steps {
		kind := byte(clientBytes)
		if s.server {
			kind = serverBytes
		}
		if s.bytes == "" {
			b = append(b, kind+clientEnd)
			continue
		}
		b = binary.BigEndian.AppendUint16(append(b, kind), uint16(len(s.bytes)))
		b = append(b, s.bytes...)
	}
	return b
}

// oddHost is a Host field that is not an authority: text after it in a
// recorded URL would count as the path.
var oddHost = regexp.MustCompile(`(?i)host:[^\n]*(\n[ \t][^\n]*)*[/?#]`)

// decode returns the steps in b. It leaves out the actions of a side after its
// end. It reports false where the client's Host is not an authority, which
// replay relies on.
func decode(b []byte) (steps []step, ok bool) {
	var ended [2]bool
	for len(b) > 0 {
		kind := b[0] & 3
		b = b[1:]
		side := kind & 1
		var s step
		if s.server = side == 1; kind < clientEnd {
			if len(b) < 2 {
				break
			}
			n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			s.bytes, b = string(b[2:2+n]), b[2+n:]
			if n == 0 {
				continue
			}
		}
		if ended[side] {
			continue
		}
		ended[side] = s.bytes == ""
		if !s.server && oddHost.MatchString(s.bytes) {
			return nil, false
		}
		steps = append(steps, s)
	}
	return steps, len(steps) > 0
}
