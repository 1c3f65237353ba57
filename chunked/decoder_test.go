package chunked

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// decode feeds pieces to a decoder, as a reader that reuses its buffer would.
// It returns notes of the results, the bytes rebuilt from them, and the error
// at the end.
func decode(pieces ...[]byte) (notes string, back []byte, err error) {
	var d Decoder
	var list []string
	var data []byte // data without a note yet
	partial, total := 0, 0
	for _, piece := range pieces {
		b := bytes.Clone(piece)
		for len(b) > 0 && err == nil {
			var kind Kind
			var n int
			kind, n, err = d.Next(b)
			total += n
			switch {
			case err != nil:
				if n != 0 {
					panic("bytes consumed with an error")
				}
			case n < 1:
				panic("nothing consumed")
			case kind == Partial:
				partial += n
			case kind == Line:
				back = append(append(back, d.Line()...), "\r\n"...)
				list = append(list, fmt.Sprintf("line %q %d", d.Line(), d.Size()))
			case kind == Data:
				back = append(back, b[:n]...)
				data = append(data, b[:n]...)
			case kind == End:
				back = append(back, "\r\n"...)
			}
			if kind != Partial {
				partial = 0
			}
			if kind == End {
				list = append(list, fmt.Sprintf("%q", data), "end")
				data = nil
			}
			if got := len(d.Pending()); err == nil && got != partial {
				panic(fmt.Sprintf("%d bytes pending, want %d", got, partial))
			}
			clear(b[:n])
			b = b[n:]
		}
	}
	back = append(back, d.Pending()...)
	if d.Offset() != int64(total) || len(back) != total {
		panic(fmt.Sprintf("consumed %d bytes, Offset %d, got back %d", total, d.Offset(), len(back)))
	}
	if len(data) > 0 {
		list = append(list, fmt.Sprintf("%q", data))
	}
	if d.Missing() > 0 {
		list = append(list, fmt.Sprintf("missing %d", d.Missing()))
	}
	if len(d.Pending()) > 0 {
		list = append(list, fmt.Sprintf("pending %q", d.Pending()))
	}
	if d.Done() {
		list = append(list, "done")
	}
	return strings.Join(list, "\n"), back, err
}

// splits calls f with b whole, in single bytes, and in every two and three
// pieces.
func splits(b []byte, f func(how string, pieces ...[]byte)) {
	f("whole", b)
	var single [][]byte
	for i := range b {
		single = append(single, b[i:i+1])
	}
	f("single bytes", single...)
	for i := range b {
		f("two pieces", b[:i], b[i:])
		f("three pieces", b[:i/2], b[i/2:i], b[i:])
	}
}

