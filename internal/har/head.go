package har

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/wiretape/wiretape/internal/http1"
)

// Head returns the request's head with one field a line and its URL in
// origin-form (RFC 9112 section 3.2.1).
func (q *Request) Head() []byte {
	target := q.URL
	if _, rest, ok := strings.Cut(q.URL, "://"); ok {
		target = rest
		if at := strings.IndexAny(rest, "/?"); at >= 0 {
			target = rest[at:]
		}
	}
	return head(q.Method+" "+target+" "+q.HTTPVersion, q.Headers)
}

// Head returns the response's head with one field a line.
func (s *Response) Head() []byte {
	return head(fmt.Sprintf("%s %03d %s", s.HTTPVersion, s.Status, s.StatusText), s.Headers)
}

func head(start string, fields []Pair) []byte {
	lines := []string{start}
	for _, f := range fields {
		lines = append(lines, f.Name+": "+f.Value)
	}
	return http1.AppendHead(nil, lines)
}

// absolute returns the URL of a request: the target itself where it has a
// scheme, else the target after the server's address. HAR wants valid URLs, so
// it escapes bytes that a URL cannot have.
func absolute(scheme, authority, target string) string {
	if strings.Contains(target, "://") {
		return target
	}
	if !strings.HasPrefix(target, "/") { // "*", or CONNECT's
		target = "/"
	}
	raw := scheme + "://" + authority + target
	if u, err := url.Parse(raw); err == nil {
		return u.String()
	}
	return scheme + "://" + authority + (&url.URL{Path: target}).String()
}
