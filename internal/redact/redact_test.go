package redact

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func rules(t testing.TB, names ...string) *Rules {
	t.Helper()
	r, err := Parse(names)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func defaults(t testing.TB) *Rules { return rules(t, "default") }

// checkMask checks that got is want, has the length of in, and that the spans
// cover the bytes that changed, in order.
func checkMask(t *testing.T, in, got, want string, spans []Span) {
	t.Helper()
	if got != want {
		t.Errorf("masked\n%q\ngot\n%q\nwant\n%q", in, got, want)
	}
	checkSpans(t, in, got, spans)
}

func checkSpans(t *testing.T, in, got string, spans []Span) {
	t.Helper()
	if len(got) != len(in) {
		t.Fatalf("masking changed the length of %q: %q", in, got)
	}
	last := int64(-1)
	left := []byte(in)
	for _, s := range spans {
		if s.Len <= 0 || s.Off <= last || s.end() > int64(len(in)) {
			t.Fatalf("spans %v of %q are empty, out of order or touch", spans, in)
		}
		last = s.end()
		copy(left[s.Off:last], got[s.Off:last])
	}
	if string(left) != got {
		t.Errorf("spans %v do not cover all that changed:\n%q\n%q", spans, in, got)
	}
}

func head(r *Rules, in string) (string, []Span) {
	b := []byte(in)
	spans := r.Head(b, nil)
	testKey.Identify([]byte(in), spans)
	return string(b), withoutDigests(in, spans)
}

// body masks in, cut into pieces of the given sizes, again and again.
func body(r *Rules, target, hd, in string, sizes ...int) (string, []Span) {
	b := r.Body([]byte(target), []byte(hd))
	if b == nil {
		return in, nil
	}
	b.Identify(testKey)
	var got []byte
	var spans []Span
	rest := []byte(in)
	for i := 0; len(rest) > 0; i++ {
		n := len(rest)
		if len(sizes) > 0 {
			n = min(n, sizes[i%len(sizes)])
		}
		got = b.Append(got, rest[:n])
		spans = append(spans, b.Take()...)
		rest = rest[n:]
		if held := len(in) - len(rest) - len(got); held > MaxHold {
			panic("more than MaxHold held back")
		}
	}
	got = b.Flush(got)
	return string(got), withoutDigests(in, append(spans, b.Take()...))
}

// testKey makes the Digests of the tests.
var testKey = func() *Key {
	k, err := NewKey("000102030405060708090a0b0c0d0e0f")
	if err != nil {
		panic(err)
	}
	return k
}()

// withoutDigests checks the Digests of spans of in, and removes them: masked again,
// a secret has another one.
func withoutDigests(in string, spans []Span) []Span {
	for i, s := range spans {
		if want := testKey.Digest([]byte(in[s.Off:s.end()])); s.Digest != want {
			panic(fmt.Sprintf("in %q the span %+v has another Digest than its secret, %x", in, s, want))
		}
		spans[i].Digest = Digest{}
	}
	return spans
}

const jsonHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"

func TestParse(t *testing.T) {
	names := []string{"default", "header:X-My-Key", "DEFAULT", "query:code", "header:x-my-key", "json:pin"}
	if _, err := Parse(names[:2]); err != nil {
		t.Fatal(err)
	}
	r := rules(t, names...)
	if got, want := r.Names(), []string{"default", "header:X-My-Key", "query:code", "json:pin"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	again := rules(t, r.Names()...)
	if !slices.Equal(again.Names(), r.Names()) {
		t.Errorf("names change from %q to %q", r.Names(), again.Names())
	}
	for _, tt := range []struct{ in, want string }{
		{"", "not one of"},
		{"defaults", "not one of"},
		{"header:", "nothing follows"},
		{"header:A b", "not the name of a header field"},
		{"cookie:a", `unknown kind "cookie"`},
		{"json:" + strings.Repeat("k", maxKey+1), "more than 64"},
	} {
		if r, err := Parse([]string{tt.in}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q) = %v, %v, want an error with %q", tt.in, r, err, tt.want)
		}
	}
}

func TestRulesCanBeLeftOut(t *testing.T) {
	const in = `{"token":"a1b2c3d4e5","password":"abc","auth":"b"}`
	for _, tt := range []struct{ without, want string }{
		{"json:token", `{"token":"a1b2c3d4e5","password":"***","auth":"*"}`},
		{"json:PASSWORD", `{"token":"**********","password":"abc","auth":"*"}`},
		{"json:auth", `{"token":"**********","password":"***","auth":"b"}`},
		{"query:token", `{"token":"**********","password":"***","auth":"*"}`},
	} {
		for _, names := range [][]string{{"default", LeaveOut + tt.without}, {LeaveOut + tt.without, "default"}} {
			r := rules(t, names...)
			if got, _ := body(r, "/", jsonHead, in); got != tt.want {
				t.Errorf("%q: got %s, want %s", names, got, tt.want)
			}
			if !slices.Equal(r.Names(), names) {
				t.Errorf("names are %q, want %q", r.Names(), names)
			}
		}
	}
	const request = "GET /?token=a&sig=b HTTP/1.1\r\nCookie: a=b\r\nX-Token: c\r\n\r\n"
	got, _ := head(rules(t, "default", "-header:cookie", "-query:token"), request)
	if want := "GET /?token=a&sig=* HTTP/1.1\r\nCookie: a=b\r\nX-Token: *\r\n\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	const urls = "GET / HTTP/1.1\r\nLocation: http://u:p@h/\r\nX-Claims: eyJa.eyJb.cd\r\n\r\n"
	got, _ = head(rules(t, "default", "-jwt", "-userinfo"), urls)
	if got != urls {
		t.Errorf("got %q, want it as it was", got)
	}
	const claims = `{"a":"eyJa.eyJb.c","password":{"eyJa.eyJb.c":"eyJa.eyJb.c"}}`
	got, _ = body(rules(t, "default", "-jwt"), "/", jsonHead, claims)
	if want := `{"a":"eyJa.eyJb.c","password":{"eyJa.eyJb.c":"eyJa.eyJb.A"}}`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, _ = body(rules(t, "default", "-json:data"), "/libpod/secrets/create", "", "abc"); got != "abc" {
		t.Errorf("got %q, want it as it was", got)
	}
	for _, names := range [][]string{{"jwt"}, {"-json:token"}, {"default", "-json:tokens"}, {"default", "-token"}, {"default", "-default"}} {
		if r, err := Parse(names); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", names, r.Names())
		}
	}
}

