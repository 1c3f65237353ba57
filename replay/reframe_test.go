package replay

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/chunked"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/plan"
)

const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

func reframe(t testing.TB, s string) Reframe {
	t.Helper()
	var r Reframe
	if err := r.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReframeRefusesOtherTexts(t *testing.T) {
	for _, bad := range []string{"", "Exact", "bytes", "bytes=", "bytes=0", "bytes=-1", "bytes=x", "bytes=99999999999999999999", "records", "records=0", "random", "random=x", "in-line", "line="} {
		if err := new(Reframe).UnmarshalText([]byte(bad)); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("%q: %v, want an error that quotes it", bad, err)
		}
	}
}

// TestReframe checks the bytes, and that each byte of the body leaves with the
// read in which it came.
func TestReframe(t *testing.T) {
	reads := []string{chunkedHead, "4\r\n{\"a\"\r\n", "5\r\n:1}\r\n\r\n", "8\r\n{}{\"b\":0\r\n1\r\n}\r\n", "0\r\nX-T: 1\r\n\r\n"}
	for _, tt := range []struct {
		how  string
		want []string
	}{
		{"exact", reads},
		{"one", []string{chunkedHead, "12\r\n{\"a\"", ":1}\r\n", "{}{\"b\":0}\r\n", "0\r\nX-T: 1\r\n\r\n"}},
		{"bytes=1000", []string{chunkedHead, "12\r\n{\"a\"", ":1}\r\n", "{}{\"b\":0}\r\n", "0\r\nX-T: 1\r\n\r\n"}},
		{"bytes=7", []string{chunkedHead, "7\r\n{\"a\"", ":1}\r\n", "7\r\n\r\n", "{}{\"b\r\n", "4\r\n\":0}\r\n", "0\r\nX-T: 1\r\n\r\n"}},
		{"record", []string{chunkedHead, "9\r\n{\"a\"", ":1}\r\n\r\n", "2\r\n{}\r\n", "7\r\n{\"b\":0}\r\n", "0\r\nX-T: 1\r\n\r\n"}},
		{"records=2", []string{chunkedHead, "b\r\n{\"a\"", ":1}\r\n", "{}\r\n", "7\r\n{\"b\":0}\r\n", "0\r\nX-T: 1\r\n\r\n"}},
		{"line", []string{chunkedHead, "9\r\n{\"a\"", ":1}\r\n\r\n", "9\r\n{}{\"b\":0}\r\n", "0\r\nX-T: 1\r\n\r\n"}},
		{"in-record", []string{chunkedHead, "1\r\n{\r\n", "9\r\n\"a\"", ":1}\r\n", "{\r\n", "2\r\n}{\r\n", "6\r\n\"b\":0}\r\n", "0\r\nX-T: 1\r\n\r\n"}},
		{"in-crlf", []string{chunkedHead, "8\r\n{\"a\"", ":1}\r\r\n", "a\r\n\n", "{}{\"b\":0}\r\n", "0\r\nX-T: 1\r\n\r\n"}},
	} {
		t.Run(tt.how, func(t *testing.T) {
			it := item(t, in(1, ask), in(2, reads...))
			got := writes(t, it, plan.Options{Splitter: reframe(t, tt.how).splitter})
			if !slices.Equal(got, tt.want) {
				t.Errorf("the writes are\n%q, want\n%q", got, tt.want)
			}
		})
	}
}

// TestReframeKeepsTrailersThatCameInPieces cuts the end of a response everywhere.
func TestReframeKeepsTrailersThatCameInPieces(t *testing.T) {
	const body, end = "3\r\nabc\r\n", "0\r\nX-T: 1\r\nX-U: 2\r\n\r\n"
	for a := 1; a < len(end); a++ {
		for b := a + 1; b < len(end); b++ {
			it := item(t, in(1, ask), in(2, chunkedHead, body, end[:a], end[a:b], end[b:]))
			got := strings.Join(writes(t, it, plan.Options{Splitter: reframe(t, "bytes=2").splitter}), "")
			if want := chunkedHead + "2\r\nab\r\n1\r\nc\r\n" + end; got != want {
				t.Fatalf("cut at %d and %d: got %q, want %q", a, b, got, want)
			}
		}
	}
}

