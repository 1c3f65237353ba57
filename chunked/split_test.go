package chunked

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// cutBody feeds pieces of a body to s and returns the chunks.
func cutBody(s Splitter, pieces ...[]byte) (chunks []string) {
	chunk := ""
	for _, b := range pieces {
		for len(b) > 0 {
			n, cut := s.Split(b)
			if n == 0 && (!cut || chunk == "") {
				panic("nothing consumed")
			}
			chunk += string(b[:n])
			b = b[n:]
			if cut {
				chunks = append(chunks, chunk)
				chunk = ""
			}
		}
	}
	if chunk != "" {
		chunks = append(chunks, chunk)
	}
	return chunks
}

// testSplitter checks that fresh splitters cut body, in any pieces, at the |
// in want.
func testSplitter(t *testing.T, name string, fresh func() Splitter, want string) {
	t.Helper()
	chunks := strings.Split(want, "|")
	if want == "" {
		chunks = nil
	}
	splits([]byte(strings.Join(chunks, "")), func(how string, pieces ...[]byte) {
		t.Helper()
		if got := cutBody(fresh(), pieces...); !slices.Equal(got, chunks) {
			t.Fatalf("%s, %s: got chunks %q, want %q", name, how, got, chunks)
		}
	})
}

func TestEvery(t *testing.T) {
	every := func(n int64) func() Splitter { return func() Splitter { return Every(n) } }
	testSplitter(t, "Every(1)", every(1), "a|b|c")
	testSplitter(t, "Every(0)", every(0), "a|b|c")
	testSplitter(t, "Every(2)", every(2), "ab|cd|e")
	testSplitter(t, "Every(3)", every(3), "abc|def")
	testSplitter(t, "Every(7)", every(7), "abcdef")
	testSplitter(t, "Whole", Whole, "abcdef")
	testSplitter(t, "Whole", Whole, "")
}

func TestRecords(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"nothing", ``},
		{"one value", `{"a":1}`},
		{"LF", "{}\n|{}\n"},
		{"CRLF", "{\"status\":\"Pulling\"}\r\n|{\"id\":\"1\"}\r\n"},
		{"no separator", `{"a":{"b":[{}]}}|{}|[]|[[]]|{}`},
		{"RFC 7464", "\x1e{}\n|\x1e\"a\"\n|\x1e1\n"},
		{"separator without LF", "\x1e{}|\x1e{}"},
		{"separators in a row", "\x1e\x1e{}\n|\x1e \n\x1e[]"},
		{"a record cut short", "\x1e{\"a\":\"b|\x1e{}\n|\x1e12|\x1enul|\x1e{}"},
		{"a record cut short between strings", "\x1e{\"a\":1,|\x1e{}"},
		{"white space", " \t\r\n{} |[] \t\r\n|\n\n{}\n|  \n"},
		{"values of all types", "{} |[] |\"s\" |1 |-0 |2.50 |-3e10 |4E-5 |6.7e+8 |true |false |null |\"\""},
		{"values of all types, lines", "{}\n|[]\n|\"s\"\n|1\n|-0\n|2.50\n|-3e10\n|true\n|false\n|null\n"},
		{"brackets in strings", `{"a":"}{][","b\"}":"\\"}|["\\\"]"]|"{"|"}"`},
		{"value types that need no separator", `"a"|"b"|{}|"c"|1|{}|true|[]|"d"|null|"e"`},
		{"numbers that run into each other", `{}|12-3{}{}`},
		{"names that run into each other", `{}|nulltrue{}{}`},
		{"leading zero", `01{}{}`},
		{"leading zero behind a sign", `-01{}{}`},
		{"signs and zeros", `-10 |-0 |-1 |0.0 |1e0 |0e1 |{}`},
		{"exponent without digits before it", `-e1 {}{}`},
		{"no digit after the point", `1.{}{}`},
		{"no digit in the exponent", "1e \n{}{}"},
		{"sign alone", "-\n{}{}"},
		{"misspelt name", "{}\n|nil\n{}\n{}\n"},
		{"text", "hello {} {}\n"},
		{"text after records", "{}\n|[]|oops\n{}\n{}\n"},
		{"text that begins with a number", "404 |page not found\n{}{}"},
		{"date", "2026-11-21 {}{}"},
		{"closed too often", "{}|}{}{}"},
		{"value that does not end", "{}\n|[{}\n{}\n"},
		{"string that does not end", "{}\n|\"{}\n{}\n"},
		{"separator in text", "text\x1e{}\x1e{}"},
		{"separator in a string", "\"a\\|\x1e{}"},
		{"not UTF-8", "{\"\xff\":\"\xfe\"}\n|{}"},
		{"binary", "\x00\x01{}{}"},
	} {
		testSplitter(t, test.name, Records, test.want)
	}
}

func TestSizes(t *testing.T) {
	body := "{}\n[1,2]\n\"x\""
	want := []int64{3, 6, 3}
	failed := errors.New("failed")
	sizes := func(name string, seq func(func(int64, error) bool), wantErr error) {
		t.Helper()
		var got []int64
		var err error
		for n, e := range seq {
			if err = e; e == nil {
				got = append(got, n)
			}
		}
		if !slices.Equal(got, want) || !errors.Is(err, wantErr) {
			t.Errorf("%s: got %v, error %v, want %v, error %v", name, got, err, want, wantErr)
		}
	}
	sizes("whole", Sizes(strings.NewReader(body), Records()), nil)
	sizes("single bytes", Sizes(iotest.OneByteReader(strings.NewReader(body)), Records()), nil)
	sizes("data with EOF", Sizes(iotest.DataErrReader(strings.NewReader(body)), Records()), nil)
	failing := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(body)))
	want = []int64{1}
	sizes("failing", Sizes(failing, Records()), iotest.ErrTimeout)
	want = nil
	sizes("empty", Sizes(strings.NewReader(""), Records()), nil)
	sizes("failing at once", Sizes(iotest.ErrReader(failed), Records()), failed)
	for n := range Sizes(strings.NewReader(body), Every(1)) {
		if n != 1 {
			t.Errorf("got size %d, want 1", n)
		}
		break
	}
}
