// Package recorded answers questions about a recorded interaction: was it
// streamed, did its connection leave HTTP, how did it close, how far had its
// client come. Each question has one function, and every other package of
// replay asks it here.
//
//	if recorded.IsPlain(it, method) {
//		… // its response waits for its own request alone
//	}
//
// The functions are pure: they read the interaction and nothing else. One that
// has to read a body, frames or turns from a file takes an unreadable file for
// an empty one where it returns no error; the error comes again when the
// interaction is played.
package recorded

import (
	"slices"
	"strings"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// IsOrdered reports whether an interaction says in which order the bytes of its
// request and response came. One that go-vcr wrote does not; its response then
// follows its request.
func IsOrdered(it *cassettes.Interaction) bool {
	m := it.Response
	if m == nil || it.Request == nil {
		return true
	}
	first := m.Seq
	if len(m.Interim) > 0 {
		first = m.Interim[0].Seq
	}
	return first > it.Request.Seq
}

// LeavesHTTP reports whether the client left HTTP in an interaction, so that its
// connection carries no further requests: it was upgraded or hijacked, or never
// was HTTP. Bytes of the server's alone that were not understood do not count:
// the client may send its next request all the same.
func LeavesHTTP(it *cassettes.Interaction) bool {
	switch {
	case it.Response != nil && it.Response.Framing == http1.Stream, it.Request == nil:
		return true
	case it.Turns == nil:
		return false
	case len(it.Turns.List) == 0: // they are in a file
		return it.Turns.Len() > 0
	}
	return slices.ContainsFunc(it.Turns.List, func(t cassettes.Turn) bool { return t.Side == http1.Client && t.Mark == "" })
}

// IsPlain reports whether an interaction with that method changes nothing and
// was answered at once. A plain interaction waits for its own request alone, and
// nothing waits for it.
func IsPlain(it *cassettes.Interaction, method string) bool {
	return http1.IsSafe(method) && !IsStreaming(it)
}

// IsStreaming reports whether the server's bytes came over time: the connection
// left HTTP, or the response's head came in a read of its own, or a chunk began
// a later read.
func IsStreaming(it *cassettes.Interaction) bool {
	if LeavesHTTP(it) {
		return true
	}
	m := it.Response
	if m == nil || m.Framing != http1.Chunked && m.Framing != http1.Close {
		return false // a body of a known length takes several reads when it is long
	}
	before := cassettes.Segment{Frame: -1, Seq: m.Seq}
	for s, err := range m.Segments() {
		if err != nil {
			return false
		}
		later := s.Frame >= 0 && s.Seq != before.Seq
		switch {
		case !later:
		case m.Framing == http1.Close:
			return true
		case s.Frame != before.Frame && !(it.Timed && mayShareRead(&before, &s)):
			return true
		}
		before = s
	}
	return false
}

// JoinWait is the time that may pass between the pieces of a frame without a
// cassette noting a split: see cassettes.Split. What came within it may have been
// read as one.
const JoinWait = time.Millisecond

// CameApart reports whether s, of a response whose frames may be streamed, came so
// long after the segment before it that the client could read that by itself.
func CameApart(before, s *cassettes.Segment, timed bool) bool {
	switch {
	case s.Frame < 0 || s.Seq == before.Seq:
		return false
	case s.Frame == before.Frame: // a split with nothing between is one of time
		return s.Seq == before.Seq+1
	}
	return timed && s.Wait > JoinWait && !mayShareRead(before, s)
}

// mayShareRead reports whether s is the last chunk, and could have come in one
// read with the end of the chunk before it: that is how a body ends that was
// sent at once but is long.
func mayShareRead(before, s *cassettes.Segment) bool {
	return s.Len == 0 && before.Frame >= 0 && s.Wait <= time.Duration(s.Seq-before.Seq)*JoinWait
}

// IsWebSocket reports whether an interaction began a WebSocket (RFC 6455 section
// 4.2.2).
func IsWebSocket(it *cassettes.Interaction) bool {
	if it.Response == nil || it.Request == nil {
		return false
	}
	h, ok := http1.ParseResponseHead(it.Response.Head, []byte("GET"), true)
	return ok && h.Code == 101 && strings.EqualFold(string(h.Field("Upgrade")), "websocket")
}
