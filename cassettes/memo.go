package cassettes

import (
	"bytes"
	"hash/maphash"

	"github.com/wiretape/wiretape/internal/http1"
)

// memo remembers what heads became. Clients and servers repeat theirs, a Date
// for a second at least, and deriving go-vcr's view is most of the work of
// writing a small exchange.
type memo struct {
	slots [64]derived
}

// derived is the text that follows from a head.
type derived struct {
	head    []byte
	framing http1.Framing
	request bool
	method  string // of the request

	before, after []byte // in go-vcr's block, around the body
	wire          []byte // under wire: the head and the framing
}

// maxMemo is the size of a head beyond which it is not remembered.
const maxMemo = 2 << 10

var memoSeed = maphash.MakeSeed()

// find returns m's slot, and whether it has what was derived of m's head. The
// slot is nil where m's text is not to be remembered.
func (o *memo) find(m *Message) (d *derived, known bool) {
	if len(m.Head) > maxMemo || m.Trailer != nil {
		return nil, false
	}
	d = &o.slots[maphash.Bytes(memoSeed, m.Head)%uint64(len(o.slots))]
	return d, d.is(m)
}

// is reports whether d was derived of m's head.
func (d *derived) is(m *Message) bool {
	return d != nil && d.framing == m.Framing && bytes.Equal(d.head, m.Head)
}

// remember keeps what was derived of m's head.
func (d *derived) remember(m *Message, request bool, method string, before, after []byte) {
	if d == nil {
		return
	}
	d.head = append(d.head[:0], m.Head...)
	d.framing, d.request, d.method = m.Framing, request, method
	d.before = append(d.before[:0], before...)
	d.after = append(d.after[:0], after...)
	d.wire = d.wire[:0]
}
