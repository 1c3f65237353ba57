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
	err = w.copyItems(f, w.items.Sorted())
	if err == nil && w.made != nil {
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

// copyItems writes the header and then items to f.
func (w *Writer) copyItems(f *os.File, items []extents.Extent) error {
	in := window{file: w.file, end: w.end}
	if err := in.copy(f, 0, w.start); err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, windowSize)
	for _, it := range items {
		if err := in.copy(out, it.Off, it.Len); err != nil {
			return err
		}
	}
	return out.Flush()
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

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
