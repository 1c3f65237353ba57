package endpoint

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"
)

// startEcho serves l: connections echo until their client ends. Served receives
// the error of Serve.
func startEcho(life *Lifecycle[net.Conn], l net.Listener) (served chan error) {
	served = make(chan error, 1)
	begin := func(nc net.Conn, _, _ int) net.Conn { return nc }
	serve := func(nc net.Conn) {
		defer nc.Close()
		io.Copy(nc, nc)
	}
	go func() {
		served <- life.Serve(l, slog.New(slog.DiscardHandler), func(nc net.Conn) { life.Begin(nc, begin, serve) })
	}()
	return served
}

func TestStopEndsServeAndRefusesClients(t *testing.T) {
	l := listen(t, Addr{"tcp", "127.0.0.1:0"})
	life := new(Lifecycle[net.Conn])
	served := startEcho(life, l)
	if err := errors.Join(life.Stop(), life.Stop()); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returned %v, want ErrClosed", err)
	}
	select {
	case <-life.Stopping():
	default:
		t.Error("Stopping is open after Stop")
	}
	again := listen(t, Addr{"tcp", "127.0.0.1:0"})
	if err := life.Serve(again, nil, nil); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve after Stop returned %v, want ErrClosed", err)
	}
	if _, err := again.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve after Stop left its listener open: %v", err)
	}
	client, server := net.Pipe()
	life.Begin(server, nil, nil)
	wantEnd(t, client, io.EOF)
	if life.Go(func() {}) {
		t.Error("Go runs a function after Stop")
	}
	life.Wait()
}

func TestDrainWaitsForTheLastConnection(t *testing.T) {
	l := listen(t, Addr{"tcp", "127.0.0.1:0"})
	left := make(chan int, 2)
	life := &Lifecycle[net.Conn]{Ended: func(_ net.Conn, open map[net.Conn]struct{}) { left <- len(open) }}
	served := startEcho(life, l)
	var clients []net.Conn
	for range 2 {
		c, err := Dial(t.Context(), AddrOf(l.Addr()))
		if err != nil {
			t.Fatal(err)
		}
		write(t, c, "ask")
		wantRead(t, c, "ask")
		clients = append(clients, c)
	}
	if open, n := life.Open(nil), life.Accepted(); len(open) != 2 || n != 2 {
		t.Errorf("%d connections are open of %d accepted, want 2 of 2", len(open), n)
	}
	life.Stop()
	<-served
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := life.Drain(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Drain with open connections returned %v, want its context's error", err)
	}
	drained := make(chan error, 2)
	for range 2 { // both calls return
		go func() { drained <- life.Drain(context.Background()) }()
	}
	for i, c := range clients {
		c.Close()
		if n := <-left; n != len(clients)-1-i {
			t.Errorf("%d connections are left, want %d", n, len(clients)-1-i)
		}
	}
	for range 2 {
		if err := <-drained; err != nil {
			t.Error(err)
		}
	}
	life.Wait()
	if err := life.Drain(short); err != nil {
		t.Errorf("Drain with no connection returned %v", err)
	}
}
