package replay

import (
	"fmt"

	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/stream"
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

// hear takes in bytes of the stream of x; masked says that they are.
func (c *conn) hear(x *exchange, b []byte, masked bool) {
	if x.probe {
		return
	}
	if x.match == nil && x.item != nil && x.item.Turns != nil {
		if c.opener.mask == nil {
			c.opener.mask = c.srv.index.rules.Lines()
		}
		x.match = stream.NewMatch(x.item, stream.Rule(c.srv.StreamMatch), c.opener.mask)
	}
	to := x.live.Turns + int64(len(b))
	if x.match != nil {
		var wrong *stream.Mismatch
		if to, wrong = x.match.Take(b, masked); wrong != nil {
			c.mismatched(x, wrong)
		}
	}
	c.advance(x, func(p *recorded.Point) { p.Turns = to })
}
