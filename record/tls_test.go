package record

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/internal/ca"
	"github.com/wiretape/wiretape/internal/endpoint"
)

// upstreamTLS has r dial daemons that speak TLS. Wrap returns the daemon's end of
// a connection.
func upstreamTLS(t testing.TB, auth tls.ClientAuthType) (set func(*Recorder), wrap func(net.Conn) *tls.Conn) {
	t.Helper()
	a, err := ca.New("test")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := a.Server("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.Cert)
	set = func(r *Recorder) {
		dial := r.Dial
		r.Dial = func(ctx context.Context) (net.Conn, error) {
			raw, err := dial(ctx) // tells the address
			if err != nil {
				return nil, err
			}
			addr := raw.RemoteAddr().String()
			raw.Close()
			return DialTLS(ctx, "tls://"+addr, &tls.Config{RootCAs: pool})
		}
	}
	config := &tls.Config{Certificates: []tls.Certificate{*cert}, ClientAuth: auth, ClientCAs: pool}
	return set, func(c net.Conn) *tls.Conn { return tls.Server(c, config) }
}

// connectTLS returns both ends of a new connection, whose upstream is TLS.
func (tp *tape) connectTLS(wrap func(net.Conn) *tls.Conn) (client net.Conn, server *tls.Conn) {
	tp.t.Helper()
	client, probe := tp.connect()
	probe.Close()
	raw, err := tp.upstream.Accept()
	if err != nil {
		tp.t.Fatal(err)
	}
	raw.SetDeadline(time.Now().Add(20 * time.Second))
	tp.t.Cleanup(func() { raw.Close() })
	return client, wrap(raw)
}

func TestTLSUpstreamIsStoredAsPlainText(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(server *tls.Conn)
		want string
	}{
		{"close_notify", func(c *tls.Conn) { c.Close() }, "server-eof"},
		{"close without close_notify", func(c *tls.Conn) { c.NetConn().Close() }, "server-cut"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set, wrap := upstreamTLS(t, tls.NoClientCert)
			tp := record(t, "tcp", set)
			client, server := tp.connectTLS(wrap)
			if err := server.Handshake(); err != nil {
				t.Fatal(err)
			}
			send(t, client, server, wantUpgrade)
			send(t, server, client, upgraded)
			halfClose(t, client)
			wantEnd(t, server, io.EOF) // a close_notify: the server can still send
			send(t, server, client, "out\n")
			tt.end(server)
			wantEnd(t, client, io.EOF)
			tp.settled()
			tp.wantItems(`
0: POST /attach HTTP/1.1, none, complete => HTTP/1.1 101 UPGRADED, stream, complete
  client-eof
  server "out\n"
  ` + tt.want + "\n")
		})
	}
}

// TestRefusalByTLSCountsAsUnreachable has a daemon ask for a client certificate, in
// TLS 1.3: the dial succeeds.
func TestRefusalByTLSCountsAsUnreachable(t *testing.T) {
	set, wrap := upstreamTLS(t, tls.RequireAndVerifyClientCert)
	tp := record(t, "tcp", set)
	client, server := tp.connectTLS(wrap)
	if err := server.Handshake(); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Fatalf("the daemon's handshake: %v", err)
	}
	server.NetConn().Close()
	if _, err := client.Read(make([]byte, 1)); err != io.EOF && !endpoint.IsReset(err) {
		t.Errorf("the client read %v", err)
	}
	tp.settled()
	if n := tp.rec.Stats().Unreachable; n != 1 {
		t.Errorf("%d connections count as unreachable, want 1", n)
	}
}
