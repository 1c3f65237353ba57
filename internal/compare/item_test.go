package compare

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// exchange returns an interaction after change has been applied to it.
func exchange(change func(*cassettes.Interaction)) *cassettes.Interaction {
	it := &cassettes.Interaction{
		Timed: true,
		Request: &cassettes.Message{
			Head: []byte("GET /v1.41/x HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n"), End: cassettes.Complete,
		},
		Response: &cassettes.Message{
			Start: time.Millisecond, Head: []byte("HTTP/1.1 200 OK\r\nA: 1\r\nA: 2\r\nTransfer-Encoding: chunked\r\n\r\n"),
			Framing: http1.Chunked, End: cassettes.Complete,
			Frames: cassettes.Frames{List: []cassettes.Frame{{Size: 3}, {Size: 2, Wait: time.Second}, {}}},
			Body:   cassettes.Body{Data: []byte("one\nt")}, Trailer: []byte("T: 1\r\n\r\n"),
		},
	}
	if change != nil {
		change(it)
	}
	return it
}

func TestDifferencesOfTwoInteractions(t *testing.T) {
	stream := func(turns ...cassettes.Turn) func(*cassettes.Interaction) {
		return func(it *cassettes.Interaction) { it.Turns = &cassettes.Turns{List: turns} }
	}
	turn := func(side http1.Side, data string) cassettes.Turn {
		return cassettes.Turn{Side: side, Data: []byte(data), Size: int64(len(data))}
	}
	for _, test := range []struct {
		name     string
		a, b     func(*cassettes.Interaction)
		want     []string
		volatile []string
	}{
		{name: "nothing"},
		{
			name: "status",
			b: func(it *cassettes.Interaction) {
				it.Response.Head = []byte("HTTP/1.1 404 No\r\nA: 1\r\nA: 2\r\nTransfer-Encoding: chunked\r\n\r\n")
			},
			want:     []string{"response line: HTTP/1.1 200 OK -> HTTP/1.1 404 No"},
			volatile: []string{"response line: HTTP/1.1 200 OK -> HTTP/1.1 404 No"},
		},
		{
			name: "order and spelling",
			b: func(it *cassettes.Interaction) {
				it.Request.Head = []byte("GET /v1.41/x HTTP/1.1\r\naccept:b\r\nHost: a\r\n\r\n")
			},
			want: []string{"request head: the same fields, in another order or spelling"},
		},
		{
			name: "fields",
			b: func(it *cassettes.Interaction) {
				it.Response.Head = []byte("HTTP/1.1 200 OK\r\nA: 1\r\nB: 3\r\nTransfer-Encoding: chunked\r\n\r\n")
			},
			want:     []string{`response A: "1", "2" -> "1"`, `response B added: "3"`},
			volatile: []string{`response A: "1", "2" -> "1"`, `response B added: "3"`},
		},
		{
			name: "another API's version",
			b: func(it *cassettes.Interaction) {
				it.Request.Head = []byte("GET /v1.24/x HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n")
			},
		},
		{
			name: "method and target",
			b: func(it *cassettes.Interaction) {
				it.Request.Head = []byte("PUT /v1.41/y HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n")
			},
			want:     []string{"request line: GET /v1.41/x HTTP/1.1 -> PUT /v1.41/y HTTP/1.1"},
			volatile: []string{"request line: GET /v1.41/x HTTP/1.1 -> PUT /v1.41/y HTTP/1.1"},
		},
		{
			name:     "no answer",
			b:        func(it *cassettes.Interaction) { it.Response = nil },
			want:     []string{"response: HTTP/1.1 200 OK -> none"},
			volatile: []string{"response: HTTP/1.1 200 OK -> none"},
		},
		{
			name:     "an answer",
			a:        func(it *cassettes.Interaction) { it.Response = nil },
			want:     []string{"response: none -> HTTP/1.1 200 OK"},
			volatile: []string{"response: none -> HTTP/1.1 200 OK"},
		},
		{
			name: "interim, trailer, end",
			b: func(it *cassettes.Interaction) {
				it.Response.Interim = []cassettes.Interim{{Head: []byte("HTTP/1.1 100 Continue\r\n\r\n")}}
				it.Response.Trailer = []byte("T: 2\r\n\r\n")
				it.Response.End, it.Response.Missing = cassettes.Incomplete, 2
			},
			want:     []string{`response interim: [] -> ["HTTP/1.1 100 Continue"]`, `response trailer T: "1" -> "2"`, "response end: complete -> incomplete, 2 B missing"},
			volatile: []string{`response interim: [] -> ["HTTP/1.1 100 Continue"]`, `response trailer T: "1" -> "2"`, "response end: complete -> incomplete, 2 B missing"},
		},
		{
			name: "chunks",
			b: func(it *cassettes.Interaction) {
				it.Response.Frames.List = []cassettes.Frame{{Size: 5, Wait: time.Second}, {}}
			},
			want:     []string{"response chunks: 2 -> 1"},
			volatile: []string{"response chunks: 2 -> 1"},
		},
		{
			name: "times",
			b: func(it *cassettes.Interaction) {
				it.Response.Start, it.Response.Frames.List[1].Wait = 2*time.Millisecond, 3*time.Second
			},
			want: []string{"response began after: 1ms -> 2ms", "response took: 1s -> 3s"},
		},
		{
			name: "no times",
			b:    func(it *cassettes.Interaction) { it.Timed, it.Response.Start = false, 0 },
		},
		{
			name:     "text",
			b:        func(it *cassettes.Interaction) { it.Response.Body.Data = []byte("one\nu") },
			want:     []string{`response body line 2: "t" -> "u"`},
			volatile: []string{`response body line 2: "t" -> "u"`},
		},
		{
			name: "JSON written otherwise",
			a:    func(it *cassettes.Interaction) { it.Response.Body.Data = []byte(`{"a":1,"b":1e0}`) },
			b:    func(it *cassettes.Interaction) { it.Response.Body.Data = []byte(`{"b":1e0, "a":1}`) },
			want: []string{"response body: the same values, written otherwise (15 B -> 16 B)"},
		},
		{
			name:     "streams",
			a:        stream(turn(http1.Client, "ls"), turn(http1.Server, "a\n")),
			b:        stream(turn(http1.Client, "l"), turn(http1.Server, "a\nb\n"), turn(http1.Client, "s"), cassettes.Turn{Side: http1.Server, Mark: cassettes.EOF}),
			want:     []string{`stream from the server line 2 added: "b\n"`, "stream marks of the server: [] -> [eof]"},
			volatile: []string{`stream from the server line 2 added: "b\n"`, "stream marks of the server: [] -> [eof]"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, volatile := range []bool{false, true} {
				want := test.want
				if volatile {
					want = test.volatile
				}
				c := comparer{o: Options{Volatile: volatile}}
				if err := c.item(exchange(test.a), exchange(test.b)); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, c.lines); d != "" {
					t.Errorf("volatile %v: -want +got:\n%s", volatile, d)
				}
			}
		})
	}
}
