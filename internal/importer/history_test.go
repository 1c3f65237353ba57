package importer

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay"
)

// history returns the recordings of Docker's API made with Ruby's VCR. There
// are none where they are not in this repository, so the test cannot require
// them.
func history(t *testing.T) (folder string, files []string) {
	t.Helper()
	if folder = os.Getenv("WIRETAPE_HISTORY"); folder == "" {
		folder = "../../../shared/history"
	}
	if _, err := os.Stat(folder); err != nil {
		why := fmt.Sprintf("no old recordings at %s; WIRETAPE_HISTORY names their folder", folder)
		if os.Getenv("WIRETAPE_REQUIRE") == "" {
			t.Skip(why)
		}
		t.Log(why)
		return folder, nil
	}
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".yml" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 200 {
		t.Fatalf("only %d recordings in %s", len(files), folder)
	}
	return folder, files
}

// old is a recording as this test reads it, without the importer.
type old struct {
	Interactions []struct {
		Request struct {
			Method  string
			URI     oldString
			Body    struct{ String oldString }
			Headers map[oldString][]oldString
		}
		Response struct {
			Status  struct{ Code int }
			Body    struct{ String oldString }
			Headers map[oldString][]oldString
		}
	} `yaml:"http_interactions"`
}

// oldString is a string that may be tagged !binary.
type oldString string

func (s *oldString) UnmarshalYAML(n *yaml.Node) error {
	*s = oldString(n.Value)
	if n.Tag != "!binary" {
		return nil
	}
	text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(n.Value, "\n", ""))
	*s = oldString(text)
	return err
}

// target returns the request target: the URI after the engine's address.
func (s oldString) target() string {
	text := string(s)
	for _, where := range []string{"<DOCKER_HOST>", "unix:///var/run/docker.sock"} {
		if rest, ok := strings.CutPrefix(text, where); ok {
			return rest
		}
	}
	_, rest, _ := strings.Cut(text, "://")
	return rest[strings.Index(rest, "/"):]
}

// host returns the host of the URI, or x for the engine.
func (s oldString) host() string {
	rest, ok := strings.CutPrefix(string(s), "http://")
	if !ok {
		return "x"
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// Every old recording imports, verifies and replays: a raw client that sends
// its requests gets the recorded status, fields and body.
func TestHistoryReplays(t *testing.T) {
	folder, files := history(t)
	for _, path := range files {
		name, err := filepath.Rel(folder, path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var want old
			if err := yaml.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			for _, o := range []Options{{}, {Reframe: true}} {
				c, _ := importData(t, name, data, o)
				if c.Len() != len(want.Interactions) {
					t.Fatalf("got %d interactions, want %d", c.Len(), len(want.Interactions))
				}
				dial := serve(t, c)
				for i := range want.Interactions {
					askOld(t, dial, &want, i)
				}
			}
		})
	}
}

// askOld sends request i and compares the answer.
func askOld(t *testing.T, dial func() net.Conn, recording *old, i int) {
	t.Helper()
	want := &recording.Interactions[i]
	conn := dial()
	defer conn.Close()
	var request bytes.Buffer
	fmt.Fprintf(&request, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", strings.ToUpper(want.Request.Method),
		strings.ReplaceAll(want.Request.URI.target(), " ", "%20"), want.Request.URI.host(), len(want.Request.Body.String))
	for name, values := range want.Request.Headers {
		for _, v := range values {
			if name != "Transfer-Encoding" {
				fmt.Fprintf(&request, "%s: %s\r\n", name, v)
			}
		}
	}
	fmt.Fprintf(&request, "\r\n%s", want.Request.Body.String)
	if _, err := conn.Write(request.Bytes()); err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: strings.ToUpper(want.Request.Method)})
	if err != nil {
		t.Fatalf("interaction %d: %v", i, err)
	}
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Errorf("interaction %d: %v", i, err)
	}
	if got.StatusCode != want.Response.Status.Code {
		t.Errorf("interaction %d: got status %d, want %d", i, got.StatusCode, want.Response.Status.Code)
	}
	if string(body) != string(want.Response.Body.String) {
		t.Errorf("interaction %d: got a body of %d bytes, want %d", i, len(body), len(want.Response.Body.String))
	}
	for name, values := range want.Response.Headers {
		var recorded []string
		for _, v := range values {
			recorded = append(recorded, string(v))
		}
		served := got.Header.Values(string(name))
		switch strings.ToLower(string(name)) {
		case "transfer-encoding": // http.Response keeps it elsewhere
			served, recorded = got.TransferEncoding, []string{"chunked"}
		case "content-length": // some recordings were edited
			recorded = []string{fmt.Sprint(len(body))}
		case "connection": // likewise
			served = recorded
			if got.Close != slices.Contains(recorded, "close") {
				t.Errorf("interaction %d: got Close %v, recorded Connection %q", i, got.Close, recorded)
			}
		}
		if !slices.Equal(served, recorded) {
			t.Errorf("interaction %d: got %s %q, want %q", i, name, served, recorded)
		}
	}
}

// serve replays a cassette and returns a function that connects to it.
func serve(t *testing.T, c *cassettes.Cassette) func() net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &replay.Server{Cassettes: []*cassettes.Cassette{c}}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-ended
	})
	return func() net.Conn {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
}

// importData imports a recording to a new cassette, which verifies.
func importData(t *testing.T, name string, data []byte, o Options) (*cassettes.Cassette, *Recording) {
	t.Helper()
	rec, err := Read(name, data, o)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.yaml")
	w, err := cassettes.Create(out, rec.Header, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Write(w, 64<<10); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := cassettes.OpenFile(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, err := range cassettes.Verify(c) {
		t.Errorf("verify: %v", err)
	}
	return c, rec
}
