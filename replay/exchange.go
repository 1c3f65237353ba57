package replay

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/causal"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/issued"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/spool"
	"github.com/wiretape/wiretape/replay/internal/stream"
)

// exchange is a live request with its answer, or a live stream.
type exchange struct {
	again   bool // the request may be answered again: it changes nothing
	bare    bool // it is a HEAD, whose answer is a head alone
	close   bool // the client wants the connection closed after the answer
	old     bool // the client speaks HTTP/1.0
	expect  bool // the client waits for a 100 Continue
	upgrade bool // the client asks to leave HTTP
	missed  bool // nothing answers, for this reason
	reason  string

	group   *index.Group
	wire    *spool.Spool // as much of it as has come, while digest decides
	relay   *relay       // what puts it to a live server; nil: nothing
	refs    []issued.Ref // issued values that its target mentions
	digest  *rule.Digest // of the body, where it is to decide
	request string       // method and target, masked, where a miss may need them

	// What it is answered with: an answer, else the plan of item.
	pos      int32
	plays    bool // it is not one that was played before
	answer   *plan.Answer
	item     *cassettes.Interaction
	stream   bool   // the connection leaves HTTP with it
	interims int    // number of interim responses in prelude
	prelude  []byte // sent before the answer is known

	part *causal.Part // what it has to do with others; nil: nothing
	show *performance // through the gate, once it has begun; nil: plainly

	probe bool          // a TLS probe: whatever it holds
	match *stream.Match // of its client's stream, once it has sent something
	key   string        // Sec-WebSocket-Key

	open bool // it is a connection that may yet become another, see follow

	// Once queued is set, what follows is guarded by the connection's mutex.
	queued  bool
	matched bool           // it is known what it is answered with
	done    bool           // its answer has been written
	served  int64          // bytes of a plan that have left
	live    recorded.Point // how far the client has come
}

// untilTurns returns how much of the request's body has still to come before
// the connection was recorded as turns, because a side was not understood.
func (x *exchange) untilTurns() (left int64, ok bool) {
	if x.item == nil || x.item.Turns == nil || x.item.Request == nil || x.item.Request.End != cassettes.Incomplete {
		return 0, false
	}
	return x.item.Request.Body.Size() - x.live.Body, true
}

// wantsAll reports whether what x is answered with was an answer to a whole
// request, and x is none yet.
func (x *exchange) wantsAll() bool {
	switch {
	case x.missed || x.live.Whole:
		return false
	case x.answer != nil: // they all wait for the request
		return true
	}
	return x.item != nil && x.item.Request != nil && x.item.Request.End == cassettes.Complete && !recorded.AnswersEarly(x.item)
}
