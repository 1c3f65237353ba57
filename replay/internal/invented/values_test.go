package invented_test

import (
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/invented"
	"github.com/wiretape/wiretape/replay/internal/tape"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

const (
	ofServer = "5ea1c0de77aa"
	ofClient = "9490aefecc03"
	live     = "dace77305412"
	other    = "444c12dfbc1a"
)

func answering(text string) string { return "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + text }

// values are those of a recording in which an answer of one connection shows the
// server's value before, or after, a request on another one has it.
func values(t *testing.T, shownAt int64) *invented.Values {
	asks := tapetest.Item(t, tapetest.In(1, "GET /events HTTP/1.1\r\n\r\n"), tapetest.In(shownAt, answering(ofServer)))
	makes := tapetest.Item(t, tapetest.In(3, "POST /a HTTP/1.1\r\nContent-Length: 25\r\n\r\n"+ofServer+" "+ofClient), tapetest.In(9, answering(ofClient)))
	return invented.New(tape.New([]*cassettes.Cassette{tapetest.Cassette(t, cassettes.Header{}, asks, makes)}))
}

func TestServersValuesCount(t *testing.T) {
	for _, tt := range []struct {
		name    string
		shownAt int64
		pairs   []invented.Pair
		fresh   int
		fits    bool
	}{
		{"the client's", 2, []invented.Pair{{ofClient, live}}, 1, true},
		{"shown before", 2, []invented.Pair{{ofServer, live}}, 0, false},
		{"shown after", 5, []invented.Pair{{ofServer, live}}, 1, true},
		{"a live value of the recording", 2, []invented.Pair{{ofClient, ofServer}}, 0, false},
		{"two at once", 5, []invented.Pair{{ofClient, live}, {ofServer, other}}, 2, true},
		{"one of two", 2, []invented.Pair{{ofClient, live}, {ofServer, other}}, 0, false},
		{"part of a name", 2, []invented.Pair{{"x-" + ofServer, "x-" + live}}, 0, false},
	} {
		fresh, fits := values(t, tt.shownAt).Fits(tt.pairs)
		if fresh != tt.fresh || fits != tt.fits {
			t.Errorf("%s: %d, %v, want %d, %v", tt.name, fresh, fits, tt.fresh, tt.fits)
		}
	}
}

func TestValuesStayBound(t *testing.T) {
	v := values(t, 2)
	v.Bind([]invented.Pair{{ofClient, live}})
	for _, tt := range []struct {
		pair  invented.Pair
		fresh int
		fits  bool
	}{
		{invented.Pair{Recorded: ofClient, Live: live}, 0, true},
		{invented.Pair{Recorded: ofClient, Live: other}, 0, false},
		{invented.Pair{Recorded: "86a1f2cb04f5", Live: live}, 0, false},
		{invented.Pair{Recorded: "86a1f2cb04f5", Live: other}, 1, true},
	} {
		if fresh, fits := v.Fits([]invented.Pair{tt.pair}); fresh != tt.fresh || fits != tt.fits {
			t.Errorf("%v: %d, %v, want %d, %v", tt.pair, fresh, fits, tt.fresh, tt.fits)
		}
	}
	v.Reset()
	if _, fits := v.Fits([]invented.Pair{{Recorded: ofClient, Live: other}}); !fits {
		t.Error("a value is bound after a reset")
	}
}
