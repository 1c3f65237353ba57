package cassettes

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/wire"
)

// example is a code block of docs/format.md.
type example struct {
	kind, text string
	line       int
}

func examples(t *testing.T) (list []example) {
	t.Helper()
	text, err := os.ReadFile("../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?ms)^```([a-z ]+)\n(.*?)^```$").FindAllSubmatchIndex(text, -1) {
		list = append(list, example{string(text[m[2]:m[3]]), string(text[m[4]:m[5]]), 1 + strings.Count(string(text[:m[0]]), "\n")})
	}
	return list
}

// The encoder writes every example as it stands, and every example verifies.
func TestExamplesOfTheFormat(t *testing.T) {
	seen := map[string]int{}
	for _, e := range examples(t) {
		if e.kind == "text" { // a drawing
			continue
		}
		seen[e.kind]++
		header := "---\nversion: 2\nwire:\n  format: 1\n  source: recorded\n  redaction: []\ninteractions:\n"
		switch e.kind {
		case "yaml":
			checkExample(t, e, e.text)
		case "yaml header":
			checkExample(t, e, "---\nversion: 2\n"+e.text+"interactions:\n")
		case "yaml item":
			checkExample(t, e, header+e.text)
		case "frames", "turns":
			checkColumns(t, e)
		default:
			t.Errorf("format.md:%d: an example of an unknown kind, %q", e.line, e.kind)
		}
	}
	for kind, n := range map[string]int{"yaml": 1, "yaml header": 1, "yaml item": 2, "frames": 1, "turns": 1} {
		if seen[kind] < n {
			t.Errorf("found %d examples of kind %q", seen[kind], kind)
		}
	}
}

func checkExample(t *testing.T, e example, text string) {
	t.Helper()
	c, err := openText([]byte(text), false)
	if err != nil {
		t.Errorf("format.md:%d: %v", e.line, err)
		return
	}
	for _, err := range Verify(c) {
		t.Errorf("format.md:%d: %v", e.line, err)
	}
	out := encode.Encoder{}
	out.Buf = appendHeader(nil, &c.Header)
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			t.Fatal(err)
		}
		out.Item(it)
	}
	if string(out.Buf) != text {
		t.Errorf("format.md:%d: the encoder writes\n%s", e.line, out.Buf)
	}
}

// checkColumns checks that the lines of a file beside the cassette are read
// and written alike.
func checkColumns(t *testing.T, e example) {
	t.Helper()
	for line := range strings.Lines(e.text) {
		var out []byte
		var err error
		if e.kind == "turns" {
			var turn Turn
			turn, err = columns.ParseTurn([]byte(strings.TrimSuffix(line, "\n")), 7)
			out = columns.AppendTurn(nil, &turn, 7)
		} else {
			var l wire.FrameLine
			err = columns.ParseFrameLine(&l, []byte(strings.TrimSuffix(line, "\n")), 7)
			switch l.Kind {
			case wire.IsFrame:
				out = columns.AppendFrame(nil, l.Frame, 7)
			case wire.IsChunkLine:
				out = columns.AppendChunkLine(nil, string(l.ChunkLine))
			case wire.IsSplit:
				out = columns.AppendSplit(nil, l.Split, 7)
			}
		}
		if err != nil || string(out) != line {
			t.Errorf("format.md:%d: %q, %v: written again it is %q", e.line, line, err, out)
		}
	}
}

// Every key that the program reads or writes is in the specification, in
// quotes of its own.
func TestEveryKeyIsSpecified(t *testing.T) {
	spec, err := os.ReadFile("../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z_.]+)`").FindAllSubmatch(spec, -1) {
		key := string(m[1])
		words[key[strings.LastIndexByte(key, '.')+1:]] = true
	}
	keys := 0
	for _, file := range []string{"internal/decode/item.go", "internal/decode/lists.go", "read_header.go"} {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\t+case ((?:"[a-z_]+"(?:, )?)+):`).FindAllSubmatch(code, -1) {
			for _, quoted := range strings.Split(string(m[1]), ", ") {
				key := strings.Trim(quoted, `"`)
				if keys++; !words[key] && key != "http_interactions" {
					t.Errorf("%s: the key %q is not in docs/format.md", file, key)
				}
			}
		}
	}
	if keys < 40 {
		t.Errorf("found %d keys only", keys)
	}
}
