package cassettes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
	"github.com/wiretape/wiretape/cassettes/internal/consistency"
	"github.com/wiretape/wiretape/cassettes/internal/decode"
	"github.com/wiretape/wiretape/cassettes/internal/extents"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// Cassette is an open cassette. Items are read at their first use. It is safe
// for concurrent use.
type Cassette struct {
	// Name is the name it was opened with.
	Name   string
	Header Header // read by Open; the caller may read it
	// Torn says that an unfinished last item, as a killed recorder leaves it,
	// was dropped, and where.
	Torn *FormatError

	base   string   // the cassette's name in its folder
	root   *os.Root // nil where the caller gave the file system
	folder fs.FS    // the cassette's folder
	file   fs.File
	text   io.ReaderAt
	start  int64 // where the first item begins
	size   int64 // of the file; of a torn one, of its whole items

	listing

	source decode.Source

	// anyYAML holds the whole file, where its layout is not the canonical one.
	anyYAML *yamltext.Tree
	// pieces reads a file in another layout piece by piece.
	pieces *pieces
}

// place is an item's Entry and its place in the file.
type place struct {
	Entry
	off, n int64
	node   int // in Cassette.anyYAML
}

// listing holds the places of items in the order of the file.
type listing struct {
	places  []place
	comment int    // line of the first comment; 0 where there is none
	resets  bool   // see MayReset
	method  string // of the item added last
}

// Limits of a cassette's size. A Writer stays within them.
const (
	maxItem    = 256 << 20 // bytes of an item
	maxAnyYAML = 256 << 20 // bytes of a file in another layout, which is read whole
	maxHeader  = 1 << 20   // bytes before the first item
	maxItems   = 1 << 24
)

// Open opens the cassette name in fsys, a regular file. Bodies are opened in
// the same file system, beneath the cassette's folder.
func Open(fsys fs.FS, name string) (*Cassette, error) {
	c := &Cassette{Name: name}
	folder, err := fs.Sub(fsys, path.Dir(name))
	if err != nil {
		return nil, err
	}
	c.folder = folder
	if err := c.load(path.Base(name)); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// OpenFile opens the cassette at path.
func OpenFile(path string) (*Cassette, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Dir(real))
	if err != nil {
		return nil, err
	}
	c := &Cassette{Name: path, root: root, folder: root.FS()}
	if err := c.load(filepath.Base(real)); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close closes the cassette's files.
func (c *Cassette) Close() error {
	var errs []error
	if c.file != nil {
		errs = append(errs, c.file.Close())
	}
	if c.root != nil {
		errs = append(errs, c.root.Close())
	}
	return errors.Join(errs...)
}

// Len returns the number of items.
func (c *Cassette) Len() int { return len(c.places) }

// Entry describes an interaction as far as it is known before it is read.
type Entry struct {
	ID      int    // unique within its session
	Session int    // 0 for the first
	Conn    int    // 0 where it is not known
	Peer    int    // client process, 0 where it is not known
	Line    int    // of the file, from 1
	Method  string // "" where the item is no exchange
	URL     string // as go-vcr has it: the target URI
	// LostBody is the size in bytes of a response's body that go-vcr kept and that
	// HTTP/1.1 does not allow: it is left out.
	LostBody int
}

// Entry returns item i's entry, 0 <= i < Len, in order of session and id.
func (c *Cassette) Entry(i int) Entry { return c.places[i].Entry }

// MayReset reports whether a server reset a connection in the cassette. Where
// a stream's turns are in a file, it may have.
func (c *Cassette) MayReset() bool { return c.resets }

// Interaction reads interaction i. It is read anew at each call; the caller owns it.
func (c *Cassette) Interaction(i int) (*Interaction, error) {
	b, at, err := c.read(i)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	it := b.Item(at)
	if b.Err == nil {
		consistency.Check(b, it, at)
	}
	if b.Err != nil {
		return nil, b.Err
	}
	return it, nil
}

// read reads the text of item i. The builder's tree has it at index at.
func (c *Cassette) read(i int) (b *decode.Reader, at int, err error) {
	p := &c.places[i]
	if c.anyYAML != nil {
		return decode.NewReader(&c.source, p.ID, c.anyYAML), p.node, nil
	}
	if c.pieces != nil {
		t, at, err := c.pieces.read(i)
		return decode.NewReader(&c.source, p.ID, t), at, err
	}
	b, err = decode.ParseItem(&c.source, p.ID, c.text, p.off, p.n, p.Line)
	return b, 0, err
}

// load opens the file and finds its items.
func (c *Cassette) load(base string) error {
	c.base = base
	c.source = decode.Source{Name: c.Name, Folder: c.folder}
	info, err := fs.Stat(c.folder, base)
	if err != nil {
		return fmt.Errorf("open cassette %s: %w", c.Name, columns.WithoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return c.errorf(0, "want a cassette, found a %s", columns.DescribeMode(info.Mode()))
	}
	if c.file, err = c.folder.Open(base); err != nil {
		return fmt.Errorf("open cassette %s: %w", c.Name, columns.WithoutPath(err))
	}
	if c.size = info.Size(); c.size == 0 {
		return c.errorf(0, "the file is empty, not a cassette")
	}
	if err := c.openText(); err != nil {
		return err
	}
	err = c.scan(scanBuffer)
	if errors.Is(err, yamltext.ErrLayout) {
		c.pieces = &pieces{c: c}
		if err = c.pieces.load(); errors.Is(err, yamltext.ErrLayout) {
			c.pieces = nil
			err = c.loadAnyYAML()
		}
	}
	if err != nil {
		return err
	}
	c.order()
	return nil
}

// openText makes the file readable at any offset.
func (c *Cassette) openText() error {
	if at, ok := c.file.(io.ReaderAt); ok {
		c.text = at
		return nil
	}
	if c.size > maxAnyYAML {
		return c.errorf(0, "the file has %d bytes and its file system cannot read it piece by piece", c.size)
	}
	data, err := io.ReadAll(c.file)
	if err != nil {
		return fmt.Errorf("read cassette %s: %w", c.Name, err)
	}
	c.text = bytes.NewReader(data)
	return nil
}

// order sorts the items by session and id; of equal ones the last stays. In
// a cassette that is go-vcr's alone the order is the file's, and what ids say
// means nothing: it is so for go-vcr, whose first two versions wrote none.
func (c *Cassette) order() {
	if c.Header.Source == "" {
		for i := range c.places {
			c.places[i].ID = i
		}
		return
	}
	before := func(a, b place) int {
		return extents.Extent{Session: a.Session, ID: a.ID}.Compare(extents.Extent{Session: b.Session, ID: b.ID})
	}
	slices.SortStableFunc(c.places, before)
	kept := c.places[:0]
	for i, it := range c.places {
		if i+1 == len(c.places) || before(it, c.places[i+1]) != 0 {
			kept = append(kept, it)
		}
	}
	c.places = kept
}

func (c *Cassette) errorf(line int, format string, args ...any) *FormatError {
	return &FormatError{File: c.Name, Line: line, Err: fmt.Errorf(format, args...)}
}
