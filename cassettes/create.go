package cassettes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/wiretape/wiretape/cassettes/internal/beside"
	"github.com/wiretape/wiretape/cassettes/internal/extents"
	"github.com/wiretape/wiretape/cassettes/internal/filelock"
)

// Create makes or opens the cassette at path. The file loads from this moment
// on, whatever happens to the process.
func Create(path string, h Header, o Options) (*Writer, error) {
	w, err := create(path, &h, o)
	if err != nil {
		return nil, fmt.Errorf("create cassette %s: %w", path, err)
	}
	return w, nil
}

func create(path string, h *Header, o Options) (_ *Writer, err error) {
	if o.Append && o.Overwrite {
		return nil, errors.New("append and overwrite exclude each other")
	}
	if h.Source == "" {
		h.Source = SourceRecorded
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	w := writerOf(path, root, h)
	defer func() {
		if err != nil {
			root.Close()
		}
	}()
	if err := w.open(h, o); err != nil {
		return nil, err
	}
	return w, nil
}

// writerOf returns the writer of the cassette at path, in the folder root. It has
// no file yet.
func writerOf(path string, root *os.Root, h *Header) *Writer {
	base := filepath.Base(path)
	return &Writer{
		path:   path,
		root:   root,
		base:   base,
		at:     base,
		bodies: bodyFiles{root: root, folder: beside.Folder(base)},
		rules:  slices.Clone(h.Redaction),
		tags:   tagger{salt: h.Salt},
	}
}

// open opens the file in the way that o asks for and the file's state needs.
func (w *Writer) open(h *Header, o Options) error {
	info, err := w.root.Stat(w.base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w.make(h)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("it exists and is no regular file (%v)", info.Mode().Type())
	case o.Append:
		return w.reopen(h)
	case o.Overwrite:
		return w.replace(h)
	}
	return fmt.Errorf("%w; overwrite it, append to it, or take another name", fs.ErrExist)
}

// make makes a new file. It leaves none behind where that fails.
func (w *Writer) make(h *Header) error {
	f, err := w.root.OpenFile(w.base, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if err := filelock.Lock(f); err != nil {
		f.Close() // it is another's already
		return err
	}
	if err := w.begin(f, appendHeader(nil, h)); err != nil {
		return errors.Join(err, w.root.Remove(w.base))
	}
	return nil
}

// begin writes the text above the first item to the new file f and takes f over; it closes f
// where that fails.
func (w *Writer) begin(f *os.File, above []byte) error {
	if _, err := f.Write(above); err != nil {
		f.Close()
		return err
	}
	w.file = f
	w.start = int64(len(above))
	w.end = w.start
	return nil
}

// replace puts a new file in the place of the old one and then removes the
// old one's bodies.
func (w *Writer) replace(h *Header) error {
	old, err := filelock.Open(w.root, w.base, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer old.Close()
	if err := mustBeCassette(old); err != nil {
		return err
	}
	temp := w.tempName()
	f, err := w.root.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	if err := filelock.Lock(f); err != nil {
		return errors.Join(err, f.Close(), w.root.Remove(temp))
	}
	if err := w.begin(f, appendHeader(nil, h)); err != nil {
		return errors.Join(err, w.root.Remove(temp))
	}
	if err := w.root.Rename(temp, w.base); err != nil {
		return errors.Join(err, f.Close(), w.root.Remove(temp))
	}
	_, err = beside.Remove(w.root, w.bodies.folder, func(string) bool { return true })
	return err
}

// tempName is the name of the file that takes the cassette's place in the
// end. It is always the same, so that a killed recorder leaves one at most.
func (w *Writer) tempName() string { return "." + w.base + ".new" }

// mustBeCassette refuses to overwrite a file that is no cassette: somebody
// mistyped a name.
func mustBeCassette(f *os.File) error {
	start := make([]byte, 4096)
	n, err := f.Read(start)
	if n == 0 {
		return ignoreEOF(err)
	}
	if !startsCassette.Match(start[:n]) {
		return errors.New("the file there is no cassette; it was not overwritten")
	}
	return nil
}

var startsCassette = regexp.MustCompile(`(?m)^(version:|interactions:)`)

// reopen opens an existing cassette to append a session to it.
func (w *Writer) reopen(h *Header) (err error) {
	f, err := filelock.Open(w.root, w.base, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	c, err := Open(w.root.FS(), w.base)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.appendable(h); err != nil {
		return err
	}
	if err := w.tags.goOn(c); err != nil {
		return err
	}
	w.torn = c.Torn
	w.start, w.end = c.start, c.size
	for i := range c.places {
		at := &c.places[i]
		w.items.Add(extents.Extent{Session: at.Session, ID: at.ID, Off: at.off, Len: at.n})
		w.session = max(w.session, at.Session+1)
		w.useID(at.ID)
	}
	w.file = f
	return f.Truncate(w.end)
}

// appendable reports why a session with header h does not go into c.
func (c *Cassette) appendable(h *Header) error {
	switch {
	case c.inOtherLayout():
		return errors.New("it is not in the canonical layout; rewrite it with cassette fmt first")
	case c.Header.Upstream == "" && h.Upstream != "":
		return fmt.Errorf("it does not say where it was recorded, as one merged of several does not, and this is %s; record to another cassette", h.Upstream)
	case c.Header.Upstream != h.Upstream:
		return fmt.Errorf("it was recorded from %s, not from %s; record to another cassette",
			c.Header.Upstream, h.Upstream)
	case !sameRules(&c.Header, h):
		return fmt.Errorf("it was recorded with redaction %q, not %q; use the same rules or another cassette",
			c.Header.Redaction, h.Redaction)
	}
	return nil
}
