package e2e

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/tap"
)

// TestComparisonFindsEveryDifference checks the comparison that the other
// tests rest on. It must find a changed byte, other chunk bounds, a missing
// end and extra bytes, and nothing in equal traffic.
func TestComparisonFindsEveryDifference(t *testing.T) {
	const good = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
	recorded := script{client(get), serverSays(good[:50]), serverSays(good[50:]), serverEOF}.events()
	for _, c := range []struct {
		name, answer string
		same         bool
	}{
		{"the same", good, true},
		{"a byte differs", strings.Replace(good, "ok", "oj", 1), false},
		{"cut elsewhere", strings.Replace(good, "2\r\nok\r\n", "1\r\no\r\n1\r\nk\r\n", 1), false},
		{"too short", good[:len(good)-1], false},
		{"too long", good + "x", false},
		{"nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := net.Listen("unix", socketPath())
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				s, err := l.Accept()
				if err != nil {
					return
				}
				defer s.Close()
				io.ReadFull(s, make([]byte, len(get)))
				io.WriteString(s, c.answer)
			}()
			got, err := play(unix(l.Addr().String()), recorded)
			if err == nil {
				err = sameTraffic(tap.Conns(recorded), got, sameServer)
			}
			if same := err == nil; same != c.same {
				t.Errorf("same is %v, %v; want %v", same, err, c.same)
			}
		})
	}
}

// TestTapsAroundAProxyFindAChange checks that two taps around a proxy that
// changes a byte disagree, and that taps around one that does not agree.
func TestTapsAroundAProxyFindAChange(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func([]byte) []byte
		same   bool
	}{
		{"honest", func(b []byte) []byte { return b }, true},
		{"changes a byte", func(b []byte) []byte { return append([]byte{b[0] ^ 1}, b[1:]...) }, false},
		{"swallows a byte", func(b []byte) []byte { return b[1:] }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t)
			origin := serveOrigin(t, sizedOrExact)
			clientSock, proxySock, serverSock := socketPath(), socketPath(), socketPath()
			stopClient := startTap(t, unix(clientSock), unix(proxySock), filepath.Join(dir, "client"))
			stopServer := startTap(t, unix(serverSock), dialAddr(origin), filepath.Join(dir, "server"))
			proxy(t, proxySock, serverSock, c.change)
			fetchOne(clientSock)
			err := sameTraffic(tap.Conns(stopClient()), tap.Conns(stopServer()), sameConn)
			if same := err == nil; same != c.same {
				t.Errorf("same is %v, %v; want %v", same, err, c.same)
			}
		})
	}
}

// proxy passes one connection on and changes the server's first piece.
func proxy(t *testing.T, at, upstream string, change func([]byte) []byte) {
	t.Helper()
	l, err := net.Listen("unix", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		s, err := net.Dial("unix", upstream)
		if err != nil {
			return
		}
		defer s.Close()
		go io.Copy(s, c)
		buf := make([]byte, 64<<10)
		n, _ := s.Read(buf)
		if n > 0 {
			c.Write(change(buf[:n]))
		}
		io.Copy(c, s)
	}()
}

// fetchOne asks once and closes.
func fetchOne(sock string) {
	c, err := net.Dial("unix", sock)
	if err != nil {
		return
	}
	defer c.Close()
	io.WriteString(c, "GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	io.ReadAll(c)
}
