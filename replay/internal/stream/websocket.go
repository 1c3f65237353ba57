package stream

import (
	"encoding/binary"
)

// webSocket takes the masks off a client's frames (RFC 6455 section 5.2): they
// are random. It leaves bytes alone that are no frames.
type webSocket struct {
	head []byte // of a frame, as far as it has come
	key  [4]byte
	at   uint64 // of the payload
	left uint64
}

// unmask sets the masking keys in b to 0, and takes the masks off its payloads.
func (w *webSocket) unmask(b []byte) {
	if w == nil {
		return
	}
	for len(b) > 0 {
		if w.left > 0 {
			n := min(w.left, uint64(len(b)))
			for i := range b[:n] {
				b[i] ^= w.key[w.at&3]
				w.at++
			}
			w.left -= n
			b = b[n:]
			continue
		}
		w.head = append(w.head, b[0])
		size, masked := w.headSize()
		if masked && len(w.head) > size-4 && len(w.head) >= 2 {
			b[0] = 0
		}
		if b = b[1:]; len(w.head) == size {
			w.begin(size, masked)
		}
	}
}

// headSize returns how long the frame's head is, as far as that is known.
func (w *webSocket) headSize() (size int, masked bool) {
	if len(w.head) < 2 {
		return 2, false
	}
	size, masked = 2, w.head[1]&0x80 != 0
	switch w.head[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if masked {
		size += 4
	}
	return size, masked
}

// begin begins the payload after a head that is whole.
func (w *webSocket) begin(size int, masked bool) {
	w.at, w.key = 0, [4]byte{}
	if masked {
		copy(w.key[:], w.head[size-4:])
	}
	switch n := w.head[1] & 0x7f; n {
	case 126:
		w.left = uint64(binary.BigEndian.Uint16(w.head[2:]))
	case 127:
		w.left = binary.BigEndian.Uint64(w.head[2:])
	default:
		w.left = uint64(n)
	}
	w.head = w.head[:0]
}
