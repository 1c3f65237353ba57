package record

import (
	"io"
	"net"
	"syscall"
	"testing"
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
		err = syscall.Sendto(int(fd), []byte("!"), syscall.MSG_OOB, nil)
	}); cerr != nil || err != nil {
		t.Fatal(cerr, err)
	}
	write(t, client, "rest")
	got := make([]byte, len("GET!rest"))
	if _, err := io.ReadFull(server, got); err != nil || string(got) != "GET!rest" {
		t.Errorf("the server read %q, %v", got, err)
	}
}
