package chunked

import (
	"slices"
	"strings"
	"testing"
)

// muxed returns a frame of Docker's multiplexed stream for each text, such as "1:out".
func muxed(frames ...string) string {
	var b strings.Builder
	for _, f := range frames {
		b.WriteString(string([]byte{f[0] - '0', 0, 0, 0, 0, 0, 0, byte(len(f) - 2)}) + f[2:])
	}
	return b.String()
}

func TestLines(t *testing.T) {
	testSplitter(t, "lines", Lines, "a\n|\n|b\r\n|c")
	testSplitter(t, "no line end", Lines, "abc")
	testSplitter(t, "nothing", Lines, "")
}

func TestEvents(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"LF", "data: a\ndata: b\n\n|: ping\n\n|id: 1\ndata\n\n"},
		{"CRLF", "data: a\r\ndata: b\r\n\r\n|data: c\r\n\r\n"},
		{"CR", "data: a\rdata: b\r\r|data: c\r\r"},
		{"CR, then a line", "data: a\r\r|data: b"},
		{"mixed", "data: a\r\n\n|data: b\n\r\n|data: c"},
		{"blank lines in a row", "a\n\n|\n|\n|b"},
		{"CRs in a row", "a\r\r|\r|\r|b"},
		{"an event cut short", "data: a\n\n|data: b"},
	} {
		testSplitter(t, test.name, Events, test.want)
	}
}

func TestMultiplexed(t *testing.T) {
	a, b, none := muxed("1:out"), muxed("2:error\n"), muxed("1:")
	testSplitter(t, "frames", Multiplexed, a+"|"+b+"|"+a)
	testSplitter(t, "an empty frame", Multiplexed, none+"|"+a)
	testSplitter(t, "a frame cut short", Multiplexed, a+"|"+b[:10])
	testSplitter(t, "a header cut short", Multiplexed, a+"|"+b[:5])
	testSplitter(t, "a terminal's output", Multiplexed, "root@box:/# ls\r\n\x01\x00\x00\x00\x00\x00\x00\x00")
	testSplitter(t, "text after frames", Multiplexed, a+"|error: text that is longer")
}

func TestJoined(t *testing.T) {
	join := func(s func() Splitter, n int) func() Splitter { return func() Splitter { return Joined(s(), n) } }
	testSplitter(t, "two records", join(Records, 2), "{}\n{}\n|[]{}|1")
	testSplitter(t, "one record", join(Records, 0), "{}|[]|{}")
	testSplitter(t, "two separated records", join(Records, 2), "\x1e{}\x1e1|\x1e{}\x1e[]")
	testSplitter(t, "more than there are", join(Lines, 9), "a\nb\n")
}

func TestShifted(t *testing.T) {
	shift := func(s func() Splitter, n int64) func() Splitter { return func() Splitter { return Shifted(s(), n) } }
	testSplitter(t, "into records", shift(Records, 1), "{|\"a\":1}\n{|}\n[|1]")
	testSplitter(t, "into separated records", shift(Records, 1), "\x1e|{}\x1e|1")
	a, b := muxed("1:out"), muxed("2:err")
	testSplitter(t, "into headers", shift(Multiplexed, 4), a[:4]+"|"+a[4:]+b[:4]+"|"+b[4:])
	testSplitter(t, "a chunk that is as short", shift(Lines, 2), "a\nbc|\nde|f\n")
	testSplitter(t, "a chunk that is shorter", shift(Lines, 3), "a\nbcd|e\n")
	testSplitter(t, "behind the end", shift(Lines, 9), "abc\nde")
}

func TestInsideEscapes(t *testing.T) {
	testSplitter(t, "escapes", InsideEscapes, `{"a\|n":"\|\\|"\|u00|e9"}`)
	testSplitter(t, "not hexadecimal", InsideEscapes, `\|u0x\|n`)
	testSplitter(t, "pair", InsideEscapes, `\|ud8|3d\|ude|00`)
	testSplitter(t, "last byte", InsideEscapes, `a\`)
}

func TestInsideRunes(t *testing.T) {
	testSplitter(t, "two, three and four bytes", InsideRunes, "a\xc3|\xa9b\xe2|\x82|\xacc\xf0|\x9f|\x98|\x80")
	testSplitter(t, "not UTF-8", InsideRunes, "\x80\xff\xc3a\xf0|\x9fb")
}

func TestInsideCRLF(t *testing.T) {
	testSplitter(t, "line ends", InsideCRLF, "a\r|\nb\n\r\r|\n")
}

func TestRandomChunksFollowTheSeed(t *testing.T) {
	body := []byte(strings.Repeat("0123456789", 100))
	first, again := cutBody(Random(7, 9), body), cutBody(Random(7, 9), body)
	if !slices.Equal(first, again) {
		t.Errorf("one seed cut into %d and %d chunks", len(first), len(again))
	}
	if other := cutBody(Random(8, 9), body); slices.Equal(first, other) {
		t.Error("two seeds cut alike")
	}
	seen := map[int]bool{}
	for _, c := range first {
		seen[len(c)] = true
	}
	for n := 1; n <= 9; n++ {
		if !seen[n] {
			t.Errorf("no chunk of %d bytes among %d", n, len(first))
		}
	}
	if seen[0] || seen[10] {
		t.Error("a chunk of 0 or 10 bytes")
	}
}
