//go:build unix

package cassettes

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatIsNoRegularFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.yaml")
	if err := unix.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "directory", pipe: "named pipe", filepath.Join(dir, "none"): "no such file"} {
		_, err := OpenFile(path)
		wantError(t, err, path, want)
	}
}
