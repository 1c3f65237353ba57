package encode

import (
	"bytes"
	"hash/maphash"

	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/wire"
)

// memo remembers the text that heads became: of a response the whole head, as
// servers repeat theirs, a Date for a second at least; of a request the fields
// behind the request line, as clients send the same fields with every target.
// Deriving go-vcr's view is most of the work of writing a small exchange.
type memo struct {
	slots [64]derived
}

// derived is the text that follows from a head, or a request's fields.
type derived struct {
	key     []byte // the head, or the fields with the empty line
	framing http1.Framing
	request bool
	method  []byte // of the request, for a response
	proto   []byte // of a request

	before, after []byte // in go-vcr's block, around the body, up to a request's url
	host          []byte // of a request
	wire          []byte // under wire: the lines of key, and the framing
}

// maxMemo is the size of a head beyond which it is not remembered.
const maxMemo = 2 << 10

var memoSeed = maphash.MakeSeed()

// find returns the slot for what follows from key, and whether it has that. The
// slot is nil where m's text is not to be remembered.
func (o *memo) find(m *wire.Message, request bool, key []byte) (d *derived, known bool) {
	if len(key) == 0 || len(m.Head) > maxMemo || m.Trailer != nil {
		return nil, false
	}
	d = &o.slots[maphash.Bytes(memoSeed, key)%uint64(len(o.slots))]
	return d, d.is(m, request, key)
}

// is reports whether d was derived of key.
func (d *derived) is(m *wire.Message, request bool, key []byte) bool {
	return d != nil && d.framing == m.Framing && d.request == request && bytes.Equal(d.key, key)
}

// begin empties d for the texts that follow from key.
func (d *derived) begin(m *wire.Message, request bool, key []byte) {
	d.key = append(d.key[:0], key...)
	d.framing, d.request = m.Framing, request
	d.wire = d.wire[:0]
}

// around keeps the text around the body.
func (d *derived) around(before, after []byte) {
	d.before = append(d.before[:0], before...)
	d.after = append(d.after[:0], after...)
}

// requestFields returns the part of head behind the request line, where
// go-vcr's view follows from it but for the method and the URL: where the
// target has no host of its own.
func requestFields(head []byte) []byte {
	n := bytes.IndexByte(head, '\n') + 1
	method, target, _ := bytes.Cut(head[:n], []byte{' '})
	if len(method) == 0 || len(target) == 0 || target[0] != '/' || string(method) == "CONNECT" {
		return nil
	}
	return head[n:]
}
