package cassettes

import (
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/wiretape/wiretape/cassettes/internal/extents"
)

// sort rewrites the file in order where it is not: to a file beside it, which
// then takes its place.
func (w *Writer) sort() error {
	if !w.items.Mixed {
		return nil
	}
	temp := w.tempName()
	f, err := w.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	// No Append was synced either: a cassette outlives the process; that it
	// outlives a crash of the machine is left to the file system.
	in := window{file: w.file, end: w.end}
	err = in.copyItems(f, w.start, w.items.Sorted())
	if err == nil && w.bodies.ofDraft() {
		err = f.Sync() // a draft takes another's place
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = w.root.Rename(temp, w.at)
	}
	if err != nil {
		return errors.Join(err, w.root.Remove(temp))
	}
	return nil
}

// window reads a file nearly in order: most reads fall into the part that it
// holds.
type window struct {
	file *os.File
	end  int64 // of the file
	off  int64 // of data
	data []byte
	room []byte
}

// windowSize is the size of a window in bytes. A quarter of it lies before the
// read that moved it, for items that were passed over.
const windowSize = 1 << 20

// copy writes n bytes from off to out.
func (w *window) copy(out io.Writer, off, n int64) error {
	if n > windowSize/2 {
		_, err := io.Copy(out, io.NewSectionReader(w.file, off, n))
		return err
	}
	if off < w.off || off+n > w.off+int64(len(w.data)) {
		if w.room == nil {
			w.room = make([]byte, windowSize)
		}
		w.off = max(0, off-windowSize/4)
		w.data = w.room[:min(windowSize, w.end-w.off)]
		if _, err := w.file.ReadAt(w.data, w.off); err != nil {
			return err
		}
	}
	_, err := out.Write(w.data[off-w.off:][:n])
	return err
}

// copyItems writes the header, which ends at start, and then items to out.
func (w *window) copyItems(out io.Writer, start int64, items []extents.Extent) error {
	if err := w.copy(out, 0, start); err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(out, windowSize)
	for _, it := range items {
		if err := w.copy(buffered, it.Off, it.Len); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
