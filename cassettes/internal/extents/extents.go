package extents

import (
	"encoding/binary"
	"iter"
	"slices"
)

// Extent is an item's place in the file.
type Extent struct {
	Session, ID int   // of the item
	Off, Len    int64 // in bytes
}

// Compare orders items by session and id.
func (a Extent) Compare(b Extent) int {
	if a.Session != b.Session {
		return a.Session - b.Session
	}
	return a.ID - b.ID
}

// List is a list of extents, each kept as what sets it apart from the one
// before: five bytes, as a rule, so that a recorder may run for days.
type List struct {
	blocks [][]byte
	Last   Extent // the one added last
	Mixed  bool   // they are not in order, or do not stand one behind the other
}

// extentsBlock is the size of a block, in bytes.
const extentsBlock = 16 << 10

// Add adds the extent of the item appended next.
func (l *List) Add(x Extent) {
	gap := x.Off - l.Last.Off - l.Last.Len
	if len(l.blocks) > 0 && (gap != 0 || l.Last.Compare(x) >= 0) {
		l.Mixed = true
	}
	last := len(l.blocks) - 1
	if last < 0 || cap(l.blocks[last])-len(l.blocks[last]) < 4*binary.MaxVarintLen64 {
		l.blocks = append(l.blocks, make([]byte, 0, extentsBlock))
		last++
	}
	b := binary.AppendVarint(l.blocks[last], int64(x.Session-l.Last.Session))
	b = binary.AppendVarint(b, int64(x.ID-l.Last.ID))
	b = binary.AppendVarint(b, gap)
	l.blocks[last] = binary.AppendVarint(b, x.Len)
	l.Last = x
}

// All returns the extents in the order in which they were added.
func (l *List) All() iter.Seq[Extent] {
	return func(yield func(Extent) bool) {
		var x Extent
		for _, b := range l.blocks {
			next := func() int64 {
				v, n := binary.Varint(b)
				b = b[n:]
				return v
			}
			for len(b) > 0 {
				x.Session += int(next())
				x.ID += int(next())
				x.Off += x.Len + next()
				x.Len = next()
				if !yield(x) {
					return
				}
			}
		}
	}
}

// Sorted returns the items in order, of equal ones the last alone.
func (l *List) Sorted() []Extent {
	items := slices.Collect(l.All())
	slices.SortStableFunc(items, Extent.Compare)
	kept := items[:0]
	for i, it := range items {
		if i+1 < len(items) && it.Compare(items[i+1]) == 0 {
			continue
		}
		kept = append(kept, it)
	}
	return kept
}
