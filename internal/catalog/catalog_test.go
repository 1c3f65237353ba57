package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
)

// write writes an empty cassette and returns its bytes.
func write(t *testing.T, path string) []byte {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := cassettes.Create(path, cassettes.Header{Source: "recorded"}, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOpen(t *testing.T) {
	t.Chdir(t.TempDir())
	data := write(t, "tapes/b.yaml")
	write(t, "tapes/a.yaml")
	write(t, "tapes/inner/c.yaml")
	write(t, "one.tape")
	if err := os.Mkdir("empty", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("tapes/notes.txt", []byte("no cassette"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := Catalog{Library: fstest.MapFS{
		"docker/v1.24/pull.yaml":   {Data: data},
		"docker/v1.24/images.yaml": {Data: data},
		"docker/README.md":         {Data: []byte("words")},
	}}
	for _, tt := range []struct {
		names []string
		want  []string // of the cassettes
		err   string
	}{
		{names: []string{"one.tape"}, want: []string{"one.tape"}},
		{names: []string{"tapes"}, want: []string{"tapes/a.yaml", "tapes/b.yaml"}},
		{names: []string{"one.tape", "tapes", "one.tape"}, want: []string{"one.tape", "tapes/a.yaml", "tapes/b.yaml", "one.tape"}},
		{names: []string{"library:docker/v1.24/pull"}, want: []string{"docker/v1.24/pull.yaml"}},
		{names: []string{"library:docker/v1.24/pull.yaml"}, want: []string{"docker/v1.24/pull.yaml"}},
		{names: []string{"library:docker/v1.24"}, want: []string{"docker/v1.24/images.yaml", "docker/v1.24/pull.yaml"}},
		{names: []string{"one.tape", "two.tape"}, err: "cassette two.tape: no such file or directory"},
		{names: []string{"empty"}, err: "folder empty: it holds no *.yaml"},
		{names: []string{"tapes/notes.txt"}, err: "tapes/notes.txt:1:"},
		{names: []string{"library:docker"}, err: "library:docker: it holds no *.yaml"},
		{names: []string{"library:docker/v1.24/push"}, err: "library:docker/v1.24/push: the library has no such cassette: docker/v1.24 has images, pull"},
		{names: []string{"library:docker/v9/push"}, err: "library:docker/v9/push: the library has no such cassette: docker has v1.24"},
		{names: []string{"library:push"}, err: "library:push: the library has no such cassette: it has docker"},
		{names: []string{"library:../one.tape"}, err: "library:../one.tape: want library:PRODUCT/VERSION/NAME"},
		{names: []string{"library:"}, err: "library:: want library:PRODUCT/VERSION/NAME"},
	} {
		opened, err := s.Open(tt.names...)
		if tt.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), tt.err) {
				t.Errorf("Open(%q): got error %v, want %q", tt.names, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("Open(%q): %v", tt.names, err)
			continue
		}
		var got []string
		for _, c := range opened {
			got = append(got, c.Name)
		}
		Close(opened)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Open(%q) (-want +got):\n%s", tt.names, diff)
		}
	}
	if diff := cmp.Diff([]string{"library:docker/v1.24/images", "library:docker/v1.24/pull"}, s.Names()); diff != "" {
		t.Errorf("Names (-want +got):\n%s", diff)
	}
}

func TestNoLibrary(t *testing.T) {
	if _, err := (Catalog{}).Open("library:docker/v1.24/pull"); err == nil || !strings.Contains(err.Error(), "no library") {
		t.Errorf("got %v, want an error that says that there is no library", err)
	}
	if names := (Catalog{}).Names(); names != nil {
		t.Errorf("got names %q, want none", names)
	}
}
