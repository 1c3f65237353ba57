package replay

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
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

// item returns an exchange of these reads; no server reads are no response.
func item(t testing.TB, client, server []read) *cassettes.Interaction {
	t.Helper()
	return tapetest.Item(t, taken(client), taken(server))
}

func taken(reads []read) (all []tapetest.Read) {
	for _, r := range reads {
		all = append(all, tapetest.Read{Seq: r.seq, Bytes: r.b})
	}
	return all
}

// Short names of what package tapetest makes.
var (
	plain     = tapetest.Plain
	withTurns = tapetest.Stream
	says      = tapetest.Says
	marks     = tapetest.Marks
	closed    = tapetest.Closed
)

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
