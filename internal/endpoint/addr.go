// Package endpoint is the one place that knows sockets: addresses as people
// write them, listening, dialling, and what closing means on each kind.
//
//	a, err := endpoint.Parse("unix:///run/docker.sock")
//	…
//	server, err := endpoint.Dial(ctx, a)
//	…
//	in := endpoint.NewReader(server) // keeps a reset a reset, see Reader
//	_, err = io.Copy(client, in)
//	switch {
//	case endpoint.IsReset(err):
//		endpoint.Reset(client)
//	case err == nil:
//		endpoint.CloseWrite(client)
//	}
package endpoint

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Addr is an address as given on a command line.
type Addr struct {
	Network string // "unix" or "tcp"
	Address string // path, or host:port
}

// Parse reads unix:///path, tcp://host:port, http://host:port, a bare /path
// or a bare host:port. An empty host means this machine to Dial and every
// interface to Listen.
func Parse(s string) (Addr, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case !ok && strings.HasPrefix(s, "/"):
		return parseUnix(s, s)
	case !ok:
		return parseTCP(s, s)
	}
	switch scheme {
	case "unix":
		return parseUnix(s, rest)
	case "tcp":
		return parseTCP(s, rest)
	case "http":
		return parseTCP(s, strings.TrimSuffix(rest, "/"))
	case "https":
		return Addr{}, fmt.Errorf("address %q: TLS is not supported; give the address of a plain port", s)
	}
	return Addr{}, fmt.Errorf("address %q: unknown scheme %q; use unix:///path or tcp://host:port", s, scheme)
}

func parseUnix(s, path string) (Addr, error) {
	if !strings.HasPrefix(path, "/") {
		return Addr{}, fmt.Errorf("address %q: the path of a Unix socket must be absolute, as in unix:///run/docker.sock", s)
	}
	if strings.IndexByte(path, 0) >= 0 {
		return Addr{}, fmt.Errorf("address %q: the path has a NUL byte", s)
	}
	return Addr{"unix", path}, nil
}

func parseTCP(s, hostport string) (Addr, error) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		reason := err.Error()
		if ae, ok := errors.AsType[*net.AddrError](err); ok {
			reason = ae.Err
		}
		return Addr{}, fmt.Errorf("address %q: %s; use unix:///path or tcp://host:port", s, reason)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return Addr{}, fmt.Errorf("address %q: the port must be a number from 0 to 65535, not %q", s, port)
	}
	if strings.ContainsAny(host, "/@?# \x00") {
		return Addr{}, fmt.Errorf("address %q: %q is not a host name; use tcp://host:port", s, host)
	}
	return Addr{"tcp", net.JoinHostPort(host, port)}, nil
}

// String returns unix:///path or tcp://host:port.
func (a Addr) String() string { return a.Network + "://" + a.Address }

// AddrOf returns a listener's or connection's address as Addr.
func AddrOf(a net.Addr) Addr { return Addr{a.Network(), a.String()} }

// checkPath tells a path that the system has no room for from one that just
// does not work: the system's own word for both is "invalid argument".
func checkPath(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("the path has %d bytes, a Unix socket's at most %d; use a shorter one", len(path), maxPath)
	}
	return nil
}
