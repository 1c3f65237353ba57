package cassettes

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"sync"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
)

// bodyFiles are the files beside a cassette that is written: bodies, and lists of
// frames and turns that are too long for the cassette.
type bodyFiles struct {
	root   *os.Root // the cassette's folder
	folder string   // the name of theirs in it

	mu sync.Mutex // guards made; its holder takes no other lock
	// made are the files beside a draft; nil elsewhere.
	made map[string]bool
}

// name returns the name of the n-th file for the same item and purpose. While a
// cassette is rewritten the old one's files stand there still.
func (b *bodyFiles) name(id int, what string, n int) string {
	name := b.folder + "/" + strconv.Itoa(id) + "-" + what
	if n > 1 {
		name += "." + strconv.Itoa(n)
	}
	return name
}

// create creates a file for an item's bytes.
func (b *bodyFiles) create(id int, what string) (*os.File, string, error) {
	if err := b.root.MkdirAll(b.folder, 0o777); err != nil {
		return nil, "", err
	}
	if !b.ofDraft() {
		name := b.name(id, what, 1)
		f, err := b.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		return f, name, err
	}
	for n := 1; ; n++ {
		name := b.name(id, what, n)
		f, err := b.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			b.note(name)
			return f, name, nil
		}
		if !os.IsExist(err) {
			return nil, "", err
		}
	}
}

// link gives a file among them another name.
func (b *bodyFiles) link(name string, id int, what string) (string, error) {
	for n := 1; ; n++ {
		link := b.name(id, what, n)
		err := b.root.Link(name, link)
		if err == nil {
			b.note(link)
			return link, nil
		}
		if !os.IsExist(err) {
			return "", err
		}
	}
}

// ofDraft reports whether the cassette is a draft, which may have an older
// cassette's files beside its own.
func (b *bodyFiles) ofDraft() bool { return b.made != nil }

// note notes that the draft has made a file.
func (b *bodyFiles) note(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made[name] = true
}

// replaces reports whether ref's file is one of the cassette that the draft
// replaces.
func (b *bodyFiles) replaces(ref *columns.File) bool {
	if !b.ofDraft() || path.Dir(ref.Path) != b.folder {
		return false
	}
	mine, err1 := b.root.Stat(".")
	other, err2 := fs.Stat(ref.FS, ".")
	return err1 == nil && err2 == nil && os.SameFile(mine, other)
}
