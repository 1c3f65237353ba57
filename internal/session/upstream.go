package session

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/replay"
)

// Upstream is the server that a recording records: a daemon, or cassettes played
// in its place.
type Upstream struct {
	Addr endpoint.Addr // of the daemon
	// TLS has the certificates where Addr asks for TLS; nil trusts the system's
	// roots.
	TLS *tls.Config
	// Cassettes, where there are any, are played instead of dialling Addr.
	Cassettes []*cassettes.Cassette
	// Name stands in the cassette's header as its upstream; "" is Addr.
	Name string
}

// Embedded returns the name of the cassettes that an upstream stands for:
// "cassette:NAME", or "library:NAME" as it is.
func Embedded(upstream string) (name string, ok bool) {
	if strings.HasPrefix(upstream, catalog.Prefix) {
		return upstream, true
	}
	return strings.CutPrefix(upstream, "cassette:")
}

// ParseUpstream returns the upstream that a text stands for: an address, or
// library:NAME or cassette:NAME, whose cassettes it opens. Pass it to Start or
// Once, which close them.
func ParseUpstream(text string, c catalog.Catalog) (u Upstream, err error) {
	name, ok := Embedded(text)
	if !ok {
		u.Addr, err = endpoint.Parse(text)
		return u, err
	}
	u.Name = text
	u.Cassettes, err = c.Open(name)
	return u, err
}

// String returns the upstream as a cassette names it.
func (u Upstream) String() string {
	if u.Name != "" {
		return u.Name
	}
	return u.Addr.String()
}

// dialer connects to an upstream.
type dialer = func(context.Context) (net.Conn, error)

// open returns how to dial u. It starts a server where u is cassettes;
// closeUpstream closes that and them.
func (u Upstream) open(log *slog.Logger) (dial dialer, closeUpstream func(), err error) {
	if len(u.Cassettes) == 0 {
		dial = func(ctx context.Context) (net.Conn, error) { return endpoint.DialTLS(ctx, u.Addr, u.TLS) }
		return dial, func() {}, nil
	}
	l, err := endpoint.ListenPrivate()
	if err != nil {
		catalog.Close(u.Cassettes)
		return nil, nil, err
	}
	srv := &replay.Server{Cassettes: u.Cassettes, Hint: Flags}
	if log != nil {
		srv.Log = log.With("upstream", u.String())
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	closeUpstream = func() {
		_ = srv.Close() // it only reads
		<-served
		catalog.Close(u.Cassettes)
	}
	addr := endpoint.AddrOf(l.Addr())
	dial = func(ctx context.Context) (net.Conn, error) { return endpoint.Dial(ctx, addr) }
	return dial, closeUpstream, nil
}
