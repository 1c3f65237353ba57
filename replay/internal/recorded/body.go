package recorded

import (
	"io"

	"github.com/wiretape/wiretape/cassettes"
)

// BodyStart returns the first n bytes of a body, or all of a shorter one. The
// bytes may be the body's own: do not change them.
func BodyStart(b *cassettes.Body, n int64) ([]byte, error) {
	if _, ok := b.InFile(); !ok {
		return b.Data[:min(n, int64(len(b.Data)))], nil
	}
	r, err := b.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, n))
}

// NeedsFiles reports whether some of an interaction stands in files beside the
// cassette, so that playing it reads from a disk.
func NeedsFiles(it *cassettes.Interaction) bool {
	if it.Turns != nil && len(it.Turns.List) < it.Turns.Len() {
		return true
	}
	for _, m := range []*cassettes.Message{it.Request, it.Response} {
		if m == nil {
			continue
		}
		if _, ok := m.Body.InFile(); ok || len(m.Frames.List) < m.Frames.Len() {
			return true
		}
	}
	return false
}
