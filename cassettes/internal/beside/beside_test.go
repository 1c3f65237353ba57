package beside

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

func TestNoTwoCassettesShareAFolder(t *testing.T) {
	seen := map[string]string{}
	for _, base := range []string{"a", "a.yaml", "a.yml", "a.bodies", "a-bodies", "a.yaml.yaml", ".yaml"} {
		folder := Folder(base)
		if other, ok := seen[folder]; ok || folder == base {
			t.Errorf("%q and %q have the folder %q", base, other, folder)
		}
		seen[folder] = base
	}
}

func TestWrittenNamesAreKnown(t *testing.T) {
	fsys := fstest.MapFS{}
	want := []string{"a.bodies/1-request", "a.bodies/12-response.2", "a.bodies/3-turns", "a.bodies/4-client-frames"}
	for _, name := range append([]string{"a.bodies/notes.txt", "a.bodies/x-response", "1-response"}, want...) {
		fsys[name] = &fstest.MapFile{}
	}
	got, err := Written(fsys, "a.bodies")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got, err := Written(fsys, "b.bodies"); got != nil || err != nil {
		t.Errorf("of no folder: got %q, %v", got, err)
	}
}

func TestRemoveLeavesWhatOthersMade(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "a.bodies"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"1-request", "2-request", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, "a.bodies", name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	remove := func(which func(string) bool, want ...string) {
		t.Helper()
		if got, err := Remove(root, "a.bodies", which); err != nil || !slices.Equal(got, want) {
			t.Fatalf("removed %q, %v, want %q", got, err, want)
		}
	}
	all := func(string) bool { return true }
	remove(func(name string) bool { return name == "a.bodies/2-request" }, "a.bodies/2-request")
	remove(all, "a.bodies/1-request")
	if err := root.Remove("a.bodies/notes.txt"); err != nil {
		t.Fatal(err)
	}
	remove(all)
	if _, err := root.Stat("a.bodies"); !os.IsNotExist(err) {
		t.Errorf("the empty folder is still there: %v", err)
	}
}
