package chunked

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"
)

// addSeeds adds seeds: a body or wire, and the offset where it is cut in two.
// It fails where there are none.
func addSeeds(f *testing.F, seeds []string) {
	f.Helper()
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, seed := range seeds {
		f.Add([]byte(seed), uint(len(seed)/2), uint(3))
	}
}

// pieces cuts b at an offset, and the rest into pieces of size bytes.
func pieces(b []byte, offset, size uint) [][]byte {
	offset %= uint(len(b) + 1)
	list := slices.Collect(slices.Chunk(b[offset:], int(size%1000)+1))
	return append([][]byte{b[:offset]}, list...)
}

// FuzzDecoder checks that the decoder finds the same things in any split of
// any bytes, gives every byte back, and finds the data that net/http finds.
func FuzzDecoder(f *testing.F) {
	var seeds []string
	for _, test := range decoderTests {
		seeds = append(seeds, strings.Replace(test.wire, "|", "", 1))
	}
	addSeeds(f, seeds)
	f.Fuzz(func(t *testing.T, wire []byte, offset, size uint) {
		notes, back, err := decode(wire)
		if !bytes.HasPrefix(wire, back) {
			t.Fatalf("%q came back as %q", wire, back)
		}
		notes2, back2, err2 := decode(pieces(wire, offset, size)...)
		var syntax, syntax2 *SyntaxError
		if errors.As(err, &syntax) && errors.As(err2, &syntax2) {
			if err.Error() != err2.Error() || !bytes.Equal(syntax.Line, syntax2.Line) {
				t.Errorf("in pieces: error %v, want %v", err2, err)
			}
			back2 = back2[:min(len(back), len(back2))]
			notes, notes2 = withoutState(notes), withoutState(notes2)
		} else if err != err2 {
			t.Errorf("in pieces: error %v, want %v", err2, err)
		}
		if notes != notes2 {
			t.Errorf("in pieces: got %s\nwant %s", notes2, notes)
		}
		if !bytes.Equal(back, back2) {
			t.Errorf("in pieces: came back as %q, want %q", back2, back)
		}
		if err == io.EOF {
			compareNetHTTP(t, back)
		}
	})
}

// compareNetHTTP compares the data of a whole body with what net/http decodes.
func compareNetHTTP(t *testing.T, wire []byte) {
	want, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(slices.Concat(wire, []byte("\r\n")))))
	if err != nil {
		return // it has limits of its own on zeros and extensions
	}
	var got []byte
	var d Decoder
	for b := wire; !d.Done(); {
		kind, n, err := d.Next(b)
		if err != nil {
			t.Fatal(err)
		}
		if kind == Data {
			got = append(got, b[:n]...)
		}
		b = b[n:]
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%q: got data %q, net/http %q", wire, got, want)
	}
}

// FuzzSplitters checks that a splitter cuts any body in the same places in any
// pieces, that AppendBody and Decoder undo each other, and that each value
// that encoding/json reads gets a chunk of its own.
func FuzzSplitters(f *testing.F) {
	addSeeds(f, []string{
		"{}\n[1,2]\r\n\"a\"true 1 -2.5e+7\n", "\x1e{}\n\x1e[]\n", `{"a":"}\""}{}`, "  \n", "text {}", "{}\nnot 1", "1 2\n3", "\x1e{\"a\":\x1e1",
		"data: a\r\n\r\ndata: \\u00e9\r\r:\n\n", "\x01\x00\x00\x00\x00\x00\x00\x02ab\x02\x00\x00\x00\x00\x00\x00\x00", "\xf0\x9f\x98\x80\xc3\xa9",
	})
	kinds := []func() Splitter{
		Whole, Records, Lines, Events, Multiplexed, InsideEscapes, InsideRunes, InsideCRLF,
		func() Splitter { return Every(7) },
		func() Splitter { return Random(1, 5) },
		func() Splitter { return Joined(Records(), 2) },
		func() Splitter { return Joined(InsideRunes(), 3) },
		func() Splitter { return Shifted(Records(), 1) },
		func() Splitter { return Shifted(Multiplexed(), 4) },
		func() Splitter { return Shifted(InsideCRLF(), 2) },
	}
	f.Fuzz(func(t *testing.T, body []byte, offset, size uint) {
		for _, fresh := range kinds {
			chunks := cutBody(fresh(), body)
			if got := cutBody(fresh(), pieces(body, offset, size)...); !slices.Equal(got, chunks) {
				t.Errorf("in pieces: got %q, want %q", got, chunks)
			}
			checkRoundTrip(t, body, AppendBody(nil, body, fresh()), chunks)
		}
		checkJSON(t, body, cutBody(Records(), body))
	})
}

// checkRoundTrip decodes wire and compares it with the chunks of body.
func checkRoundTrip(t *testing.T, body, wire []byte, chunks []string) {
	var d Decoder
	var got []byte
	n := 0
	for b := wire; len(b) > 0; {
		kind, used, err := d.Next(b)
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case Data:
			got = append(got, b[:used]...)
		case Line:
			if !Plain(d.Line()) {
				t.Errorf("size line %q is not plain", d.Line())
			}
			if want := 0; n < len(chunks) {
				want = len(chunks[n])
				if d.Size() != int64(want) {
					t.Errorf("chunk %d has %d bytes, want %d", n, d.Size(), want)
				}
			}
			n++
		}
		b = b[used:]
	}
	if !d.Done() || n != len(chunks)+1 || !bytes.Equal(got, body) {
		t.Errorf("decoded %q in %d chunks, want %q in %d", got, n, body, len(chunks)+1)
	}
}

// checkJSON compares the chunks of a body with the values that encoding/json
// reads from it, up to the first error.
func checkJSON(t *testing.T, body []byte, chunks []string) {
	d := json.NewDecoder(bytes.NewReader(body))
	end := 0
	for i := 0; ; i++ {
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return
		}
		after := int(d.InputOffset())
		word := bytes.IndexByte([]byte(`{["`), value[0]) < 0
		if word && after < len(body) && bytes.IndexByte([]byte(" \t\r\n{[\""), body[after]) < 0 {
			return // encoding/json lets a number or name end anywhere
		}
		for after < len(body) && white(body[after]) {
			after++
			if body[after-1] == '\n' {
				break
			}
		}
		if i >= len(chunks) || chunks[i] != string(body[end:after]) {
			t.Fatalf("%q: got chunks %q, want chunk %d to be %q", body, chunks, i, body[end:after])
		}
		end = after
	}
}
