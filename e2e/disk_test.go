package e2e

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/wiretape/wiretape/e2e/sandbox"
)

// TestDiskFull checks that a full disk ends the recording with an error, that
// traffic goes on, and that the written part still loads.
func TestDiskFull(t *testing.T) {
	if noSandbox != nil {
		skip(t, noSandbox)
	}
	for _, c := range []struct{ name, word string }{
		{"in the cassette", "chunked"},
		{"in a body file", "large"},
	} {
		t.Run(c.name, func(t *testing.T) { testDiskFull(t, c.word) })
	}
}

func testDiskFull(t *testing.T, word string) {
	disk := filepath.Join(folder(t), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Tmpfs(disk, "256k"); err != nil {
		skip(t, err)
	}
	origin := serveOrigin(t, sizedOrExact)
	cassette := filepath.Join(disk, "c.yaml")
	r := serve(t, command("record"), "--upstream", origin, "--cassette", cassette)
	for i := range 400 {
		path := fmt.Sprintf("/%d/%s", i, word)
		if got, want := bodySum(t, r.addr, path), bodySum(t, origin, path); got != want {
			t.Fatalf("%s came through record with other bytes", path)
		}
	}
	if status := r.stop(); status != 1 {
		t.Errorf("record exited %d, want 1", status)
	}
	if stderr := r.stderr.String(); !strings.Contains(stderr, "record: error: ") || !strings.Contains(stderr, "no space left on device") {
		t.Errorf("record does not say that the disk is full:\n%s", stderr)
	}
	if got := runs(t, command("cassette"), "show", cassette); got.status != 0 || len(got.stdout) == 0 {
		t.Errorf("cassette show exited %d:\n%s%s", got.status, got.stdout, got.stderr)
	}
}

func bodySum(t *testing.T, addr, path string) [sha256.Size]byte {
	t.Helper()
	client := &http.Client{Transport: transport(addr)}
	defer client.CloseIdleConnections()
	resp, err := client.Get("http://x" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(data)
}

// TestDiskFullKeepsWhatHadEnded checks that exchanges that ended before the
// disk was full are written where there is room, also those that still waited
// for a close.
func TestDiskFullKeepsWhatHadEnded(t *testing.T) {
	if noSandbox != nil {
		skip(t, noSandbox)
	}
	t.Run("a body that is too large", func(t *testing.T) {
		testEnded(t, func(r *server, disk string) {
			bodySum(t, r.addr, "/"+strings.Repeat("x", 60)+"/large")
		})
	})
	t.Run("room again at the end", func(t *testing.T) {
		testEnded(t, func(r *server, disk string) {
			full := filepath.Join(disk, "full")
			if err := os.WriteFile(full, make([]byte, 1<<20), 0o644); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("filling the disk: %v", err)
			}
			for i := 0; !strings.Contains(r.stderr.String(), "no space left on device"); i++ {
				if i == 2000 {
					t.Fatal("record does not say that the disk is full")
				}
				bodySum(t, r.addr, fmt.Sprintf("/more/%d/small", i))
			}
			if err := os.Remove(full); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// testEnded fills the disk just after some exchanges have ended.
func testEnded(t *testing.T, fill func(r *server, disk string)) {
	disk := filepath.Join(folder(t), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Tmpfs(disk, "256k"); err != nil {
		skip(t, err)
	}
	origin := serveOrigin(t, sizedOrExact)
	cassette := filepath.Join(disk, "c.yaml")
	r := serve(t, command("record"), "--upstream", origin, "--cassette", cassette)
	paths := endSome(t, r.addr)
	fill(r, disk)
	if got, want := bodySum(t, r.addr, "/after/small"), bodySum(t, origin, "/after/small"); got != want {
		t.Error("what came after the disk was full has other bytes")
	}
	if status := r.stop(); status != 1 {
		t.Errorf("record exited %d, want 1:\n%s", status, r.stderr.String())
	}
	wantShown(t, cassette, paths)
	verifies(t, cassette)
}

// TestStopKeepsWhatHadEnded checks the same for a record that is told to stop.
func TestStopKeepsWhatHadEnded(t *testing.T) {
	cassette := filepath.Join(folder(t), "c.yaml")
	r := serve(t, command("record"), "--upstream", serveOrigin(t, sizedOrExact), "--cassette", cassette)
	paths := endSome(t, r.addr)
	if status := r.stop(); status != 0 {
		t.Errorf("record exited %d, want 0:\n%s", status, r.stderr.String())
	}
	wantShown(t, cassette, paths)
}

// endSome ends exchanges on connections that stay open, and returns their
// paths.
func endSome(t *testing.T, addr string) (paths []string) {
	t.Helper()
	for i := range 5 {
		client := &http.Client{Transport: transport(addr)}
		t.Cleanup(client.CloseIdleConnections)
		path := fmt.Sprintf("/%d/small", i)
		resp, err := client.Get("http://x" + path)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		paths = append(paths, path)
	}
	return paths
}

// wantShown checks that the cassette has exchanges of these paths.
func wantShown(t *testing.T, cassette string, paths []string) {
	t.Helper()
	got := runs(t, command("cassette"), "show", cassette)
	for _, path := range paths {
		if !strings.Contains(string(got.stdout), path) {
			t.Errorf("%s is not in the cassette", path)
		}
	}
}