func TestNilRules(t *testing.T) {
	r, err := Parse(nil)
	if r != nil || err != nil {
		t.Fatalf("Parse(nil) = %v, %v, want nil", r, err)
	}
	in := "GET /?token=a HTTP/1.1\r\nAuthorization: Basic a\r\n\r\n"
	if got, spans := head(r, in); got != in || spans != nil {
		t.Errorf("nil rules masked %q, %v", got, spans)
	}
	if r.Body(nil, nil) != nil || r.Lines() != nil || r.Names() != nil {
		t.Error("nil rules have a masker")
	}
}

func TestOwnRules(t *testing.T) {
	r := rules(t, "header:x-mine", "query:mine", "json:mine")
	got, spans := head(r, "GET /?Mine=a&token=b HTTP/1.1\r\nX-Mine: a b\r\nAuthorization: Basic b\r\n\r\n")
	checkMask(t, got, got, "GET /?Mine=*&token=b HTTP/1.1\r\nX-Mine: ***\r\nAuthorization: Basic b\r\n\r\n", spans)
	got, spans = body(r, "/", jsonHead, `{"MINE":"a","password":"b"}`)
	checkMask(t, got, got, `{"MINE":"*","password":"b"}`, spans)
}

// Spans of an earlier section must not be joined with new ones.
func TestHeadLeavesEarlierSpansAlone(t *testing.T) {
	r := defaults(t)
	spans := append(make([]Span, 0, 10), Span{Off: 0, Len: 100})
	got := r.Head([]byte("Cookie: a=b\r\n\r\n"), spans)
	if want := []Span{{Off: 0, Len: 100}, {Off: 10, Len: 1, Rule: Rule{kindHeader, "cookie"}}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLines(t *testing.T) {
	r := defaults(t)
	for _, tt := range []struct{ name, in, want string }{
		{"field", "x\r\nAuthorization: Basic a b\r\nHost: x\r\n", "x\r\nAuthorization: ***** * *\r\nHost: x\r\n"},
		{"first line", "X-Registry-Auth:abc\n", "X-Registry-Auth:***\n"},
		{"folded", "cookie: a\r\n b\r\n\tc\r\nd: e\n", "cookie: *\r\n *\r\n\t*\r\nd: e\n"},
		{"not at the start", " Cookie: a\nx Cookie: a\n", " Cookie: a\nx Cookie: a\n"},
		{"blanks before the colon", "Cookie : a\nAUTHORIZATION\t :b\nCookie x: a\nCookie \nGET : a\n", "Cookie : *\nAUTHORIZATION\t :*\nCookie x: a\nCookie \nGET : a\n"},
		{"empty value", "Cookie:\nCookie: \r\n", "Cookie:\nCookie: \r\n"},
		{"no end", "Cookie: a", "Cookie: *"},
		{"long name", strings.Repeat("x", 2*maxKey) + "\nCookie: a\n", strings.Repeat("x", 2*maxKey) + "\nCookie: *\n"},
		{"request line", "GET /?a=b&token=c&d HTTP/1.1\r\nx: ?token=a\nPUT /?%74oken=a b&sig=c;", "GET /?a=b&token=*&d HTTP/1.1\r\nx: ?token=a\nPUT /?%74oken=* b&sig=**"},
		{"not quite one", "Get /?token=a\nGET\n/?token=a\nGET: /?token=a\n GET /?token=a\n", "Get /?token=a\nGET\n/?token=a\nGET: /?token=a\n GET /?token=a\n"},
		{"long query key", "GET /?" + strings.Repeat("%74", 2*maxKey) + "token=a&token=b", "GET /?" + strings.Repeat("%74", 2*maxKey) + "token=a&token=*"},
		{"binary", "\x00\xffCookie: a\n\nCookie: \x00\xff", "\x00\xffCookie: a\n\nCookie: **"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for n := 1; n <= len(tt.in); n++ {
				l := r.Lines()
				got := []byte(tt.in)
				var spans []Span
				for piece := range slices.Chunk(got, n) {
					l.Mask(piece)
				}
				spans = l.Take()
				checkMask(t, tt.in, string(got), tt.want, spans)
			}
		})
	}
}

func BenchmarkHead(b *testing.B) {
	r := defaults(b)
	in := []byte("POST /v1.41/images/create?fromImage=busybox&tag=latest HTTP/1.1\r\nHost: docker\r\n" +
		"User-Agent: Docker-Client/20.10.24 (linux)\r\nContent-Length: 0\r\nContent-Type: text/plain\r\n" +
		"X-Registry-Auth: eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InAifQ==\r\nAccept: application/json\r\n\r\n")
	plain := []byte("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nDocker-Experimental: false\r\n" +
		"Ostype: linux\r\nServer: Docker/20.10.24 (linux)\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nContent-Length: 1234\r\n\r\n")
	for name, in := range map[string][]byte{"request": in, "response": plain} {
		b.Run(name, func(b *testing.B) {
			spans := make([]Span, 0, 8)
			buf := make([]byte, len(in))
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				copy(buf, in)
				spans = r.Head(buf, spans[:0])
			}
		})
	}
}

