package recorded

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// ClosesWithResponse reports whether the first recorded close after a response
// belongs to it: the close ended its body or was announced. Any other close ended
// a connection on which the server could have been asked again. When it came does
// not count: a recorder may stall, and a cassette may have no times. The
// interaction must have a close.
func ClosesWithResponse(it *cassettes.Interaction) bool {
	m := it.Response
	if m.End != cassettes.Complete || m.Framing == http1.Close {
		return true
	}
	h, ok := responseHead(m)
	return ok && h.Close
}

// OffersReuse reports whether the server said that it would take another request
// on the connection.
func OffersReuse(it *cassettes.Interaction) bool {
	h, ok := responseHead(it.Response)
	return ok && (h.Field("Keep-Alive") != nil || bytes.EqualFold(h.Field("Connection"), []byte("keep-alive")))
}

// responseHead parses the head of a response, if there is one.
func responseHead(m *cassettes.Message) (h http1.MessageHead, ok bool) {
	if m == nil || len(m.Head) == 0 {
		return h, false
	}
	return http1.ParseResponseHead(m.Head, []byte("HEAD"), false)
}

// MayReset reports whether the server reset the connection in an interaction. It
// is true where that can be known only from a file.
func MayReset(it *cassettes.Interaction) bool {
	if it.Response != nil {
		for _, c := range it.Response.Closed {
			if c.Mark == cassettes.Reset {
				return true
			}
		}
	}
	if it.Turns == nil {
		return false
	}
	for _, t := range it.Turns.List {
		if t.Side == http1.Server && t.Mark == cassettes.Reset {
			return true
		}
	}
	return len(it.Turns.List) == 0 && it.Turns.Len() > 0 // they are in a file
}

// StopsInside reports whether an exchange stops within a message although the
// side that sent it had not closed: the recorder did not understand the rest.
// An exchange without a response stops inside, too.
func StopsInside(it *cassettes.Interaction) bool {
	if it.Turns == nil && (it.Response == nil || len(it.Response.Head) == 0) {
		return true
	}
	for _, m := range []*cassettes.Message{it.Request, it.Response} {
		if m != nil && m.End == cassettes.Incomplete && len(m.Closed) == 0 {
			return true
		}
	}
	return false
}
