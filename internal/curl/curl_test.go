package curl

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// asked is a request as a server receives it.
type asked struct {
	Method, Target, Host, Proto string
	Header                      http.Header
	Body                        string
}

// listen starts a server on a Unix socket that notes the requests that it gets.
func listen(t *testing.T) (path string, seen *[]asked) {
	t.Helper()
	dir, err := os.MkdirTemp("", "curl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	seen = new([]asked)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*seen = append(*seen, asked{r.Method, r.RequestURI, r.Host, r.Proto, r.Header, string(body)})
	})}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return path, seen
}

// exchange returns an interaction with a request, with or without a response.
func exchange(head, body string) *cassettes.Interaction {
	m := &cassettes.Message{End: cassettes.Complete, Head: []byte(head + "\r\n")}
	if body != "" {
		m.Head = []byte(head + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
		m.Framing, m.Body.Data = http1.Length, []byte(body)
		m.Frames.List = []cassettes.Frame{{Size: int64(len(body))}}
	}
	return &cassettes.Interaction{Conn: 1, Request: m}
}

// The commands send the recorded requests: method, target, fields and body.
func TestCommandsSendTheRecordedRequests(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip(err)
	}
	binary := string([]byte{0, 1, 0xfe, 0xff, '\n', '\''})
	large := string(bytes.Repeat([]byte("x"), 100<<10))
	path, err := cassette(t,
		exchange("GET /v1.41/info?a=%20b&c[]={x}&d='e' HTTP/1.1\r\nHost: docker\r\nUser-Agent: it's \"me\" $HOME\r\n", ""),
		exchange("HEAD /_ping HTTP/1.1\r\nHost: docker\r\nAccept: */*\r\n", ""),
		exchange("POST /a/../b HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n", "{\"it's\": \"$x\\n\"}\r\n\n"),
		exchange("PUT /bin HTTP/1.1\r\nHost: docker\r\nX-Empty:\r\n", binary),
		exchange("PUT /at HTTP/1.1\r\nHost: docker\r\n", "@/etc/hostname"),
		exchange("POST /large HTTP/1.1\r\nHost: docker\r\n", large),
		exchange("DELETE /old HTTP/1.0\r\nHost: docker\r\n", ""),
		exchange("OPTIONS * HTTP/1.1\r\nHost: docker\r\n", ""),
		&cassettes.Interaction{Conn: 1, Turns: &cassettes.Turns{List: []cassettes.Turn{{Size: 1, Data: []byte("x")}}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	socket, seen := listen(t)
	server, err := ParseServer(socket)
	if err != nil {
		t.Fatal(err)
	}
	var script bytes.Buffer
	skipped, err := Write(&script, c, server)
	if err != nil || len(skipped) != 1 || skipped[0] != 8 {
		t.Fatalf("got %v, %v", skipped, err)
	}
	sh := exec.Command("sh")
	sh.Stdin = bytes.NewReader(script.Bytes())
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, script.String())
	}
	want := []asked{
		{"GET", "/v1.41/info?a=%20b&c[]={x}&d='e'", "docker", "HTTP/1.1", http.Header{"User-Agent": {`it's "me" $HOME`}}, ""},
		{"HEAD", "/_ping", "docker", "HTTP/1.1", http.Header{"Accept": {"*/*"}}, ""},
		{"POST", "/a/../b", "docker", "HTTP/1.1", http.Header{"Content-Type": {"application/json"}, "Content-Length": {"19"}}, "{\"it's\": \"$x\\n\"}\r\n\n"},
		{"PUT", "/bin", "docker", "HTTP/1.1", http.Header{"X-Empty": {""}, "Content-Length": {"6"}}, binary},
		{"PUT", "/at", "docker", "HTTP/1.1", http.Header{"Content-Length": {"14"}}, "@/etc/hostname"},
		{"POST", "/large", "docker", "HTTP/1.1", http.Header{"Content-Length": {"102400"}}, large},
		{"DELETE", "/old", "docker", "HTTP/1.0", http.Header{}, ""},
	}
	// net/http answers OPTIONS * itself.
	if d := cmp.Diff(want, *seen); d != "" {
		t.Errorf("-recorded +asked:\n%s\nby\n%s", d, script.String())
	}
}

// cassette writes a cassette, large bodies beside it.
func cassette(t *testing.T, items ...*cassettes.Interaction) (path string, err error) {
	path = filepath.Join(t.TempDir(), "it's.yaml")
	return path, cassettes.Rewrite(path, cassettes.Header{}, false, func(w *cassettes.Writer) error {
		for id, it := range items {
			it.ID = id
			if it.Request != nil && it.Request.Body.Size() > 64<<10 {
				body := w.NewBody(id, "request", 64<<10)
				if _, err := body.Write(it.Request.Body.Data); err != nil {
					return err
				}
				var err error
				if it.Request.Body, err = body.Finish(); err != nil {
					return err
				}
			}
			if err := w.Append(it); err != nil {
				return err
			}
		}
		return nil
	})
}
