// Package beside has the names of the files beside a cassette: bodies, and lists of
// frames and turns that are too long for it (docs/format.md, Files).
package beside

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/wire"
)

// Folder returns the name of the folder of a cassette's files, beside the cassette
// named base. No two cassettes have the same one.
func Folder(base string) string {
	if name, ok := strings.CutSuffix(base, ".yaml"); ok {
		return name + ".bodies"
	}
	return base + "-bodies"
}

// written matches the names that a Writer gives to files.
var written = regexp.MustCompile(`^[0-9]+-(request|response|client|server|client-frames|server-frames|turns)(\.[0-9]+)?$`)

// Names are names of files, relative to the cassette's folder.
type Names map[string]bool

// Add adds the files that it refers to.
func (n Names) Add(it *wire.Interaction) {
	body := func(b *wire.Body) {
		if b.File != nil {
			n[b.File.Name()] = true
		}
	}
	for m := range it.Messages() {
		body(&m.Body)
		if m.Frames.File != nil {
			n[m.Frames.File.Name()] = true
		}
	}
	if t := it.Turns; t != nil {
		if t.File != nil {
			n[t.File.Name()] = true
		}
		body(&t.Data[0])
		body(&t.Data[1])
	}
}

// AddFolder adds all regular files below a folder of fsys, which need not exist.
func (n Names) AddFolder(fsys fs.FS, folder string) error {
	return fs.WalkDir(fsys, folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n[name] = true
		}
		return ignoreNotExist(err)
	})
}

// Sorted returns the names in order.
func (n Names) Sorted() []string { return slices.Sorted(maps.Keys(n)) }

// Written returns the files in a folder of fsys that a Writer named, in order. The
// folder need not exist.
func Written(fsys fs.FS, folder string) (names []string, err error) {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return nil, ignoreNotExist(err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() && written.MatchString(e.Name()) {
			names = append(names, folder+"/"+e.Name())
		}
	}
	return names, nil
}

// Remove removes those files in a folder that a Writer named and that are
// superfluous, and the folder where it is empty then. It returns the names of those
// that it removed, also with an error.
func Remove(root *os.Root, folder string, superfluous func(name string) bool) (removed []string, err error) {
	names, err := Written(root.FS(), folder)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !superfluous(name) {
			continue
		}
		if err := root.Remove(name); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	left, err := fs.ReadDir(root.FS(), folder)
	if err != nil || len(left) > 0 {
		return removed, ignoreNotExist(err)
	}
	return removed, root.Remove(folder)
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
