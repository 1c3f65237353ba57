package cassettes

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// draft begins a draft at path, with n large items in it.
func draft(t *testing.T, path string, overwrite bool, n int) *Draft {
	t.Helper()
	d, err := NewDraft(path, testHeader(), overwrite)
	if err != nil {
		t.Fatal(err)
	}
	for i := n - 1; i >= 0; i-- { // to be sorted
		if err := d.Writer.Append(largeItem(t, d.Writer, i, i)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// A draft changes nothing until it is kept, and nothing where it is discarded.
func TestDraft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := draft(t, path, false, 2).Discard(); err != nil {
		t.Fatal(err)
	}
	if left := list(t, filepath.Dir(path)); len(left) != 1 {
		t.Errorf("a draft that was discarded left %q", left)
	}
	d := draft(t, path, false, 2)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before it is kept: %v", err)
	}
	if err := d.Keep(); err != nil {
		t.Fatal(err)
	}
	before := list(t, filepath.Dir(path))
	if err := draft(t, path, true, 3).Discard(); err != nil {
		t.Fatal(err)
	}
	if after := list(t, filepath.Dir(path)); !slices.Equal(after, before) {
		t.Errorf("got files %q, want %q", after, before)
	}
	if got, want := told(t, path), []int{0, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := draft(t, path, true, 3).Keep(); err != nil {
		t.Fatal(err)
	}
	if got, want := told(t, path), []int{0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// One that cannot be written whole is not kept.
func TestADraftThatIsNotWholeIsNotKept(t *testing.T) {
	path := large(t, 2)
	before := list(t, filepath.Dir(path))
	d := draft(t, path, true, 3)
	full := errors.New("no space left")
	if err := d.Writer.fail(full); err == nil {
		t.Fatal("no error")
	}
	if err := d.Keep(); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	if after := list(t, filepath.Dir(path)); !slices.Equal(after, before) {
		t.Errorf("got files %q, want %q", after, before)
	}
}

// A second draft leaves the first one alone.
func TestOneDraftAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	d := draft(t, path, false, 2)
	_, err := NewDraft(path, testHeader(), false)
	wantError(t, err, path, "another record is writing it")
	if err := d.Keep(); err != nil {
		t.Fatal(err)
	}
	if got, want := told(t, path), []int{0, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A link that leads nowhere is refused before anything is written.
func TestADraftAtALinkThatLeadsNowhere(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "link.yaml")
	if err := os.Symlink("none.yaml", path); err != nil {
		t.Skip(err)
	}
	before := list(t, folder)
	for _, overwrite := range []bool{false, true} {
		d, err := NewDraft(path, testHeader(), overwrite)
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("overwrite %v: got %v, want %v", overwrite, err, fs.ErrExist)
		}
		if err == nil {
			d.Discard()
		}
		if after := list(t, folder); !slices.Equal(after, before) {
			t.Errorf("got files %q, want %q", after, before)
		}
	}
}
