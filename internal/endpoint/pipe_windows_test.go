package endpoint

import (
	"fmt"
	"io"
	"os"
	"testing"
)

func TestPipeCarriesHalfClosesAndItsAddress(t *testing.T) {
	a, err := Parse(fmt.Sprintf("npipe:////./pipe/wiretape-test-%d", os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t, a)
	if got := AddrOf(l.Addr()); got != a {
		t.Errorf("the pipe listens at %v, want %v", got, a)
	}
	accepted := make(chan error, 1)
	go func() {
		server, err := l.Accept()
		if err == nil {
			_, err = io.Copy(server, server) // until the half-close
			server.Close()
		}
		accepted <- err
	}()
	client, err := Dial(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	write(t, client, "ask")
	wantRead(t, client, "ask")
	if err := CloseWrite(client); err != nil {
		t.Fatal(err)
	}
	wantEnd(t, client, io.EOF)
	if err := <-accepted; err != nil {
		t.Error(err)
	}
}
