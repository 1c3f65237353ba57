package cassettes

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
	"github.com/wiretape/wiretape/internal/http1"
)

// Adopt gives an item that another cassette holds files of w's own in place of
// those that it refers to, with the same bytes and named after the item's ID.
// It can be appended to w then. The other cassette must still be open.
func (w *Writer) Adopt(it *Interaction) error {
	a := adopter{w: w, id: it.ID}
	for m, side := range it.Messages() {
		a.body(&m.Body, side)
		if sent := map[string]string{"request": "client", "response": "server"}[side]; m.Frames.File != nil {
			f := m.Frames.File
			m.Frames.File = columns.NewFrameFile(a.file(f, sent+"-frames"), f.Len(), f.Base())
		}
	}
	if t := it.Turns; t != nil {
		if f := t.File; f != nil {
			t.File = columns.NewTurnFile(a.file(f, "turns"), f.Len(), f.Base())
		}
		for side := range t.Data {
			a.body(&t.Data[side], http1.Side(side).String())
		}
	}
	return a.err
}

// adopter gives an item files of w's own. The first error stays.
type adopter struct {
	w   *Writer
	id  int
	err error
}

func (a *adopter) body(b *Body, what string) {
	if f := b.File; f != nil {
		b.File = columns.NewBodyFile(a.file(f, what), f.Size())
	}
}

// besideCassette is a file of a cassette that this package opened.
type besideCassette interface {
	Name() string
	Beside() *columns.File
}

// file returns a file with the bytes of f whose name ends in what.
func (a *adopter) file(f interface{ Name() string }, what string) columns.File {
	if a.err != nil {
		return columns.File{}
	}
	var file columns.File
	err := errors.New("it is no file of a cassette")
	if from, ok := f.(besideCassette); ok {
		file, err = a.w.adopt(from.Beside(), a.id, what)
	}
	if err != nil {
		a.err = fmt.Errorf("interaction %d: copy %s: %w", a.id, f.Name(), err)
	}
	return file
}

// adopt makes a file of w's own with the bytes of ref's: a copy, or, if the
// cassette that ref belongs to is the one that w replaces, another name.
func (w *Writer) adopt(ref *columns.File, id int, what string) (columns.File, error) {
	if w.replaces(ref) {
		if name, err := w.link(ref.Path, id, what); err == nil {
			return columns.File{FS: w.root.FS(), Path: name}, nil
		}
	}
	from, err := ref.OpenFile()
	if err != nil {
		return columns.File{}, err
	}
	defer from.Close()
	to, err := w.spill(id, what)
	if err != nil {
		return columns.File{}, err
	}
	_, err = io.Copy(to.f, from)
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	return to.ref, err
}

// replaces reports whether ref's file is one of the cassette that w replaces.
func (w *Writer) replaces(ref *columns.File) bool {
	if w.made == nil || path.Dir(ref.Path) != w.bodies {
		return false
	}
	mine, err1 := w.root.Stat(".")
	other, err2 := fs.Stat(ref.FS, ".")
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
