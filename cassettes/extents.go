package cassettes

import (
	"encoding/binary"
	"iter"
)

// extent is an item's place in the file.
type extent struct {
	session, id int
	off, n      int64
}

// compare orders items by session and id.
func (a extent) compare(b extent) int {
	if a.session != b.session {
		return a.session - b.session
	}
	return a.id - b.id
}

// extents is a list of extents, each kept as what sets it apart from the one
// before: five bytes, as a rule, so that a recorder may run for days.
type extents struct {
	blocks [][]byte
	last   extent
	mixed  bool // they are not in order, or do not stand one behind the other
}

// extentsBlock is the size of a block, in bytes.
const extentsBlock = 16 << 10

func (l *extents) add(x extent) {
	gap := x.off - l.last.off - l.last.n
	if len(l.blocks) > 0 && (gap != 0 || l.last.compare(x) >= 0) {
		l.mixed = true
	}
	last := len(l.blocks) - 1
	if last < 0 || cap(l.blocks[last])-len(l.blocks[last]) < 4*binary.MaxVarintLen64 {
		l.blocks = append(l.blocks, make([]byte, 0, extentsBlock))
		last++
	}
	b := binary.AppendVarint(l.blocks[last], int64(x.session-l.last.session))
	b = binary.AppendVarint(b, int64(x.id-l.last.id))
	b = binary.AppendVarint(b, gap)
	l.blocks[last] = binary.AppendVarint(b, x.n)
	l.last = x
}

// all returns the extents in the order in which they were added.
func (l *extents) all() iter.Seq[extent] {
	return func(yield func(extent) bool) {
		var x extent
		for _, b := range l.blocks {
			next := func() int64 {
				v, n := binary.Varint(b)
				b = b[n:]
				return v
			}
			for len(b) > 0 {
				x.session += int(next())
				x.id += int(next())
				x.off += x.n + next()
				x.n = next()
				if !yield(x) {
					return
				}
			}
		}
	}
}
