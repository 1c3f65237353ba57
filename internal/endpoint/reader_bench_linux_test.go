//go:build linux && !386 && !s390x

package endpoint

import (
	"io"
	"net"
	"testing"
)

// BenchmarkReader sends a message back and forth between two goroutines, both
// reading through a Reader or plainly: two reads an operation.
func BenchmarkReader(b *testing.B) {
	for _, size := range []struct {
		name string
		n    int
	}{{"100B", 100}, {"4KiB", 4 << 10}, {"32KiB", 32 << 10}, {"64KiB", 64 << 10}} {
		for kind, reader := range map[string]func(net.Conn) io.Reader{
			"plain":  func(c net.Conn) io.Reader { return c },
			"Reader": func(c net.Conn) io.Reader { return NewReader(c) },
		} {
			b.Run(size.name+"/"+kind, func(b *testing.B) {
				client, server := unixPair(b)
				go func() {
					r, buf := reader(server), make([]byte, size.n)
					for {
						if _, err := io.ReadFull(r, buf); err != nil {
							return
						}
						server.Write(buf)
					}
				}()
				r, buf := reader(client), make([]byte, size.n)
				b.SetBytes(int64(2 * size.n))
				b.ReportAllocs()
				for b.Loop() {
					client.Write(buf)
					if _, err := io.ReadFull(r, buf); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkReaderOneWay reads from a writer that sends as fast as it can.
func BenchmarkReaderOneWay(b *testing.B) {
	for kind, reader := range map[string]func(net.Conn) io.Reader{
		"plain":  func(c net.Conn) io.Reader { return c },
		"Reader": func(c net.Conn) io.Reader { return NewReader(c) },
	} {
		b.Run(kind, func(b *testing.B) {
			client, server := unixPair(b)
			go func() {
				buf := make([]byte, 64<<10)
				for {
					if _, err := client.Write(buf); err != nil {
						return
					}
				}
			}()
			r, buf := reader(server), make([]byte, 64<<10)
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				if _, err := io.ReadFull(r, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
