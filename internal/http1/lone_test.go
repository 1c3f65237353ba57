package http1

import (
	"bytes"
	"fmt"
	"testing"
)

func TestParseHeadTakesOneWholeHead(t *testing.T) {
	const head = "GET /x HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
	for _, in := range []string{head, head + head, head + "rest"} {
		h, ok := ParseHead([]byte(in))
		if !ok || string(h.Raw) != head || string(h.Target) != "/x" || !h.Close || string(h.Field("host")) != "docker" {
			t.Errorf("ParseHead(%q) = %+v, %v", in, h, ok)
		}
	}
	for _, in := range []string{"", "GET", head[:len(head)-2], "HTTP/1.1 200 OK\r\n\r\n", "\x16\x03\x01"} {
		if h, ok := ParseHead([]byte(in)); ok {
			t.Errorf("ParseHead(%q) = %+v, want none", in, h)
		}
	}
}

func TestFramingOfLoneResponseDependsOnItsRequest(t *testing.T) {
	const sized = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
	const hijacked = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
	for _, test := range []struct {
		head, method string
		upgrade      bool
		want         Framing
	}{
		{sized, "GET", false, Length},
		{sized, "HEAD", false, None},
		{sized, "CONNECT", false, Stream},
		{hijacked, "GET", false, Close},
		{hijacked, "GET", true, Stream},
		{hijacked, "POST", false, Stream},
	} {
		h, ok := ParseResponseHead([]byte(test.head), []byte(test.method), test.upgrade)
		if !ok || h.Framing != test.want {
			t.Errorf("%q to %s, upgrade %v: framing %v, %v; want %v", test.head, test.method, test.upgrade, h.Framing, ok, test.want)
		}
	}
}

func TestSplitReadsEveryLineEnd(t *testing.T) {
	for _, test := range []struct {
		section  string
		hasStart bool
		start    string
		fields   []Field
	}{
		{"GET / HTTP/1.1\r\nA: 1\r\nB : 2 \r\n\r\n", true, "GET / HTTP/1.1", pairs("A", "1", "B", "2")},
		{"GET / HTTP/1.1\nA: 1\n\n", true, "GET / HTTP/1.1", pairs("A", "1")},
		{"\r\nGET / HTTP/1.1\r\nA: 1", true, "GET / HTTP/1.1", pairs("A", "1")},
		{"A: 1\r\n  more:\r\n\tand more\r\nno colon\r\nB:\r\n\r\n", false, "", pairs("A", "1 more: and more", "B", "")},
		{"", true, "", nil},
	} {
		in := []byte(test.section)
		start, fields := Split(in, test.hasStart)
		if string(start) != test.start || fmt.Sprintf("%q", fields) != fmt.Sprintf("%q", test.fields) {
			t.Errorf("Split(%q) = %q, %q; want %q, %q", test.section, start, fields, test.start, test.fields)
		}
		if !bytes.Equal(in, []byte(test.section)) {
			t.Errorf("Split changed %q into %q", test.section, in)
		}
	}
}

func pairs(list ...string) (fields []Field) {
	for i := 0; i < len(list); i += 2 {
		fields = append(fields, Field{[]byte(list[i]), []byte(list[i+1])})
	}
	return fields
}
