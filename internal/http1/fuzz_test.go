package http1

import (
	"bytes"
	"slices"
	"testing"
)

// addSeeds adds the wires of cases as seeds and fails where there are none.
func addSeeds(f *testing.F, cases []parserCase) {
	f.Helper()
	if len(cases) == 0 {
		f.Fatal("no seeds")
	}
	for _, c := range cases {
		f.Add([]byte(c.wire), uint(len(c.wire)/2), uint(7), "")
		methods := ""
		for _, q := range c.asked {
			methods += q.method[:1]
			if q.upgrade {
				methods += "u"
			}
		}
		f.Add([]byte(c.wire), uint(0), uint(0), methods)
	}
}

// askings spells out requests from a string of their initials.
func askings(initials string) (asked []asking) {
	for _, c := range initials {
		switch {
		case c == 'u' && len(asked) > 0:
			asked[len(asked)-1].upgrade = true
		case c == 'H':
			asked = append(asked, asking{method: "HEAD"})
		case c == 'C':
			asked = append(asked, asking{method: "CONNECT"})
		case c == 'P':
			asked = append(asked, asking{method: "POST"})
		default:
			asked = append(asked, asking{method: "GET"})
		}
	}
	return asked
}

// checkLaws checks that any split of any bytes gives the same events, and that
// the bytes rebuilt from the events are the input. The feed checks every
// event.
func checkLaws(t *testing.T, side Side, asked []asking, wire []byte, offset, size uint) {
	offset %= uint(len(wire) + 1)
	pieces := slices.Collect(slices.Chunk(wire[offset:], int(size%1000)+1))
	want, back := run(side, asked, wire)
	if !bytes.Equal(back, wire) {
		t.Errorf("%q came back as %q", wire, back)
	}
	got, back := run(side, asked, append([][]byte{wire[:offset]}, pieces...)...)
	if !bytes.Equal(back, wire) {
		t.Errorf("in pieces: %q came back as %q", wire, back)
	}
	if got != want {
		t.Errorf("in pieces: got\n%s\nwant\n%s", got, want)
	}
}

func FuzzRequests(f *testing.F) {
	addSeeds(f, clientCases)
	f.Fuzz(func(t *testing.T, wire []byte, offset, size uint, _ string) {
		checkLaws(t, Client, nil, wire, offset, size)
	})
}

func FuzzResponses(f *testing.F) {
	addSeeds(f, serverCases)
	f.Fuzz(func(t *testing.T, wire []byte, offset, size uint, initials string) {
		checkLaws(t, Server, askings(initials), wire, offset, size)
	})
}

func FuzzLines(f *testing.F) {
	addSeeds(f, clientCases)
	f.Fuzz(func(t *testing.T, head []byte, _, _ uint, _ string) {
		lines, ok := Lines(head)
		if !ok {
			return
		}
		if got := AppendHead(nil, lines); !bytes.Equal(got, head) {
			t.Errorf("%q became %q", head, got)
		}
		for _, line := range lines {
			if len(line) == 0 || bytes.ContainsAny(line, "\r\n") || blank(line[0]) {
				t.Errorf("%q has the line %q", head, line)
			}
		}
	})
}
