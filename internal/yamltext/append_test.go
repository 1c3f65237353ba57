package yamltext

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

// oddScalars are strings that YAML readers and writers are known to spoil.
var oddScalars = []string{
	"", "\n", "\n{}", "\tx\n", " ", "a: b", "- a", "#c", "null", "~", "yes", "No", "0x10", "1.41", "1e3", "2026-11-20",
	"'", `"`, `\`, "\\\n", "a\\\n  b", "\x00", "\x1b[0m", "\x7f", "\u0080", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff",
	"\ufffe", "\uffff", "\U0001fffe", "\ufffd", "\xff", "a\xc3", "\r\n", "a\rb", " x ", "\u202e", "é", "日本", "😀", "---", "...", "%YAML",
	"[a, b]", "{a: b}", "!!binary x", "&a", "*a", "? a", "|", ">", "@", "`", "=", "<<", "1_000", "+1", "-1", "-", ".5", ":", "a:", "a:/b", "http://a",
}

// FuzzScalars holds the emitter to yaml.v3 and to our own parser: whatever a
// string is, both read it back as it was, wherever it stands.
func FuzzScalars(f *testing.F) {
	var list [][]byte
	for _, s := range oddScalars {
		list = append(list, []byte(s))
	}
	for _, n := range []int{199, 201, 890, 899, 901, 2000} {
		list = append(list, bytes.Repeat([]byte("k"), n), bytes.Repeat([]byte("é"), n/2), bytes.Repeat([]byte{0xff}, n))
	}
	for _, s := range list {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		text := AppendScalar([]byte("block: "), s)
		text = AppendQuoted(append(text, "\nquoted: "...), s)
		text = AppendScalar(append(text, "\nflow: ["...), s)
		text = AppendScalar(append(text, ", "...), s)
		text = AppendScalar(append(text, "]\nmap: {a: "...), s)
		text = append(text, "}\nkeys:\n"...)
		text = AppendScalar(append(AppendKey(text, s, 2), ": ["...), s)
		text = append(text, "]\nbroken: "...)
		halves := []int64{int64(len(s) / 2), int64(len(s) - len(s)/2), 0}
		half := func(i int) (int64, bool) {
			if i == len(halves) {
				return 0, false
			}
			return halves[i], true
		}
		text = append(AppendLines(text, s, half, 2), '\n')
		if !utf8.Valid(text) {
			t.Fatalf("not UTF-8: %q", text)
		}
		var p Parser
		if err := p.Parse(text, 0, 1); err != nil {
			t.Fatalf("our parser: %v: %q", err, text)
		}
		theirs, err := Decode(text, Options{})
		if err != nil {
			t.Fatalf("yaml.v3: %v: %q", err, text)
		}
		for name, tr := range map[string]*Tree{"ours": &p.Tree, "yaml.v3's": theirs} {
			checkScalars(t, name, tr, 0, s)
		}
	})
}

// checkScalars checks that every scalar below at is s, known keys aside.
func checkScalars(t *testing.T, name string, tr *Tree, at int, s []byte) {
	t.Helper()
	known := map[string]bool{"block": true, "quoted": true, "flow": true, "map": true, "a": true, "keys": true, "broken": true}
	if tr.Kind(at) == Scalar {
		if got, err := tr.Bytes(at); err != nil || !bytes.Equal(got, s) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, s)
		}
		return
	}
	isKey := tr.Kind(at) == Mapping
	for c := range tr.Children(at) {
		if key, _ := tr.Bytes(c); !isKey || !known[string(key)] {
			checkScalars(t, name, tr, c, s)
		}
		if tr.Kind(at) == Mapping {
			isKey = !isKey
		}
	}
}
