//go:build !race

package record

import (
	"testing"

	"github.com/wiretape/wiretape/internal/http1"
)

// Under the race detector pools drop items at random: exchanges then allocate.

// TestExchangesDoNotAllocate counts over many exchanges like those before them,
// and their way into the cassette.
func TestExchangesDoNotAllocate(t *testing.T) {
	l := newTestLink(t)
	request, answer := []byte(benchRequest), []byte(benchAnswer)
	exchange := func() {
		l.took(l.logRead(http1.Client, request, ""))
		l.took(l.logRead(http1.Server, answer, ""))
	}
	for range 2000 {
		exchange() // until buffers and pools are full
	}
	if n := testing.AllocsPerRun(1000, exchange); n != 0 {
		t.Errorf("an exchange allocates %v times", n)
	}
}
