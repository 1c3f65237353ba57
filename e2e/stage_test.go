package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/wiretape/wiretape/e2e/tap"
)

// stage is a recorder between a scripted daemon and a scripted client. Every
// piece is received on one side before the other side acts, so that the
// recorder sees exactly the pieces of the script.
type stage struct {
	t        *testing.T
	dir      string
	origin   net.Listener
	recorder *server
}

// newStage starts record with the flags given.
func newStage(t *testing.T, flags ...string) *stage {
	t.Helper()
	s := &stage{t: t, dir: folder(t)}
	var err error
	if s.origin, err = net.Listen("unix", socketPath()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.origin.Close() })
	args := []string{command("record"), "--upstream", "unix://" + s.origin.Addr().String(), "--cassette", s.cassette()}
	s.recorder = serve(t, append(args, flags...)...)
	return s
}

func (s *stage) cassette() string { return filepath.Join(s.dir, "c.yaml") }

// finish ends the recorder with SIGINT.
func (s *stage) finish() {
	s.t.Helper()
	if status := s.recorder.stop(); status != 0 {
		s.t.Fatalf("record exited %d:\n%s", status, s.recorder.stderr.String())
	}
}

// script is one connection's events.
type script []tap.Event

// client and server are pieces of a script, ends are how it ends.
func client(data string) tap.Event {
	return tap.Event{Conn: 1, Side: tap.Client, Kind: tap.Data, Data: []byte(data)}
}

func serverSays(data string) tap.Event {
	return tap.Event{Conn: 1, Side: tap.Server, Kind: tap.Data, Data: []byte(data)}
}

var (
	clientEOF = tap.Event{Conn: 1, Side: tap.Client, Kind: tap.EOF}
	serverEOF = tap.Event{Conn: 1, Side: tap.Server, Kind: tap.EOF}
)

// events returns the script in the form of a tap's log.
func (sc script) events() []tap.Event {
	return append([]tap.Event{{Conn: 1, Side: tap.Client, Kind: tap.Open}}, sc...)
}

// perform plays a script through the recorder and checks that each side
// received exactly the bytes of the other.
func (s *stage) perform(sc script) error {
	client, err := net.Dial(dialAddr(s.recorder.addr).Net, dialAddr(s.recorder.addr).Addr)
	if err != nil {
		return err
	}
	defer client.Close()
	s.origin.(*net.UnixListener).SetDeadline(time.Now().Add(patience))
	daemon, err := s.origin.Accept()
	if err != nil {
		return fmt.Errorf("record did not dial: %w", err)
	}
	defer daemon.Close()
	ends := [2]net.Conn{tap.Client: client, tap.Server: daemon}
	for i, e := range sc {
		from, to := ends[e.Side], ends[e.Side.Other()]
		if err := pass(e, from, to); err != nil {
			return fmt.Errorf("step %d, %v %s %q: %w", i, e.Side, e.Kind, abridged(e.Data), err)
		}
	}
	return nil
}

// pass does one step at from and awaits it at to.
func pass(e tap.Event, from, to net.Conn) error {
	from.SetDeadline(time.Now().Add(patience))
	to.SetDeadline(time.Now().Add(patience))
	if e.Kind == tap.EOF {
		from.(*net.UnixConn).CloseWrite()
		if n, err := to.Read(make([]byte, 1)); n > 0 || !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
			return fmt.Errorf("the other side read %d bytes, %v; want the end", n, err)
		}
		return nil
	}
	wrote := make(chan error, 1)
	go func() {
		_, err := from.Write(e.Data)
		wrote <- err
	}()
	got := make([]byte, len(e.Data))
	n, err := io.ReadFull(to, got)
	if err := errors.Join(err, <-wrote); err != nil {
		return fmt.Errorf("after %d bytes: %w", n, err)
	}
	if !bytes.Equal(got, e.Data) {
		return sameBytes(e.Data, got, 0)
	}
	return nil
}

func abridged(b []byte) []byte { return b[:min(len(b), 60)] }

// replays checks that a replay of the stage's cassette answers the client
// bytes of the scripts with their server bytes, masked by masked.
func (s *stage) replays(scripts []script, same func(want, got *tap.Conn) error) {
	s.t.Helper()
	r := serve(s.t, command("replay"), s.cassette())
	for i, sc := range scripts {
		got, err := play(dialAddr(r.addr), sc.events())
		if err != nil {
			s.t.Errorf("replay of script %d: %v", i, err)
			break
		}
		if err := sameTraffic(tap.Conns(sc.events()), got, same); err != nil {
			s.t.Errorf("replay of script %d: %v", i, err)
		}
	}
	if status := r.stop(); status != 0 {
		s.t.Errorf("replay exited %d:\n%s", status, r.stderr.String())
	}
}
