package har

import (
	"testing"
	"time"
)

func TestDurationUndoesMilliseconds(t *testing.T) {
	for _, d := range []time.Duration{0, time.Nanosecond, 1234567, time.Hour} {
		if got := Duration(Milliseconds(d)); got != d {
			t.Errorf("%v became %v", d, got)
		}
	}
	if got := Duration(-1); got != 0 {
		t.Errorf("an unknown time became %v, want 0", got)
	}
}

func TestHeadsHaveOneFieldALine(t *testing.T) {
	q := Request{Method: "GET", URL: "http://docker/info?a=b", HTTPVersion: "HTTP/1.1", Headers: []Pair{{"Host", "docker"}, {"X", ""}}}
	if got, want := string(q.Head()), "GET /info?a=b HTTP/1.1\r\nHost: docker\r\nX: \r\n\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s := Response{Status: 200, StatusText: "OK", HTTPVersion: "HTTP/1.1", Headers: []Pair{{"Content-Length", "0"}}}
	if got, want := string(s.Head()), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestURLsAreAbsoluteAndValid(t *testing.T) {
	for target, want := range map[string]string{
		"/info?a=b":   "http://docker/info?a=b",
		"http://x/y":  "http://x/y",
		"*":           "http://docker/",
		"docker:2375": "http://docker/", // CONNECT's
		"/a b":        "http://docker/a%20b",
		"/100%":       "http://docker/100%25",
	} {
		if got := absolute("http", "docker", target); got != want {
			t.Errorf("absolute(%q) = %q, want %q", target, got, want)
		}
	}
}
