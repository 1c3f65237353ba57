package endpoint

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/internal/ca"
)

// authority returns a CA, and how a client trusts it.
func authority(t testing.TB) (*ca.Authority, *tls.Config) {
	t.Helper()
	a, err := ca.New("test")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.Cert)
	return a, &tls.Config{RootCAs: pool}
}

// serverCert returns a certificate for hosts.
func serverCert(t testing.TB, a *ca.Authority, hosts ...string) tls.Certificate {
	t.Helper()
	c, err := a.Server(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return *c
}

// serveTLS accepts connections with config on a port of this machine, and calls
// handle with each after its handshake.
func serveTLS(t testing.TB, config *tls.Config, handle func(*tls.Conn)) Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				s := tls.Server(c, config)
				if s.Handshake() == nil && handle != nil {
					handle(s)
				}
			}()
		}
	}()
	return Addr{"tls", l.Addr().String()}
}

func dialContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestDialTLSNamesTheReasonAndTheFlag(t *testing.T) {
	a, trusts := authority(t)
	other, _ := authority(t)
	good := &tls.Config{Certificates: []tls.Certificate{serverCert(t, a, "127.0.0.1", "d.test")}}
	needsClient := good.Clone()
	needsClient.ClientAuth, needsClient.ClientCAs, needsClient.MaxVersion = tls.RequireAndVerifyClientCert, trusts.RootCAs, tls.VersionTLS12
	expired := trusts.Clone()
	expired.Time = func() time.Time { return time.Now().AddDate(1, 0, 0) }
	unknown := &tls.Config{Certificates: []tls.Certificate{serverCert(t, other, "127.0.0.1")}}
	wrongHost := &tls.Config{Certificates: []tls.Certificate{serverCert(t, a, "elsewhere.test")}}
	named := trusts.Clone()
	named.ServerName = "d.test"
	for _, tt := range []struct {
		name           string
		server, client *tls.Config
		want           string // in the error; "" for none
	}{
		{"a trusted CA", good, trusts, ""},
		{"another name", good, named, ""},
		{"any certificate", unknown, &tls.Config{InsecureSkipVerify: true}, ""},
		{"the system's roots", good, nil, "--tls-ca FILE"},
		{"an unknown CA", unknown, trusts, "--tls-ca FILE"},
		{"another host", wrongHost, trusts, "--tls-server-name NAME"},
		{"an old certificate", good, expired, "expired"},
		{"no client certificate", needsClient, trusts, "--tls-cert and --tls-key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := serveTLS(t, tt.server, nil)
			c, err := DialTLS(dialContext(t), addr, tt.client)
			if err == nil {
				c.Close()
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got the error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestDialTLSToAPlainPortSaysSo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err == nil {
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			c.Close()
		}
	}()
	_, err = DialTLS(dialContext(t), Addr{"https", l.Addr().String()}, nil)
	if want := "give tcp://" + l.Addr().String(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got the error %v, want %q in it", err, want)
	}
}

// TestTLSOneThreeRefusesClientsInARead has a server ask for a certificate as TLS 1.3
// does: the client's handshake has ended before.
func TestTLSOneThreeRefusesClientsInARead(t *testing.T) {
	a, trusts := authority(t)
	addr := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{serverCert(t, a, "127.0.0.1")},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: trusts.RootCAs,
	}, nil)
	c, err := DialTLS(dialContext(t), addr, trusts)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Read(make([]byte, 1))
	if !IsAlert(err) || !strings.Contains(ExplainAlert(err).Error(), "--tls-cert") {
		t.Errorf("got the error %v, want an alert that --tls-cert helps", err)
	}
}

