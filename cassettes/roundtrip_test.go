package cassettes

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wiretape/wiretape/internal/http1"
)

// sameItem compares items by their values, whether kept in memory or in files.
var sameItem = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.IgnoreUnexported(Frames{}, Body{}, Turns{}),
}

func testHeader() Header {
	return Header{
		Recorded:  time.Date(2026, 11, 20, 23, 55, 13, 0, time.UTC),
		Upstream:  "unix:///var/run/docker.sock",
		API:       API{"docker", "1.41"},
		Source:    "recorded",
		Redaction: []string{"default"},
		Match:     &Match{IgnoreQuery: []string{"since"}},
	}
}

// pullItem is the exchange that DESIGN's example shows.
func pullItem() *Interaction {
	one := "{\"status\":\"Pulling from library/busybox\",\"id\":\"1\"}\r\n"
	two := "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"6394a0511810\"}\r\n"
	return &Interaction{
		ID: 0, Conn: 3, Peer: 1, Timed: true,
		Request: &Message{
			Seq: 17, Start: 12417 * time.Microsecond, End: Complete, Framing: http1.Length,
			Head: []byte("POST /v1.41/images/create?fromImage=busybox&tag=1 HTTP/1.1\r\nHost: docker\r\n" +
				"X-Registry-Auth: ****\r\nContent-Length: 0\r\n\r\n"),
			Redacted: []Redaction{{Where: "head", Index: 2, Off: 17, Len: 4}},
		},
		Response: &Message{
			Seq: 18, Start: 1800 * time.Microsecond, End: Complete, Framing: http1.Chunked,
			Head: []byte("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nTransfer-Encoding: chunked\r\n\r\n"),
			Frames: Frames{List: []Frame{
				{Size: int64(len(one)), Seq: 18, Wait: 0}, {Size: int64(len(two)), Seq: 21, Wait: 1200 * time.Microsecond}, {Size: 0, Seq: 21, Wait: 0},
			}},
			Body: Body{Data: []byte(one + two)},
		},
	}
}

func writeCassette(t testing.TB, items ...*Interaction) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	w, err := Create(path, testHeader(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if err := w.Append(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrittenItemsLoad(t *testing.T) {
	want := pullItem()
	path := writeCassette(t, want)
	text, _ := os.ReadFile(path)
	t.Logf("%s", text)
	c, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.anyYAML != nil {
		t.Error("the scanner refused our own layout")
	}
	if d := cmp.Diff(testHeader(), c.Header); d != "" {
		t.Errorf("header: %s", d)
	}
	if c.Len() != 1 {
		t.Fatalf("got %d items", c.Len())
	}
	got, err := c.Interaction(0)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, sameItem); d != "" {
		t.Errorf("item: %s", d)
	}
	if d := cmp.Diff(Entry{ID: 0, Conn: 3, Peer: 1, Line: 13, Method: "POST", URL: "http://docker/v1.41/images/create?fromImage=busybox&tag=1"}, c.Entry(0)); d != "" {
		t.Errorf("entry: %s", d)
	}
}
