package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

const secret = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"

// The scan of a stream finds a secret that turns cut in two, and leaves one within
// a turn to the scan of the text.
func TestSecretCutByTurnsIsFound(t *testing.T) {
	whole := `{"note":"` + secret + `"}`
	for cut := 1; cut < len(whole); cut++ {
		pieces := [][]byte{[]byte(whole[:cut]), []byte(whole[cut:])}
		inside := cut > strings.Index(whole, secret) && cut < strings.Index(whole, secret)+len(secret)
		if got := len(split(pieces)); inside && got == 0 || !inside && got > 0 {
			t.Errorf("%q: got %d findings; the cut is inside: %v", pieces, got, inside)
		}
	}
	if got := split([][]byte{[]byte(whole)}); got != nil {
		t.Errorf("one piece: got %v, want nothing", got)
	}
}

// A secret that a scalar breaks over two lines is found in the first of them; a
// broken mask is no secret.
func TestSecretBrokenOverLinesIsFound(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`body: "` + secret + `"`, "x.yaml:1: access token, 40 bytes\n"},
		{"body: \"a\\\n    b\\\n    c " + secret[:9] + "\\\n        " + secret[9:] + "\\\n  \\ d\"\n# " + secret, "x.yaml:3: access token, 40 bytes\nx.yaml:6: access token, 40 bytes\n"},
		{"body: \"{\\\"password\\\":\\\"***\\\n  *****\\\"}\"", ""},
		{"- a\\\\\n" + "- " + secret, "x.yaml:2: access token, 40 bytes\n"},
	} {
		t.Chdir(t.TempDir())
		if err := os.WriteFile("x.yaml", []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		s := scanner{w: &b}
		if err := s.text("x.yaml"); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestJoinerOmitsContinuedLineEnds(t *testing.T) {
	for in, want := range map[string]string{
		"a\\\n   b":       "ab",
		"a\\\n\\\n  \\ b": "a\\ b",
		"a\\\\\n b":       "a\\\\\n b",
		"a\\\\\\\n b":     "a\\\\b",
		"a\\n\\":          "a\\n\\",
		"\\\n":            "",
		"\\\n  ":          "",
		"":                "",
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "bytes": iotest.OneByteReader(strings.NewReader(in))} {
			j := newJoiner(r)
			got, err := io.ReadAll(j)
			if err != nil || string(got) != want {
				t.Errorf("%q (%s): got %q, %v; want %q", in, name, got, err, want)
			}
			if got, want := j.skippedBefore(j.off), strings.Count(in, "\n")-strings.Count(want, "\n"); got != want {
				t.Errorf("%q (%s): got %d lines left out, want %d", in, name, got, want)
			}
		}
	}
	if _, err := io.ReadAll(newJoiner(iotest.ErrReader(os.ErrClosed))); err != os.ErrClosed {
		t.Errorf("got %v, want the reader's error", err)
	}
}
