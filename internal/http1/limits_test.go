package http1

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// headOf returns a request head of n bytes.
func headOf(n int) []byte {
	const begin, end = "GET / HTTP/1.1\r\nA: ", "\r\n\r\n"
	return []byte(begin + strings.Repeat("x", n-len(begin)-len(end)) + end)
}

// kinds feeds pieces of size bytes to p and returns the kinds of events.
func kinds(p *Parser, b []byte, size int) (list []Kind) {
	for len(b) > 0 {
		piece := b[:min(size, len(b))]
		for len(piece) > 0 {
			ev, n := p.Next(piece)
			if n := len(list); n == 0 || list[n-1] != ev.Kind {
				list = append(list, ev.Kind)
			}
			piece, b = piece[n:], b[n:]
		}
	}
	return list
}

func TestMaxHead(t *testing.T) {
	trailers := []byte("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
	for _, c := range []struct {
		name string
		wire []byte
		want []Kind
	}{
		{"head", headOf(MaxHead - 1), []Kind{Head}},
		{"head too long", headOf(MaxHead), []Kind{Raw}},
		{"head much too long", headOf(3 * MaxHead), []Kind{Raw}},
		{"line that does not end", bytes.Repeat([]byte("x"), MaxHead), []Kind{Raw}},
		{"line of MaxHead-1 that does not end", bytes.Repeat([]byte("x"), MaxHead-1), nil},
		{"empty lines", bytes.Repeat([]byte("\r\n"), MaxHead), []Kind{Raw}},
		{"fields", []byte("GET / HTTP/1.1\r\n" + strings.Repeat("A:\r\n", maxFields) + "\r\n"), []Kind{Head}},
		{"too many fields", []byte("GET / HTTP/1.1\r\n" + strings.Repeat("A:\r\n", maxFields+1) + "\r\n"), []Kind{Raw}},
		{"trailers", append(bytes.Clone(trailers), headOf(MaxHead + 15)[16:]...), []Kind{Head, ChunkLine, Trailer}},
		{"trailers too long", append(bytes.Clone(trailers), headOf(MaxHead + 16)[16:]...), []Kind{Head, ChunkLine, Raw}},
	} {
		for _, size := range []int{1, 1000, 1 << 16, len(c.wire)} {
			var got []Kind
			for _, k := range kinds(new(Parser), c.wire, size) {
				if k != Partial {
					got = append(got, k)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s, %d bytes at a time: got events of kinds %v, want %v", c.name, size, got, c.want)
			}
		}
	}
}

// TestSteadyStateDoesNotAllocate runs connections of many messages in pieces.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	const chunks = "3c\r\n" + "012345678901234567890123456789012345678901234567890123456789\r\n"
	client := []byte(smallGet + "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + chunks + "0\r\nA: b\r\n\r\n" +
		"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
	server := []byte(smallAnswer + "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n" +
		"HTTP/1.1 204 No Content\r\n\r\n")
	method := []byte("PUT")
	for _, size := range []int{1, 7, 50, 1000} {
		c, s := Parser{Side: Client}, Parser{Side: Server}
		allocs := testing.AllocsPerRun(50, func() {
			for range 3 {
				s.Expect(method, false)
			}
			for p, wire := range map[*Parser][]byte{&c: client, &s: server} {
				for len(wire) > 0 {
					ev, n := p.Next(wire[:min(size, len(wire))])
					if ev.Kind == Raw {
						t.Fatalf("not understood: %q", ev.Data)
					}
					wire = wire[n:]
				}
			}
		})
		if allocs > 0 {
			t.Errorf("%d bytes at a time: %v allocations a run, want none", size, allocs)
		}
	}
}

// TestExpectInOrder keeps one request ahead of its answer, as pipelining does.
func TestExpectInOrder(t *testing.T) {
	p := Parser{Side: Server}
	methods := []string{"HEAD", "GET"}
	p.Expect([]byte(methods[0]), false)
	for i := range 10_000 {
		p.Expect([]byte(methods[(i+1)%2]), false)
		ev, _ := p.Next([]byte("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"))
		if ev.Kind != Head || ev.End != (methods[i%2] == "HEAD") {
			t.Fatalf("answer %d to %s: event of kind %d, end %v", i, methods[i%2], ev.Kind, ev.End)
		}
		if !ev.End {
			p.Next([]byte("x"))
		}
	}
	if cap(p.asked) > 64 {
		t.Errorf("room for %d requests is kept, with 1 outstanding", cap(p.asked))
	}
}

func TestSwitch(t *testing.T) {
	for _, c := range []struct{ wire, held string }{
		{"", ""},
		{"GET / HTTP/1.1\r\nHo", "GET / HTTP/1.1\r\nHo"},
		{"GET / HTTP/1.1\r\n\r\n", ""},
		{"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", ""},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;", "3;"},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA:", "A:"},
	} {
		var p Parser
		kinds(&p, []byte(c.wire), 5)
		if got := p.Switch(); string(got) != c.held {
			t.Errorf("%q: Switch returned %q, want %q", c.wire, got, c.held)
		}
		p.Expect([]byte("GET"), false)
		b := []byte("GET / HTTP/1.1\r\n\r\n")
		if ev, n := p.Next(b); ev.Kind != Raw || string(ev.Data) != string(b) || n != len(b) {
			t.Errorf("%q: after Switch: kind %d, %q", c.wire, ev.Kind, ev.Data)
		}
		if complete, cut := p.EOF(); complete || cut {
			t.Errorf("%q: EOF after Switch: complete %v, cut %v", c.wire, complete, cut)
		}
		if got := p.Switch(); len(got) > 0 {
			t.Errorf("%q: second Switch returned %q", c.wire, got)
		}
	}
}

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		wire string
		want int64
	}{
		{"", 0},
		{"PUT / HTTP/1.1\r\nContent-Length: 9223372036854775807\r\n\r\nab", 9223372036854775805},
		{"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 0},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3", 0},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n", 5},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", 3},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", 2},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r", 1},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 0},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", 0},
	} {
		for _, size := range []int{1, len(c.wire)} {
			var p Parser
			kinds(&p, []byte(c.wire), size)
			if got := p.Missing(); got != c.want {
				t.Errorf("%q: %d bytes missing, want %d", c.wire, got, c.want)
			}
		}
	}
}

