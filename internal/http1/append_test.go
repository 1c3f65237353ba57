package http1

import (
	"slices"
	"testing"
)

func TestLines(t *testing.T) {
	for _, c := range []struct {
		head string
		want []string // nil: not canonical
	}{
		{"\r\n", []string{}},
		{"A: b\r\n\r\n", []string{"A: b"}},
		{"GET / HTTP/1.1\r\nA: b \r\nB:\r\n\r\n", []string{"GET / HTTP/1.1", "A: b ", "B:"}},
		{"", nil},
		{"GET / HTTP/1.1\r\n", nil},
		{"GET / HTTP/1.1\r\nA: b", nil},
		{"GET / HTTP/1.1\r\n\r\nx", nil},
		{"GET / HTTP/1.1\r\n\r\n\r\n", nil},
		{"\r\nGET / HTTP/1.1\r\n\r\n", nil},
		{"GET / HTTP/1.1\n\r\n", nil},
		{"GET / HTTP/1.1\r\nA: b\n\r\n", nil},
		{"GET / HTTP/1.1\r\nA: b\r\n\n", nil},
		{"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", nil},
		{"GET / HTTP/1.1\r\nA: b\r\r\n\r\n", nil},
		{"GET / HTTP/1.1\r\n\rA: b\r\n\r\n", nil},
	} {
		lines, ok := Lines([]byte(c.head))
		var got []string
		for _, line := range lines {
			got = append(got, string(line))
		}
		if ok != (c.want != nil) || !slices.Equal(got, c.want) {
			t.Errorf("Lines(%q) is %q, %v, want %q", c.head, got, ok, c.want)
		}
		if back := string(AppendHead([]byte("x"), got)); ok && back != "x"+c.head {
			t.Errorf("AppendHead(%q) is %q, want %q", got, back, "x"+c.head)
		}
	}
}

func TestAppendChunkLine(t *testing.T) {
	if got := string(AppendChunkLine([]byte("x"), "", 57)); got != "x39\r\n" {
		t.Errorf("plain line is %q", got)
	}
	if got := string(AppendChunkLine([]byte("x"), "0039;x=1", 57)); got != "x0039;x=1\r\n" {
		t.Errorf("custom line is %q", got)
	}
}

func TestStringsAreTheNamesInCassettes(t *testing.T) {
	for got, want := range map[string]string{
		Client.String(): "client", Server.String(): "server",
		None.String(): "none", Length.String(): "length", Chunked.String(): "chunked", Close.String(): "close", Stream.String(): "stream",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
