package endpoint

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// pairs are the kinds of connections.
var pairs = map[string]func(testing.TB) (net.Conn, net.Conn){"unix": unixPair, "tcp": tcpPair}

// All arrives, also where the socket's buffer is full in between.
func TestWriter(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			client, server := pair(t)
			var want []byte
			for i := range 3000 {
				want = append(want, bytes.Repeat([]byte{byte(i)}, 1+i*5)...)
			}
			go func() {
				w := NewWriter(client, always())
				for rest, i := want, 0; len(rest) > 0; i++ {
					n, err := w.Write(rest[:min(len(rest), 1+i*5)])
					if err != nil {
						t.Error(err)
					}
					rest = rest[n:]
				}
				client.Close()
			}()
			time.Sleep(10 * time.Millisecond) // so that the buffer is full
			got, err := io.ReadAll(server)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes came of %d, or others; error %v", len(got), len(want), err)
			}
		})
	}
}

func TestWriterErrors(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			client, server := pair(t)
			w := NewWriter(client, nil)
			client.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
			err := error(nil)
			for err == nil {
				_, err = w.Write(make([]byte, 1000))
			}
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("write to a full socket: %v, want a timeout", err)
			}
			client.SetWriteDeadline(time.Time{})
			server.Close()
			for err = nil; err == nil; {
				_, err = w.Write(make([]byte, 1000))
			}
			if !errors.Is(err, syscall.EPIPE) && !IsReset(err) {
				t.Errorf("write to a closed socket: %v, want a broken pipe", err)
			}
			client.Close()
			if _, err := w.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
				t.Errorf("write to a connection that we closed: %v, want ErrClosed", err)
			}
		})
	}
}

func TestWriterAllocates(t *testing.T) {
	for _, busy := range []*atomic.Bool{nil, always(), new(atomic.Bool)} {
		client, server := unixPair(t)
		w, b := NewWriter(client, busy), make([]byte, 100)
		if n := testing.AllocsPerRun(100, func() {
			w.Write(b)
			server.Read(b)
		}); n != 0 {
			t.Errorf("busy %v: %v allocations a write, want none", busy, n)
		}
	}
}

// always is a program that is busy.
func always() *atomic.Bool {
	var busy atomic.Bool
	busy.Store(true)
	return &busy
}
