package replay

import (
	"bytes"
	"fmt"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/replay/internal/peek"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// StreamMatch says how closely a client must say in a stream what one said
// when it was recorded. How it cuts what it says is of no account.
type StreamMatch int

// Ways to match.
const (
	// MatchExact asks for the same bytes; others are a miss.
	MatchExact StreamMatch = iota
	// MatchLength asks for as many bytes; more are a miss.
	MatchLength
	// MatchAny asks for something: whatever the client says at once stands
	// for all that the recorded one said before the server's next turn.
	MatchAny
)

// ParseStreamMatch reads exact, length or any.
func ParseStreamMatch(s string) (StreamMatch, error) {
	for i, name := range []string{"exact", "length", "any"} {
		if s == name {
			return StreamMatch(i), nil
		}
	}
	return 0, fmt.Errorf("%q is neither exact nor length nor any", s)
}

// hearing compares what a client says in a stream with what was recorded, as
// far as the client goes: one that leaves early has said nothing wrong. After
// the first difference it only counts.
type hearing struct {
	how   StreamMatch
	turns peek.Sequence[cassettes.Turn]
	turn  []byte // of the recorded client's
	want  []byte // what of it is to be compared with next
	at    int64  // bytes compared
	over  bool   // nothing is compared any more
	ended bool   // the recorded client closed
	past  []byte // the last bytes compared, for people
	// looser says that MatchLength would have allowed what differs.
	looser bool

	mask   *redact.Lines // nil: nothing to mask
	socket [2]*webSocket // of the recorded client and this one; nil where it is no WebSocket
	buf    []byte
}

// newHearing returns the hearing of it. Stop it when it is done with.
func newHearing(it *cassettes.Interaction, how StreamMatch, mask *redact.Lines) *hearing {
	h := &hearing{how: how, mask: mask}
	if recorded.IsWebSocket(it) {
		h.socket = [2]*webSocket{new(webSocket), new(webSocket)}
	}
	h.turns = peek.New(it.Turns.All())
	return h
}

func (h *hearing) stop() {
	if h != nil {
		h.turns.Stop()
	}
}

// hear takes in what the client says next, and returns how far, in bytes of
// the recorded client, it has come, and what is wrong with it, if something is.
func (h *hearing) hear(b []byte, masked bool) (to int64, wrong string) {
	if h.how == MatchAny {
		return h.pass(), ""
	}
	h.buf = append(h.buf[:0], b...)
	if h.mask != nil && !masked {
		h.mask.Mask(h.buf)
		h.mask.Take()
	}
	h.socket[1].unmask(h.buf)
	before := h.over
	rest := h.compare(h.buf)
	if h.over && !before {
		wrong = h.explain(rest)
	}
	h.at += int64(len(rest))
	return h.at, wrong
}

// compare compares b with what is wanted, and returns what of it is not to be
// compared.
func (h *hearing) compare(b []byte) (rest []byte) {
	for len(b) > 0 && !h.over {
		if len(h.want) == 0 && !h.fill() {
			h.over = true
			break
		}
		n := min(len(b), len(h.want))
		if h.how == MatchExact && !bytes.Equal(b[:n], h.want[:n]) {
			h.over = true
			break
		}
		h.at += int64(n)
		h.past = tail(h.past, b[:n])
		b, h.want = b[n:], h.want[n:]
	}
	return b
}

// explain says what is wrong with b, of which compare has compared nothing, if
// something is: where the recording broke off, one cannot tell.
func (h *hearing) explain(b []byte) string {
	switch {
	case len(h.want) > 0:
		return h.differs(b)
	case h.ended:
		return h.follows(b)
	}
	return ""
}

// differ returns where a and b begin to differ.
func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// fill takes the recorded client's next turn, and reports whether it said
// more.
func (h *hearing) fill() bool {
	for {
		t, ok, err := h.turns.Peek()
		if err != nil || !ok {
			return false // an error is reported when it is played
		}
		if t.Side == http1.Client && t.Mark == "" {
			h.turn = append(h.turn[:0], t.Data...)
			h.want = h.turn
			h.socket[0].unmask(h.want)
			h.turns.Drop()
			return true
		}
		h.ended = h.ended || t.Side == http1.Client
		h.turns.Drop()
	}
}

// pass goes on to the end of what the recorded client said before the server's
// next turn.
func (h *hearing) pass() int64 {
	said := false
	for {
		t, ok, err := h.turns.Peek()
		if err != nil || !ok || said && t.Side == http1.Server {
			return h.at
		}
		if t.Side == http1.Client {
			h.at += int64(len(t.Data))
			said = said || t.Mark == ""
		}
		h.turns.Drop()
	}
}

// hear takes in bytes of the stream of x; masked says that they are.
func (c *conn) hear(x *exchange, b []byte, masked bool) {
	if x.probe {
		return
	}
	if x.heard == nil && x.item != nil && x.item.Turns != nil {
		if c.opener.mask == nil {
			c.opener.mask = c.srv.index.rules.Lines()
		}
		x.heard = newHearing(x.item, c.srv.StreamMatch, c.opener.mask)
	}
	to := x.live.Turns + int64(len(b))
	if x.heard != nil {
		var wrong string
		if to, wrong = x.heard.hear(b, masked); wrong != "" {
			c.misheard(x, wrong)
		}
	}
	c.advance(x, func(p *recorded.Point) { p.Turns = to })
}
