package replay

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/causal"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/issued"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/relay"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/spool"
	"github.com/wiretape/wiretape/replay/internal/stream"
)

// exchange is a live request with its answer, or a live stream. The reading
// goroutine fills it from top to bottom; the queue serves it.
type exchange struct {
	requestInfo
	request string       // method and target, masked, where a miss may need them
	group   *index.Group // the interactions that may answer it; nil: none
	refs    []issued.Ref // issued values that its target mentions
	traits  *index.Traits
	refusal *index.Refusal
	digest  *rule.Digest // of its body, as long as the body has to decide
	seen    index.Seen   // an interaction that may answer it
	late    *rule.Digest // of its body, which is compared although it was answered
	wire    *spool.Spool // the request so far, while digest decides, for a live server

	// The answer: a prepared one, else the plan of item, else a live server's.
	pos      int32  // of item
	claimed  bool   // item was unplayed before
	run      uint32 // in which item was claimed
	answer   *plan.Answer
	item     *cassettes.Interaction
	relay    *relay.Relay // passes the request to a live server
	missed   bool         // no interaction answers, for this reason
	reason   string
	prelude  []byte // interim responses, sent before the answer is known
	interims int    // their number
	deaf     bool   // a part of the connection that is no HTTP was recorded unanswered
	part     *causal.Part
	playback *playback // through the gate, once it has begun; nil: without the gate

	// Of a stream.
	stream bool          // the connection leaves HTTP with it
	match  *stream.Match // once the client has sent something
	probe  bool          // a TLS probe: any bytes match
	open   bool          // it may yet turn out to be another recorded connection

	// Once queued is set, the fields below are guarded by the connection's mutex.
	queued  bool
	matched bool           // the answer is known
	done    bool           // the answer has been written
	served  int64          // bytes of a plan that have left
	live    recorded.Point // how far the client has come
}

// requestInfo holds the facts about a request that no rule compares.
type requestInfo struct {
	repeatable bool // GET or HEAD: it changes nothing, and may be answered again
	headOnly   bool // HEAD: its response is a head alone
	close      bool // it wants the connection closed after the response
	oldClient  bool // it speaks HTTP/1.0
	expects100 bool // it waits for a 100 Continue
	upgrade    bool // it asks to leave HTTP
	key        string
}

// readRequestInfo returns how the client asked that sent h.
func readRequestInfo(h *http1.MessageHead) requestInfo {
	i := requestInfo{headOnly: string(h.Method) == "HEAD", close: h.Close, oldClient: h.Minor == 0, expects100: h.Expect, upgrade: h.Upgrade}
	i.repeatable = i.headOnly || string(h.Method) == "GET"
	if h.Upgrade {
		i.key = string(h.Field("Sec-WebSocket-Key"))
	}
	return i
}

// isCommon reports whether the request asks as most do, so that its answer can
// be given to other common requests.
func (x *exchange) isCommon() bool {
	return x.repeatable && !x.oldClient && x.interims == 0 && x.key == ""
}

// planOptions returns the options of x's plan.
func (x *exchange) planOptions(s *Server) plan.Options {
	return plan.Options{Splitter: s.Reframe.splitter, OldClient: x.oldClient, Interims: x.interims, WebSocketKey: x.key}
}

// untilTurns returns how many bytes of the request's body have still to come
// before the point from which the connection was recorded as turns, because one
// side was not understood. Ok is false where there is no such point.
func (x *exchange) untilTurns() (left int64, ok bool) {
	if x.item == nil || x.item.Turns == nil || x.item.Request == nil || x.item.Request.End != cassettes.Incomplete {
		return 0, false
	}
	return x.item.Request.Body.Size() - x.live.Body, true
}

// lacksRequest reports whether x is answered with the answer to a whole request
// and its own has not ended.
func (x *exchange) lacksRequest() bool {
	switch {
	case x.missed || x.live.Whole:
		return false
	case x.answer != nil: // prepared answers wait for the whole request
		return true
	}
	return x.item != nil && x.item.Request != nil && x.item.Request.End == cassettes.Complete && !recorded.AnswersEarly(x.item)
}

// tellGate tells the gate how far the client of x has come. The connection's
// mutex is not held: the gate's comes before it.
func (x *exchange) tellGate() {
	if x.part == nil {
		return
	}
	if bytes, more := x.reached(); more {
		x.part.Progress(bytes)
	} else {
		x.part.End()
	}
}

// reached returns how many bytes that can be a cause have come from the client,
// and whether more may come.
func (x *exchange) reached() (bytes int64, more bool) {
	switch p := x.live; {
	case p.Closed, p.Whole && !x.stream:
		return 0, false
	case x.stream:
		return p.Turns, true
	default:
		return p.Body, true
	}
}
