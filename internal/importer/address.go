package importer

import (
	"net"
	"regexp"
	"strings"
)

// address holds the parts of an exchange's URI.
type address struct {
	scheme    string // "" where the URI has none
	authority string // for the Host field
	socket    string // path of the Unix socket, "" elsewhere
	target    string // in origin-form
}

// localhost is the authority of an exchange whose recording has none: a Unix
// socket has no name, and the name behind a placeholder is unknown.
const localhost = "localhost"

// parseURI takes a URI apart. The URI may begin with a placeholder in place of
// scheme and authority, as VCR's filter_sensitive_data leaves it. It may also
// name a Unix socket, and the request's path follows the socket's.
func parseURI(uri string) address {
	uri, _, _ = strings.Cut(uri, "#")
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok || !isScheme(scheme) {
		scheme, rest = "", uri
		if strings.HasPrefix(uri, "unix:/") {
			scheme, rest = "unix", uri[len("unix:"):]
		}
	}
	at := strings.IndexAny(rest, "/?")
	if at < 0 {
		at = len(rest)
	}
	a := address{scheme: scheme, authority: rest[:at], target: rest[at:]}
	if scheme == "unix" {
		a.authority = ""
		// The socket's path comes first in the target.
		a.socket, a.target = cutSocket(a.target)
	}
	if i := strings.LastIndexByte(a.authority, '@'); i >= 0 {
		a.authority = a.authority[i+1:] // name and password do not belong in Host
	}
	if !isAuthority(a.authority) {
		a.authority = localhost
	}
	if !strings.HasPrefix(a.target, "/") {
		a.target = "/" + a.target
	}
	a.target = escape(a.target)
	return a
}

func isScheme(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}

// isAuthority reports whether s can stand in a Host field. An authority with
// escapes is the path of a socket, as in http+unix://, and cannot.
func isAuthority(s string) bool {
	return s != "" && strings.IndexFunc(s, func(c rune) bool {
		// No percent sign: it would be an escape.
		return !(c == '-' || c == '_' || c == '.' || c == ':' || c == '[' || c == ']' ||
			'0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' && c < 0x80)
	}) < 0
}

var (
	socketName = regexp.MustCompile(`^(/.*?\.sock(?:et)?)(/|\?|$)`)
	apiVersion = regexp.MustCompile(`/(?:v[0-9]+(?:\.[0-9]+)*|_ping|version|info)(?:/|\?|$)`)
)

// cutSocket splits a path into the path of a socket and the path of a request.
// The socket ends with the first segment that has the name of a socket, or
// before the first segment that looks like the Docker API.
func cutSocket(path string) (socket, target string) {
	if m := socketName.FindStringSubmatchIndex(path); m != nil {
		return path[:m[3]], path[m[3]:]
	}
	if m := apiVersion.FindStringIndex(path); m != nil && m[0] > 0 {
		return path[:m[0]], path[m[0]:]
	}
	return "", path
}

// escape escapes the bytes that cannot stand in a request target.
func escape(target string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(target) {
		c := target[i]
		if c > ' ' && c < 0x7f && strings.IndexByte(`"<>\^{|}`+"`", c) < 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// placeholder matches the usual placeholders of VCR's filter_sensitive_data.
var placeholder = regexp.MustCompile(`<[A-Z][A-Z0-9_]*>`)

// placeholders returns the placeholders in a URI, except for one that stands
// for scheme and authority.
func placeholders(uri string) []string {
	if at := placeholder.FindStringIndex(uri); at != nil && at[0] == 0 {
		uri = uri[at[1]:]
	}
	return placeholder.FindAllString(uri, -1)
}

// upstreamOf returns the address of all exchanges. It is "" where they have
// several, or none is known.
func upstreamOf(all []*exchange) string {
	common := ""
	for _, e := range all {
		a := parseURI(e.request.uri)
		up := a.upstream()
		if up == "" || common != "" && up != common {
			return ""
		}
		common = up
	}
	return common
}

// upstream returns the address in the form of record's --upstream, "" where it
// is unknown.
func (a *address) upstream() string {
	port := map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}[a.scheme]
	switch {
	case a.socket != "":
		return "unix://" + a.socket
	case port == "":
		return ""
	}
	host := a.authority
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	if port == "443" {
		return "https://" + host
	}
	return "tcp://" + host
}
