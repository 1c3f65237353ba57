package cassettes

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes/internal/verify"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
)

// taker makes an item of wire bytes, as a recorder does: each string is a
// read.
type taker struct {
	it    *Interaction
	seq   int64
	rules *redact.Rules
	chunk int64 // where the message is in chunked coding: size of the chunk, or -1
}

// shape is an exchange as it crossed the wire.
type shape struct {
	name     string
	request  []string
	response []string
	close    Mark // of the server, after that
}

func (s shape) item(t testing.TB, id int) *Interaction {
	t.Helper()
	k := taker{it: &Interaction{ID: id, Conn: id + 1, Peer: 1, Timed: true}, seq: int64(100 * id)}
	var err error
	if k.rules, err = redact.Parse(testHeader().Redaction); err != nil {
		t.Fatal(err)
	}
	client, server := &http1.Parser{}, &http1.Parser{Side: http1.Server}
	k.it.Request = &Message{End: NoEnd, Start: time.Duration(id) * time.Second}
	k.take(t, client, k.it.Request, s.request, func(h *http1.MessageHead) {
		server.Expect(h.Method, h.Upgrade)
	})
	k.cut(client, k.it.Request, "")
	if s.response == nil {
		k.redact()
		return k.it
	}
	k.it.Response = &Message{End: NoEnd, Start: 1500 * time.Microsecond}
	k.take(t, server, k.it.Response, s.response, func(*http1.MessageHead) {})
	k.seq++
	k.cut(server, k.it.Response, s.close)
	k.redact()
	return k.it
}

func (k *taker) take(t testing.TB, p *http1.Parser, m *Message, reads []string, head func(*http1.MessageHead)) {
	began, line := int64(-1), false
	k.chunk = -1
	for i, read := range reads {
		k.seq++
		for b := []byte(read); len(b) > 0; {
			if began < 0 {
				began = k.seq
			}
			ev, n := p.Next(b)
			b = b[n:]
			wait := time.Duration(i) * 1200 * time.Microsecond
			switch ev.Kind {
			case http1.Partial:
				continue
			case http1.Head:
				if ev.Head.Interim {
					m.Interim = append(m.Interim, Interim{Seq: began, Head: bytes.Clone(ev.Head.Raw)})
					break
				}
				m.Seq, m.Head, m.Framing = began, bytes.Clone(ev.Head.Raw), ev.Head.Framing
				head(ev.Head)
			case http1.ChunkLine:
				m.Frames.List = append(m.Frames.List, Frame{Size: ev.Size, Seq: began, Wait: wait})
				if plain := string(http1.AppendChunkLine(nil, "", ev.Size)); string(ev.Line)+"\r\n" != plain {
					if m.ChunkLines == nil {
						m.ChunkLines = map[int]string{}
					}
					m.ChunkLines[len(m.Frames.List)-1] = string(ev.Line)
				}
				line, k.chunk = true, ev.Size
			case http1.ChunkEnd:
				k.chunk = -1
			case http1.Body:
				m.Body.Data = append(m.Body.Data, ev.Data...)
				if !line {
					m.Frames.List = append(m.Frames.List, Frame{Size: int64(len(ev.Data)), Seq: k.seq, Wait: wait})
				}
			case http1.Trailer:
				if len(ev.Data) > 2 {
					m.Trailer = bytes.Clone(ev.Data)
				}
			case http1.Raw:
				if k.it.Turns == nil {
					k.it.Turns = &Turns{}
				}
				k.it.Turns.List = append(k.it.Turns.List, Turn{Side: p.Side, Seq: k.seq, Size: int64(len(ev.Data)), Data: bytes.Clone(ev.Data)})
			}
			began = -1
			if ev.End || m.Framing == http1.Stream {
				m.End = Complete
			}
		}
	}
}

// cut ends a message: by a close of its sender, or, without a mark, because the
// recording stops.
func (k *taker) cut(p *http1.Parser, m *Message, mark Mark) {
	switch {
	case mark == "":
	case k.it.Turns != nil:
		k.it.Turns.List = append(k.it.Turns.List, Turn{Side: p.Side, Mark: mark, Seq: k.seq})
	default:
		m.Closed = append(m.Closed, Closed{Mark: mark, Seq: k.seq, Wait: 10 * time.Millisecond})
	}
	if m.End == Complete {
		return
	}
	complete, _ := p.EOF()
	switch {
	case complete && len(m.Closed) > 0 && mark != Reset:
		m.End = Complete
	case mark != "":
		m.End = Incomplete
	}
	missing := p.Missing()
	held := p.Switch()
	n := len(m.Frames.List)
	switch {
	case n == 0:
	case k.chunk == 0:
		m.Trailer = append([]byte{}, held...)
	case k.chunk > 0 && missing == 0: // no CRLF stands behind the data
		m.Missing = int64(len("\r\n"))
	case m.Framing == http1.Length:
		m.Frames.List[n-1].Size += missing
		m.Missing = missing
	default:
		m.Missing = missing
	}
}

// redact masks the messages as the recorder does.
func (k *taker) redact() {
	for m := range k.it.Messages() {
		mask := k.rules.Body(nil, m.Head)
		k.rules.Head(m.Head, nil)
		if mask != nil && m.Framing != http1.None {
			data := mask.Append(nil, m.Body.Data)
			m.Body.Data = mask.Flush(data)
		}
		_ = verify.Relist(k.rules, k.it, m) // a body in memory is read without an error
	}
	if k.it.Turns == nil {
		return
	}
	masks := [2]*redact.Lines{k.rules.Lines(), k.rules.Lines()}
	var size [2]int64
	for i := range k.it.Turns.List {
		turn := &k.it.Turns.List[i]
		masks[turn.Side].Mask(turn.Data)
		for _, s := range masks[turn.Side].Take() {
			r := Redaction{Where: "turn", Index: i, Off: s.Off - size[turn.Side], Len: s.Len}
			k.it.Turns.Redacted = append(k.it.Turns.Redacted, r)
		}
		size[turn.Side] += turn.Size
	}
}

