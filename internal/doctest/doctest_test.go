package doctest

import (
	"reflect"
	"testing"
)

const sample = "# A heading, with `code`\n\n[a](x.md#b) and [c](https://d)\n\n" +
	"```console\n$ say \\\n  hello\nhello\n...\n$ be quiet\n```\n\n```python test.py\nprint(1)\n```\n"

func TestBlocksAndSteps(t *testing.T) {
	blocks := Blocks(sample)
	if len(blocks) != 2 || blocks[0].Language() != "console" || blocks[0].File() != "" || blocks[1].File() != "test.py" {
		t.Fatalf("Blocks = %+v", blocks)
	}
	want := []Step{{"say \\\n  hello\n", "hello\n...\n", 6}, {"be quiet\n", "", 10}}
	if got := Steps(blocks[0]); !reflect.DeepEqual(got, want) {
		t.Errorf("Steps = %+v, want %+v", got, want)
	}
}

func TestLinksAndAnchors(t *testing.T) {
	if got, want := Links(sample), []string{"x.md#b", "https://d"}; !reflect.DeepEqual(got, want) {
		t.Errorf("Links = %q, want %q", got, want)
	}
	if !Anchors(sample)["a-heading-with-code"] {
		t.Errorf("Anchors = %v", Anchors(sample))
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		want, got string
		match     bool
	}{
		{"one\n", "one\n", true},
		{"in 12 ms\n", "in 7.5 ms\n", true},
		{"a\n...\nz\n", "a\nb\nc\nz\n", true},
		{"a\n...\nz\n", "a\nz\n", true},
		{"a\nz\n", "a\nb\nz\n", false},
		{"say...\nz\n", "say more\nz\n", true},
		{"say...\nz\n", "say more\nand more\nz\n", false},
		{"one\n", "two\n", false},
	} {
		if got := Matches(c.want, c.got); got != c.match {
			t.Errorf("Matches(%q, %q) = %v", c.want, c.got, got)
		}
	}
}
