package http1

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/chunked"
)

// smallGet is the first request of Docker's command line client.
const smallGet = "HEAD /_ping HTTP/1.1\r\nHost: api.moby.localhost\r\nUser-Agent: Docker-Client/28.2.2 (linux)\r\n\r\n"

const smallAnswer = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nCache-Control: no-cache, no-store, must-revalidate\r\n" +
	"Content-Length: 0\r\nContent-Type: text/plain; charset=utf-8\r\nDocker-Experimental: false\r\nOstype: linux\r\n" +
	"Pragma: no-cache\r\nServer: Docker/20.10.24 (linux)\r\nDate: Sat, 21 Nov 2026 11:00:00 GMT\r\n\r\n"

func BenchmarkRequestHead(b *testing.B) {
	benchmarkHeads(b, Client, []byte(smallGet))
}

func BenchmarkResponseHead(b *testing.B) {
	benchmarkHeads(b, Server, []byte(smallAnswer))
}

// benchmarkHeads parses heads that each come in one piece: the same head again
// and again, or two in turn.
func benchmarkHeads(b *testing.B, side Side, head []byte) {
	other := bytes.Replace(head, []byte("\r\n\r\n"), []byte("\r\nA: b\r\n\r\n"), 1)
	b.Run("same", func(b *testing.B) { benchmarkTwoHeads(b, side, head, head) })
	b.Run("other", func(b *testing.B) { benchmarkTwoHeads(b, side, head, other) })
}

func benchmarkTwoHeads(b *testing.B, side Side, head, other []byte) {
	p := Parser{Side: side}
	method := []byte("HEAD")
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		if side == Server {
			p.Expect(method, false)
		}
		if ev, n := p.Next(head); !ev.End || n != len(head) {
			b.Fatal("not a whole message")
		}
		head, other = other, head
	}
}

func BenchmarkRequestHeadInTwo(b *testing.B) {
	var p Parser
	head := []byte(smallGet)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		p.Next(head[:50])
		if ev, _ := p.Next(head[50:]); !ev.End {
			b.Fatal("not a whole message")
		}
	}
}

func BenchmarkChunksOf60(b *testing.B) {
	record := []byte(strings.Repeat("x", 60))
	var buf []byte
	for len(buf) < 64<<10 {
		buf = chunked.AppendChunk(buf, record)
	}
	benchmarkBody(b, "Transfer-Encoding: chunked", buf)
}

// BenchmarkMemchr is the floor under BenchmarkChunksOf60: it looks for the same
// line ends and skips the same data.
func BenchmarkMemchr(b *testing.B) {
	var buf []byte
	for len(buf) < 64<<10 {
		buf = chunked.AppendChunk(buf, []byte(strings.Repeat("x", 60)))
	}
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		for rest := buf; len(rest) > 0; {
			rest = rest[bytes.IndexByte(rest, '\n')+1+60+2:]
		}
	}
}

func BenchmarkBodyByLength(b *testing.B) {
	benchmarkBody(b, "Content-Length: 9223372036854775800", make([]byte, 64<<10))
}

// benchmarkBody parses buf again and again as a piece of one body.
func benchmarkBody(b *testing.B, field string, buf []byte) {
	var p Parser
	p.Next([]byte("PUT / HTTP/1.1\r\n" + field + "\r\n\r\n"))
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		for rest := buf; len(rest) > 0; {
			ev, n := p.Next(rest)
			if ev.Kind == Raw {
				b.Fatal("not understood")
			}
			rest = rest[n:]
		}
	}
}
