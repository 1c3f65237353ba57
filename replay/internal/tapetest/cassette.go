package tapetest

import (
	"path/filepath"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
)

// Cassette writes interactions to a cassette and opens it until the test ends.
func Cassette(t testing.TB, h cassettes.Header, items ...*cassettes.Interaction) *cassettes.Cassette {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tape.yaml")
	h.Upstream = "unix:///daemon.sock"
	w, err := cassettes.Create(path, h, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		it.ID, it.Session = w.NextID(), w.Session()
		if err := w.Append(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