func TestField(t *testing.T) {
	var p Parser
	ev, _ := p.Next([]byte("GET / HTTP/1.1\r\nhOSt: a\r\nHost: b\r\nEmpty:\r\n\r\n"))
	for name, want := range map[string]string{"Host": "a", "EMPTY": "", "Hos": "", "None": ""} {
		if got := ev.Head.Field(name); string(got) != want {
			t.Errorf("Field(%q) is %q, want %q", name, got, want)
		}
	}
	if ev.Head.Field("none") != nil {
		t.Error("a field that is absent is not nil")
	}
	if ev.Head.Field("empty") == nil {
		t.Error("a field that is empty is nil")
	}
}

// TestVariant sends heads again: the same head, asked for in the same way, has
// the same variant and the same meaning.
func TestVariant(t *testing.T) {
	const a, b = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
	const sized = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
	for _, tt := range []struct {
		name  string
		side  Side
		asked []asking
		wire  string
		want  string // variant, target and framing of each head
	}{
		{"requests", Client, nil, a + a + b + a + a, "1 /a none, 1 /a none, 2 /b none, 3 /a none, 3 /a none"},
		{"a longer one", Client, nil, a + a[:len(a)-2] + "X: y\r\n\r\n" + a, "1 /a none, 2 /a none, 3 /a none"},
		{"answers", Server, []asking{{"GET", false}, {"GET", false}, {"HEAD", false}, {"HEAD", false}, {"GET", false}},
			sized + "xx" + sized + "xx" + sized + sized + sized, "1  length, 1  length, 2  none, 2  none, 3  length"},
		{"too large to be remembered", Client, nil, strings.Repeat(string(headOf(maxKnown+1)), 2), "1 / none, 2 / none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newFeed(tt.side, tt.asked).p
			var got []string
			for b := []byte(tt.wire); len(b) > 0; {
				ev, n := p.Next(b)
				if h := ev.Head; h != nil {
					got = append(got, fmt.Sprint(h.Variant, " ", string(h.Target), " ", h.Framing))
				}
				b = b[n:]
			}
			if got := strings.Join(got, ", "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
