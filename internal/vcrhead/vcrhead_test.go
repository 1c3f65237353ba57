package vcrhead

import (
	"testing"

	"github.com/wiretape/wiretape/internal/http1"
)

func TestAHeadMadeFromGoVCRsKeysHasTheSameView(t *testing.T) {
	m := Message{
		Version: 2, Method: "POST", Host: "docker", ContentLength: 2, HasLength: true, Proto: "HTTP/1.1",
		Fields: []HeaderValue{{"Accept", "text/plain"}, {"Accept", "*/*"}, {"X-Odd", "a\r\nb"}},
		Body:   []byte("hi"),
	}
	f := m.RequestFraming()
	if f != http1.Length {
		t.Fatalf("framing is %s, want length", f)
	}
	var v View
	v.Parse(m.RequestHead(f, "/v1.41/images?all=1"), true)
	if got := string(v.AppendURL(nil)); got != "http://docker/v1.41/images?all=1" {
		t.Errorf("URL is %q", got)
	}
	if got := v.ContentLength(f, "", 0); got != 2 {
		t.Errorf("ContentLength is %d, want 2", got)
	}
	var got []string
	for _, f := range v.Fields {
		got = append(got, string(f.Name)+"="+string(f.Value))
	}
	want := []string{"Accept=text/plain", "Accept=*/*", "Content-Length=2", "Host=docker", "X-Odd=a  b"}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("fields are %q, want %q", got, want)
		}
	}
}

func TestSetKeepsTheBytesOfLinesThatDoNotChange(t *testing.T) {
	head := "GET / HTTP/1.1\r\nhost:  docker \r\naccept: a\nX: 1\r\n folded\r\naccept: b\r\n\r\n"
	s := SplitSection([]byte(head), true)
	if got := string(s.Bytes()); got != head {
		t.Fatalf("got %q, want %q", got, head)
	}
	s.Set("Accept", []string{"a", "c", "d"})
	want := "GET / HTTP/1.1\r\nhost:  docker \r\naccept: a\nX: 1\r\n folded\r\naccept: c\r\nAccept: d\r\n\r\n"
	if got := string(s.Bytes()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Set("Accept", nil)
	want = "GET / HTTP/1.1\r\nhost:  docker \r\nX: 1\r\n folded\r\n\r\n"
	if got := string(s.Bytes()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWithLengthChangesTheNumberAlone(t *testing.T) {
	head := []byte("HTTP/1.1 200 OK\r\ncontent-length:\t7 \r\n\r\n")
	if got := string(WithLength(head, 1234)); got != "HTTP/1.1 200 OK\r\ncontent-length:\t1234 \r\n\r\n" {
		t.Errorf("got %q", got)
	}
}
