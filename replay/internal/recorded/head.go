package recorded

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// RequestHead parses a request's head, or returns nil where it is none.
func RequestHead(head []byte) *http1.MessageHead {
	p := http1.Parser{Side: http1.Client}
	return only(&p, head)
}

// ResponseHead parses the head of a response to a request of that method, or
// returns nil where it is none. Upgrade says that the request asked to leave
// HTTP.
func ResponseHead(head []byte, method string, upgrade bool) *http1.MessageHead {
	p := http1.Parser{Side: http1.Server}
	p.Expect([]byte(method), upgrade)
	return only(&p, head)
}

func only(p *http1.Parser, head []byte) *http1.MessageHead {
	if ev, _ := p.Next(head); ev.Kind == http1.Head {
		return ev.Head
	}
	return nil
}

// RequestInfo is how a client asked, beyond what it asked for.
type RequestInfo struct {
	Expects100 bool // it waited for a 100 Continue
	OldClient  bool // it spoke HTTP/1.0
	Closes     bool // it asked for the connection to be closed after the response
}

// ReadRequestInfo returns how the recorded client of an interaction asked.
func ReadRequestInfo(it *cassettes.Interaction) RequestInfo {
	h := RequestHead(it.Request.Head)
	if h == nil {
		return RequestInfo{}
	}
	return RequestInfo{Expects100: h.Expect, OldClient: h.Minor == 0, Closes: h.Close}
}
