// Package pattern matches exchanges by method and path, for --only and --skip.
//
// A pattern is "METHOD /path", or "/path" for any method. In a path, ? stands
// for one character and * for any number of them, but for no slash; ** stands
// for any characters, slashes included. A method is compared without regard to
// case and may have * and ?, too. The path is that of the request target, as
// it was sent, without query, scheme and authority. There are no classes or
// groups: a pattern with brackets is refused, and ? stands for a bracket.
//
//	POST /v*/images/create     every pull
//	GET /v1.41/containers/**   everything below /v1.41/containers/
//	/_ping                     HEAD and GET of /_ping
package pattern

import (
	"fmt"
	"strings"
)

// Pattern is a parsed pattern.
type Pattern struct{ method, path string }

// Parse parses a pattern. Its errors quote the pattern and say how one looks.
func Parse(s string) (Pattern, error) {
	fields := strings.Fields(s)
	p := Pattern{method: "*"}
	switch len(fields) {
	case 1:
		p.path = fields[0]
	case 2:
		p.method, p.path = strings.ToUpper(fields[0]), fields[1]
	default:
		return p, fmt.Errorf("pattern %q: want \"METHOD /path\" or \"/path\"", s)
	}
	if strings.ContainsAny(p.path, "[]{}") {
		return p, fmt.Errorf("pattern %q: there are no classes and groups; ? stands for a bracket", s)
	}
	if strings.HasPrefix(p.path, "/") || strings.HasPrefix(p.path, "**") || p.path == "*" {
		return p, nil
	}
	return p, fmt.Errorf("pattern %q: its path must begin with / or **", s)
}

// ParseAll parses a list of patterns and stops at the first that is wrong.
func ParseAll(list []string) ([]Pattern, error) {
	var all []Pattern
	for _, s := range list {
		p, err := Parse(s)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Match reports whether the pattern covers a request with that method and
// target.
func (p Pattern) Match(method, target string) bool {
	return glob(p.method, strings.ToUpper(method)) && glob(p.path, path(target))
}

// path returns the path of a request target in any of its four forms (RFC
// 9112 section 3.2).
func path(target string) string {
	target, _, _ = strings.Cut(target, "?")
	if strings.HasPrefix(target, "/") {
		return target
	}
	_, rest, ok := strings.Cut(target, "://")
	if !ok {
		return target // authority-form, or *
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
}

// glob reports whether pat matches all of s, in time linear in len(s) for each
// star of pat. Where the text after a star does not match, the star takes one
// byte more. That is tried for the last star of each kind alone: once the text
// after an earlier star has matched, a longer match of that star cannot help.
func glob(pat, s string) bool {
	var (
		p, i           int
		star, starAt   = -1, 0 // index after the last *, and where its match ends
		super, superAt = -1, 0 // the same for **
	)
	for i < len(s) || p < len(pat) {
		switch {
		// "**" makes earlier stars final: it can take all that they could.
		case strings.HasPrefix(pat[p:], "**"):
			p += 2
			super, superAt = p, i
			star = -1
			continue
		case p < len(pat) && pat[p] == '*':
			p++
			star, starAt = p, i
			continue
		case p < len(pat) && i < len(s) && (pat[p] == s[i] || pat[p] == '?' && s[i] != '/'):
			p++
			i++
			continue
		}
		// The last star takes a byte more. At a slash it cannot, and so "**",
		// which stands before it, takes one, and the star is matched anew.
		switch {
		case star >= 0 && starAt < len(s) && s[starAt] != '/':
			starAt++
			p, i = star, starAt
		case super >= 0 && superAt < len(s):
			superAt++
			star = -1
			p, i = super, superAt
		default:
			return false
		}
	}
	return true
}

// Keep returns a function that reports whether an exchange is kept: it matches
// a pattern in only, or only is empty, and it matches none in skip. Keep
// returns nil where every exchange is kept.
func Keep(only, skip []Pattern) func(method, target string) bool {
	if len(only) == 0 && len(skip) == 0 {
		return nil
	}
	matches := func(all []Pattern, method, target string) bool {
		for _, p := range all {
			if p.Match(method, target) {
				return true
			}
		}
		return false
	}
	return func(method, target string) bool {
		if len(only) > 0 && !matches(only, method, target) {
			return false
		}
		return !matches(skip, method, target)
	}
}
