package importer

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
)

// exported returns a cassette as an HTTP archive.
func exported(t *testing.T, c *cassettes.Cassette) []byte {
	t.Helper()
	var b bytes.Buffer
	skipped, err := har.Write(&b, c)
	if err != nil {
		t.Fatal(err)
	}
	if len(skipped.Bodies)+len(skipped.Streams) > 0 {
		t.Errorf("left out: %v", skipped)
	}
	return b.Bytes()
}

// same compares the text of a cassette with the text of the cassette imported
// from its archive.
func same(t *testing.T, c *cassettes.Cassette, text []byte) {
	t.Helper()
	again, rec := importData(t, "x.har", exported(t, c), Options{})
	for _, n := range rec.Notices() {
		t.Errorf("notice: %v", n)
	}
	got, err := os.ReadFile(again.Name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(text), string(got)); d != "" {
		t.Errorf("-exported +imported:\n%s", d)
	}
}

// A cassette comes back from an export unchanged.
func TestLibraryComesBackFromHAR(t *testing.T) {
	n := 0
	err := fs.WalkDir(library.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".yaml" {
			return err
		}
		n++
		t.Run(name, func(t *testing.T) {
			text, err := fs.ReadFile(library.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			c, err := cassettes.Open(library.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			same(t, c, text)
		})
		return nil
	})
	if err != nil || n == 0 {
		t.Fatalf("%d cassettes, %v", n, err)
	}
}

const ms = time.Millisecond

// shapes are interactions of all shapes that an archive can hold.
func shapes() []*cassettes.Interaction {
	get := func(seq int64, line string) *cassettes.Message {
		return &cassettes.Message{
			Seq: seq, Start: time.Duration(seq) * ms, End: cassettes.Complete,
			Head: []byte(line + " HTTP/1.1\r\nHost: docker\r\n\r\n"),
		}
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte("it is compressed"))
	z.Close()
	const encoded = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
	body := func(seq int64, head, body string, framing http1.Framing, sizes ...int64) *cassettes.Message {
		m := &cassettes.Message{Seq: seq, Start: 2 * ms, Head: []byte(head), Framing: framing, End: cassettes.Complete, Body: cassettes.Body{Data: []byte(body)}}
		for i, n := range sizes {
			m.Frames.List = append(m.Frames.List, cassettes.Frame{Size: n, Seq: seq + int64(i), Wait: time.Duration(i) * 1234567})
		}
		return m
	}
	trailer := body(12, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "abcde", http1.Chunked, 3, 2, 0)
	trailer.Trailer = []byte("Digest: x\r\n\r\n")
	trailer.Interim = []cassettes.Interim{{Seq: 11, Head: []byte("HTTP/1.1 100 Continue\r\n\r\n")}}
	trailer.Frames.List[0].Seq, trailer.Frames.List[1].Seq, trailer.Frames.List[2].Seq = 12, 13, 15
	trailer.ChunkLines = map[int]string{0: `3;foo="b;r"`, 1: "002", 2: "000;last"}
	trailer.Splits = []cassettes.Split{{Frame: -1, Offset: 20, Seq: 12}, {Frame: 1, Offset: 1, Seq: 14}, {Frame: 2, Offset: 2, Seq: 16}}
	split := get(101, "GET /split")
	split.Splits = []cassettes.Split{{Frame: -1, Offset: 5, Seq: 102}}
	short := body(22, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "four", http1.Length, 9)
	short.End, short.Missing = cassettes.Incomplete, 5
	short.Closed = []cassettes.Closed{{Mark: cassettes.Reset, Seq: 23, Wait: ms}}
	closed := body(32, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", "é\x00\xff", http1.Close, 4)
	closed.Closed = []cassettes.Closed{{Mark: cassettes.EOF, Seq: 33, Wait: 2 * ms}}
	upgrade := body(62, "HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n", "", http1.Stream)
	posted := body(71, "POST /x?a=b+c&a=%26&d HTTP/1.1\r\nHost: docker\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\n", "a=b", http1.Length, 3)
	binary := body(81, "PUT /x HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n", "\x00\xff", http1.Chunked, 2, 0)
	return []*cassettes.Interaction{
		{Conn: 1, Timed: true, Request: get(10, "GET /trailer"), Response: trailer},
		{Conn: 1, Timed: true, Request: get(21, "GET /short"), Response: short},
		{Conn: 2, Timed: true, Request: get(31, "GET /closed"), Response: closed},
		{Conn: 2, Timed: true, Request: get(41, "HEAD /head"), Response: body(42, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "", http1.None)},
		{Conn: 3, Peer: 1, Request: get(51, "GET /never")},
		{Conn: 3, Timed: true, Request: get(61, "POST /attach"), Response: upgrade, Turns: &cassettes.Turns{List: []cassettes.Turn{
			{Side: http1.Client, Seq: 63, Wait: ms, Size: 3, Data: []byte("ls\n")},
			{Side: http1.Server, Seq: 64, Wait: ms, Size: 2, Data: []byte("\x00a")},
			{Side: http1.Client, Mark: cassettes.EOF, Seq: 65, Wait: ms},
		}}},
		{Conn: 4, Timed: true, Request: posted, Response: body(72, encoded+"40\r\n\r\n", zipped.String()[:40], http1.Length, 40)},
		{Conn: 4, Timed: true, Request: get(75, "GET /z"), Response: body(76, encoded+strconv.Itoa(zipped.Len())+"\r\n\r\n", zipped.String(), http1.Length, int64(zipped.Len()))},
		{Conn: 4, Timed: true, Request: binary, Response: body(82, "HTTP/1.1 302 Found\r\nset-cookie: a=b; Path=/\r\nLocation:  /y\r\nfolded: a\r\n b\r\nContent-Length: 0\r\n\r\n", "", http1.Length)},
		{Conn: 5, Timed: true, Request: get(91, "GET http://elsewhere/x"), Response: body(92, "HTTP/1.1 204 No Content\r\n\r\n", "", http1.None)},
		{Conn: 5, Timed: true, Request: get(95, "OPTIONS *"), Response: body(96, "HTTP/1.1 204 No Content\r\n\r\n", "", http1.None)},
		{Conn: 6, Timed: true, Request: split, Response: &cassettes.Message{
			Seq: 104, End: cassettes.Incomplete, Interim: []cassettes.Interim{{Seq: 103, Head: []byte("HTTP/1.1 100 Continue\r\n\r\n")}},
			Closed: []cassettes.Closed{{Mark: cassettes.EOF, Seq: 104}},
		}},
	}
}

func TestShapesComeBackFromHAR(t *testing.T) {
	c, text := written(t, cassettes.Header{Upstream: "unix:///x.sock", Recorded: time.Unix(1795255200, 5).UTC()}, shapes()...)
	same(t, c, text)
}

// The masks in an exported cassette are listed again.
func TestMasksComeBackFromHAR(t *testing.T) {
	rules, err := redact.Parse([]string{"default"})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := importData(t, "secret.yml", []byte(secretVCR), Options{Redact: rules})
	text, err := os.ReadFile(c.Name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("redacted: [[head,")) || !bytes.Contains(text, []byte("[body, 0,")) {
		t.Fatalf("nothing was masked:\n%s", text)
	}
	same(t, c, text)
}

const secretVCR = `http_interactions:
- request:
    method: post
    uri: http://docker/auth?token=abc
    headers: {X-Registry-Auth: [c2VjcmV0], Content-Type: [application/json]}
    body: {string: '{"password":"opensesame","n":1}'}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [application/json], Content-Length: ['31']}
    body: {string: '{"IdentityToken":"very-secret"}'}
`

// written writes a cassette and returns it with its text.
func written(t *testing.T, h cassettes.Header, items ...*cassettes.Interaction) (*cassettes.Cassette, []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	w, err := cassettes.Create(path, h, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range items {
		it.ID = i
		if err := w.Append(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, err := range cassettes.Verify(c) {
		t.Errorf("verify what is exported: %v", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return c, text
}

// An export gives every exchange an address, because HAR wants one; import does not
// take it for one that was recorded.
func TestUnknownUpstreamsStayUnknown(t *testing.T) {
	const answer = "status: {code: 200}\nheaders: {Content-Length: ['0']}"
	for _, uri := range []string{"'<API_BASE>/v1/things'", "/x", "engine:2375/x", "http+unix://%2Frun%2Fx.sock/info"} {
		c, _ := importData(t, "x.yml", []byte(vcr("method: get\nuri: "+uri, answer)), Options{})
		if c.Header.Upstream != "" {
			t.Errorf("%s: got upstream %q", uri, c.Header.Upstream)
		}
		text, err := os.ReadFile(c.Name)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c, text)
	}
}
