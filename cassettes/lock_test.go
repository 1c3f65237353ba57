//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows

package cassettes

import (
	"os"
	"path/filepath"
	"testing"
)

// While a cassette is written no one else writes it.
func TestOneWriterAtATime(t *testing.T) {
	for name, o := range map[string]Options{"new": {}, "append": {Append: true}, "overwrite": {Overwrite: true}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "c.yaml")
			if name != "new" {
				first := newWriter(t, path, Options{})
				appendAll(t, first, smallItem(first.NextID()))
				closeWriter(t, first)
			}
			w := newWriter(t, path, o)
			appendAll(t, w, smallItem(w.NextID()))
			refused(t, path)
			closeWriter(t, w)
			want := 1
			if o.Append {
				want = 2
			}
			if n := open(t, path).Len(); n != want {
				t.Errorf("got %d items, want %d", n, want)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
			closeWriter(t, newWriter(t, path, Options{Append: true}))
			if _, err := Repair(path); err != nil {
				t.Error(err)
			}
			if _, err := Format(path); err != nil {
				t.Error(err)
			}
		})
	}
}

// refused has everything that writes the cassette at path tried.
func refused(t *testing.T, path string) {
	t.Helper()
	const busy = "another record is writing it"
	for _, o := range []Options{{Append: true}, {Overwrite: true}} {
		_, err := Create(path, testHeader(), o)
		wantError(t, err, path, busy)
	}
	wantError(t, Rewrite(path, testHeader(), true, func(*Writer) error { return nil }), path, busy)
	_, err := Format(path)
	wantError(t, err, path, busy)
	_, err = FormatFromVCR(path)
	wantError(t, err, path, busy)
	_, err = Repair(path)
	wantError(t, err, path, busy)
}

func TestRewriteKeepsWritersAway(t *testing.T) {
	path := writeCassette(t, pullItem())
	err := Rewrite(path, testHeader(), true, func(w *Writer) error {
		_, err := Create(path, testHeader(), Options{Append: true})
		wantError(t, err, path, "another record is writing it")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := open(t, path).Len(); n != 0 {
		t.Errorf("got %d items, want none", n)
	}
}

// Close says that interactions are lost when the Writer's file has gone.
func TestCloseMissesItsFile(t *testing.T) {
	for _, replace := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		w := newWriter(t, path, Options{})
		appendAll(t, w, smallItem(1), smallItem(0)) // would be sorted
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if replace {
			if err := os.WriteFile(path, []byte("other"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		wantError(t, w.Close(), path, "replaced or removed")
		if text, err := os.ReadFile(path); replace && string(text) != "other" || !replace && err == nil {
			t.Errorf("replaced %v: got %q, %v", replace, text, err)
		}
	}
}
