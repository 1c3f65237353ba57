package http1

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parserCase holds the bytes of one direction of a connection and the notes of
// its events.
type parserCase struct {
	name  string
	asked []asking // of a server
	wire  string
	want  string
}

var (
	get     = []asking{{"GET", false}}
	post    = []asking{{"POST", false}}
	head    = []asking{{"HEAD", false}}
	connect = []asking{{"CONNECT", true}}
)

// test runs wire through a parser in one piece, in pieces of one byte, in
// every two pieces, and in halves of halves. The notes and the bytes must be
// the same each time.
func test(t *testing.T, side Side, asked []asking, wire, want string) {
	t.Helper()
	b := []byte(wire)
	check := func(how string, pieces ...[]byte) {
		t.Helper()
		notes, back := run(side, asked, pieces...)
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(notes, "\n")); diff != "" {
			t.Fatalf("%s of %q (-want +got):\n%s", how, wire, diff)
		}
		if !bytes.Equal(back, b) {
			t.Fatalf("%s: got back %q, want %q", how, back, b)
		}
	}
	check("whole", b)
	var single [][]byte
	for i := range b {
		single = append(single, b[i:i+1])
	}
	check("single bytes", single...)
	for i := range b {
		check("split in two", b[:i], b[i:])
		check("split in three", b[:i/2], b[i/2:i], b[i:])
	}
}

// clean takes the indentation out of an expectation.
func clean(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func TestRequests(t *testing.T) {
	for _, c := range clientCases {
		t.Run(c.name, func(t *testing.T) { test(t, Client, nil, c.wire, clean(c.want)) })
	}
}

func TestResponses(t *testing.T) {
	for _, c := range serverCases {
		t.Run(c.name, func(t *testing.T) { test(t, Server, c.asked, c.wire, clean(c.want)) })
	}
}
