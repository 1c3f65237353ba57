package target

import (
	"bytes"
	"net/url"
	"reflect"
	"testing"
)

func TestAppendKey(t *testing.T) {
	for _, tt := range []struct{ method, target, want string }{
		{"GET", "/v1.41/images/json", "GET /v1.41/images/json?"},
		{"GET", "http://docker/v1.41/images/json", "GET /v1.41/images/json?"},
		{"GET", "http://docker", "GET /?"},
		{"GET", "http://docker?a=1", "GET /?a=1&"},
		{"GET", "/", "GET /?"},
		{"GET", "/a%7Eb%2fc%25%3f", "GET /a~b%2Fc%25%3F?"},
		{"GET", "/a%zz%", "GET /a%25zz%25?"},
		{"GET", "/a+b?x=a+b%2B", "GET /a+b?x=a b+&"},
		{"POST", "/create?", "POST /create?"},
		{"GET", "/?b=2&a=1&b=1&a", "GET /?a=1&a=&b=2&b=1&"},
		{"GET", "/?a==&&b%3d=%26", "GET /?a==&b%3D=%26&"},
		{"GET", "/x?u=http://y/z?q", "GET /x?u=http://y/z?q&"},
		{"OPTIONS", "*", "OPTIONS ?"},
		{"OPTIONS", "http://docker", "OPTIONS ?"},
		{"OPTIONS", "/", "OPTIONS /?"},
		{"CONNECT", "example.org:443", "CONNECT example.org:443"},
		{"CONNECT", "http://example.org:443", "CONNECT example.org:443"},
		{"GET", "not/a/target", "GET /a/target?"}, // its URI is http://hostnot/a/target
		{"GET", "http://hostnot/a/target", "GET /a/target?"},
		{"GET", "1://x/y", "GET //x/y?"},
		{"GET", "-", "GET /?"},
		{"GET", "", "GET /?"},
	} {
		if got := string(AppendKey([]byte("#"), tt.method, tt.target)); got != "#"+tt.want {
			t.Errorf("%s %q: got %q, want %q", tt.method, tt.target, got, tt.want)
		}
		if got := string(AppendKey(nil, []byte(tt.method), []byte(tt.target))); got != tt.want {
			t.Errorf("%s %q as bytes: got %q, want %q", tt.method, tt.target, got, tt.want)
		}
	}
}

// TestAppendKeyAllocatesNothing keeps matching free of garbage.
func TestAppendKeyAllocatesNothing(t *testing.T) {
	method, target, buf := []byte("GET"), []byte("/a%7E?z=1&b=2&a=%203"), make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() { buf = AppendKey(buf[:0], method, target) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzQueryAgreesWithURL checks that two queries have one form where net/url
// reads the same values from them, and only there.
func FuzzQueryAgreesWithURL(f *testing.F) {
	for _, s := range [][2]string{{"a=1&b=2", "b=2&a=1"}, {"a=1&a=2", "a=2&a=1"}, {"a", "a="}, {"a=%26", "a=&"}, {"a+b", "a%20b"}, {"a=%3d", "a=="}, {"%3d=", "=="}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		va, errA := url.ParseQuery(a)
		vb, errB := url.ParseQuery(b)
		if errA != nil || errB != nil {
			t.Skip("net/url does not read it")
		}
		got := bytes.Equal(AppendQuery(nil, a), AppendQuery(nil, b))
		if want := reflect.DeepEqual(va, vb); got != want {
			t.Errorf("%q (%q) and %q (%q): equal is %v, want %v", a, AppendQuery(nil, a), b, AppendQuery(nil, b), got, want)
		}
	})
}

func BenchmarkAppendKey(b *testing.B) {
	method, target, buf := []byte("GET"), []byte("/v1.41/containers/4f5a/json?all=1&size=0"), make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendKey(buf[:0], method, target)
	}
}

func TestIsVersion(t *testing.T) {
	for segment, want := range map[string]bool{"v1": true, "v1.41": true, "4.0.0": true, "": false, "v": false, "v1x": false, "containers": false} {
		if got := IsVersion(segment); got != want {
			t.Errorf("%q: %v", segment, got)
		}
	}
}
