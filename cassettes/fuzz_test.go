package cassettes

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/yaml.v3"

	"github.com/wiretape/wiretape/cassettes/internal/consistency"
	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// seeds adds seeds to a fuzz target, and fails where there are none.
func seeds(f *testing.F, list [][]byte) {
	f.Helper()
	if len(list) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range list {
		f.Add(s)
	}
}

// oddStrings are strings that YAML readers and writers are known to spoil.
var oddStrings = []string{
	"", "\n", "\n{}", "\tx\n", " ", "a: b", "- a", "#c", "null", "~", "yes", "No", "0x10", "1.41", "1e3", "2026-11-20",
	"'", `"`, `\`, "\\\n", "a\\\n  b", "\x00", "\x1b[0m", "\x7f", "\u0080", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff",
	"\ufffe", "\uffff", "\U0001fffe", "\ufffd", "\xff", "a\xc3", "\r\n", "a\rb", " x ", "\u202e", "é", "日本", "😀", "---", "...", "%YAML",
	"[a, b]", "{a: b}", "!!binary x", "&a", "*a", "? a", "|", ">", "@", "`", "=", "<<", "1_000", "+1", "-1", "-", ".5", ":", "a:", "a:/b", "http://a",
}

// choices makes decisions of bytes.
type choices struct{ data []byte }

func (c *choices) n(most int) int {
	if len(c.data) == 0 {
		return 0
	}
	v := int(c.data[0])
	c.data = c.data[1:]
	return v % (most + 1)
}

func (c *choices) bytes(most int) []byte {
	n := min(c.n(most), len(c.data))
	s := c.data[:n]
	c.data = c.data[n:]
	return bytes.Clone(s)
}

// item makes an item of the choices: any at all that a cassette can hold.
func (c *choices) item() *Interaction {
	it := &Interaction{ID: c.n(200), Session: c.n(2), Conn: c.n(9), Peer: c.n(2), Timed: c.n(1) == 1}
	shape := c.n(3)
	if shape > 0 {
		it.Request = c.message(it, int64(c.n(255)))
	}
	if shape > 1 {
		it.Response = c.message(it, it.Request.Seq+int64(c.n(3)))
	}
	if shape == 0 || shape == 3 {
		it.Turns = c.turns(it)
	}
	return it
}

func (c *choices) wait(it *Interaction) time.Duration {
	if !it.Timed {
		return 0
	}
	return []time.Duration{0, 1, 1500, 12417 * time.Microsecond, time.Second, 3*time.Hour + time.Nanosecond, 90 * time.Second}[c.n(6)]
}

func (c *choices) section() []byte {
	if c.n(3) == 0 {
		return append([]byte("x"), c.bytes(30)...)
	}
	s := []byte("GET /")
	for range c.n(3) {
		s = append(s, bytes.Trim(c.bytes(20), "\r\n")...)
		s = append(s, "\r\nA: "...)
	}
	return append(s, "\r\n\r\n"...)
}

func (c *choices) message(it *Interaction, seq int64) *Message {
	m := &Message{Seq: seq, Start: c.wait(it), Head: c.section(), End: []End{Complete, Incomplete, NoEnd}[c.n(2)]}
	m.Framing = []http1.Framing{http1.None, http1.Length, http1.Chunked, http1.Close, http1.Stream}[c.n(4)]
	for range c.n(2) {
		m.Interim = append(m.Interim, Interim{Seq: seq, Head: c.section()})
	}
	for range c.n(20) {
		piece := c.bytes(8)
		m.Body.Data = append(m.Body.Data, piece...)
		m.Frames.List = append(m.Frames.List, Frame{Size: int64(len(piece)), Seq: seq + int64(c.n(9)), Wait: c.wait(it)})
	}
	if n := len(m.Frames.List); n > 0 && c.n(3) == 0 {
		m.Missing = int64(c.n(5))
		m.Frames.List[n-1].Size += consistency.Lost(m)
	}
	if c.n(3) == 0 {
		m.Trailer = c.section()
	}
	if c.n(3) == 0 {
		m.ChunkLines = map[int]string{c.n(5): string(c.bytes(9)), 7: "7"}
	}
	for range c.n(2) {
		m.Closed = append(m.Closed, Closed{Mark: []Mark{EOF, FullClose, Reset}[c.n(2)], Seq: seq + int64(c.n(9)), Wait: c.wait(it)})
		m.Splits = append(m.Splits, Split{Frame: c.n(9) - 1, Offset: int64(c.n(200)), Seq: seq + int64(c.n(9))})
		m.Redacted = append(m.Redacted, Redaction{Where: []string{"head", "body", "trailer"}[c.n(2)], Index: c.n(9), Off: int64(c.n(99)), Len: int64(c.n(9))})
	}
	return m
}

