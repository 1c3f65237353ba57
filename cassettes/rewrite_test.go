package cassettes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/wiretape/wiretape/internal/http1"
)

// largeItem has a body, frames and turns that are all in files. Every body
// tells its number.
func largeItem(t *testing.T, w *Writer, id, number int) *Interaction {
	t.Helper()
	it := &Interaction{ID: id, Conn: 1, Request: &Message{
		Seq: int64(10 * id), Head: []byte("POST /attach HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"),
		Framing: http1.Chunked, End: Complete,
	}}
	body := w.NewBody(id, "request", 8)
	frames := w.NewFrames(id, http1.Client, it.Request.Seq)
	for range MaxColumns + 1 {
		fmt.Fprintf(body, "%04d", number)
		frames.Add(Frame{Size: 4, Seq: it.Request.Seq})
	}
	frames.Add(Frame{Seq: it.Request.Seq})
	var err error
	if it.Request.Body, err = body.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := frames.Finish(it.Request); err != nil {
		t.Fatal(err)
	}
	it.Response = &Message{
		Seq: it.Request.Seq + 1, Head: []byte("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"),
		Framing: http1.Stream, End: Complete,
	}
	turns := w.NewTurns(id, it.Request.Seq, 8)
	for i := range MaxColumns + 1 {
		turns.Data(http1.Side(i%2), it.Request.Seq+2, 0, fmt.Appendf(nil, "%04d", number))
	}
	if it.Turns, err = turns.Finish(); err != nil {
		t.Fatal(err)
	}
	return it
}

// told returns which numbers the bodies tell, and checks that all of an
// item tells the same.
func told(t *testing.T, path string) (all []int) {
	t.Helper()
	c := open(t, path)
	for _, err := range Verify(c) {
		t.Error(err)
	}
	if orphans, err := c.Orphans(); err != nil || len(orphans) > 0 {
		t.Errorf("files that nothing refers to: %q, %v", orphans, err)
	}
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			t.Fatal(err)
		}
		body, err := it.Request.Body.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(body)
		body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for turn, err := range it.Turns.All() {
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(turn.Data, text[:4]) {
				t.Fatalf("item %d: the body has %s, a turn %s", i, text[:4], turn.Data)
			}
		}
		var n int
		fmt.Sscanf(string(text), "%04d", &n)
		all = append(all, n)
	}
	return all
}

// large writes a cassette of n large items.
func large(t *testing.T, n int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "large.yaml")
	w, err := Create(path, Header{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := w.Append(largeItem(t, w, i, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// keep returns a fill that appends the items of the cassette at path that have
// these numbers.
func keep(t *testing.T, path string, list ...int) func(*Writer) error {
	return func(w *Writer) error {
		c := open(t, path)
		for id, i := range list {
			it, err := c.Interaction(i)
			if err != nil {
				return err
			}
			it.ID = id
			if err := w.Adopt(it); err != nil {
				return err
			}
			if err := w.Append(it); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestRewriteInPlaceTakesBodiesAlong(t *testing.T) {
	path := large(t, 4)
	if got, want := told(t, path), []int{0, 1, 2, 3}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	now := []int{0, 1, 2, 3} // the number of each item
	for _, list := range [][]int{{3, 1, 2}, {1, 0}, {0}, {}} {
		var want []int
		for _, i := range list {
			want = append(want, now[i])
		}
		if err := Rewrite(path, Header{}, true, keep(t, path, list...)); err != nil {
			t.Fatal(err)
		}
		if got := told(t, path); !slices.Equal(got, want) {
			t.Errorf("after %v: got %v, want %v", list, got, want)
		}
		now = want
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "large.bodies")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of bodies is still there: %v", err)
	}
}

func TestRewriteElsewhereCopiesBodies(t *testing.T) {
	path := large(t, 3)
	other := filepath.Join(filepath.Dir(path), "other.yaml")
	if err := Rewrite(other, Header{}, false, keep(t, path, 2, 0)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(filepath.Dir(path), "large.bodies")); err != nil {
		t.Fatal(err)
	}
	if got, want := told(t, other), []int{2, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRewriteThatFailsChangesNothing(t *testing.T) {
	path := large(t, 2)
	before := list(t, filepath.Dir(path))
	failed := errors.New("failed")
	for _, overwrite := range []bool{true, false} {
		err := Rewrite(path, Header{}, overwrite, func(w *Writer) error {
			return errors.Join(keep(t, path, 1, 0)(w), failed)
		})
		want := failed
		if !overwrite {
			want = fs.ErrExist
		}
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		if after := list(t, filepath.Dir(path)); !slices.Equal(after, before) {
			t.Errorf("got files %q, want %q", after, before)
		}
	}
	if got, want := told(t, path), []int{0, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	note := filepath.Join(t.TempDir(), "note.yaml")
	if err := os.WriteFile(note, []byte("dear: diary\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Rewrite(note, Header{}, true, keep(t, path, 0)); err == nil {
		t.Error("a file that is no cassette was overwritten")
	}
}

// A process that is killed leaves the old cassette as it was, and files that
// repair knows.
func TestRewriteThatIsKilledChangesNothing(t *testing.T) {
	path := large(t, 3)
	for moment := range 3 {
		d, err := NewDraft(path, Header{}, true)
		if err != nil {
			t.Fatal(err)
		}
		if moment > 0 {
			if err := keep(t, path, 2, 1)(d.Writer); err != nil {
				t.Fatal(err)
			}
		}
		if moment > 1 {
			if err := d.finish(); err != nil {
				t.Fatal(err)
			}
		}
		d.close() // and no more, but that locks go with a process
		d.Writer.file.Close()
		c := open(t, path)
		orphans, err := c.Orphans()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orphans {
			if err := os.Remove(filepath.Join(filepath.Dir(path), filepath.FromSlash(o))); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := told(t, path), []int{0, 1, 2}; !slices.Equal(got, want) {
			t.Errorf("killed at %d: got %v, want %v", moment, got, want)
		}
	}
}

// list returns the names of all files beneath a folder.
func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
