package cassettes

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/cassettes/internal/extents"
	"github.com/wiretape/wiretape/cassettes/internal/filelock"
)

// Options say how a cassette is written.
type Options struct {
	// Overwrite replaces an existing cassette, with its bodies. Append adds a
	// session to it; its upstream must be the same. Without either an
	// existing file is an error (fs.ErrExist).
	Overwrite, Append bool
}

// Writer appends items to a cassette. It is safe for concurrent use.
type Writer struct {
	path    string
	root    *os.Root // the cassette's folder
	base    string   // the cassette's name in it
	at      string   // the name of the file, until it gets its place
	bodies  bodyFiles
	session int
	torn    *FormatError
	rules   []string // names of the redaction rules in the header
	tags    tagger

	// writing is held while bytes go to the file, mu for everything else;
	// writing is taken first. So Append does not wait for a disk that is busy
	// with earlier items.
	writing sync.Mutex
	file    *os.File
	spare   []byte

	mu      sync.Mutex
	pending []byte // items not written yet
	start   int64  // where the first item begins
	end     int64  // where the next one will
	items   extents.List
	closed  bool
	err     error

	nextID atomic.Int64
}

// errReplaced says that the items are lost: they are in a file without a name.
var errReplaced = errors.New("the file was replaced or removed while it was written; " +
	"what was recorded since is not in the cassette")

// flushSize is the number of bytes pending that are written at once.
const flushSize = 256 << 10

// Session returns the number of this recording within the cassette.
func (w *Writer) Session() int { return w.session }

// Redaction returns the names of the redaction rules in the cassette's header.
func (w *Writer) Redaction() []string { return w.rules }

// Salt returns the salt in the cassette's header, "" where there is none.
func (w *Writer) Salt() string { return w.tags.salt }

// Tag returns the tag of the secret with digest d, as an item to be added lists
// it. The digest is made with Salt. Calls come one after the other.
func (w *Writer) Tag(d [16]byte) string { return w.tags.of.Tag(d) }

// Torn says where an unfinished last item was, as a killed recorder leaves it,
// which was cut off before anything was appended. It is nil where there was
// none.
func (w *Writer) Torn() *FormatError { return w.torn }

// NextID returns a new item's id. Ids count up, over sessions too.
func (w *Writer) NextID() int {
	return int(w.nextID.Add(1)) - 1
}

// useID has NextID return ids beyond id.
func (w *Writer) useID(id int) {
	for {
		next := w.nextID.Load()
		if next > int64(id) || w.nextID.CompareAndSwap(next, int64(id)+1) {
			return
		}
	}
}

// Err returns the error that ended the writing, if one did.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// fail keeps the first error, with the cassette's path, and returns it; nil
// stays nil.
func (w *Writer) fail(err error) error {
	if err == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = fmt.Errorf("write cassette %s: %w", w.path, err)
	}
	return w.err
}

// Append adds an item; it is in the file after Flush, or when enough have come
// together. The item's slices are not used after the call. An item appended again
// replaces the earlier one of its id. The first error (a full disk, say) is kept:
// this and every later call and Close return it. Items that are appended after
// an error are written where the disk has room for them after all.
func (w *Writer) Append(it *Interaction) error {
	full, err := w.Queue(it)
	if full {
		return w.Flush()
	}
	return err
}

// Queue is Append without a write: full says that enough has come together for a
// Flush, for which it does not wait.
func (w *Writer) Queue(it *Interaction) (full bool, err error) {
	if err := encode.Check(it); err != nil {
		return false, fmt.Errorf("append item %d: %w", it.ID, err)
	}
	e := encode.Get() // of its own: no one waits for another's item
	e.Item(it)
	full, err = w.add(it, e.Buf)
	e.Free()
	return full, err
}

// add adds an encoded item to the pending bytes, and reports whether these are
// enough to be written.
func (w *Writer) add(it *Interaction, encoded []byte) (full bool, err error) {
	w.useID(it.ID)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		if w.err == nil {
			w.err = fmt.Errorf("write cassette %s: %w", w.path, os.ErrClosed)
		}
		return false, w.err
	}
	w.pending = append(w.pending, encoded...)
	n := int64(len(encoded))
	w.items.Add(extents.Extent{Session: it.Session, ID: it.ID, Off: w.end, Len: n})
	w.end += n
	return len(w.pending) >= flushSize, w.err
}

// Flush writes the pending items to the file. Items that it cannot write stay
// pending; its error is kept, as Append's is.
func (w *Writer) Flush() error {
	w.writing.Lock()
	defer w.writing.Unlock()
	w.mu.Lock()
	pending := w.pending
	w.pending = w.spare[:0]
	err := w.err
	w.mu.Unlock()
	// Whole items are written although something else failed, a body that
	// the disk had no room for: often there is room for the items.
	if len(pending) > 0 {
		if n, werr := w.file.Write(pending); werr != nil {
			err = w.fail(werr)
			w.mu.Lock()
			w.pending = append(pending[n:], w.pending...)
			w.mu.Unlock()
			return err
		}
	}
	if cap(pending) > 2*flushSize {
		pending = nil
	}
	w.spare = pending
	return err
}

// Close writes the pending items, sorts the file by id where it is not, and
// closes it. It returns the first error that any call met.
func (w *Writer) Close() error {
	w.mu.Lock()
	if w.closed {
		defer w.mu.Unlock()
		return w.err
	}
	w.closed = true
	w.mu.Unlock()
	err := w.Flush()
	w.writing.Lock() // a Flush may still be under way
	defer w.writing.Unlock()
	if err == nil {
		w.fail(w.settle())
	} else {
		w.cut() // as well as it goes
	}
	w.fail(w.file.Close())
	w.fail(w.root.Close())
	return w.Err()
}

// settle puts the file in order, which must be where it was made.
func (w *Writer) settle() error {
	if !filelock.StandsAt(w.root, w.at, w.file) {
		return errReplaced
	}
	return w.sort()
}

// cut takes an item that was not written whole, because the disk is full, off
// the file, so that every YAML reader can read it.
func (w *Writer) cut() error {
	info, err := w.file.Stat()
	if err != nil {
		return err
	}
	end := w.start
	for it := range w.items.All() {
		if it.Off+it.Len > info.Size() {
			break
		}
		end = it.Off + it.Len
	}
	return w.file.Truncate(end)
}
