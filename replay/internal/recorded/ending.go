package recorded

import (
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// closeSoon is the time after a response within which a recorded close belongs
// to it. A server that closes later had waited for a next request.
const closeSoon = 100 * time.Millisecond

// ClosesWithResponse reports whether the first recorded close after a response
// belongs to it: the close ended its body, was announced, or came at once. Any
// other close waits for the client to close, or to ask again. The interaction
// must have a close.
func ClosesWithResponse(it *cassettes.Interaction) bool {
	m := it.Response
	if m.End != cassettes.Complete || m.Framing == http1.Close {
		return true
	}
	if it.Timed && m.Closed[0].Wait <= closeSoon {
		return true
	}
	if len(m.Head) == 0 {
		return false
	}
	h, ok := http1.ParseResponseHead(m.Head, []byte("HEAD"), false)
	return ok && h.Close
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
