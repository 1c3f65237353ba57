package replay

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/crc64"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// large describes a large response.
type large struct {
	size, chunk int64 // chunk 0: framed by length
	perRead     int   // chunks that came in one read
}

// record writes the cassette of a large response and returns its path and the
// body's sum. Body and frames are in files.
func (l large) record(t testing.TB) (path string, sum uint64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "large.yaml")
	w, err := cassettes.Create(path, cassettes.Header{Upstream: "unix:///d"}, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	it := plain(t, ask, chunkedHead+"0\r\n\r\n")
	it.ID = w.NextID()
	m := it.Response
	if l.chunk == 0 {
		m.Framing = http1.Length
		m.Head = fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", l.size)
	}
	m.Frames = cassettes.Frames{}
	if m.Body, sum = l.body(t, w, it.ID); err != nil {
		t.Fatal(err)
	}
	l.frames(t, w, it)
	if err := w.Append(it); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path, sum
}

var crcTable = crc64.MakeTable(crc64.ECMA)

func (l large) body(t testing.TB, w *cassettes.Writer, id int) (cassettes.Body, uint64) {
	t.Helper()
	sink, sum := w.NewBody(id, "response", 1000), crc64.New(crcTable)
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = byte(i) ^ byte(i>>8)
	}
	for left := l.size; left > 0; left -= int64(len(block)) {
		block = block[:min(int64(len(block)), left)]
		block[0]++
		sum.Write(block)
		if _, err := sink.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	body, err := sink.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return body, sum.Sum64()
}

func (l large) frames(t testing.TB, w *cassettes.Writer, it *cassettes.Interaction) {
	t.Helper()
	sink, seq := w.NewFrames(it.ID, http1.Server, it.Request.Seq), it.Response.Seq
	add := func(size int64) {
		if sink.Len()%max(l.perRead, 1) == 0 {
			seq++
		}
		if err := sink.Add(cassettes.Frame{Size: size, Seq: seq}); err != nil {
			t.Fatal(err)
		}
	}
	if l.chunk == 0 {
		add(l.size)
	} else {
		for left := l.size; left > 0; left -= l.chunk {
			add(min(left, l.chunk))
		}
		add(0)
	}
	if err := sink.Finish(it.Response); err != nil {
		t.Fatal(err)
	}
}

// TestLargeBodies checks bodies and frames that are in files.
func TestLargeBodies(t *testing.T) {
	for _, l := range []large{
		{size: 3<<20 + 17},
		{size: 1<<20 + 5, chunk: 60, perRead: 20},
		{size: 1 << 20, chunk: 700},
		{size: 3 << 20, chunk: 300_000},
		{size: 1 << 20, chunk: 65_536, perRead: 3},
	} {
		for _, network := range []string{"unix", "tcp"} {
			for _, how := range []string{"exact", "bytes=100000"} {
				t.Run(fmt.Sprintf("%+v/%s/%s", l, network, how), func(t *testing.T) {
					t.Parallel()
					path, want := l.record(t)
					if l.size > 1000 {
						if _, err := os.Stat(filepath.Join(strings.TrimSuffix(path, ".yaml")+".bodies", "0-response")); err != nil {
							t.Fatal(err)
						}
					}
					p := serve(t, network, &Server{Cassettes: []*cassettes.Cassette{openTape(t, path)}, Reframe: reframe(t, how)})
					if got, n := download(t, p); got != want || n != l.size {
						t.Errorf("%d bytes with the sum %x came, want %d with %x", n, got, l.size, want)
					}
				})
			}
		}
	}
}

// download asks for the large response twice, and returns the second body's
// sum and length.
func download(t testing.TB, p *player) (sum uint64, n int64) {
	t.Helper()
	c := p.dial(t)
	defer c.Close()
	r := bufio.NewReader(c)
	for range 2 {
		send(t, c, ask)
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		crc := crc64.New(crcTable)
		if n, err = io.Copy(crc, resp.Body); err != nil {
			t.Fatal(err)
		}
		sum = crc.Sum64()
	}
	return sum, n
}

// BenchmarkLargeBody compares replay with net/http serving the same file.
func BenchmarkLargeBody(b *testing.B) {
	for _, l := range []large{{size: 256 << 20}, {size: 64 << 20, chunk: 60, perRead: 1000}, {size: 256 << 20, chunk: 128 << 10}} {
		path, _ := l.record(b)
		for _, network := range []string{"tcp", "unix"} {
			b.Run(fmt.Sprintf("replay/%s/chunk=%d", network, l.chunk), func(b *testing.B) {
				p := serve(b, network, &Server{Cassettes: []*cassettes.Cassette{openTape(b, path)}})
				l.benchmark(b, p.l.Addr())
			})
			if l.chunk > 0 {
				continue
			}
			b.Run("net-http/"+network, func(b *testing.B) {
				ln, err := net.Listen(network, map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(shortDir(b), "s")}[network])
				if err != nil {
					b.Fatal(err)
				}
				file := filepath.Join(strings.TrimSuffix(path, ".yaml")+".bodies", "0-response")
				s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })}
				go s.Serve(ln)
				b.Cleanup(func() { s.Close() })
				l.benchmark(b, ln.Addr())
			})
		}
	}
}

func (l large) benchmark(b *testing.B, addr net.Addr) {
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	b.SetBytes(l.size)
	buf, tail := make([]byte, 256<<10), []byte(nil)
	for b.Loop() {
		send(b, c, ask)
		if l.chunk == 0 {
			if _, err := io.CopyBuffer(io.Discard, onlyReader{io.LimitReader(c, l.size)}, buf); err != nil {
				b.Fatal(err)
			}
			c.Read(buf) // the length of the head
			continue
		}
		for !bytes.HasSuffix(tail, []byte("\r\n0\r\n\r\n")) {
			n, err := c.Read(buf)
			if err != nil {
				b.Fatal(err)
			}
			tail = append(tail[max(len(tail)-7, 0):], buf[:n]...)
		}
		tail = tail[:0]
	}
}

// onlyReader hides what else a reader can.
type onlyReader struct{ io.Reader }

// TestBodyFileIsMissing checks that the client is told, and the log.
func TestBodyFileIsMissing(t *testing.T) {
	path, _ := large{size: 100_000}.record(t)
	c := openTape(t, path)
	if err := os.RemoveAll(strings.TrimSuffix(path, ".yaml") + ".bodies"); err != nil {
		t.Fatal(err)
	}
	p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{c}})
	conn := p.dial(t)
	send(t, conn, ask)
	resp, body := newResponseReader(conn).read(t)
	if resp.StatusCode != http.StatusNotImplemented || !strings.Contains(body, "0-response") {
		t.Errorf("got %v %s, want a failure that names the file", resp.Status, body)
	}
}
