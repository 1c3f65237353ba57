package pattern

import (
	stdpath "path"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, method, target string
		want                    bool
	}{
		{"/_ping", "GET", "/_ping", true},
		{"/_ping", "HEAD", "/_ping?x=1", true},
		{"/_ping", "GET", "/v1.41/_ping", false},
		{"GET /_ping", "HEAD", "/_ping", false},
		{"get /_ping", "GET", "/_ping", true},
		{"POST /v*/images/create", "POST", "/v1.41/images/create?fromImage=a/b&tag=1", true},
		{"POST /v*/images/create", "POST", "/v1.41/x/images/create", false},
		{"GET /v1.41/containers/**", "GET", "/v1.41/containers/abc/json", true},
		{"GET /v1.41/containers/*", "GET", "/v1.41/containers/abc/json", false},
		{"GET /v1.41/containers/*", "GET", "/v1.41/containers/", true},
		{"**/json", "GET", "/v1.41/containers/abc/json", true},
		{"**/json", "GET", "/v1.41/containers/abc/jsons", false},
		{"**/*/json", "GET", "/a/b/json", true},
		{"/a/**/b/*/c", "GET", "/a/x/b/y/z/b/q/c", true},
		{"/a/?", "GET", "/a/b", true},
		{"/a?b", "GET", "/a/b", false},
		{"**", "OPTIONS", "*", true},
		{"*", "CONNECT", "example.com:443", true},
		{"/v2/**", "GET", "http://localhost:5000/v2/x", true},
		{"/", "GET", "http://localhost:5000", true},
		{"P* /x", "PUT", "/x", true},
		{"/a%2Fb", "GET", "/a%2Fb", true},
	}
	for _, tt := range tests {
		p, err := Parse(tt.pattern)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.pattern, err)
			continue
		}
		if got := p.Match(tt.method, tt.target); got != tt.want {
			t.Errorf("%q matches %s %s: got %v, want %v", tt.pattern, tt.method, tt.target, got, tt.want)
		}
	}
}

func TestParseError(t *testing.T) {
	for _, s := range []string{"", "  ", "GET", "GET images", "GET /a /b", "*x"} {
		if p, err := Parse(s); err == nil {
			t.Errorf("Parse(%q): got %+v, want an error", s, p)
		}
	}
}

func TestKeep(t *testing.T) {
	parse := func(list ...string) (all []Pattern) {
		for _, s := range list {
			p, err := Parse(s)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
		return all
	}
	if Keep(nil, nil) != nil {
		t.Error("Keep of nothing: got a function, want nil")
	}
	keep := Keep(parse("GET /a/**", "/b"), parse("/a/secret"))
	for target, want := range map[string]bool{"/a/x": true, "/b": true, "/c": false, "/a/secret": false} {
		if got := keep("GET", target); got != want {
			t.Errorf("keep GET %s: got %v, want %v", target, got, want)
		}
	}
	if !Keep(nil, parse("/x"))("GET", "/y") {
		t.Error("skip alone: an exchange that it does not name is not kept")
	}
}

// FuzzGlob compares glob with path.Match for patterns without "**" and without
// the characters that path.Match alone treats as special. It also checks that
// "**" matches at least as much as "*".
func FuzzGlob(f *testing.F) {
	f.Add("/a/*/c", "/a/b/c")
	f.Add("*a*b*?", "aab/bbac")
	f.Add("/**/x*", "/a/b/xy")
	f.Fuzz(func(t *testing.T, pat, s string) {
		got := glob(pat, s)
		if got && !glob(strings.ReplaceAll(pat, "*", "**"), s) {
			t.Errorf("%q matches %q, but not with ** for every *", pat, s)
		}
		if strings.Contains(pat, "**") || strings.ContainsAny(pat, `[]\`) || !ascii(pat+s) {
			return
		}
		if want, err := stdpath.Match(pat, s); err == nil && got != want {
			t.Errorf("glob(%q, %q): got %v, want %v", pat, s, got, want)
		}
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