// TestReframeLeavesOthersAlone checks that only chunked bodies are cut anew.
func TestReframeLeavesOthersAlone(t *testing.T) {
	for _, response := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd",
		"HTTP/1.1 200 OK\r\n\r\nabcd",
		chunkedHead + "0\r\n\r\n",
	} {
		it := plain(t, ask, response)
		if got := strings.Join(writes(t, it, plan.Options{Splitter: reframe(t, "bytes=1").splitter}), ""); got != response {
			t.Errorf("got %q, want %q", got, response)
		}
	}
}

// TestReframeUnfinished checks that a body that was cut short still is.
func TestReframeUnfinished(t *testing.T) {
	it := closed(item(t, in(1, ask), in(2, chunkedHead+"9\r\nabc")), 5, 0, cassettes.EOF)
	it.Response.End = cassettes.Incomplete
	got := strings.Join(writes(t, it, plan.Options{Splitter: reframe(t, "bytes=2").splitter}), "")
	if want := chunkedHead + "2\r\nab\r\n1\r\nc\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestReframeServed checks it from outside.
func TestReframeServed(t *testing.T) {
	it := item(t, in(1, ask), in(2, chunkedHead+"3\r\n1 2\r\n", "2\r\n 3\r\n0\r\n\r\n"))
	c := tape(t, cassettes.Header{}, it)
	p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{c}, Reframe: reframe(t, "record")})
	conn := p.dial(t)
	for range 2 {
		send(t, conn, ask)
		expect(t, conn, chunkedHead+"2\r\n1 \r\n2\r\n2 \r\n1\r\n3\r\n0\r\n\r\n")
	}
}

// TestReframeSaysWhatReadsReturn checks that a client of net/http gets one chunk from
// each read of a body, and the same ones for each connection.
func TestReframeSaysWhatReadsReturn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what a client has read")
	}
	const body = "{\"a\":\"\\u00e9\"}\r\n{\"b\":\"\U0001F600\"}\r\n{\"c\":0}"
	c := tape(t, cassettes.Header{}, plain(t, ask, fmt.Sprintf("%s%x\r\n%s\r\n0\r\n\r\n", chunkedHead, len(body), body)))
	for _, network := range []string{"unix", "tcp"} {
		for _, how := range []string{"one", "bytes=7", "record", "records=2", "line", "in-record", "in-escape", "in-rune", "in-crlf", "random=3"} {
			want := slices.Collect(chunksOf(t, body, reframe(t, how)))
			p := serve(t, network, &Server{seenMax: time.Minute, Cassettes: []*cassettes.Cassette{c}, Reframe: reframe(t, how)})
			for range 3 {
				if got := readsOf(t, p); !slices.Equal(got, want) {
					t.Errorf("%s, %s: the reads return %q, want %q", network, how, got, want)
				}
			}
		}
	}
}

// chunksOf ranges over the chunks of body.
func chunksOf(t *testing.T, body string, r Reframe) iter.Seq[string] {
	return func(yield func(string) bool) {
		at := int64(0)
		for size, err := range chunked.Sizes(strings.NewReader(body), r.splitter()) {
			if err != nil {
				t.Fatal(err)
			}
			if !yield(body[at : at+size]) {
				return
			}
			at += size
		}
	}
}

