//go:build unix

package endpoint

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestListenUnix(t *testing.T) {
	defer unix.Umask(unix.Umask(0)) // the mode must not come from it
	path := socketPath(t)
	l := listen(t, Addr{"unix", path})
	if got := AddrOf(l.Addr()); got != (Addr{"unix", path}) {
		t.Errorf("address %v, want unix://%s", got, path)
	}
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fi.Mode(), fs.ModeSocket|0o600; got != want {
		t.Errorf("mode %v, want %v", got, want)
	}
	pair(t, l)
	l.Close()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Close the file is still there: %v", err)
	}
}

func TestDialWaitsForRoomInTheQueue(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems let connect wait")
	}
	path := socketPath(t)
	fd, err := unixSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrUnix{Name: path}), unix.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	a := Addr{"unix", path}
	first, err := Dial(context.Background(), a) // the queue has room for one more than asked for
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if c, err := Dial(ctx, a); !errors.Is(err, unix.EAGAIN) {
		t.Fatalf("dial with a full queue: %v, %v, want EAGAIN", c, err)
	}
	time.AfterFunc(30*time.Millisecond, func() {
		if nfd, _, err := unix.Accept(fd); err == nil {
			unix.Close(nfd)
		}
	})
	ctx, cancel = context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := Dial(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}
