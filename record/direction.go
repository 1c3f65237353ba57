package record

import (
	"time"

	"github.com/wiretape/wiretape/internal/http1"
)

// joinWindow is the longest time between two reads of one frame.
const joinWindow = time.Millisecond

// direction is the state of the bytes that one side sends.
type direction struct {
	parser http1.Parser
	last   read     // the previous one
	pieces []piece  // of an event that the parser has not completed
	open   *message // being received; nil between messages
	head   headMemo
	raw    bool   // its bytes are turns
	closed bool   // the side has closed
	rest   []byte // of the read being processed: the bytes not handled yet
}

// isIdle reports whether nothing of a message has come that is not complete.
func (d *direction) isIdle() bool { return !d.raw && d.open == nil && len(d.pieces) == 0 }

// begin begins a read or mark of the side.
func (d *direction) begin(e *entry) read {
	rd := read{seq: e.seq, at: e.at}
	rd.joined = rd.seq == d.last.seq+1 && rd.at-d.last.at <= joinWindow
	d.last, d.rest = rd, e.data
	return rd
}

// drain takes from the parser what it held back, which came in ps, and says how many
// bytes the current frame is missing.
func (d *direction) drain() (missing int64, held []byte, ps []piece) {
	missing = d.parser.Missing()
	held, ps = d.parser.Switch(), d.pieces
	d.pieces = nil
	return missing, held, ps
}
