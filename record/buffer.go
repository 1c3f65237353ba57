package record

import "sync"

// Sizes of buffers in bytes: the first, and the next after a read has filled it. A
// read is written twice, to a file and to the other side; a larger buffer has left
// the CPU's cache by then.
const (
	smallBuffer = 64 << 10
	largeBuffer = 96 << 10
)

var (
	smallBuffers = sync.Pool{New: func() any { return new([smallBuffer]byte) }}
	largeBuffers = sync.Pool{New: func() any { return new([largeBuffer]byte) }}
)

// buffer is the buffer that a direction is read into.
type buffer struct {
	small *[smallBuffer]byte
	large *[largeBuffer]byte
	last  int // bytes of the last read
}

// next returns the buffer for the next read.
func (b *buffer) next() []byte {
	switch {
	case b.large != nil:
		return b.large[:]
	case b.small == nil:
		b.small = smallBuffers.Get().(*[smallBuffer]byte)
	case b.last == smallBuffer:
		b.free()
		b.large = largeBuffers.Get().(*[largeBuffer]byte)
		return b.large[:]
	}
	return b.small[:]
}

// free gives the buffers back.
func (b *buffer) free() {
	if b.small != nil {
		smallBuffers.Put(b.small)
	}
	if b.large != nil {
		largeBuffers.Put(b.large)
	}
	b.small, b.large = nil, nil
}