var decoderTests = []struct {
	name string
	wire string // the bytes understood, then, after |, the bytes not consumed
	want string
	err  string
}{{
	name: "chunks and the last chunk",
	wire: "5\r\nhello\r\n1\r\n \r\n0\r\n|\r\n",
	want: `line "5" 5; "hello"; end; line "1" 1; " "; end; line "0" 0; done`,
	err:  "EOF",
}, {
	name: "the trailer section is left alone",
	wire: "0\r\n|A: b\r\n\r\n",
	want: `line "0" 0; done`,
	err:  "EOF",
}, {
	name: "digits of either case, leading zeros",
	wire: "0000000000000000000aF\r\n" + data175 + "\r\n000\r\n|\r\n",
	want: `line "0000000000000000000aF" 175; "` + data175 + `"; end; line "000" 0; done`,
	err:  "EOF",
}, {
	name: "extensions and white space",
	wire: "1;a=\"b; c\\\"\"\r\nx\r\n2 \t;\r\nyz\r\n1 \r\nx\r\n0;\xff\t\r\n",
	want: `line "1;a=\"b; c\\\"\"" 1; "x"; end; line "2 \t;" 2; "yz"; end; line "1 " 1; "x"; end; line "0;\xff\t" 0; done`,
}, {
	name: "data that looks like coding",
	wire: "7\r\n0\r\n\r\n\r\n\r\n",
	want: `line "7" 7; "0\r\n\r\n\r\n"; end`,
}, {
	name: "cut in a size line",
	wire: "1f;x",
	want: `pending "1f;x"`,
}, {
	name: "cut in data",
	wire: "A\r\nabc",
	want: `line "A" 10; "abc"; missing 9`,
}, {
	name: "cut before the CRLF after data",
	wire: "3\r\nabc",
	want: `line "3" 3; "abc"; missing 2`,
}, {
	name: "cut in it",
	wire: "3\r\nabc\r",
	want: `line "3" 3; "abc"; missing 1; pending "\r"`,
}, {
	name: "the largest size",
	wire: "fffffffffffffff\r\n",
	want: `line "fffffffffffffff" 1152921504606846975; missing 1152921504606846977`,
}, {
	name: "a size too large",
	wire: "|1000000000000000\r\n",
	err:  `chunked: byte 15: want a size below 1<<60, got "1000000000000000"`,
}, {
	name: "no digit",
	wire: "|\r\n",
	err:  `chunked: byte 0: want a hexadecimal digit, got "\r"`,
}, {
	name: "a sign",
	wire: "|-1\r\n",
	err:  `chunked: byte 0: want a hexadecimal digit, got "-"`,
}, {
	name: "a prefix",
	wire: "|0x1\r\n",
	err:  `chunked: byte 1: want a hexadecimal digit, an extension or CRLF, got "0x"`,
}, {
	name: "white space before the size",
	wire: "| 1\r\n",
	err:  `chunked: byte 0: want a hexadecimal digit, got " "`,
}, {
	name: "two sizes",
	wire: "|1 1\r\n",
	err:  `chunked: byte 2: want an extension or CRLF, got "1 1"`,
}, {
	name: "a lone LF after the size",
	wire: "|1\nx\r\n",
	err:  `chunked: byte 1: want a hexadecimal digit, an extension or CRLF, got "1\n"`,
}, {
	name: "a lone LF in an extension",
	wire: "|1;a\nx\r\n",
	err:  `chunked: byte 3: want an extension ended by CRLF, got "1;a\n"`,
}, {
	name: "a lone CR after the size",
	wire: "|3\rabc\r\n",
	err:  `chunked: byte 2: want LF after CR, got "3\ra"`,
}, {
	name: "a lone CR in an extension",
	wire: "|1;a\rb\r\n",
	err:  `chunked: byte 4: want LF after CR, got "1;a\rb"`,
}, {
	name: "data longer than its size",
	wire: "3\r\nabc|d\r\n",
	want: `line "3" 3; "abc"; missing 2`,
	err:  `chunked: byte 6: want CRLF after the data of a chunk, got "d"`,
}, {
	name: "data longer than its size by one byte, and a lone LF",
	wire: "3\r\nabc|d\n",
	want: `line "3" 3; "abc"; missing 2`,
	err:  `chunked: byte 6: want CRLF after the data of a chunk, got "d"`,
}, {
	name: "a lone LF after data",
	wire: "3\r\nabc|\n0\r\n",
	want: `line "3" 3; "abc"; missing 2`,
	err:  `chunked: byte 6: want CRLF after the data of a chunk, got "\n"`,
}, {
	name: "a lone CR after data",
	wire: "3\r\nabc|\r0\r\n",
	want: `line "3" 3; "abc"; missing 1; pending "\r"`,
	err:  `chunked: byte 7: want LF after the CR that follows the data of a chunk, got "\r0"`,
}}

var data175 = strings.Repeat("0123456", 25)

func TestDecoder(t *testing.T) {
	for _, test := range decoderTests {
		t.Run(test.name, func(t *testing.T) {
			wire := []byte(strings.Replace(test.wire, "|", "", 1))
			splits(wire, func(how string, pieces ...[]byte) { checkDecode(t, how, test.want, test.wire, test.err, pieces) })
		})
	}
}

