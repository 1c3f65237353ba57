package spool

import (
	"bytes"
	"io"
	"testing"
)

func TestSpoolReturnsWhatWasWritten(t *testing.T) {
	for _, size := range []int{0, 1, MemoryMax, MemoryMax + 1, 3 * MemoryMax} {
		want := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		var s Spool
		for piece := want; len(piece) > 0; {
			n := min(len(piece), 300_000)
			s.Write(piece[:n])
			piece = piece[n:]
		}
		for range 2 { // each reader begins at the start
			r, err := s.Open()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) || s.Size() != int64(size) {
				t.Errorf("%d bytes: read %d, %v; Size is %d", size, len(got), err, s.Size())
			}
		}
		s.Close()
	}
}
