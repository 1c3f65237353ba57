// Package tapetest makes recorded interactions for tests, of the bytes that each
// side sent and the order in which they were read.
//
//	it := tapetest.Item(t,
//		tapetest.In(1, "GET / HTTP/1.1\r\n\r\n"),
//		tapetest.In(2, "HTTP/1.1 204 No Content\r\n\r\n"))
package tapetest

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// Read is one read of one side: its number and the bytes that it returned.
type Read struct {
	Seq   int64  // over all connections
	Bytes string // as they came
}

// In returns reads of one side, numbered from seq on.
func In(seq int64, pieces ...string) []Read {
	var reads []Read
	for i, b := range pieces {
		reads = append(reads, Read{seq + int64(i), b})
	}
	return reads
}

// message returns a recorder's Message for the reads of one message. The method
// is the request's, where it is a response.
func message(t testing.TB, side http1.Side, method string, reads []Read) *cassettes.Message {
	t.Helper()
	p := http1.Parser{Side: side}
	if side == http1.Server {
		p.Expect([]byte(method), false)
	}
	m := &cassettes.Message{Seq: reads[0].Seq, End: cassettes.NoEnd}
	tape := frames{m: m}
	for _, r := range reads {
		tape.split(r.Seq)
		for b := []byte(r.Bytes); len(b) > 0; {
			ev, n := p.Next(b)
			tape.event(t, ev, n, r.Seq)
			b = b[n:]
			if ev.End {
				m.End = cassettes.Complete
			}
		}
	}
	m.Missing = p.Missing()
	if n := len(m.Frames.List); n == 0 {
		m.Missing = 0
	} else if m.Framing == http1.Length && m.Missing > 0 {
		m.Frames.List[n-1].Size += m.Missing
	}
	if complete, cut := p.EOF(); complete && m.End == cassettes.NoEnd {
		m.End = cassettes.Complete
	} else if cut {
		m.End = cassettes.Incomplete
	}
	return m
}

// frames collects the frames of a message.
type frames struct {
	m      *cassettes.Message
	at     int64 // bytes seen
	start  int64 // of the thing under way
	seq    int64 // its first read
	within bool  // a frame has begun, or a head
	begin  int64 // of the frame
}

// split notes a new read.
func (f *frames) split(seq int64) {
	n := len(f.m.Frames.List)
	chunked := n > 0 && f.m.Framing == http1.Chunked
	if f.at == f.start && !f.within || n == 0 && f.at == 0 || n > 0 && !chunked {
		return
	}
	f.m.Splits = append(f.m.Splits, cassettes.Split{Frame: n - 1, Offset: f.at - f.begin, Seq: seq})
}

func (f *frames) event(t testing.TB, ev *http1.Event, n int, seq int64) {
	if f.at == f.start {
		f.seq = seq
	}
	f.at += int64(n)
	if ev.Kind == http1.Partial {
		return
	}
	m := f.m
	switch ev.Kind {
	case http1.Head:
		f.head(ev.Head)
	case http1.ChunkLine:
		m.Frames.List = append(m.Frames.List, cassettes.Frame{Size: ev.Size, Seq: f.seq})
		f.begin, f.within = f.start, true
		if line := string(ev.Line); !plainLine(line, ev.Size) {
			if m.ChunkLines == nil {
				m.ChunkLines = map[int]string{}
			}
			m.ChunkLines[len(m.Frames.List)-1] = line
		}
	case http1.Body:
		m.Body.Data = append(m.Body.Data, ev.Data...)
		if m.Framing != http1.Chunked {
			m.Frames.List = append(m.Frames.List, cassettes.Frame{Size: int64(len(ev.Data)), Seq: seq})
		}
	case http1.ChunkEnd:
		f.within = false
	case http1.Trailer:
		if string(ev.Data) != "\r\n" {
			m.Trailer = append(m.Trailer, ev.Data...)
		}
	default:
		t.Fatalf("a message with %q, which is not HTTP", ev.Data)
	}
	f.start = f.at
}

func (f *frames) head(h *http1.MessageHead) {
	if h.Interim {
		f.m.Interim = append(f.m.Interim, cassettes.Interim{Seq: f.seq, Head: append([]byte{}, h.Raw...)})
		return
	}
	f.m.Head = append(f.m.Head, h.Raw...)
	f.m.Framing = h.Framing
	if len(f.m.Interim) > 0 {
		f.m.Seq = f.seq
	}
}

func plainLine(line string, size int64) bool {
	const hex = "0123456789abcdef"
	return size < 16 && line == string(hex[size]) || size >= 16 && size < 256 && line == string([]byte{hex[size>>4], hex[size&15]})
}

// Item returns an exchange of these reads; without server reads it has no
// response.
func Item(t testing.TB, client, server []Read) *cassettes.Interaction {
	t.Helper()
	it := &cassettes.Interaction{Conn: 1, Timed: true, Request: message(t, http1.Client, "", client)}
	if len(server) > 0 {
		method, _, _ := strings.Cut(client[0].Bytes, " ")
		it.Response = message(t, http1.Server, method, server)
	}
	return it
}

// Plain returns an exchange whose request and response are a read each.
func Plain(t testing.TB, request, response string) *cassettes.Interaction {
	t.Helper()
	return Item(t, In(1, request), In(2, response))
}

// nextConn numbers connections that are not HTTP; the others are all 1.
var nextConn atomic.Int64

func init() { nextConn.Store(1) }

// Stream returns an exchange with turns after it, or, where it is nil, a
// connection that is not HTTP.
func Stream(it *cassettes.Interaction, turns ...cassettes.Turn) *cassettes.Interaction {
	if it == nil {
		it = &cassettes.Interaction{Conn: int(nextConn.Add(1)), Timed: true}
	}
	seq := int64(1)
	if it.Response != nil {
		seq = 10
	}
	it.Turns = &cassettes.Turns{}
	for i, turn := range turns {
		turn.Seq, turn.Size = seq+int64(i), int64(len(turn.Data))
		it.Turns.List = append(it.Turns.List, turn)
	}
	return it
}

// Says returns a turn of data.
func Says(side http1.Side, data string) cassettes.Turn {
	return cassettes.Turn{Side: side, Data: []byte(data)}
}

// Marks returns a turn that is an end.
func Marks(side http1.Side, m cassettes.Mark) cassettes.Turn {
	return cassettes.Turn{Side: side, Mark: m}
}

// Closed adds to it that the server closed the connection after the response.
func Closed(it *cassettes.Interaction, seq int64, wait time.Duration, m cassettes.Mark) *cassettes.Interaction {
	it.Response.Closed = append(it.Response.Closed, cassettes.Closed{Mark: m, Seq: seq, Wait: wait})
	return it
}
