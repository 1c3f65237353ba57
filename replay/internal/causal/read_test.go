package causal

import (
	"slices"
	"testing"

	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

// TestLongUploadHasFewEvents checks that a client's reads that follow each other
// are one event, however the upload was cut.
func TestLongUploadHasFewEvents(t *testing.T) {
	reads := tapetest.In(1, "PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
	for i := range 1000 {
		seq := int64(2 + i)
		if i >= 500 {
			seq++ // somebody else did something
		}
		reads = append(reads, tapetest.In(seq, "1\r\nx\r\n1\r\ny\r\n")...)
	}
	reads = append(reads, tapetest.In(1010, "0\r\n\r\n")...)
	e, err := Read(tapetest.Item(t, reads, tapetest.In(2000, "HTTP/1.1 204 No Content\r\n\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	want := []Event{{Seq: 501, Bytes: 1000}, {Seq: 1002, Bytes: 2000}, {Seq: 1010, Bytes: 2000}}
	if !slices.Equal(e.Client, want) {
		t.Errorf("got %d events, %v…, want %v", len(e.Client), e.Client[:min(5, len(e.Client))], want)
	}
}
