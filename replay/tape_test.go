package replay

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// read is what one read of one side returned.
type read struct {
	seq int64
	b   string
}

// in makes reads of one side, numbered from seq on.
func in(seq int64, pieces ...string) []read {
	var reads []read
	for i, b := range pieces {
		reads = append(reads, read{seq + int64(i), b})
	}
	return reads
}

// message returns what a recorder makes of the reads of one message. The
// method is the request's, where it is a response.
func message(t testing.TB, side http1.Side, method string, reads []read) *cassettes.Message {
	t.Helper()
	p := http1.Parser{Side: side}
	if side == http1.Server {
		p.Expect([]byte(method), false)
	}
	m := &cassettes.Message{Seq: reads[0].seq, End: cassettes.NoEnd}
	tape := frames{m: m}
	for _, r := range reads {
		tape.split(r.seq)
		for b := []byte(r.b); len(b) > 0; {
			ev, n := p.Next(b)
			tape.event(t, ev, n, r.seq)
			b = b[n:]
			if ev.End {
				m.End = cassettes.Complete
			}
		}
	}
	m.Missing = p.Missing()
	if n := len(m.Frames.List); n == 0 {
		m.Missing = 0
	} else if m.Framing == http1.Length && m.Missing > 0 {
		m.Frames.List[n-1].Size += m.Missing
	}
	if complete, cut := p.EOF(); complete && m.End == cassettes.NoEnd {
		m.End = cassettes.Complete
	} else if cut {
		m.End = cassettes.Incomplete
	}
	return m
}

// frames collects the frames of a message.
type frames struct {
	m      *cassettes.Message
	at     int64 // bytes seen
	start  int64 // of the thing under way
	seq    int64 // its first read
	within bool  // a frame has begun, or a head
	begin  int64 // of the frame
}

// split notes a new read.
func (f *frames) split(seq int64) {
	n := len(f.m.Frames.List)
	chunked := n > 0 && f.m.Framing == http1.Chunked
	if f.at == f.start && !f.within || n == 0 && f.at == 0 || n > 0 && !chunked {
		return
	}
	f.m.Splits = append(f.m.Splits, cassettes.Split{Frame: n - 1, Offset: f.at - f.begin, Seq: seq})
}

func (f *frames) event(t testing.TB, ev *http1.Event, n int, seq int64) {
	if f.at == f.start {
		f.seq = seq
	}
	f.at += int64(n)
	if ev.Kind == http1.Partial {
		return
	}
	m := f.m
	switch ev.Kind {
	case http1.Head:
		f.head(ev.Head)
	case http1.ChunkLine:
		m.Frames.List = append(m.Frames.List, cassettes.Frame{Size: ev.Size, Seq: f.seq})
		f.begin, f.within = f.start, true
		if line := string(ev.Line); !plainLine(line, ev.Size) {
			if m.ChunkLines == nil {
				m.ChunkLines = map[int]string{}
			}
			m.ChunkLines[len(m.Frames.List)-1] = line
		}
	case http1.Body:
		m.Body.Data = append(m.Body.Data, ev.Data...)
		if m.Framing != http1.Chunked {
			m.Frames.List = append(m.Frames.List, cassettes.Frame{Size: int64(len(ev.Data)), Seq: seq})
		}
	case http1.ChunkEnd:
		f.within = false
	case http1.Trailer:
		if string(ev.Data) != "\r\n" {
			m.Trailer = append(m.Trailer, ev.Data...)
		}
	default:
		t.Fatalf("a message with %q, which is not HTTP", ev.Data)
	}
	f.start = f.at
}

func (f *frames) head(h *http1.MessageHead) {
	if h.Interim {
		f.m.Interim = append(f.m.Interim, cassettes.Interim{Seq: f.seq, Head: append([]byte{}, h.Raw...)})
		return
	}
	f.m.Head = append(f.m.Head, h.Raw...)
	f.m.Framing = h.Framing
	if len(f.m.Interim) > 0 {
		f.m.Seq = f.seq
	}
}

func plainLine(line string, size int64) bool {
	const hex = "0123456789abcdef"
	return size < 16 && line == string(hex[size]) || size >= 16 && size < 256 && line == string([]byte{hex[size>>4], hex[size&15]})
}

