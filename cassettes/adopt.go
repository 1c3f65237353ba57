package cassettes

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
)

// Adopt gives an item that another cassette holds files of w's own in place of
// those that it refers to, with the same bytes and named after the item's ID.
// It can be appended to w then. The other cassette must still be open.
func (w *Writer) Adopt(it *Interaction) error {
	for _, f := range it.fileRefs() {
		if f.ref.name == "" {
			continue
		}
		name := f.ref.name
		ref, err := w.adopt(f.ref, it.ID, f.what)
		if err != nil {
			return fmt.Errorf("interaction %d: copy %s: %w", it.ID, name, err)
		}
		*f.ref = ref
	}
	return nil
}

// itemFile is a reference to a file with the word that its name ends in.
type itemFile struct {
	ref  *fileRef
	what string
}

// fileRefs returns the references of an item.
func (it *Interaction) fileRefs() (list []itemFile) {
	for _, side := range []struct {
		m          *Message
		what, sent string
	}{{it.Request, "request", "client"}, {it.Response, "response", "server"}} {
		if side.m != nil {
			list = append(list, itemFile{&side.m.Body.file, side.what}, itemFile{&side.m.Frames.file, side.sent + "-frames"})
		}
	}
	if t := it.Turns; t != nil {
		list = append(list, itemFile{&t.file, "turns"}, itemFile{&t.data[0].file, "client"}, itemFile{&t.data[1].file, "server"})
	}
	return list
}

// adopt makes a file of w's own with the bytes of ref's: a copy, or, where the
// cassette that ref belongs to is the one that w replaces, another name.
func (w *Writer) adopt(ref *fileRef, id int, what string) (fileRef, error) {
	if w.replaces(ref) {
		if name, err := w.link(ref.name, id, what); err == nil {
			return fileRef{fsys: w.root.FS(), name: name}, nil
		}
	}
	from, err := ref.open()
	if err != nil {
		return fileRef{}, err
	}
	defer from.Close()
	to, err := w.spill(id, what)
	if err != nil {
		return fileRef{}, err
	}
	_, err = io.Copy(to.f, from)
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	return to.ref, err
}

// replaces reports whether ref's file is one of the cassette that w replaces.
func (w *Writer) replaces(ref *fileRef) bool {
	if w.made == nil || path.Dir(ref.name) != w.bodies {
		return false
	}
	mine, err1 := w.root.Stat(".")
	other, err2 := fs.Stat(ref.fsys, ".")
	return err1 == nil && err2 == nil && os.SameFile(mine, other)
}

// link gives a file among the bodies another name.
func (w *Writer) link(name string, id int, what string) (string, error) {
	for n := 1; ; n++ {
		link := w.bodyFile(id, what, n)
		err := w.root.Link(name, link)
		if err == nil {
			w.made[link] = true
			return link, nil
		}
		if !os.IsExist(err) {
			return "", err
		}
	}
}

// bodyFile returns the name of the n-th file for the same item and purpose.
// While a cassette is rewritten the old one's files stand there still.
func (w *Writer) bodyFile(id int, what string, n int) string {
	name := w.bodies + "/" + strconv.Itoa(id) + "-" + what
	if n > 1 {
		name += "." + strconv.Itoa(n)
	}
	return name
}

// createBody creates a file for an item's bytes.
func (w *Writer) createBody(id int, what string) (*os.File, string, error) {
	if err := w.root.MkdirAll(w.bodies, 0o777); err != nil {
		return nil, "", err
	}
	if w.made == nil {
		name := w.bodyFile(id, what, 1)
		f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		return f, name, err
	}
	for n := 1; ; n++ {
		name := w.bodyFile(id, what, n)
		f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			w.mu.Lock()
			w.made[name] = true
			w.mu.Unlock()
			return f, name, nil
		}
		if !os.IsExist(err) {
			return nil, "", err
		}
	}
}
