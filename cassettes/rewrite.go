package cassettes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Rewrite puts a cassette at path whose items fill appends. Until fill has
// returned nil and all of it is on disk, what was at path stays as it was:
// then the new cassette takes its place, and the old one's bodies go. Where
// fill or anything else fails, nothing has changed. A process that is killed
// may leave a file .NAME.edit, which the next call replaces, and bodies, which
// verify --repair removes.
//
// Without overwrite an existing file is an error (fs.ErrExist), and nothing
// but a cassette is ever overwritten.
func Rewrite(path string, h Header, overwrite bool, fill func(*Writer) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	if h.Source == "" {
		h.Source = "recorded"
	}
	r := &rewriter{path: path}
	var err error
	if r.root, err = os.OpenRoot(filepath.Dir(path)); err != nil {
		return r.errorf(err)
	}
	defer r.root.Close()
	defer func() { r.old.Close() }() // nil is no harm
	if err := r.begin(&h, overwrite); err != nil {
		return r.errorf(err)
	}
	if err := errors.Join(fill(r.w), r.w.finish()); err != nil {
		return errors.Join(err, r.abandon())
	}
	return r.errorf(r.settle())
}

// Rewritable reports what would be lost of c if its items were written again:
// an unfinished last item, a comment, a key that the format does not know. Of
// a cassette that go-vcr wrote, what wire has no place for may be lost.
func (c *Cassette) Rewritable() error {
	switch {
	case c.Torn != nil:
		return c.Torn
	case c.comment != 0:
		return c.errorf(c.comment, "a comment stands here, which would be lost; remove it first")
	case c.foreign == nil || c.Header.Source == "":
		return nil
	}
	for i := range c.Len() {
		b, at, err := c.read(i)
		if err != nil {
			return err
		}
		it := b.item(at)
		if b.err == nil && b.lookup(at, "wire") != 0 {
			b.keepable(it, at)
		}
		if b.err != nil {
			return b.err
		}
	}
	return nil
}

// rewriter writes a cassette that takes the place of another.
type rewriter struct {
	path string
	root *os.Root // the cassette's folder
	old  *os.File // the cassette, locked; nil where there is none
	w    *Writer
}

func (r *rewriter) errorf(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write cassette %s: %w", r.path, err)
}

// begin opens the writer: of a file that has another name until it is whole.
func (r *rewriter) begin(h *Header, overwrite bool) error {
	base := filepath.Base(r.path)
	w := &Writer{path: r.path, base: base, at: "." + base + ".edit", bodies: bodiesFolder(base)}
	w.made = make(map[string]bool)
	var err error
	if w.root, err = os.OpenRoot(filepath.Dir(r.path)); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.root.Close()
		}
	}()
	var perm fs.FileMode
	if perm, err = r.replaceable(w, overwrite); err != nil {
		return err
	}
	f, err := w.root.OpenFile(w.at, os.O_RDWR|os.O_CREATE, perm)
	if err != nil {
		return err
	}
	if err = errors.Join(lock(f), f.Truncate(0)); err != nil {
		f.Close()
		return err
	}
	if err = w.begin(f, h); err != nil {
		return errors.Join(err, w.root.Remove(w.at))
	}
	w.timer = time.AfterFunc(flushDelay, func() { w.flush() }) // its error is kept
	w.timer.Stop()
	r.w = w
	return nil
}

// replaceable reports why the cassette may not be written, and returns the
// permissions that it is to have. It locks what is there.
func (r *rewriter) replaceable(w *Writer, overwrite bool) (fs.FileMode, error) {
	info, err := w.root.Stat(w.base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0o666, nil
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular():
		return 0, fmt.Errorf("it exists and is no regular file (%v)", info.Mode().Type())
	case !overwrite:
		return 0, fmt.Errorf("%w; overwrite it, or take another name", fs.ErrExist)
	}
	if r.old, err = openLocked(w.root, w.base, os.O_RDONLY); err != nil {
		return 0, err
	}
	return info.Mode().Perm(), mustBeCassette(r.old)
}

// finish closes the writer when all that it has is on disk.
func (w *Writer) finish() error {
	err := w.flush()
	if err == nil {
		err = w.fail(w.file.Sync())
	}
	return errors.Join(err, w.Close())
}

// settle puts the new cassette into its place and removes the files that
// belonged to the old one.
func (r *rewriter) settle() error {
	if err := r.unchanged(); err != nil {
		return errors.Join(err, r.abandon())
	}
	if err := r.root.Rename(r.w.at, r.w.base); err != nil {
		return errors.Join(err, r.abandon())
	}
	return r.removeBodies(func(name string) bool { return !r.w.made[name] })
}

// unchanged reports that something else stands at the path now than when the
// rewriter began.
func (r *rewriter) unchanged() error {
	if r.old != nil {
		if !standsAt(r.root, r.w.base, r.old) {
			return errReplaced
		}
		return nil
	}
	if _, err := r.root.Lstat(r.w.base); err == nil {
		return fs.ErrExist
	}
	return nil
}

// abandon removes what was written.
func (r *rewriter) abandon() error {
	return errors.Join(r.root.Remove(r.w.at), r.removeBodies(func(name string) bool { return r.w.made[name] }))
}

// removeBodies removes those files in the cassette's folder of bodies that a
// Writer named and that are superfluous, and the folder where it is empty
// then.
func (r *rewriter) removeBodies(superfluous func(name string) bool) error {
	entries, err := fs.ReadDir(r.root.FS(), r.w.bodies)
	if err != nil {
		return ignoreNotExist(err)
	}
	left := len(entries)
	for _, e := range entries {
		name := r.w.bodies + "/" + e.Name()
		if !e.Type().IsRegular() || !bodyName.MatchString(e.Name()) || !superfluous(name) {
			continue
		}
		if err := r.root.Remove(name); err != nil {
			return err
		}
		left--
	}
	if left > 0 {
		return nil
	}
	return r.root.Remove(r.w.bodies)
}