// item returns an exchange of these reads; no server reads are no response.
func item(t testing.TB, client, server []read) *cassettes.Interaction {
	t.Helper()
	it := &cassettes.Interaction{Conn: 1, Timed: true, Request: message(t, http1.Client, "", client)}
	if len(server) > 0 {
		method, _, _ := strings.Cut(client[0].b, " ")
		it.Response = message(t, http1.Server, method, server)
	}
	return it
}

// plain returns an exchange whose request and response are a read each.
func plain(t testing.TB, request, response string) *cassettes.Interaction {
	t.Helper()
	return item(t, in(1, request), in(2, response))
}

// nextConn numbers connections that are not HTTP; the others are all 1.
var nextConn atomic.Int64

func init() { nextConn.Store(1) }

// stream returns an item of turns, or an exchange with turns after it.
func stream(it *cassettes.Interaction, turns ...cassettes.Turn) *cassettes.Interaction {
	if it == nil {
		it = &cassettes.Interaction{Conn: int(nextConn.Add(1)), Timed: true}
	}
	seq := int64(1)
	if it.Response != nil {
		seq = 10
	}
	it.Turns = &cassettes.Turns{}
	for i, turn := range turns {
		turn.Seq, turn.Size = seq+int64(i), int64(len(turn.Data))
		it.Turns.List = append(it.Turns.List, turn)
	}
	return it
}

// says and marks make turns.
func says(side http1.Side, data string) cassettes.Turn {
	return cassettes.Turn{Side: side, Data: []byte(data)}
}
func marks(side http1.Side, m cassettes.Mark) cassettes.Turn {
	return cassettes.Turn{Side: side, Mark: m}
}

// closed adds what the server did with the connection after the response.
func closed(it *cassettes.Interaction, seq int64, wait time.Duration, m cassettes.Mark) *cassettes.Interaction {
	it.Response.Closed = append(it.Response.Closed, cassettes.Closed{Mark: m, Seq: seq, Wait: wait})
	return it
}

// tape writes items to a cassette and opens it.
func tape(t testing.TB, h cassettes.Header, items ...*cassettes.Interaction) *cassettes.Cassette {
	t.Helper()
	return openTape(t, writeTape(t, h, items...))
}

// writeTape writes items to a cassette and returns its path.
func writeTape(t testing.TB, h cassettes.Header, items ...*cassettes.Interaction) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tape.yaml")
	h.Upstream = "unix:///daemon.sock"
	w, err := cassettes.Create(path, h, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		it.ID, it.Session = w.NextID(), w.Session()
		if err := w.Append(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func openTape(t testing.TB, path string) *cassettes.Cassette {
	t.Helper()
	c, err := cassettes.OpenFile(path)
	if err != nil {
		text, _ := os.ReadFile(path)
		t.Fatalf("%v\n%s", err, text)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// player is a server under test with its listener.
type player struct {
	*Server
	l net.Listener
}

// play serves items on network, "unix" or "tcp".
func play(t testing.TB, network string, items ...*cassettes.Interaction) *player {
	t.Helper()
	return serve(t, network, &Server{Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, items...)}})
}

func serve(t testing.TB, network string, s *Server) *player {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(shortDir(t), "s")
	}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, s)
}

func serveOn(t testing.TB, l net.Listener, s *Server) *player {
	t.Helper()
	p := &player{Server: s, l: l}
	served := make(chan error, 1)
	go func() { served <- p.Serve(l) }()
	t.Cleanup(func() {
		p.Close()
		if err := <-served; err != net.ErrClosed {
			t.Errorf("Serve: %v, want net.ErrClosed", err)
		}
	})
	return p
}

// shortDir returns a folder for sockets, whose paths are limited.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// dial connects a client that gives up after a while.
func (p *player) dial(t testing.TB) net.Conn {
	t.Helper()
	c, err := net.Dial(p.l.Addr().Network(), p.l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// responseReader reads responses as a client does.
type responseReader struct{ *bufio.Reader }

func newResponseReader(c net.Conn) responseReader { return responseReader{bufio.NewReader(c)} }

func (r responseReader) read(t testing.TB) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(r.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// body returns a response's body, or "miss".
func (r responseReader) body(t testing.TB) string {
	t.Helper()
	resp, body := r.read(t)
	if resp.StatusCode == http.StatusNotImplemented {
		return "miss"
	}
	return body
}