func (c *choices) turns(it *Interaction) *Turns {
	t := &Turns{}
	if it.Request == nil {
		t.Start = c.wait(it)
	}
	for range c.n(9) {
		turn := Turn{Side: http1.Side(c.n(1)), Seq: int64(c.n(200)), Wait: c.wait(it)}
		if c.n(3) == 0 {
			turn.Mark = []Mark{EOF, FullClose, Reset}[c.n(2)]
		} else {
			turn.Data = c.bytes(20)
			turn.Size = int64(len(turn.Data))
		}
		t.List = append(t.List, turn)
	}
	return t
}

// FuzzItems writes interactions and reads them back in both ways and with go-vcr.
func FuzzItems(f *testing.F) {
	var list [][]byte
	for i := range 32 {
		var s []byte
		for j := range 300 {
			s = append(s, byte((i+3)*(j+7)*(j^i)>>2))
		}
		for _, odd := range oddStrings {
			s = append(s, odd...)
		}
		list = append(list, s)
	}
	seeds(f, list)
	f.Fuzz(func(t *testing.T, data []byte) {
		want := (&choices{data}).item()
		if encode.Check(want) != nil {
			return
		}
		header := testHeader()
		e := encode.Encoder{}
		e.Buf = appendHeader(nil, &header)
		e.Item(want)
		text := e.Buf
		if !utf8.Valid(text) {
			t.Fatalf("not UTF-8: %q", text)
		}
		for name, c := range bothWays(t, text) {
			got, err := c.Interaction(0)
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			if d := cmp.Diff(want, got, sameItem); d != "" {
				t.Fatalf("%s: %s\n%s", name, d, text)
			}
		}
		checkGoVCR(t, text, want)
	})
}

// bothWays opens a cassette by the scanner and by yaml.v3.
func bothWays(t *testing.T, text []byte) map[string]*Cassette {
	t.Helper()
	ways := make(map[string]*Cassette)
	for _, name := range []string{"scanner", "yaml.v3"} {
		c, err := openText(text, name == "yaml.v3")
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		if c.Len() != 1 || c.Torn != nil {
			t.Fatalf("%s: %d items, %v\n%s", name, c.Len(), c.Torn, text)
		}
		ways[name] = c
	}
	return ways
}

// openText opens a cassette; anyYAML forces the reading by yaml.v3. It is
// errLayout where the scanner refuses the layout.
func openText(text []byte, anyYAML bool) (*Cassette, error) {
	c := &Cassette{Name: "c.yaml", folder: fstest.MapFS{}, text: bytes.NewReader(text), size: int64(len(text))}
	read := func() error { return c.scan(64) }
	if anyYAML {
		read = c.loadAnyYAML
	}
	if err := read(); err != nil {
		return nil, err
	}
	c.order()
	return c, nil
}

func checkGoVCR(t *testing.T, text []byte, it *Interaction) {
	t.Helper()
	c := cassette.New("c")
	if err := yaml.Unmarshal(text, c); err != nil { // what cassette.Load does
		t.Fatalf("go-vcr: %v\n%s", err, text)
	}
	if it.Request != nil && c.Interactions[0].Request.Body != string(it.Request.Body.Data) {
		t.Errorf("go-vcr reads the request's body as %q, want %q", c.Interactions[0].Request.Body, it.Request.Body.Data)
	}
	if it.Response != nil && len(it.Response.Head) > 0 && c.Interactions[0].Response.Body != string(it.Response.Body.Data) {
		t.Errorf("go-vcr reads the response's body as %q, want %q", c.Interactions[0].Response.Body, it.Response.Body.Data)
	}
}

// FuzzLoaders holds the two ways of reading to each other, whatever the file.
func FuzzLoaders(f *testing.F) {
	var list [][]byte
	for _, it := range samples(f) {
		text, err := os.ReadFile(writeCassette(f, it))
		if err != nil {
			f.Fatal(err)
		}
		list = append(list, text, text[:len(text)-20])
	}
	list = append(list, []byte("---\nversion: 2\ninteractions: []\n"), []byte("---\nversion: 2\ninteractions:\n"))
	seeds(f, list)
	f.Fuzz(func(t *testing.T, text []byte) {
		sameByBothWays(t, text)
	})
}

