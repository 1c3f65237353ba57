package cassettes

import (
	"errors"
	"io/fs"
)

// Orphans returns the files beside the cassette, relative to its folder, that
// a Writer named and no item refers to, as a killed recorder leaves them.
func (c *Cassette) Orphans() ([]string, error) {
	folder := bodiesFolder(c.base)
	entries, err := fs.ReadDir(c.folder, folder)
	if err != nil {
		return nil, ignoreNotExist(err)
	}
	used := make(map[string]bool)
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			return nil, err
		}
		for _, name := range files(it) {
			used[name] = true
		}
	}
	var orphans []string
	for _, e := range entries {
		name := folder + "/" + e.Name()
		if bodyName.MatchString(e.Name()) && !used[name] {
			orphans = append(orphans, name)
		}
	}
	return orphans, nil
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// files returns the names of the files that the item refers to.
func files(it *Interaction) (names []string) {
	add := func(f interface{ Name() string }) { names = append(names, f.Name()) }
	body := func(b *Body) {
		if b.File != nil {
			add(b.File)
		}
	}
	for m := range it.Messages() {
		body(&m.Body)
		if m.Frames.File != nil {
			add(m.Frames.File)
		}
	}
	if t := it.Turns; t != nil {
		if t.File != nil {
			add(t.File)
		}
		body(&t.Data[0])
		body(&t.Data[1])
	}
	return names
}
