// Package catalog finds cassettes by the names that people give: a file, a
// folder, or the name of one that comes with the program.
package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
)

// Prefix marks the name of a cassette in the library: "library:NAME".
const Prefix = "library:"

// Catalog finds cassettes.
type Catalog struct {
	// Library holds what "library:" names; nil is an empty one.
	Library fs.FS
}

// Open opens the cassettes of the given names, in their order: files; folders,
// whose *.yaml are read in name order; and the same in the library. The caller
// closes them. The first that cannot be opened is an error.
func (s Catalog) Open(names ...string) (opened []*cassettes.Cassette, err error) {
	for c, err := range s.Each(names...) {
		if err != nil {
			Close(opened)
			return nil, err
		}
		opened = append(opened, c)
	}
	return opened, nil
}

// Each opens the cassettes of the given names as Open does, one after the other.
// In the place of one that cannot be opened it yields the error, and goes on.
// The caller closes each.
func (s Catalog) Each(names ...string) iter.Seq2[*cassettes.Cassette, error] {
	return func(yield func(*cassettes.Cassette, error) bool) {
		for _, name := range names {
			find := onDisk
			if strings.HasPrefix(name, Prefix) {
				find = s.inLibrary
			}
			openers, err := find(name)
			if err != nil && !yield(nil, err) {
				return
			}
			for _, open := range openers {
				if !yield(open()) {
					return
				}
			}
		}
	}
}

// Close closes cassettes. Nothing was written to them, so that there is no
// error worth telling.
func Close(all []*cassettes.Cassette) {
	for _, c := range all {
		_ = c.Close()
	}
}

// opener opens one cassette.
type opener func() (*cassettes.Cassette, error)

// onDisk returns the openers of the cassettes at a path.
func onDisk(name string) ([]opener, error) {
	paths, err := Paths(name)
	if err != nil {
		return nil, err
	}
	var all []opener
	for _, p := range paths {
		all = append(all, func() (*cassettes.Cassette, error) {
			c, err := cassettes.OpenFile(p)
			return c, SuggestImport(p, err)
		})
	}
	return all, nil
}

// Paths returns the cassette files that name stands for: the file itself, or
// a folder's *.yaml in name order.
func Paths(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, noCassette(name, err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	found, err := yamls(os.DirFS(name), ".")
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w", name, err)
	}
	for i, p := range found {
		found[i] = filepath.Join(name, filepath.FromSlash(p))
	}
	return found, nil
}

// inLibrary returns the openers of the cassettes that a name with Prefix
// stands for.
func (s Catalog) inLibrary(name string) ([]opener, error) {
	if s.Library == nil {
		return nil, fmt.Errorf("%s: this program has no library of cassettes; a Go test sets Config.Library to library.FS of package cassettes/library", name)
	}
	within := strings.TrimSuffix(strings.TrimPrefix(name, Prefix), ".yaml")
	if !fs.ValidPath(within) {
		return nil, fmt.Errorf("%s: want library:PRODUCT/VERSION/NAME", name)
	}
	files := []string{within + ".yaml"}
	if info, err := fs.Stat(s.Library, within); err == nil && info.IsDir() {
		if files, err = yamls(s.Library, within); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	} else if _, err := fs.Stat(s.Library, files[0]); err != nil {
		return nil, fmt.Errorf("%s: the library has no such cassette: %s", name, s.around(within))
	}
	var all []opener
	for _, f := range files {
		all = append(all, func() (*cassettes.Cassette, error) { return cassettes.Open(s.Library, f) })
	}
	return all, nil
}

// Names returns the names of all cassettes in the library, as Open takes them, in
// order.
func (s Catalog) Names() []string {
	if s.Library == nil {
		return nil
	}
	var names []string
	// An embedded file system has no errors; of another, the readable part counts.
	_ = fs.WalkDir(s.Library, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && path.Ext(p) == ".yaml" {
			names = append(names, Prefix+strings.TrimSuffix(p, ".yaml"))
		}
		return nil
	})
	return names
}

// around says what there is nearest to a name that is not there.
func (s Catalog) around(name string) string {
	dir := path.Dir(name)
	entries, err := fs.ReadDir(s.Library, dir)
	for err != nil && dir != "." {
		dir = path.Dir(dir)
		entries, err = fs.ReadDir(s.Library, dir)
	}
	var names []string
	for _, e := range entries {
		base, isYAML := strings.CutSuffix(e.Name(), ".yaml")
		if isYAML || e.IsDir() && !strings.HasSuffix(base, ".bodies") {
			names = append(names, base)
		}
	}
	if len(names) == 0 {
		return "it is empty"
	}
	if dir == "." {
		dir = "it"
	}
	return dir + " has " + strings.Join(names, ", ")
}

// yamls returns the *.yaml of a folder in name order; none is an error.
func yamls(fsys fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		if !e.IsDir() && path.Ext(e.Name()) == ".yaml" {
			found = append(found, path.Join(dir, e.Name()))
		}
	}
	if len(found) == 0 {
		return nil, errors.New("it holds no *.yaml")
	}
	return found, nil
}

// noCassette says that there is nothing at a path, without the name of a
// system call.
func noCassette(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("cassette %s: %w", name, err)
}