// checkDecode checks one way of feeding a test's bytes.
func checkDecode(t *testing.T, how, want, wire, wantErr string, pieces [][]byte) {
	t.Helper()
	notes, back, err := decode(pieces...)
	// The bytes that an error leaves pending depend on the pieces, and so does
	// the consumed part of the wrong line.
	understood, _, _ := strings.Cut(wire, "|")
	var syntax *SyntaxError
	switch {
	case errors.As(err, &syntax):
		notes, want = withoutState(notes), withoutState(want)
		if !bytes.HasPrefix(back, []byte(understood)) {
			t.Errorf("%s: got back %q, want %q", how, back, understood)
		}
	case string(back) != understood:
		t.Errorf("%s: got back %q, want %q", how, back, understood)
	}
	if got := strings.ReplaceAll(notes, "\n", "; "); got != want {
		t.Errorf("%s: got  %s\nwant %s", how, got, want)
	}
	if got := fmt.Sprint(err); got != wantErr && (err != nil || wantErr != "") {
		t.Errorf("%s: error %q, want %q", how, got, wantErr)
	}
}

// withoutState returns notes without the ones about unfinished things.
func withoutState(notes string) string {
	notes = strings.ReplaceAll(notes, "\n", "; ")
	for _, word := range []string{"missing", "pending"} {
		if i := strings.Index(notes, word); i >= 0 {
			notes = strings.TrimSuffix(notes[:i], "; ")
		}
	}
	return notes
}

func TestDecoderLimitsLines(t *testing.T) {
	line := "1;" + strings.Repeat("x", MaxLine-len("1;\r\n"))
	if notes, _, err := decode([]byte(line + "\r\n")); err != nil || !strings.HasPrefix(notes, "line") {
		t.Errorf("a line of MaxLine bytes: %s, error %v", notes, err)
	}
	want := "byte 4095: want a size line of at most 4096 bytes"
	long := []byte(line + "x\r\n")
	for cut := range long {
		_, _, err := decode(long[:cut], long[cut:])
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) || len(syntax.Line) != MaxLine {
			t.Fatalf("a line of MaxLine+1 bytes, cut at %d: error %v, want %s", cut, err, want)
		}
	}
}

func TestDecoderRepeatsErrors(t *testing.T) {
	var d Decoder
	_, _, first := d.Next([]byte("x"))
	_, n, second := d.Next([]byte("1\r\n"))
	if first == nil || first != second || n != 0 {
		t.Errorf("errors %v and %v, %d bytes consumed, want the same one and none", first, second, n)
	}
	d.Reset()
	if kind, n, err := d.Next([]byte("0\r\n\r\n")); kind != Line || n != 3 || err != nil {
		t.Errorf("after Reset: kind %d, %d bytes, error %v", kind, n, err)
	}
	d.Reset()
	d.Next([]byte("1"))
	if d.Reset(); len(d.Pending()) > 0 || d.Offset() != 0 {
		t.Errorf("after Reset: %q pending at %d", d.Pending(), d.Offset())
	}
	d.Next([]byte("0\r\n"))
	for range 2 {
		if _, n, err := d.Next([]byte("\r\n")); n != 0 || err != io.EOF {
			t.Errorf("after the last chunk: %d bytes, error %v, want io.EOF", n, err)
		}
	}
}

func TestDecoderDoesNotAllocate(t *testing.T) {
	var d Decoder
	wire := []byte("3c;some=extension\r\n" + strings.Repeat("x", 60) + "\r\n")
	allocs := testing.AllocsPerRun(100, func() {
		for _, part := range [][]byte{wire, wire[:5], wire[5:30], wire[30:]} {
			for len(part) > 0 {
				_, n, err := d.Next(part)
				if err != nil {
					t.Fatal(err)
				}
				part = part[n:]
			}
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations a run, want none", allocs)
	}
}
