package replay

import (
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// TestStrays checks that the idle streams of a client that departs from the
// recording end, and that those of other clients do not.
func TestStrays(t *testing.T) {
	ask := func(text string) func(*testing.T, *player, net.Conn) {
		return func(t *testing.T, p *player, _ net.Conn) {
			if got := p.conversation(t, get(text)); got[0] == "0" {
				t.Errorf("asked for %s, got %q", text, got)
			}
		}
	}
	say := func(text string) func(*testing.T, *player, net.Conn) {
		return func(t *testing.T, _ *player, c net.Conn) { send(t, c, text) }
	}
	for _, tt := range []struct {
		name string
		does func(*testing.T, *player, net.Conn)
		ends bool
	}{
		{"nothing", func(*testing.T, *player, net.Conn) {}, false},
		{"what was recorded", say("hello"), false},
		{"less", say("hel"), false},
		{"another request", ask("/none"), true},
		{"other bytes", say("hal"), true},
		{"another connection", func(t *testing.T, p *player, _ net.Conn) {
			c := p.dial(t)
			send(t, c, "\x00hello\r\n")
			expectEnd(t, c, eof)
		}, true},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(tt.name+"/"+network, func(t *testing.T) {
				p := serve(t, network, &Server{CausalTimeout: 40 * time.Millisecond, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{},
					upgrade(t, says(server, "$ "), says(client, "hello"), says(server, "bye"), marks(client, cassettes.EOF), marks(server, cassettes.EOF)),
					saying(t, get("/a"), "0"))}})
				c := p.dial(t)
				send(t, c, attach)
				expect(t, c, upgraded+"$ ")
				tt.does(t, p, c)
				if tt.name == "what was recorded" {
					expect(t, c, "bye")
				}
				c.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
				_, err := c.Read(make([]byte, 1))
				if ended := err == io.EOF; ended != tt.ends {
					t.Errorf("the stream ended: %v, want %v: %v", ended, tt.ends, err)
				}
				if r := p.Report(); (len(r.Notes) > 0) != tt.ends {
					t.Errorf("the report is %+v", r)
				}
			})
		}
	}
}

// TestWhoIsAStray checks that a client is none any more when its last connection
// has ended, or after a Reset, and that those of another address are none.
func TestWhoIsAStray(t *testing.T) {
	from := func(p *player, ip net.IP) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: ip}}
		c, err := d.Dial("tcp", p.l.Addr().String())
		if err != nil {
			t.Skip(err) // not every system has all of 127.0.0.0/8
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	for _, tt := range []struct {
		name string
		next func(*testing.T, *player, net.Conn) net.Conn // the connection to look at
		ends bool
	}{
		{"the same client/unix", func(_ *testing.T, _ *player, c net.Conn) net.Conn { return c }, true},
		{"the same client/tcp", func(_ *testing.T, _ *player, c net.Conn) net.Conn { return c }, true},
		{"after its end/unix", redial, false},
		{"after its end/tcp", redial, false},
		{"after a reset/unix", func(_ *testing.T, p *player, c net.Conn) net.Conn { p.Reset(); return c }, false},
		{"the same address/tcp", func(_ *testing.T, p *player, _ net.Conn) net.Conn { return from(p, net.IPv4(127, 0, 0, 1)) }, true},
		{"another address/tcp", func(_ *testing.T, p *player, _ net.Conn) net.Conn { return from(p, net.IPv4(127, 0, 0, 2)) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := serve(t, filepath.Base(tt.name), &Server{CausalTimeout: 40 * time.Millisecond, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{},
				upgrade(t, says(server, "$ "), says(client, "hello"), says(server, "bye")), saying(t, get("/a"), "0"))}})
			c := p.dial(t)
			p.conversation(t, get("/none"))
			c = tt.next(t, p, c)
			send(t, c, attach)
			expect(t, c, upgraded+"$ ")
			c.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
			_, err := c.Read(make([]byte, 1))
			if ended := err == io.EOF; ended != tt.ends {
				t.Errorf("the stream ended: %v, want %v: %v", ended, tt.ends, err)
			}
		})
	}
}

// redial returns another connection, after all others have ended.
func redial(t *testing.T, p *player, c net.Conn) net.Conn {
	c.Close()
	for until := time.Now().Add(5 * time.Second); len(p.life.Open(nil)) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("connections are left")
		}
	}
	return p.dial(t)
}
