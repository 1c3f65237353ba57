package foreign

import (
	"strings"
	"testing"
)

func TestFindSaysWhereTheFirstInteractionStands(t *testing.T) {
	for _, test := range []struct {
		head                   string
		start, indent, comment int
	}{
		{"version: 1\ninteractions:\n- a: 1\n", 25, 0, 0},
		{"interactions:\r\n    - a: 1\r\n", 15, 4, 0},
		{"interactions: \n\n# one\n  - a: 1\n", 22, 2, 3},
		{"x:\n  interactions:\n  - a: 1\n", -1, 0, 0},
		{"interactions: [{a: 1}]\n", -1, 0, 0},
		{"interactions:\n", -1, 0, 0},
		{"interactions:\n-\n  a: 1\n", -1, 0, 0},
	} {
		l, comment := Find([]byte(test.head))
		switch {
		case l == nil && test.start < 0:
		case l == nil || l.Start != int64(test.start) || l.Indent != test.indent || comment != test.comment:
			t.Errorf("%q: got %+v, comment in line %d", test.head, l, comment)
		}
	}
}

func TestTheListEndsAtALineFurtherLeft(t *testing.T) {
	l := &List{Indent: 2}
	for _, text := range []string{
		"  - a: 1\n    b: >\n      x\n\n|version: 1\n",
		"  - a: 1\n\n# of the list\n|x: 1\n",
		"  - a: 1\n|  c: 1\n",
		"  - a: 1|",
	} {
		if got := l.EndIn([]byte(strings.Replace(text, "|", "", 1))); got != strings.Index(text, "|") {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

func TestCommentsAboveTheNextInteractionAreIts(t *testing.T) {
	l := &List{Indent: 2}
	for _, text := range []string{
		"  - a: 1\n|  # next\n",
		"  - a: 1\n|# next\n  # next\n",
		"  - a: >\n      text\n      # text\n|",
		"  - a: 1\n  # its own\n    b: 2\n|",
	} {
		if got := l.CommentsIn([]byte(strings.Replace(text, "|", "", 1))); got != strings.Index(text, "|") {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

func TestShiftEndsTheLastLineAndLeavesEmptyOnes(t *testing.T) {
	for _, test := range []struct {
		text string
		n    int
		want string
	}{
		{"- a: 1\n\n  b: 2", 2, "  - a: 1\n\n    b: 2\n"},
		{"- a: 1\r\n\r\n", 1, " - a: 1\r\n\r\n"},
		{"- a: 1", 0, "- a: 1\n"},
		{"", 3, ""},
	} {
		if got := Shift([]byte(test.text), test.n); string(got) != test.want {
			t.Errorf("%q by %d: got %q, want %q", test.text, test.n, got, test.want)
		}
	}
}
