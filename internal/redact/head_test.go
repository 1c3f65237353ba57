package redact

import (
	"slices"
	"strings"
	"testing"
)

const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"

func TestHead(t *testing.T) {
	r := defaults(t)
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "GET /v1.41/info HTTP/1.1\r\nHost: docker\r\nUser-Agent: x\r\n\r\n", ""},
		{"challenge stays", "HTTP/1.1 401 Unauthorized\r\nWww-Authenticate: Bearer realm=\"https://auth/token\",service=\"r\"\r\n\r\n", ""},

		{"Basic", "GET / HTTP/1.1\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n", "GET / HTTP/1.1\r\nAuthorization: Basic ************\r\n\r\n"},
		{"Bearer", "GET / HTTP/1.1\r\nauthorization:bearer  " + token + " \r\n\r\n",
			"GET / HTTP/1.1\r\nauthorization:bearer  " + strings.Repeat("*", len(token)) + " \r\n\r\n"},
		{"no scheme", "GET / HTTP/1.1\r\nAuthorization: abc def\r\n\r\n", "GET / HTTP/1.1\r\nAuthorization: *******\r\n\r\n"},
		{"scheme alone", "GET / HTTP/1.1\r\nAuthorization: Basic\r\n\r\n", "GET / HTTP/1.1\r\nAuthorization: *****\r\n\r\n"},
		{"signed", "GET / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b, Signature=c\r\n\r\n",
			"GET / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 ***************************\r\n\r\n"},
		{"registry", "POST /build HTTP/1.1\r\nX-Registry-Config: e30K\r\nX-Registry-Auth: e30=\r\nX-Docker-Token: signature=a,repository=b\r\n\r\n",
			"POST /build HTTP/1.1\r\nX-Registry-Config: ****\r\nX-Registry-Auth: ****\r\nX-Docker-Token: ************************\r\n\r\n"},
		{"empty", "GET / HTTP/1.1\r\nAuthorization: \r\nCookie:\r\n\r\n", ""},
		{"space before the colon", "GET / HTTP/1.1\r\nAuthorization : Basic a\r\n\r\n", "GET / HTTP/1.1\r\nAuthorization : Basic *\r\n\r\n"},

		{"Cookie", "GET / HTTP/1.1\r\nCookie: a=b; c=d=e;f;=g\r\n\r\n", "GET / HTTP/1.1\r\nCookie: a=*; c=***;*;=*\r\n\r\n"},
		{"Set-Cookie", "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/; HttpOnly\r\n\r\n", "HTTP/1.1 200 OK\r\nSet-Cookie: a=*; Path=/; HttpOnly\r\n\r\n"},

		{"folded", "GET / HTTP/1.1\r\nAuthorization: Basic abc\r\n def\r\n\tghi \r\nHost: x\r\n y\r\n\r\n",
			"GET / HTTP/1.1\r\nAuthorization: *********\r\n ***\r\n\t*** \r\nHost: x\r\n y\r\n\r\n"},
		{"folded, first line empty", "GET / HTTP/1.1\r\nCookie:\r\n a=b; c\r\n\r\n", "GET / HTTP/1.1\r\nCookie:\r\n ******\r\n\r\n"},
		{"bare line feeds", "GET / HTTP/1.1\nCookie: a=b\nHost: x\n\n", "GET / HTTP/1.1\nCookie: a=*\nHost: x\n\n"},
		{"no end", "GET / HTTP/1.1\r\nCookie: a=b", "GET / HTTP/1.1\r\nCookie: a=*"},
		{"leading empty line", "\r\nGET /?token=a HTTP/1.1\r\n\r\n", "\r\nGET /?token=* HTTP/1.1\r\n\r\n"},
		{"trailer", "X-Auth-Token: a\r\nDigest: b\r\n\r\n", "X-Auth-Token: *\r\nDigest: b\r\n\r\n"},

		{"query", "GET /v2/x?a=b&token=c&Signature=d%20e&x HTTP/1.1\r\n\r\n", "GET /v2/x?a=b&token=*&Signature=*****&x HTTP/1.1\r\n\r\n"},
		{"query, last key", "GET /?X-Amz-Signature=0123;x HTTP/1.1\r\n\r\n", "GET /?X-Amz-Signature=****** HTTP/1.1\r\n\r\n"},
		{"query, encoded key", "GET /?%74oke%6E=c HTTP/1.1\r\n\r\n", "GET /?%74oke%6E=* HTTP/1.1\r\n\r\n"},
		{"query, empty", "GET /?token=&b=c&password HTTP/1.1\r\n\r\n", ""},
		{"query, spaces", "GET /?token=a b HTTP/1.1\r\n\r\n", "GET /?token=*** HTTP/1.1\r\n\r\n"},
		{"query, no version", "GET /?token=abc\r\n\r\n", "GET /?token=***\r\n\r\n"},
		{"path", "GET /token=a/&token=b HTTP/1.1\r\n\r\n", ""},
		{"absolute form", "GET http://u:p@h/x?sig=a HTTP/1.1\r\n\r\n", "GET http://***@h/x?sig=* HTTP/1.1\r\n\r\n"},
		{"user information in a query", "POST /build?remote=https%3A%2F%2Fuser%3Atok%40github.com%2Fx.git&t=a@b HTTP/1.1\r\n\r\n",
			"POST /build?remote=https%3A%2F%2F**********%40github.com%2Fx.git&t=a@b HTTP/1.1\r\n\r\n"},
		{"the same, plain", "POST /build?remote=https://tok@github.com/x.git HTTP/1.1\r\n\r\n", "POST /build?remote=https://***@github.com/x.git HTTP/1.1\r\n\r\n"},

		{"Location", "HTTP/1.1 307 x\r\nLocation: https://u@h/b?X-Amz-Credential=a%2Fb&X-Amz-Signature=c&e=f\r\n\r\n",
			"HTTP/1.1 307 x\r\nLocation: https://*@h/b?X-Amz-Credential=*****&X-Amz-Signature=*&e=f\r\n\r\n"},
		{"fragment", "HTTP/1.1 302 x\r\nLocation: https://h/cb#access_token=a&x=y\r\n\r\n", "HTTP/1.1 302 x\r\nLocation: https://h/cb#access_token=*&x=y\r\n\r\n"},
		{"Link", "HTTP/1.1 200 OK\r\nLink: </v2/_catalog?token=a>; rel=\"next\"\r\n\r\n", "HTTP/1.1 200 OK\r\nLink: </v2/_catalog?token=*>; rel=\"next\"\r\n\r\n"},
		{"Referer", "GET / HTTP/1.1\r\nReferer: http://h/?password=a\r\n\r\n", "GET / HTTP/1.1\r\nReferer: http://h/?password=*\r\n\r\n"},
		{"no URL", "GET / HTTP/1.1\r\nX: a;token=b&token=c\r\nFrom: a@b.c\r\n\r\n", ""},
		{"JWT elsewhere", "GET / HTTP/1.1\r\nX-Claims: a " + token + ";\r\n\r\n", "GET / HTTP/1.1\r\nX-Claims: a " + token[:len(token)-12] + "AAAAAAAAAAAA;\r\n\r\n"},
		{"encrypted JWT", "GET / HTTP/1.1\r\nX: eyJa.eyJb.c.d.e\r\n\r\n", "GET / HTTP/1.1\r\nX: eyJa.eyJb.A.A.A\r\n\r\n"},

		{"no fields", "\r\n", ""},
		{"no colon", "GET / HTTP/1.1\r\nAuthorization\r\n\r\n", ""},
		{"nothing at all", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				tt.want = tt.in
			}
			got, spans := head(r, tt.in)
			checkMask(t, tt.in, got, tt.want, spans)
			again, spans2 := head(r, got)
			if again != got || !slices.Equal(spans, spans2) {
				t.Errorf("masked again: %q, %v, was %q, %v", again, spans2, got, spans)
			}
		})
	}
}

func TestHeadDoesNotAllocate(t *testing.T) {
	r := defaults(t)
	in := []byte("GET /v1.41/info HTTP/1.1\r\nHost: docker\r\nAuthorization: Basic abc\r\n\r\n")
	spans := make([]Span, 0, 4)
	if n := testing.AllocsPerRun(100, func() { r.Head(in, spans) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