func sameByBothWays(t *testing.T, text []byte) {
	t.Helper()
	ours, err := openText(text, false)
	if errors.Is(err, yamltext.ErrLayout) || len(text) == 0 {
		return // yaml.v3 decides alone
	}
	theirs, err2 := openText(text, true)
	if (err == nil) != (err2 == nil) {
		t.Fatalf("scanner: %v; yaml.v3: %v\n%s", err, err2, text)
	}
	if err == nil {
		sameCassette(t, ours, theirs)
	}
}

func sameCassette(t *testing.T, ours, theirs *Cassette) {
	t.Helper()
	if d := cmp.Diff(ours.Header, theirs.Header); d != "" {
		t.Fatalf("header: %s", d)
	}
	if (ours.Torn == nil) != (theirs.Torn == nil) || ours.Len() != theirs.Len() {
		t.Fatalf("scanner: %d items, %v; yaml.v3: %d items, %v\n%q", ours.Len(), ours.Torn, theirs.Len(), theirs.Torn, text(ours))
	}
	for i := range ours.Len() {
		if d := cmp.Diff(ours.Entry(i), theirs.Entry(i)); d != "" {
			t.Fatalf("entry: %s", d)
		}
		a, err := ours.Interaction(i)
		b, err2 := theirs.Interaction(i)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("item %d: scanner: %v; yaml.v3: %v", i, err, err2)
		}
		if d := cmp.Diff(a, b, sameItem); err == nil && d != "" {
			t.Fatalf("item %d: %s", i, d)
		}
		Verify(ours) // never panics
	}
}

// tokens are pieces of YAML that edits put into a cassette.
var tokens = []string{
	":", ": ", " ", "  ", "\n", "\n    ", "\n      ", "\\", "\\\n        ", "\"", "'", "#", " # x", "\n# x\n", "- ", "  - ", "[", "]", "{", "}", ", ",
	",\n          ", "? ", "!!binary ", "!!str ", "&a ", "*a", "|\n", ">\n", "~", "null", "\"\"", "0", "-1", "1.5", "0x1", "010", "true", "\t", "\r\n", "---\n",
	"...\n", "\\x41", "\\u00e9", "\\U0001F600", "\\ ", "\\/", "\\_", "\\N", "é", "\u2028", "\u0085", "<<: ", "wire:\n", "    wire:\n      conn: 1\n", "%", "@",
	"\n\n", "  - id: 0\n", "\"a\\\n    b\"", "1ms", "eof", "head", "seq: 1\n        ", "\xff", "\x00", "\ufeff",
}

// FuzzEdits is FuzzLoaders with edits of the kind that people make: tokens
// put in, pieces taken out, copied and moved.
func FuzzEdits(f *testing.F) {
	var files [][]byte
	for _, it := range samples(f) {
		text, err := os.ReadFile(writeCassette(f, it))
		if err != nil {
			f.Fatal(err)
		}
		files = append(files, text)
	}
	var list [][]byte
	for i := range len(files) * 4 {
		list = append(list, []byte{byte(i), 2, byte(i * 7), byte(i), byte(i * 3), byte(i), byte(3 * i), byte(5 * i), byte(i * 11), byte(i)})
	}
	seeds(f, list)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &choices{data}
		text := bytes.Clone(files[c.n(len(files)-1)])
		for range 1 + c.n(2) {
			at := min(c.n(255)<<4+c.n(255), len(text))
			switch n := min(c.n(40), len(text)-at); c.n(2) {
			case 0:
				text = bytes.Join([][]byte{text[:at], text[at:]}, []byte(tokens[c.n(len(tokens)-1)]))
			case 1:
				text = bytes.Join([][]byte{text[:at], text[at+n:]}, []byte(tokens[c.n(len(tokens)-1)]))
			default:
				text = bytes.Join([][]byte{text[:at+n], text[at:]}, nil)
			}
		}
		sameByBothWays(t, text)
	})
}

func text(c *Cassette) string {
	s, _ := io.ReadAll(io.NewSectionReader(c.text, 0, 1<<20))
	return string(s)
}
