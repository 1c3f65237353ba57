package library_test

import (
	"io/fs"
	"path"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/cassettes/library"
)

// Every cassette of the library verifies, and is labelled as its folder says.
func TestLibrary(t *testing.T) {
	n := 0
	err := fs.WalkDir(library.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".yaml" {
			return err
		}
		n++
		c, err := cassettes.Open(library.FS, name)
		if err != nil {
			t.Error(err)
			return nil
		}
		defer c.Close()
		for _, e := range cassettes.Verify(c) {
			t.Error(e)
		}
		if c.Torn != nil || c.Len() == 0 {
			t.Errorf("%s: %d interactions, torn: %v", name, c.Len(), c.Torn)
		}
		if got, want := c.Header.API.Product+"/v"+c.Header.API.Version, path.Dir(name); got != want {
			t.Errorf("%s: it is labelled %s, want %s", name, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatal("the library is empty")
	}
}