func BenchmarkBody(b *testing.B) {
	r := defaults(b)
	stream := []byte(`{"status":"Downloading","progressDetail":{"current":1234567,"total":45678901},"progress":"[===\u003e                                               ]  1.234MB/45.68MB","id":"6394a0511810"}` + "\r\n")
	inspect := []byte(`{"Id":"3f4c5","Created":"2026-11-21T10:00:00.123456789Z","Path":"sh","Args":["-c","echo hello"],"State":{"Status":"running","Running":true,"Paused":false,"Pid":1234,"ExitCode":0,"Error":""},"HostConfig":{"Binds":null,"NetworkMode":"default","PortBindings":{},"MemorySwap":0},` +
		`"Config":{"Hostname":"3f4c5","Env":["PATH=/usr/local/sbin:/usr/local/bin"],"Labels":{"a.b":"c"}},"Password":"hunter2","Auth":"dXNlcjpwYXNz"}` + "\n")
	for name, in := range map[string][]byte{"stream": stream, "inspect": inspect, "long": []byte(`{"data_":"` + strings.Repeat("0123456789abcdef", 4000) + `"}`)} {
		b.Run(name, func(b *testing.B) {
			in := bytes.Repeat(in, 1+(64<<10)/len(in))
			dst := make([]byte, 0, len(in)+MaxHold)
			m := r.Body([]byte("/"), []byte(jsonHead))
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				dst = m.Append(dst[:0], in)
				m.Take()
			}
		})
	}
}
