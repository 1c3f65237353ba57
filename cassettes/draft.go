package cassettes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/wiretape/wiretape/cassettes/internal/beside"
	"github.com/wiretape/wiretape/cassettes/internal/filelock"
)

// Draft is a cassette that is written beside its place, and takes it when it is
// whole. Until then an older cassette there stays as it is. A process that is
// killed leaves a file .NAME.edit, which loads and which the next draft
// replaces, and maybe bodies, which the next kept draft removes. End a draft
// with Keep or Discard.
type Draft struct {
	// Writer takes the items. It is closed with the draft.
	Writer *Writer

	path string
	root *os.Root // the cassette's folder
	old  *os.File // the cassette, locked; nil where there is none
}

// NewDraft begins a draft of the cassette at path. Without overwrite an
// existing file is an error (fs.ErrExist), and nothing but a cassette is ever
// overwritten.
func NewDraft(path string, h Header, overwrite bool) (*Draft, error) {
	if h.Source == "" {
		h.Source = SourceRecorded
	}
	return newDraft(path, appendHeader(nil, &h), &h, overwrite)
}

// newDraft begins a draft that begins with the text above, in which h stands.
func newDraft(path string, above []byte, h *Header, overwrite bool) (*Draft, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	d := &Draft{path: path}
	var err error
	if d.root, err = os.OpenRoot(filepath.Dir(path)); err != nil {
		return nil, d.errorf(err)
	}
	if err := d.begin(above, h, overwrite); err != nil {
		d.close()
		return nil, d.errorf(err)
	}
	return d, nil
}

// Keep puts the cassette into its place when all of it is on disk, and removes
// the old one's bodies. Where it fails before the cassette has its place, nothing
// has changed; where only the removal fails, the new cassette stands, whole,
// beside bodies that nothing refers to.
func (d *Draft) Keep() error {
	defer d.close()
	if err := d.finish(); err != nil {
		return errors.Join(err, d.errorf(d.abandon()))
	}
	return d.errorf(d.settle())
}

// Discard closes the draft and removes its files.
func (d *Draft) Discard() error {
	defer d.close()
	_ = d.Writer.Close() // whatever was wrong with it goes
	return d.errorf(d.abandon())
}

// close closes the old cassette and the folder. The writer is closed apart.
func (d *Draft) close() {
	d.old.Close() // nil is no harm
	d.root.Close()
}

func (d *Draft) errorf(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write cassette %s: %w", d.path, err)
}

// begin opens the writer: of a file that has another name until it is whole.
func (d *Draft) begin(above []byte, h *Header, overwrite bool) error {
	root, err := os.OpenRoot(filepath.Dir(d.path))
	if err != nil {
		return err
	}
	w := writerOf(d.path, root, h)
	w.at = "." + w.base + ".edit"
	w.bodies.made = make(map[string]bool)
	defer func() {
		if err != nil {
			root.Close()
		}
	}()
	var perm fs.FileMode
	if perm, err = d.replaceable(w, overwrite); err != nil {
		return err
	}
	f, err := openDraft(w.root, w.at, perm)
	if err != nil {
		return err
	}
	if err = w.begin(f, above); err != nil {
		return errors.Join(err, w.root.Remove(w.at))
	}
	d.Writer = w
	return nil
}

// openDraft opens and locks the file of a draft, which nobody else writes, and
// empties it.
func openDraft(root *os.Root, name string, perm fs.FileMode) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, perm)
	if err != nil {
		return nil, err
	}
	err = filelock.Lock(f)
	if err == nil && !filelock.StandsAt(root, name, f) {
		err = filelock.ErrBusy // it has just got its place
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// replaceable reports why the cassette may not be written, and returns the
// permissions that it is to have. It locks the cassette that stands there.
func (d *Draft) replaceable(w *Writer, overwrite bool) (fs.FileMode, error) {
	info, err := w.root.Stat(w.base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0o666, d.vacant()
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular():
		return 0, fmt.Errorf("it exists and is no regular file (%v)", info.Mode().Type())
	case !overwrite:
		return 0, fmt.Errorf("%w; overwrite it, or take another name", fs.ErrExist)
	}
	if d.old, err = filelock.Open(w.root, w.base, os.O_RDONLY); err != nil {
		return 0, err
	}
	return info.Mode().Perm(), mustBeCassette(d.old)
}

// vacant reports that something stands where the cassette is to be, though what
// it leads to does not exist.
func (d *Draft) vacant() error {
	if _, err := d.root.Lstat(filepath.Base(d.path)); err == nil {
		return fmt.Errorf("%w, as a link to a file that does not; remove it, or take another name", fs.ErrExist)
	}
	return nil
}

// finish closes the writer when all that it has is on disk.
func (d *Draft) finish() error {
	w := d.Writer
	err := w.Flush()
	if err == nil {
		err = w.fail(w.file.Sync())
	}
	return errors.Join(err, w.Close())
}

// settle puts the new cassette into its place and removes the files that
// belonged to the old one.
func (d *Draft) settle() error {
	if err := d.unchanged(); err != nil {
		return errors.Join(err, d.abandon())
	}
	if err := d.root.Rename(d.Writer.at, d.Writer.base); err != nil {
		return errors.Join(err, d.abandon())
	}
	return d.removeBodies(false)
}

// unchanged reports that something else stands at the path now than when the
// draft was begun.
func (d *Draft) unchanged() error {
	if d.old != nil {
		if !filelock.StandsAt(d.root, d.Writer.base, d.old) {
			return errReplaced
		}
		return nil
	}
	if _, err := d.root.Lstat(d.Writer.base); err == nil {
		return fs.ErrExist
	}
	return nil
}

// abandon removes the draft's file and its bodies.
func (d *Draft) abandon() error {
	return errors.Join(d.root.Remove(d.Writer.at), d.removeBodies(true))
}

// removeBodies removes the bodies that the draft made, or those that others did.
func (d *Draft) removeBodies(own bool) error {
	bodies := &d.Writer.bodies
	_, err := beside.Remove(d.root, bodies.folder, func(name string) bool { return bodies.made[name] == own })
	return err
}
