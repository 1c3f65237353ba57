package shell

import (
	"os/exec"
	"strings"
	"testing"
)

// words are words that a shell would change if they were not quoted.
var words = []string{
	"", "plain", "--flag=value", "a b", "it's", `back\slash`, "$HOME", "`id`", "*", "~", "a;b", "(x)",
	"line\nbreak", "#comment", "é", "!!", "a&b", "{a,b}", `"`,
}

func TestShellReadsQuotedWordsAsTheyWere(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	out, err := exec.Command(sh, "-c", `for w in `+Join(words)+`; do printf '%s\0' "$w"; done`).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), strings.Join(words, "\x00")+"\x00"; got != want {
		t.Errorf("the shell reads %q, want %q", got, want)
	}
}

func TestPlainWordsStayUnquoted(t *testing.T) {
	for _, w := range []string{"replay", "flow.yaml", "--ignore-query", "$", "a b"} {
		quoted := Quote(w) != w
		if want := strings.ContainsAny(w, "$ "); quoted != want {
			t.Errorf("Quote(%q) is %q; is it quoted: %v, want %v", w, Quote(w), quoted, want)
		}
	}
}