// readsOf asks p on a connection of its own, and returns what each read of the body
// returns.
func readsOf(t *testing.T, p *player) (reads []string) {
	t.Helper()
	conn := p.dial(t)
	send(t, conn, ask)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for b := make([]byte, 4096); ; {
		n, err := resp.Body.Read(b)
		if n > 0 {
			reads = append(reads, string(b[:n]))
		}
		if err == io.EOF {
			return reads
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzReframe holds the law of re-framing: whatever the chunks were and are to
// be, the body stays as it is, and each byte of it leaves with the read in
// which it came.
func FuzzReframe(f *testing.F) {
	for _, how := range []string{"exact", "one", "record", "bytes=1", "bytes=3", "bytes=64", "records=2", "line", "event", "frame", "in-record", "in-frame", "in-escape", "in-rune", "in-crlf", "random=7"} {
		f.Add(how, []byte("{\"a\":1}\r\n{\"b\":\"}\"}\n[1,2]\x1e{}\n"), []byte{3, 0x85, 1, 7})
		f.Add(how, []byte(""), []byte{})
	}
	f.Fuzz(func(t *testing.T, how string, body, cuts []byte) {
		var r Reframe
		if err := r.UnmarshalText([]byte(how)); err != nil {
			t.Skip("no way to cut")
		}
		it := cutUp(t, body, cuts)
		var wire strings.Builder
		for w, err := range plan.Of(it, plan.Options{Splitter: r.splitter}) {
			if err != nil {
				t.Fatal(err)
			}
			wire.Write(w.Data)
		}
		resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(wire.String())), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || string(got) != string(body) {
			t.Fatalf("%s: the body became %q, %v, of %q", how, got, err, body)
		}
		if r.splitter == nil && wire.String() != recordedWire(t, it) {
			t.Fatalf("exact: %q became %q", recordedWire(t, it), wire.String())
		}
		if got, want := bodyByRead(t, it, r), bodyByRead(t, it, Reframe{}); !slices.Equal(got, want) {
			t.Fatalf("%s: the reads bring %q, want %q", how, got, want)
		}
	})
}

// cutUp returns an exchange whose response is body, in chunks of the sizes
// that cuts has; the high bit puts a chunk into the read of the one before.
func cutUp(t testing.TB, body, cuts []byte) *cassettes.Interaction {
	it := plain(t, ask, chunkedHead+"0\r\n\r\n")
	m := it.Response
	m.Body.Data = body
	m.Frames.List = nil
	seq, left := m.Seq, int64(len(body))
	for _, cut := range cuts {
		size := min(int64(cut&0x7f), left)
		if size == 0 {
			continue
		}
		if cut < 0x80 {
			seq++
		}
		m.Frames.List = append(m.Frames.List, cassettes.Frame{Size: size, Seq: seq})
		left -= size
	}
	if left > 0 {
		m.Frames.List = append(m.Frames.List, cassettes.Frame{Size: left, Seq: seq + 1})
	}
	m.Frames.List = append(m.Frames.List, cassettes.Frame{Size: 0, Seq: seq + 2})
	return it
}

// recordedWire returns a response's wire bytes.
func recordedWire(t testing.TB, it *cassettes.Interaction) string {
	var b strings.Builder
	for s, err := range it.Response.Segments() {
		if err != nil {
			t.Fatal(err)
		}
		b.Write(s.Before)
		b.Write(it.Response.Body.Data[s.Off : s.Off+s.Len])
		b.Write(s.After)
	}
	return b.String()
}

// bodyByRead returns what each write brings of the body, without empty ones.
func bodyByRead(t testing.TB, it *cassettes.Interaction, r Reframe) (out []string) {
	parser := http1.Parser{Side: http1.Server}
	parser.Expect([]byte("GET"), false)
	last := int64(-1)
	for w, err := range plan.Of(it, plan.Options{Splitter: r.splitter}) {
		if err != nil {
			t.Fatal(err)
		}
		var data []byte
		for b := w.Data; len(b) > 0; {
			ev, n := parser.Next(b)
			if ev.Kind == http1.Body {
				data = append(data, ev.Data...)
			}
			b = b[n:]
		}
		switch {
		case len(data) == 0:
		case w.Seq == last: // another chunk of the same read
			out[len(out)-1] += string(data)
		default:
			out, last = append(out, string(data)), w.Seq
		}
	}
	return out
}
