// Package endpoint is the one place that knows sockets: addresses as people
// write them, listening, dialling, and the meaning of a close on each kind.
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
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Addr is an address as given on a command line.
type Addr struct {
	Network string // "unix", "tcp", "tls" or "https" for TLS over TCP, or on Windows "npipe"
	Address string // path, host:port, or a pipe's name as \\.\pipe\NAME
}

// onWindows says whether addresses have Windows' paths and pipes.
const onWindows = runtime.GOOS == "windows"

// Parse reads unix:///path, unix:/path, tcp://host:port, http://host:port,
// tls://host:port, https://host:port, a bare /path or a bare host:port, and on
// Windows npipe:////./pipe/name, unix:///C:/path
// and C:\path. An empty host means this machine to Dial and every interface to
// Listen.
func Parse(s string) (Addr, error) { return parse(s, onWindows) }

func parse(s string, windows bool) (Addr, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case ok:
		return parseURL(s, scheme, rest, windows)
	case strings.HasPrefix(s, "unix:/"): // as podman and docker-py take it
		return parseUnix(s, s[len("unix:"):], windows)
	case windows && strings.HasPrefix(s, pipePrefix):
		return parsePipe(s, s, windows)
	case strings.HasPrefix(s, "/"), windows && hasDrive(s):
		return parseUnix(s, s, windows)
	}
	return parseTCP(s, s)
}

// parseURL parses s, an address of a scheme and the rest behind "://".
func parseURL(s, scheme, rest string, windows bool) (Addr, error) {
	switch scheme {
	case "unix":
		return parseUnix(s, rest, windows)
	case "npipe":
		return parsePipe(s, rest, windows)
	case "tcp":
		return parseTCP(s, rest)
	case "http":
		return parseTCP(s, rest)
	case "tls", "https":
		return parseTLS(s, scheme, rest)
	}
	return Addr{}, fmt.Errorf("address %q: unknown scheme %q; use unix:///path or tcp://host:port", s, scheme)
}

func parseUnix(s, path string, windows bool) (Addr, error) {
	if windows {
		path = drivePath(path)
	}
	if !(windows && hasDrive(path)) && !strings.HasPrefix(path, "/") {
		return Addr{}, fmt.Errorf("address %q: the path of a Unix socket must be absolute, as in unix:///run/docker.sock", s)
	}
	if strings.IndexByte(path, 0) >= 0 {
		return Addr{}, fmt.Errorf("address %q: the path has a NUL byte", s)
	}
	return Addr{"unix", path}, nil
}

// pipePrefix begins the name of every named pipe.
const pipePrefix = `\\.\pipe\`

func parsePipe(s, name string, windows bool) (Addr, error) {
	if !windows {
		return Addr{}, fmt.Errorf("address %q: only Windows has named pipes; use unix:///path or tcp://host:port", s)
	}
	name = strings.ReplaceAll(name, "/", `\`)
	if !strings.HasPrefix(name, pipePrefix) || name == pipePrefix {
		return Addr{}, fmt.Errorf("address %q is not the name of a pipe; use npipe:////./pipe/NAME", s)
	}
	return Addr{"npipe", name}, nil
}

// hasDrive reports whether path is absolute and begins with a drive letter.
func hasDrive(path string) bool {
	return len(path) > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
}

// drivePath returns the path that a URL has as /C:/path in Windows' own form.
func drivePath(path string) string {
	if bare, ok := strings.CutPrefix(path, "/"); ok && hasDrive(bare) {
		path = bare
	}
	if !hasDrive(path) {
		return path
	}
	return strings.ReplaceAll(path, "/", `\`)
}

func parseTCP(s, hostport string) (Addr, error) {
	// DOCKER_HOST may end with a slash, and docker takes it.
	host, port, err := net.SplitHostPort(strings.TrimSuffix(hostport, "/"))
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

// parseTLS parses host:port of an address of scheme. With https the port may be
// missing.
func parseTLS(s, scheme, rest string) (Addr, error) {
	if scheme == "https" {
		rest = strings.TrimSuffix(rest, "/")
		if u, err := url.Parse("https://" + rest); err == nil && u.Host == rest && u.Port() == "" && u.Hostname() != "" {
			rest = net.JoinHostPort(u.Hostname(), "443")
		}
	}
	a, err := parseTCP(s, rest)
	a.Network = scheme
	if err != nil {
		return Addr{}, err
	}
	return a, nil
}

// TLS reports whether the address is one of a port that speaks TLS.
func (a Addr) TLS() bool { return a.Network == "tls" || a.Network == "https" }

// String returns unix:///path, tcp://host:port, tls://host:port, https://host:port
// or npipe:////./pipe/name.
func (a Addr) String() string {
	address := a.Address
	switch {
	case a.Network == "npipe":
		address = strings.ReplaceAll(address, `\`, "/")
	case a.Network == "unix" && onWindows && hasDrive(address):
		address = "/" + strings.ReplaceAll(address, `\`, "/")
	}
	return a.Network + "://" + address
}

// AddrOf returns a listener's or connection's address as Addr.
func AddrOf(a net.Addr) Addr {
	if strings.HasPrefix(a.String(), pipePrefix) {
		return Addr{"npipe", a.String()}
	}
	return Addr{a.Network(), a.String()}
}

// maxPath is the longest path of a Unix socket: the system's array for it also
// holds a NUL.
const maxPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// checkPath returns an error that gives the limit where path is too long. The
// system calls it an invalid argument, as it calls other faults.
func checkPath(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("the path has %d bytes, a Unix socket's at most %d; use a shorter one", len(path), maxPath)
	}
	return nil
}
