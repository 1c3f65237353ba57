package cassettes

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t testing.TB, path string) *Cassette {
	t.Helper()
	c, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestEveryShapeComesBackAndVerifies(t *testing.T) {
	want := samples(t)
	path := writeCassette(t, want...)
	c := open(t, path)
	if c.anyYAML != nil {
		t.Error("the scanner refused our own layout")
	}
	if c.Len() != len(want) {
		t.Fatalf("got %d items, want %d", c.Len(), len(want))
	}
	for i := range want {
		got, err := c.Interaction(i)
		if err != nil {
			t.Errorf("item %d: %v", i, err)
			continue
		}
		if d := cmp.Diff(want[i], got, sameItem); d != "" {
			t.Errorf("item %d: %s", i, d)
		}
	}
	for _, err := range Verify(c) {
		t.Errorf("verify: %v", err)
	}
	if t.Failed() {
		text, _ := os.ReadFile(path)
		t.Logf("%s", text)
	}
}