func TestEndsOfTLSAreToldApart(t *testing.T) {
	a, trusts := authority(t)
	config := &tls.Config{Certificates: []tls.Certificate{serverCert(t, a, "127.0.0.1")}}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, tt := range []struct {
			name string
			end  func(*tls.Conn)
			is   func(error) bool
		}{
			{"close_notify", func(c *tls.Conn) { c.Close() }, func(err error) bool { return err == io.EOF }},
			{"half-close", func(c *tls.Conn) { c.CloseWrite(); io.Copy(io.Discard, c) }, func(err error) bool { return err == io.EOF }},
			{"a close of TCP alone", func(c *tls.Conn) { c.NetConn().Close() }, IsCut},
			{"a half-close of TCP alone", func(c *tls.Conn) { CloseWrite(c.NetConn()); io.Copy(io.Discard, c) }, IsCut},
			{"a close within a record", func(c *tls.Conn) { c.NetConn().Write([]byte{23, 3, 3, 0, 100, 1, 2}); c.NetConn().Close() }, IsCut},
			{"a reset", func(c *tls.Conn) { Reset(c.NetConn()) }, IsReset},
		} {
			t.Run(tls.VersionName(version)+" "+tt.name, func(t *testing.T) {
				addr := serveTLS(t, config, func(c *tls.Conn) {
					io.WriteString(c, "bye")
					Drain(c.NetConn(), time.Second)
					time.Sleep(20 * time.Millisecond) // a reset takes back what was not read
					tt.end(c)
				})
				client := trusts.Clone()
				client.MaxVersion = version
				c, err := DialTLS(dialContext(t), addr, client)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				got := make([]byte, 3)
				if _, err := io.ReadFull(c, got); err != nil || string(got) != "bye" {
					t.Fatalf("read %q, %v", got, err)
				}
				for range 2 { // an end stays what it is
					if _, err := c.Read(got); !tt.is(err) {
						t.Errorf("the end reads %v", err)
					}
					if tt.name == "a reset" {
						break
					}
				}
			})
		}
	}
}

func TestEndsOfOurOwnReachATLSPeer(t *testing.T) {
	a, trusts := authority(t)
	ends := make(chan error, 1)
	raw := make(chan error, 1)
	addr := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{serverCert(t, a, "127.0.0.1")}}, func(c *tls.Conn) {
		_, err := c.Read(make([]byte, 1))
		ends <- err
		_, err = c.NetConn().Read(make([]byte, 1))
		raw <- err
	})
	for _, tt := range []struct {
		name string
		end  func(net.Conn)
		tls  func(error) bool // what TLS reads
		tcp  func(error) bool // what TCP reads after; nil where nothing is sent
	}{
		{"CloseWrite", func(c net.Conn) { CloseWrite(c) }, func(err error) bool { return err == io.EOF }, nil},
		{"Close", func(c net.Conn) { c.Close() }, func(err error) bool { return err == io.EOF }, func(err error) bool { return err == io.EOF }},
		{"Cut", func(c net.Conn) { Cut(c) }, func(err error) bool { return err == io.EOF }, func(err error) bool { return err == io.EOF }},
		{"Reset", func(c net.Conn) { Reset(c) }, IsReset, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := DialTLS(dialContext(t), addr, trusts)
			if err != nil {
				t.Fatal(err)
			}
			tt.end(c)
			if err := <-ends; !tt.tls(err) {
				t.Errorf("the peer reads %v", err)
			}
			if tt.tcp == nil {
				c.Close()
				<-raw
				return
			}
			if err := <-raw; !tt.tcp(err) {
				t.Errorf("the peer's TCP connection reads %v", err)
			}
			c.Close()
		})
	}
}

// TestCloseWaitsForNoPeer has a peer that reads nothing: the close_notify has no room.
func TestCloseWaitsForNoPeer(t *testing.T) {
	a, trusts := authority(t)
	done := make(chan struct{})
	defer close(done)
	addr := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{serverCert(t, a, "127.0.0.1")}}, func(*tls.Conn) { <-done })
	c, err := DialTLS(dialContext(t), addr, trusts)
	if err != nil {
		t.Fatal(err)
	}
	c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
	for {
		if _, err := c.Write(make([]byte, 1<<16)); err != nil {
			if ne, ok := errors.AsType[net.Error](err); !ok || !ne.Timeout() {
				t.Fatal(err)
			}
			break
		}
	}
	begun := time.Now()
	c.Close()
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("closing took %v", took)
	}
}

func TestTLSOfDescribesTheSession(t *testing.T) {
	a, trusts := authority(t)
	addr := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{serverCert(t, a, "d.test")},
		NextProtos:   []string{"h2", "http/1.1"},
	}, func(c *tls.Conn) { c.Read(make([]byte, 1)) })
	named := trusts.Clone()
	named.ServerName = "d.test"
	c, err := DialTLS(dialContext(t), addr, named)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := Session{Version: "1.3", ServerName: "d.test", ALPN: "http/1.1"}
	if got, ok := TLSOf(c); !ok || got != want {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	if _, ok := TLSOf(nil); ok {
		t.Error("no connection is TLS")
	}
}
