package cassettes

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/wiretape/wiretape/cassettes/internal/beside"
)

// Beside returns the files beside the cassette: those that an interaction refers to,
// and all others in the folder where a Writer puts its own. Names are relative to
// the cassette's folder, which is returned to open them in.
func (c *Cassette) Beside() (folder fs.FS, names []string, err error) {
	all, err := used(c)
	if err != nil {
		return nil, nil, err
	}
	err = all.AddFolder(c.folder, beside.Folder(c.base))
	return c.folder, all.Sorted(), err
}

// Orphans returns the files beside the cassette, relative to its folder, that
// a Writer named and no item refers to, as a killed recorder leaves them.
func (c *Cassette) Orphans() ([]string, error) {
	names, err := beside.Written(c.folder, beside.Folder(c.base))
	if err != nil || len(names) == 0 {
		return nil, err
	}
	needed, err := used(c)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(names, func(name string) bool { return needed[name] }), nil
}

// RemoveOrphans removes the Orphans of a cassette that OpenFile has opened, and
// returns the names of those that it removed, also with an error.
func (c *Cassette) RemoveOrphans() (removed []string, err error) {
	if c.root == nil {
		return nil, fmt.Errorf("%s: remove files beside it: it was opened in a file system that is only read", c.Name)
	}
	needed, err := used(c)
	if err != nil {
		return nil, err
	}
	return beside.Remove(c.root, beside.Folder(c.base), func(name string) bool { return !needed[name] })
}

// used returns the names of the files that items of c refer to.
func used(c *Cassette) (beside.Names, error) {
	names := beside.Names{}
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			return nil, err
		}
		names.Add(it)
	}
	return names, nil
}
