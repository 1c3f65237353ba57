//go:build unix

package record

import (
	"io"
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// Urgent bytes pass, as bytes like any.
func TestUrgentBytesPass(t *testing.T) {
	tp := record(t, "tcp", nil)
	client, server := tp.connect()
	write(t, client, "GET")
	raw, err := client.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if cerr := raw.Control(func(fd uintptr) {
		err = unix.Sendto(int(fd), []byte("!"), unix.MSG_OOB, nil)
	}); cerr != nil || err != nil {
		t.Fatal(cerr, err)
	}
	write(t, client, "rest")
	got := make([]byte, len("GET!rest"))
	if _, err := io.ReadFull(server, got); err != nil || string(got) != "GET!rest" {
		t.Errorf("the server read %q, %v", got, err)
	}
}
