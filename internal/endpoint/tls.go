package endpoint

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// alpn is all that is offered: HTTP/2 would be stored as bytes without a meaning.
var alpn = []string{"http/1.1"}

// handshakeMax is how long a TLS handshake may take.
const handshakeMax = 10 * time.Second

// DialTLS connects to a as Dial does. Where a asks for TLS, it then does the
// handshake that config describes: its ServerName is a's host if it has none. A
// nil config trusts the system's roots.
func DialTLS(ctx context.Context, a Addr, config *tls.Config) (net.Conn, error) {
	if !a.TLS() {
		return Dial(ctx, a)
	}
	raw, err := dial(ctx, Addr{"tcp", a.Address})
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", a, reason(err))
	}
	config = clientConfig(config, a)
	t := &transport{Conn: raw}
	c := &secureConn{Conn: tls.Client(t, config), raw: t, name: config.ServerName}
	if err := c.handshake(ctx); err != nil {
		return nil, fmt.Errorf("dial %s: %w", a, explainDial(err, a))
	}
	return c, nil
}

// clientConfig returns config with all that it leaves open.
func clientConfig(config *tls.Config, a Addr) *tls.Config {
	if config == nil {
		config = new(tls.Config)
	}
	config = config.Clone()
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(a.Address)
		if config.ServerName == "" {
			config.ServerName = "localhost"
		}
	}
	config.NextProtos = alpn
	config.DynamicRecordSizingDisabled = true // reads come as the other side wrote them
	return config
}

// explainDial adds to the error of a handshake with a server the flag that helps.
func explainDial(err error, a Addr) error {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, wrongHost := errors.AsType[x509.HostnameError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	invalid, _ := errors.AsType[x509.CertificateInvalidError](err)
	hint := ""
	switch {
	case unknown:
		hint = "--tls-ca FILE trusts the CA that signed it"
	case wrongHost:
		hint = "--tls-server-name NAME expects another name"
	case invalid.Reason == x509.Expired:
		hint = "renew it; --tls-insecure accepts any certificate"
	case noTLS:
		hint = "the server does not speak TLS there; give tcp://" + a.Address
	case IsAlert(err):
		hint = alertHint(err)
	case errors.Is(err, io.EOF), IsReset(err):
		hint = "the server closed the connection in the handshake: does it speak TLS there?"
	}
	if hint == "" {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	return fmt.Errorf("TLS handshake: %w; %s", err, hint)
}

// IsAlert reports whether err, from a handshake or a read, says that the peer
// has ended TLS with an alert.
func IsAlert(err error) bool {
	oe, ok := errors.AsType[*net.OpError](err)
	return ok && oe.Op == "remote error"
}

// ExplainAlert adds to the error of reading from a server, one for which IsAlert
// is true, the flag that helps. With TLS 1.3 a server refuses a client after the
// client's handshake.
func ExplainAlert(err error) error {
	if hint := alertHint(err); hint != "" {
		return fmt.Errorf("%w; %s", err, hint)
	}
	return err
}

// alertHint returns what to do about a server's alert, "" where nothing is known.
func alertHint(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "certificate required"), strings.Contains(text, "bad certificate"),
		strings.Contains(text, "unknown certificate authority"), strings.Contains(text, "unknown certificate"):
		return "the server asks for a client certificate that it trusts: give --tls-cert and --tls-key"
	case strings.Contains(text, "handshake failure"):
		return "the server may ask for a client certificate: give --tls-cert and --tls-key"
	case strings.Contains(text, "unrecognized name"):
		return "--tls-server-name NAME asks for another name"
	}
	return ""
}

// IsCut reports whether err, from a read, says that the peer of a TLS connection
// ended it without a close_notify: its bytes may have been cut off on their way.
func IsCut(err error) bool { return errors.Is(err, errCut) }

var errCut = errors.New("the connection ended without TLS's close_notify")

// Cut ends our direction of c without a close_notify, where c is TLS, and else
// as CloseWrite does. What c is closed with later sends none either.
func Cut(c net.Conn) error {
	s, ok := c.(*secureConn)
	if !ok {
		return CloseWrite(c)
	}
	s.cut.Store(true)
	return CloseWrite(s.raw.Conn)
}

// Session is what is known of a TLS connection's handshake.
type Session struct {
	Version    string // "1.2", "1.3"
	ServerName string // that the client asked for; "" for none
	ALPN       string // the protocol agreed on; "" for none
	ClientCert string // the subject of the client's certificate; "" for none
}

// TLSOf returns the session of c. It reports false if c is not TLS.
func TLSOf(c net.Conn) (Session, bool) {
	s, ok := c.(*secureConn)
	if !ok {
		return Session{}, false
	}
	state := s.ConnectionState()
	t := Session{
		Version:    strings.TrimPrefix(tls.VersionName(state.Version), "TLS "),
		ServerName: s.name, ALPN: state.NegotiatedProtocol,
	}
	if s.accepted {
		t.ServerName = state.ServerName
		if len(state.PeerCertificates) > 0 {
			t.ClientCert = state.PeerCertificates[0].Subject.String()
		}
	}
	return t, true
}

// secureConn is a TLS connection over TCP, after its handshake. A read returns
// io.EOF for a close_notify alone.
type secureConn struct {
	*tls.Conn
	raw      *transport
	cut      atomic.Bool // Close sends no close_notify
	accepted bool        // we are the server
	name     string      // of a client: that it asked for
}

// handshake does the handshake, and closes the connection where that fails.
func (c *secureConn) handshake(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeMax)
	defer cancel()
	err := c.HandshakeContext(ctx)
	if err != nil {
		c.raw.Close()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no end after %v: %w", handshakeMax, err)
	}
	return err
}

// Read reads plain text. An end of the TCP connection without a close_notify,
// which crypto/tls lets pass between two records, is an error.
func (c *secureConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if (err == io.EOF || err == io.ErrUnexpectedEOF) && c.raw.ended.Load() {
		err = errCut
	}
	return n, err
}

// Close closes the connection, with a close_notify unless it was cut.
func (c *secureConn) Close() error {
	if c.cut.Load() {
		return c.raw.Close()
	}
	c.raw.closing.Store(true)
	return c.Conn.Close()
}

// SetLinger has a Close of the cut connection reset it: see Reset.
func (c *secureConn) SetLinger(sec int) error {
	c.cut.Store(true)
	if l, ok := c.raw.Conn.(interface{ SetLinger(sec int) error }); ok {
		return l.SetLinger(sec)
	}
	return nil
}

// transport is the TCP connection below TLS.
type transport struct {
	net.Conn
	ended   atomic.Bool // a read has found the end of the stream
	closing atomic.Bool
}

func (t *transport) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if err == io.EOF {
		t.ended.Store(true)
	}
	return n, err
}

// closeMax is how long sending the close_notify of a connection that is closed
// may take. crypto/tls would wait five seconds for a peer that does not read.
const closeMax = 100 * time.Millisecond

// SetWriteDeadline sets the deadline, for a connection that is being closed to
// at most closeMax from now.
func (t *transport) SetWriteDeadline(d time.Time) error {
	if limit := time.Now().Add(closeMax); t.closing.Load() && d.After(limit) {
		d = limit
	}
	return t.Conn.SetWriteDeadline(d)
}
