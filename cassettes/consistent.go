package cassettes

import "bytes"

// consistent reports where the item at index at contradicts itself.
func (b *builder) consistent(it *Item, at int) {
	if b.err != nil {
		return
	}
	for _, side := range []struct {
		m   *Message
		key string
	}{{it.Request, "request"}, {it.Response, "response"}} {
		if side.m != nil {
			b.sameSize(side.m, b.lookup(b.lookup(at, "wire"), side.key), "wire."+side.key)
		}
	}
}

// sameSize compares the size of a message's body with that of its frames.
func (b *builder) sameSize(m *Message, at int, what string) {
	if m.Frames.file.name != "" {
		return // a verification reads it
	}
	var sum int64
	for _, f := range m.Frames.List {
		sum += f.Size
	}
	if n := m.Body.Size(); n > sum || n < sum-m.Missing {
		b.fail(at, "%s: frames add up to %d bytes, %d of them missing, and the body has %d; "+
			"cassette fmt makes frames of the body", what, sum, m.Missing, n)
	}
}

// sameView compares go-vcr's view of a message with what the head says.
func (b *builder) sameText(at int, what string, want []byte) {
	if at == 0 {
		return
	}
	if got := b.data(at); b.err == nil && !bytes.Equal(got, want) {
		b.fail(at, "%s is %q, the head under wire says %q; cassette fmt makes it so", what, got, want)
	}
}
