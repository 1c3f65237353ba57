package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/scripttest"
)

// shapes writes a cassette with one interaction of every shape that show tells
// apart, and returns its path.
func shapes(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shapes.yaml")
	w, err := cassettes.Create(path, cassettes.Header{
		Recorded: time.Date(2026, 11, 20, 23, 55, 13, 0, time.UTC),
		Upstream: "unix:///var/run/docker.sock", Source: "recorded",
		API: cassettes.API{Product: "docker", Version: "1.41"},
	}, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range []*cassettes.Interaction{plain(), pull(), cut(), unanswered(), attach(), probe()} {
		it.ID = w.NextID()
		if err := w.Append(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

const ms = time.Millisecond

// request returns a request without a body.
func request(seq int64, line string) *cassettes.Message {
	return &cassettes.Message{
		Seq: seq, Start: time.Duration(seq) * ms, End: cassettes.Complete,
		Head: []byte(line + " HTTP/1.1\r\nHost: docker\r\n\r\n"),
	}
}

// plain is a response with a length, followed by a close.
func plain() *cassettes.Interaction {
	return &cassettes.Interaction{
		Conn: 1, Timed: true, Request: request(1, "GET /_ping"),
		Response: &cassettes.Message{
			Seq: 2, Start: 1800 * time.Microsecond, Head: []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
			Framing: http1.Length, Frames: cassettes.Frames{List: []cassettes.Frame{{Size: 2, Seq: 2}}},
			Body: cassettes.Body{Data: []byte("OK")}, End: cassettes.Complete,
			Closed: []cassettes.Closed{{Mark: cassettes.EOF, Seq: 3, Wait: 5 * ms}},
		},
	}
}

// pull is a chunked response, with a trailer and after a 100, to a chunked
// request.
func pull() *cassettes.Interaction {
	records := []string{"{\"status\":\"Pulling\"}\r\n", "{\"status\":\"" + strings.Repeat("é", 50) + "\"}\r\n"}
	req := &cassettes.Message{
		Seq: 10, Start: 30 * ms, Framing: http1.Chunked, End: cassettes.Complete,
		Head:   []byte("POST /v1.41/build?t=a%20b&nocache=1 HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n"),
		Frames: cassettes.Frames{List: []cassettes.Frame{{Size: 3, Seq: 12, Wait: ms}, {Seq: 12}}},
		Body:   cassettes.Body{Data: []byte("\x00\x01\xff")},
	}
	return &cassettes.Interaction{
		Conn: 1, Peer: 1, Timed: true, Request: req,
		Response: &cassettes.Message{
			Seq: 13, Start: 2 * ms, Framing: http1.Chunked, End: cassettes.Complete,
			Interim: []cassettes.Interim{{Seq: 11, Head: []byte("HTTP/1.1 100 Continue\r\n\r\n")}},
			Head:    []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
			Frames: cassettes.Frames{List: []cassettes.Frame{
				{Size: int64(len(records[0])), Seq: 14, Wait: 3 * ms}, {Size: int64(len(records[1])), Seq: 15, Wait: 1200 * time.Microsecond}, {Seq: 15},
			}},
			Body:    cassettes.Body{Data: []byte(strings.Join(records, ""))},
			Trailer: []byte("Digest: x\r\n\r\n"),
		},
	}
}

// cut is a response that ended before its length was reached.
func cut() *cassettes.Interaction {
	return &cassettes.Interaction{
		Session: 0, Conn: 2, Timed: true, Request: request(20, "GET /cut"),
		Response: &cassettes.Message{
			Seq: 21, Start: ms, Head: []byte("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
			Framing: http1.Length, Frames: cassettes.Frames{List: []cassettes.Frame{{Size: 9, Seq: 21}}},
			Body: cassettes.Body{Data: []byte("four")}, End: cassettes.Incomplete, Missing: 5,
			Closed: []cassettes.Closed{{Mark: cassettes.Reset, Seq: 22}},
		},
	}
}

// unanswered is a request without a response and without times.
func unanswered() *cassettes.Interaction {
	return &cassettes.Interaction{Conn: 3, Request: request(30, "GET /never")}
}

// attach is an upgrade with a dialogue after it.
func attach() *cassettes.Interaction {
	return &cassettes.Interaction{
		Conn: 4, Timed: true, Request: request(40, "POST /containers/x/attach"),
		Response: &cassettes.Message{
			Seq: 41, Start: ms, Head: []byte("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"),
			Framing: http1.Stream, End: cassettes.Complete,
		},
		Turns: &cassettes.Turns{List: []cassettes.Turn{
			{Side: http1.Client, Seq: 42, Wait: ms, Size: 3, Data: []byte("ls\n")},
			{Side: http1.Server, Seq: 43, Wait: 2 * ms, Size: 11, Data: []byte("\x01\x00\x00\x00\x00\x00\x00\x03a\nb")},
			{Side: http1.Client, Mark: cassettes.EOF, Seq: 44, Wait: ms},
			{Side: http1.Server, Mark: cassettes.FullClose, Seq: 45},
		}},
	}
}

// probe is a connection that is not HTTP.
func probe() *cassettes.Interaction {
	return &cassettes.Interaction{
		Conn: 5, Timed: true,
		Turns: &cassettes.Turns{Start: 90 * ms, List: []cassettes.Turn{
			{Side: http1.Client, Seq: 50, Size: 3, Data: []byte("\x16\x03\x01")},
			{Side: http1.Server, Mark: cassettes.Unreachable, Seq: 51},
		}},
	}
}

func TestShowPrintsEveryShape(t *testing.T) {
	path := shapes(t)
	for name, args := range map[string][]string{
		"show.golden": {"show"}, "frames.golden": {"show", "--frames"}, "json.golden": {"show", "--json", "--frames"},
	} {
		var out, errs bytes.Buffer
		if status := run(context.Background(), append(args, path), nil, &out, &errs); status != 0 || errs.Len() > 0 {
			t.Fatalf("%q: status %d, %s", args, status, errs.String())
		}
		got := strings.ReplaceAll(out.String(), path, "shapes.yaml")
		scripttest.Golden(t, name, got)
	}
}
