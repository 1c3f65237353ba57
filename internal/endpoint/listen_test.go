package endpoint

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// socketPath returns the path of a socket that can be made: t.TempDir may be
// too deep for one.
func socketPath(t testing.TB) string {
	dir, err := os.MkdirTemp("/tmp", "wt-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func listen(t testing.TB, a Addr) net.Listener {
	t.Helper()
	l, err := Listen(a, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// pair returns both ends of a connection.
func pair(t testing.TB, l net.Listener) (client, server net.Conn) {
	t.Helper()
	client, err := Dial(context.Background(), AddrOf(l.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func unixPair(t testing.TB) (client, server net.Conn) {
	t.Helper()
	return pair(t, listen(t, Addr{"unix", socketPath(t)}))
}

func tcpPair(t testing.TB) (client, server net.Conn) {
	t.Helper()
	return pair(t, listen(t, Addr{"tcp", "127.0.0.1:0"}))
}

func TestListenTakesOverStaleSocket(t *testing.T) {
	path := socketPath(t)
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
	pair(t, listen(t, Addr{"unix", path}))
}

func TestListenAddressInUse(t *testing.T) {
	for _, a := range []Addr{{"unix", socketPath(t)}, {"tcp", "127.0.0.1:0"}} {
		l := listen(t, a)
		again, err := Listen(AddrOf(l.Addr()), false)
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("second Listen on %v = %v, %v, want EADDRINUSE", a, again, err)
		}
		pair(t, l) // the first is as it was
	}
}

func TestListenLeavesOtherFilesAlone(t *testing.T) {
	path := socketPath(t)
	if err := os.WriteFile(path, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := path + "-link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, link, filepath.Dir(path)} {
		if l, err := Listen(Addr{"unix", p}, false); err == nil || !strings.Contains(err.Error(), "not a socket") {
			t.Errorf("Listen on %s = %v, %v, want an error with %q", p, l, err, "not a socket")
		}
	}
	fi, err := os.Stat(path)
	if b, _ := os.ReadFile(link); string(b) != "precious" || err != nil || fi.Mode() != 0o644 {
		t.Errorf("the file has changed: %q, %v, %v", b, fi.Mode(), err)
	}
}

func TestListenerRemovesOnlyItsOwnFile(t *testing.T) {
	path := socketPath(t)
	l := listen(t, Addr{"unix", path})
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	other := listen(t, Addr{"unix", path})
	l.Close()
	pair(t, other)
}

func TestPathLimit(t *testing.T) {
	path := socketPath(t)
	longest := path + strings.Repeat("x", maxPath-len(path))
	pair(t, listen(t, Addr{"unix", longest}))

	a := Addr{"unix", longest + "x"}
	_, listenErr := Listen(a, false)
	_, dialErr := Dial(context.Background(), a)
	for what, err := range map[string]error{"Listen": listenErr, "Dial": dialErr} {
		if err == nil || !strings.Contains(err.Error(), "at most 10") {
			t.Errorf("%s on %d bytes: %v, want the limit", what, len(a.Address), err)
		}
	}
}

func TestListenMissingFolder(t *testing.T) {
	dir := socketPath(t)
	_, err := Listen(Addr{"unix", dir + "/s"}, false)
	if err == nil || !strings.Contains(err.Error(), "folder") || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want an error that names the folder", err)
	}
}

func TestListenRemote(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0"} {
		if l, err := Listen(Addr{"tcp", address}, false); err == nil || !strings.Contains(err.Error(), "--allow-remote") {
			t.Errorf("Listen(%q, false) = %v, %v, want an error with --allow-remote", address, l, err)
		}
	}
	l, err := Listen(Addr{"tcp", "0.0.0.0:0"}, true)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	listen(t, Addr{"tcp", "localhost:0"})
}

func TestListenPrivate(t *testing.T) {
	// A deep TMPDIR leaves no room for a socket's path.
	deep := filepath.Join(t.TempDir(), strings.Repeat("d", 100))
	if err := os.Mkdir(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tmp := range []string{"/tmp", deep} {
		t.Setenv("TMPDIR", tmp)
		l, err := ListenPrivate()
		if err != nil {
			t.Fatal(err)
		}
		path := l.Addr().String()
		fi, err := os.Stat(filepath.Dir(path))
		if err != nil || fi.Mode() != fs.ModeDir|0o700 {
			t.Errorf("folder of %s: %v, %v, want mode 0700", path, fi.Mode(), err)
		}
		pair(t, l)
		l.Close()
		l.Close()
		if _, err := os.Lstat(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after Close the folder is still there: %v", err)
		}
	}
	if left, _ := os.ReadDir(deep); len(left) != 0 {
		t.Errorf("the folder that did not do keeps %v", left)
	}
}
