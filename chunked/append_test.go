package chunked

import (
	"math"
	"testing"
)

func TestAppend(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{string(AppendSize(nil, 0)), "0\r\n"},
		{string(AppendSize([]byte("x"), 0x3c)), "x3c\r\n"},
		{string(AppendSize(nil, MaxSize)), "fffffffffffffff\r\n"},
		{string(AppendChunk([]byte("x"), []byte("0123456789"))), "xa\r\n0123456789\r\n"},
		{string(AppendChunk([]byte("x"), nil)), "x"},
		{string(AppendBody(nil, []byte("hello"), Whole())), "5\r\nhello\r\n0\r\n"},
		{string(AppendBody(nil, []byte("hello"), Every(2))), "2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n"},
		{string(AppendBody(nil, []byte("hell"), Every(2))), "2\r\nhe\r\n2\r\nll\r\n0\r\n"},
		{string(AppendBody(nil, []byte("{}[]\r\n"), Records())), "2\r\n{}\r\n4\r\n[]\r\n\r\n0\r\n"},
		{string(AppendBody(nil, nil, Records())), "0\r\n"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestPlainAndParseSize(t *testing.T) {
	for _, test := range []struct {
		line  string
		size  int64 // -1: none
		plain bool
	}{
		{"0", 0, true},
		{"39", 57, true},
		{"fffffffffffffff", MaxSize, true},
		{"1000000000000000", -1, false},
		{"039", 57, false},
		{"00", 0, false},
		{"5E", 94, false},
		{"F", 15, false},
		{"A", 10, false},
		{"af", 175, true},
		{"5e;x", 94, false},
		{"5e ", 94, false},
		{"", -1, false},
		{"g", -1, false},
		{"5\r", -1, false},
		{"5\r\n", -1, false},
	} {
		if got := Plain([]byte(test.line)); got != test.plain {
			t.Errorf("Plain(%q) is %v", test.line, got)
		}
		got, err := ParseSize([]byte(test.line))
		if err != nil {
			got = -1
		}
		if got != test.size {
			t.Errorf("ParseSize(%q) is %d, %v, want %d", test.line, got, err, test.size)
		}
	}
	for size := int64(1); size < math.MaxInt64/16; size *= 15 {
		line := AppendSize(nil, size)
		line = line[:len(line)-2]
		if got, err := ParseSize(line); got != size || err != nil || !Plain(line) {
			t.Errorf("AppendSize(%d) is %q: ParseSize says %d, %v, Plain %v", size, line, got, err, Plain(line))
		}
	}
}
