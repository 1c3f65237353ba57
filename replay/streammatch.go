package replay

import (
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/stream"
)

// hear takes in bytes of the stream of x; masked says that they are.
func (c *conn) hear(x *exchange, b []byte, masked bool) {
	if x.probe {
		return
	}
	if x.match == nil && x.item != nil && x.item.Turns != nil {
		if c.opener.mask == nil {
			c.opener.mask = c.srv.index.Rule.Masks().Lines()
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