// shapes are all kinds of exchanges.
func shapes() []shape {
	get := []string{"GET /v1.41/images/json?all=1 HTTP/1.1\r\nHost: docker\r\nUser-Agent: Docker-Client/20.10 (linux)\r\n\r\n"}
	head := []string{"HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"}
	return []shape{
		{name: "length", request: get, response: []string{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: Docker/20.10\r\n\r\n", "hello"}},
		{name: "length 0", request: get, response: []string{"HTTP/1.1 204 No Content\r\n\r\n"}},
		{name: "chunked", request: get, response: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nApi-Version: 1.41\r\n\r\n5\r\n{\"a\"\n\r\n",
			"7\r\n \t:1}\r\n\r\n", "1\r\n\xc3\r\n1\r\n\xa9\r\n", "0\r\n\r\n"}},
		{name: "odd chunk lines and trailers", request: get, response: []string{
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n0005;x=\"1\"\r\nhello\r\nA\r\n0123456789\r\n000\r\nX-Sum: 1\r\nX-sum: 2\r\n\r\n"}},
		{name: "binary", request: get, response: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n" +
			strings.Repeat("\xff\x00", 64) + "\r\n0\r\n\r\n"}},
		{name: "head", request: head, response: []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"}},
		{name: "304", request: get, response: []string{"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"}},
		{name: "close", request: []string{"GET / HTTP/1.0\r\n\r\n"}, response: []string{"HTTP/1.0 200 OK\r\n\r\n", "one", "two"}, close: EOF},
		{name: "close with reset", request: get, response: []string{"HTTP/1.1 200\r\n\r\n", "one"}, close: Reset},
		{name: "continue", request: []string{"POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", "abc"},
			response: []string{"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"}},
		{name: "chunked request", request: []string{"PUT /x?token=secret HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n3\r\nabc\r\n", "0\r\n\r\n"},
			response: []string{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
		{name: "cut length", request: get, response: []string{"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", "hello"}, close: EOF},
		{name: "cut chunk", request: get, response: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n40\r\nhello"}, close: Reset},
		{name: "cut at once", request: get, response: []string{"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nabc"}, close: FullClose},
		{name: "cut huge chunk", request: get, response: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nfffffffffffffff\r\nhello"}, close: Reset},
		{name: "cut after CR", request: get, response: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r"}, close: FullClose},
		{name: "cut before trailer", request: get, response: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"}, close: EOF},
		{name: "cut in trailer", request: get, response: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\nZ:"}, close: EOF},
		{name: "odd heads", request: []string{"\r\nGET /\xff HTTP/1.1\nHost: a\r\nX-A: b\r\n c\r\n\r\n"}, response: []string{"HTTP/1.1 200 \r\nx-lower: y \r\nX-Lower:z\r\nContent-Length: 1\r\nX-Bin: \xfe\r\n\n\n"}},
		{name: "no response", request: get},
		{name: "only interim", request: get, response: []string{"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"}, close: EOF},
		{name: "upgrade", request: []string{"POST /v1.41/containers/a/attach?stream=1 HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"},
			response: []string{"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", "hello\r\n", "\xff\x01"}, close: EOF},
		{name: "connect", request: []string{"CONNECT registry:5000 HTTP/1.1\r\nHost: registry:5000\r\n\r\n"}, response: []string{"HTTP/1.1 200 OK\r\n\r\n", "\x16\x03\x01"}},
		{name: "absolute form", request: []string{"GET http://example.com:80/a?b HTTP/1.1\r\nHost: other\r\n\r\n"}, response: []string{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}},
		{name: "asterisk form", request: []string{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"}, response: []string{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
		{name: "secrets", request: []string{"POST /auth HTTP/1.1\r\nHost: docker\r\nX-Registry-Auth: abcdef\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n{\"username\":\"me\",\"password\":\"hunter22222\"}"},
			response: []string{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n{\"IdentityToken\":\"abcdef\"\r\n1\r\n}\r\n0\r\n\r\n"}},
		{name: "many frames", request: get, response: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("3\r\nab\n\r\n", 40) + "0\r\n\r\n"}},
	}
}

// rawItem is what no exchange owns.
func rawItem(id int) *Interaction {
	return &Interaction{
		ID: id, Session: 1, Conn: 9, Timed: true,
		Turns: &Turns{Start: time.Second, List: []Turn{
			{Side: http1.Client, Seq: 17, Size: 6, Data: []byte("PING\r\n")},
			{Side: http1.Server, Seq: 18, Wait: time.Millisecond, Size: 7, Data: []byte("+PONG\r\n")},
			{Side: http1.Client, Seq: 19, Mark: EOF, Wait: 3},
			{Side: http1.Server, Seq: 20, Mark: FullClose},
		}},
	}
}

// samples are items of all shapes.
func samples(t testing.TB) []*Interaction {
	items := []*Interaction{}
	for i, s := range shapes() {
		items = append(items, s.item(t, i))
	}
	return append(items,
		rawItem(len(items)),
		&Interaction{ID: len(items) + 1, Session: 1, Conn: 10, Turns: &Turns{List: []Turn{{Side: http1.Server, Mark: Unreachable, Seq: 21}}}})
}
