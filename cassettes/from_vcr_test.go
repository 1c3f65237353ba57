package cassettes

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/internal/http1"
)

// editable returns the path of a cassette with an exchange whose fields are
// spelt in their own way.
func editable(t *testing.T) string {
	return writeCassette(t, &Interaction{
		Conn: 1, Timed: true,
		Request: &Message{
			Seq: 1, Head: []byte("POST /v1.41/x?a=b HTTP/1.1\r\nHost: docker\r\nx-many: one\r\nContent-Length:  2\r\nX-MANY: two\r\n\r\n"),
			Framing: http1.Length, End: Complete,
			Frames: Frames{List: []Frame{{Size: 2, Seq: 1}}}, Body: Body{Data: []byte("{}")},
		},
		Response: &Message{
			Seq: 2, Start: 1e6, Head: []byte("HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nserver:docker\r\nTrailer: Digest\r\n\r\n"),
			Framing: http1.Chunked, End: Complete,
			Frames: Frames{List: []Frame{{Size: 3, Seq: 2}, {Size: 2, Seq: 3}, {Seq: 3}}},
			Body:   Body{Data: []byte("abcde")}, Trailer: []byte("digest: x\r\n\r\n"),
		},
	})
}

func TestFormatFromVCR(t *testing.T) {
	const request = "POST /v1.41/x?a=b HTTP/1.1\nHost: docker\nx-many: one\nContent-Length:  2\nX-MANY: two\n\n{}"
	const response = "HTTP/1.1 200 Fine\nTransfer-Encoding: chunked\nserver:docker\nTrailer: Digest\n\n3\nabc\n2\nde\n0\ndigest: x\n\n"
	for _, test := range []struct{ name, old, new, request, response string }{
		{"method", "method: POST", "method: PUT", strings.Replace(request, "POST", "PUT", 1), response},
		{"URL", "/v1.41/x?a=b", "/v1.42/y?c=%20d", strings.Replace(request, "/v1.41/x?a=b", "/v1.42/y?c=%20d", 1), response},
		{"host", "host: docker", "host: engine", strings.Replace(request, "docker", "engine", 1), response},
		{"host in the URL", "http://docker/", "http://engine/", strings.Replace(request, "docker", "engine", 1), response},
		{"value", "[one, two]", "[one, three]", strings.Replace(request, "X-MANY: two", "X-MANY: three", 1), response},
		{"value more", "[one, two]", "[one, two, three]", strings.Replace(request, "X-MANY: two", "X-MANY: two\nX-Many: three", 1), response},
		{"value less", "[one, two]", "[two]", strings.Replace(request, "one\nContent-Length:  2\nX-MANY: two", "two\nContent-Length:  2", 1), response},
		{"field", "        Server: [docker]\n", "        Server: [docker]\n        X-New: [y]\n", request, strings.Replace(response, "Digest\n", "Digest\nX-New: y\n", 1)},
		{"no field", "        Server: [docker]\n", "        X-New: [y]\n", request, strings.Replace(response, "server:docker\nTrailer: Digest\n", "Trailer: Digest\nX-New: y\n", 1)},
		{"request's body", `body: "{}"`, `body: "{\"a\":1}"`, strings.Replace(strings.Replace(request, "{}", `{"a":1}`, 1), "  2", "  7", 1), response},
		{"code", "code: 200", "code: 404", request, strings.Replace(response, "200 Fine", "404 Not Found", 1)},
		{"status", "status: \"200 Fine\"", "status: 200 OK", request, strings.Replace(response, "200 Fine", "200 OK", 1)},
		{"trailer", "Digest: [x]", "Digest: [y]", request, strings.Replace(response, "digest: x", "digest: y", 1)},
		{"chunks", "transfer_encoding: [chunked]", "transfer_encoding: []", request, "HTTP/1.1 200 Fine\nserver:docker\nContent-Length: 5\n\nabcde"},
		{"nothing", "docker", "docker", request, response},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := editable(t)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			vcr, wire, _ := bytes.Cut(text, []byte("\n    wire:\n"))
			if !bytes.Contains(vcr, []byte(test.old)) {
				t.Fatalf("there is no %q in:\n%s", test.old, vcr)
			}
			edited := strings.Replace(string(vcr), test.old, test.new, 1) + "\n    wire:\n" + string(wire)
			if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
				t.Fatal(err)
			}
			changed, err := FormatFromVCR(path)
			if err != nil {
				t.Fatal(err)
			}
			if want := test.old != test.new; changed != want {
				t.Errorf("changed is %v, want %v", changed, want)
			}
			c := open(t, path)
			it, err := c.Interaction(0)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []struct {
				m    *Message
				want string
			}{{it.Request, test.request}, {it.Response, test.response}} {
				got := strings.ReplaceAll(string(wireBytes(t, m.m)), "\r\n", "\n")
				if d := cmp.Diff(m.want, got); d != "" {
					t.Errorf("-want +got:\n%s", d)
				}
			}
			if again, err := FormatFromVCR(path); again || err != nil {
				t.Errorf("formatting again: changed %v, %v", again, err)
			}
		})
	}
}

// An edit that contradicts itself, or would be lost, is an error and no guess.
func TestFormatFromVCRInDoubt(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"      host: docker\n", "      host: engine\n      x: y\n", `the key "x" would be lost`},
		{"http://docker/v1.41/x?a=b", "http://%zz/", "request.url"},
		{"code: 200", "code: many", "want an integer"},
	} {
		path := editable(t)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		edited := bytes.Replace(text, []byte(test.old), []byte(test.new), 1)
		if err := os.WriteFile(path, edited, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = FormatFromVCR(path)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.new, err, test.want)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(after, edited) {
			t.Errorf("%s: the file has changed", test.new)
		}
	}
}

// A cassette that go-vcr wrote becomes one of ours, which says the same.
func TestFormatFromVCRTakesOver(t *testing.T) {
	for _, name := range []string{"v1", "v2", "v3", "v4"} {
		text, err := os.ReadFile("testdata/go-vcr/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if changed, err := FormatFromVCR(path); !changed || err != nil {
			t.Fatalf("%s: changed %v, %v", name, changed, err)
		}
		ours, theirs := open(t, path), open(t, "testdata/go-vcr/"+name+".yaml")
		if ours.Header.Source != "imported" {
			t.Errorf("%s: got source %q", name, ours.Header.Source)
		}
		for i := range theirs.Len() {
			want, err := theirs.Interaction(i)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ours.Interaction(i)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got, sameItem); d != "" {
				t.Errorf("%s: item %d (-theirs +ours):\n%s", name, i, d)
			}
		}
	}
}
