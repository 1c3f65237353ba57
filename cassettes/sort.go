package cassettes

import (
	"bufio"
	"errors"
	"io"
	"os"
	"slices"
)

// compare orders items by session and id.
func (a extent) compare(b extent) int {
	if a.session != b.session {
		return a.session - b.session
	}
	return a.id - b.id
}

// sorted returns the items in order, of equal ones the last alone, and
// whether they stand so already, one behind the other.
func sorted(items []extent) ([]extent, bool) {
	inOrder := true
	for i := 1; i < len(items) && inOrder; i++ {
		a, b := items[i-1], items[i]
		inOrder = a.compare(b) < 0 && a.off+a.n == b.off
	}
	if inOrder {
		return items, true
	}
	slices.SortStableFunc(items, extent.compare)
	kept := items[:0]
	for i, it := range items {
		if i+1 < len(items) && it.compare(items[i+1]) == 0 {
			continue
		}
		kept = append(kept, it)
	}
	return kept, false
}

// sort rewrites the file in order where it is not: to a file beside it, which
// then takes its place.
func (w *Writer) sort() error {
	items, inOrder := sorted(w.items)
	if inOrder {
		return nil
	}
	temp := w.tempName()
	f, err := w.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	err = errors.Join(w.copyItems(f, items), f.Sync(), f.Close())
	if err == nil {
		err = w.root.Rename(temp, w.at)
	}
	if err != nil {
		return errors.Join(err, w.root.Remove(temp))
	}
	return nil
}

// copyItems writes the header and then items to f.
func (w *Writer) copyItems(f *os.File, items []extent) error {
	const buffer = 128 << 10
	out := bufio.NewWriterSize(f, buffer)
	if _, err := io.Copy(out, io.NewSectionReader(w.file, 0, w.start)); err != nil {
		return err
	}
	for len(items) > 0 {
		run := 1 // neighbours that stay neighbours are copied at once
		end := items[0].off + items[0].n
		for run < len(items) && items[run].off == end {
			end += items[run].n
			run++
		}
		if _, err := io.Copy(out, io.NewSectionReader(w.file, items[0].off, end-items[0].off)); err != nil {
			return err
		}
		items = items[run:]
	}
	return out.Flush()
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
