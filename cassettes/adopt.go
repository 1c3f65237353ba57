package cassettes

import (
	"errors"
	"fmt"
	"io"

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
		file, err = a.copy(from.Beside(), what)
	}
	if err != nil {
		a.err = fmt.Errorf("interaction %d: copy %s: %w", a.id, f.Name(), err)
	}
	return file
}

// copy makes a file of w's own with the bytes of ref's: a copy, or, if the
// cassette that ref belongs to is the one that w replaces, another name.
func (a *adopter) copy(ref *columns.File, what string) (columns.File, error) {
	if b := &a.w.bodies; b.replaces(ref) {
		if name, err := b.link(ref.Path, a.id, what); err == nil {
			return columns.File{FS: b.root.FS(), Path: name}, nil
		}
	}
	from, err := ref.OpenFile()
	if err != nil {
		return columns.File{}, err
	}
	defer from.Close()
	to, err := a.w.spill(a.id, what)
	if err != nil {
		return columns.File{}, err
	}
	_, err = io.Copy(to.f, from)
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	return to.ref, err
}
