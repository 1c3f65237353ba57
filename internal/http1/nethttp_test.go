package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
)

// message is the first message of wire, as this package's parser sees it.
type message struct {
	head     MessageHead
	body     []byte
	complete bool
}

// first parses the first message, interim responses left out.
func first(side Side, asked []asking, wire []byte) (m message) {
	p := newFeed(side, asked).p
	for len(wire) > 0 {
		ev, n := p.Next(wire)
		switch ev.Kind {
		case Raw:
			return m
		case Head:
			m.head = *ev.Head
		case Body:
			m.body = append(m.body, ev.Data...)
		}
		if ev.End {
			m.complete = true
			return m
		}
		wire = wire[n:]
	}
	m.complete, _ = p.EOF()
	return m
}

// FuzzNetHTTPRequest checks that requests which net/http's server understands,
// too, have the same parts.
func FuzzNetHTTPRequest(f *testing.F) {
	addSeeds(f, clientCases)
	f.Fuzz(func(t *testing.T, wire []byte, _, _ uint, _ string) {
		got := first(Client, nil, wire)
		if !got.complete {
			return
		}
		want, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil {
			return
		}
		body, err := io.ReadAll(want.Body)
		if err != nil {
			return
		}
		h := got.head
		if string(h.Method) != want.Method || string(h.Target) != want.RequestURI || h.Minor != want.ProtoMinor {
			t.Errorf("%q: got %s %s 1.%d, net/http %s %s %s", wire, h.Method, h.Target, h.Minor, want.Method, want.RequestURI, want.Proto)
		}
		if !bytes.Equal(got.body, body) {
			t.Errorf("%q: got body %q, net/http %q", wire, got.body, body)
		}
		if h.Close != want.Close {
			t.Errorf("%q: got close %v, net/http %v", wire, h.Close, want.Close)
		}
	})
}

// FuzzNetHTTPResponse checks that responses which net/http's client
// understands, too, have the same parts.
func FuzzNetHTTPResponse(f *testing.F) {
	addSeeds(f, serverCases)
	f.Fuzz(func(t *testing.T, wire []byte, _, _ uint, initials string) {
		asked := askings(initials)
		if len(asked) == 0 {
			return
		}
		got := first(Server, asked, wire)
		if !got.complete {
			return
		}
		r := bufio.NewReader(bytes.NewReader(wire))
		req := &http.Request{Method: asked[0].method}
		want, err := http.ReadResponse(r, req)
		for err == nil && want.StatusCode/100 == 1 && want.StatusCode != 101 {
			want, err = http.ReadResponse(r, req)
		}
		if err != nil {
			return
		}
		body, err := io.ReadAll(want.Body)
		if err != nil {
			return
		}
		if got.head.Code != want.StatusCode || !bytes.Equal(got.body, body) {
			t.Errorf("%q: got %d %q, net/http %d %q", wire, got.head.Code, got.body, want.StatusCode, body)
		}
	})
}
