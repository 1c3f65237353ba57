package wire

import (
	"encoding"
	"fmt"
	"testing"
)

func TestWordsAreReadBack(t *testing.T) {
	for _, test := range []struct {
		words []fmt.Stringer
		got   interface {
			encoding.TextUnmarshaler
			fmt.Stringer
		}
	}{
		{[]fmt.Stringer{Client, Server}, new(Side)},
		{[]fmt.Stringer{None, Length, Chunked, Close, Stream}, new(Framing)},
		{[]fmt.Stringer{Complete, Incomplete, NoEnd}, new(End)},
		{[]fmt.Stringer{EOF, FullClose, Reset, Unreachable}, new(Mark)},
	} {
		for _, word := range test.words {
			if err := test.got.UnmarshalText([]byte(word.String())); err != nil || test.got.String() != word.String() {
				t.Errorf("%T: %q came back as %q: %v", test.got, word, test.got, err)
			}
		}
		for _, bad := range []string{"", "Client", "chunked ", "7"} {
			if err := test.got.UnmarshalText([]byte(bad)); err == nil {
				t.Errorf("%T: %q is taken for %q", test.got, bad, test.got)
			}
		}
	}
}

func TestSegmentsCutAMessageWhereItsReadsBegan(t *testing.T) {
	m := Message{
		Seq: 3, Head: []byte("HTTP/1.1 200 OK\r\n\r\n"), Framing: Chunked,
		Frames: Frames{List: []Frame{{Size: 5, Seq: 4}, {Size: 2, Seq: 6}, {Seq: 6}}},
		Body:   Body{Data: []byte("helloyo")},
		Splits: []Split{{Frame: 0, Offset: 4, Seq: 5}},
		End:    Complete,
	}
	var got []string
	for s, err := range m.Segments() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %q", s.Seq, string(s.Before)+string(m.Body.Data[s.Off:s.Off+s.Len])+string(s.After)))
	}
	want := []string{`3 "HTTP/1.1 200 OK\r\n\r\n"`, `4 "5\r\nh"`, `5 "ello\r\n"`, `6 "2\r\nyo\r\n"`, `6 "0\r\n\r\n"`}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
