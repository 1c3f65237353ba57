package e2e

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/sandbox"
)

// TestDiskFull: a disk that fills up ends the recording, loudly, and never
// the traffic; what was written still loads.
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
