package redact

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// A secret is written {{kind:text}} in these texts.
var findTests = []struct{ name, text string }{
	{"nothing", "GET /v1.41/info HTTP/1.1\r\nHost: docker\r\nUser-Agent: x\r\n\r\n{\"Id\":\"3f4c\",\"tokens\":[1]}"},
	{"prose", "a token: the word; the password is: unknown. basic things, bearer of news; token==a, secret => b, unexpected token: }"},
	{"challenge", `Www-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:x:pull"`},

	{"head", "Authorization: Basic {{secret header field:dXNlcjpwYXNz}}\r\nHost: x\r\n"},
	{"head 2", "X-Registry-Auth: {{secret header field:abc def}}\r\nCookie: {{secret header field:a=b; c=**}}\r\n"},
	{"credentials elsewhere", "sent Basic {{HTTP credentials:dXNlcjpwYXNz}} and bearer {{HTTP credentials:0123456789.abcdef-_}}, Basic bm9jb2xvbg== Bearer short"},
	{"cassette", `      head: ["GET / HTTP/1.1", "Authorization: Bearer {{secret header field:0123456789abcdef0123}}", "X-Auth-Token: {{secret header field:abc}}"]`},
	{"cassette, headers", "headers:\n  Authorization:\n    - Basic {{secret header field:dXNlcjpwYXNz}}\n  X-Docker-Token:\n    - {{secret header field:sig=x, repository=y}}\n  Accept:\n    - '*/*'\n"},
	{"cassette, quoted item", "  Set-Cookie:\n  - \"{{secret header field:a=b; Path=/}}\"\n"},
	{"cassette, form", "form:\n  password:\n    - {{value of a secret key:hunter}}\n"},
	{"cassette, body", `body: "{\"passwd\":\"{{value of a secret key:abc}}\",\"a\":\"b\",\"identitytoken\": \"{{value of a secret key:d\\\"e}}\"}\n\` + "\n"},
	{"single quotes", `body: '{"password":"{{value of a secret key:it''s}}","Secret" : {{value of a secret key:1234}}}'`},
	{"url", "url: https://h/x?a=b&X-Amz-Signature={{value of a secret key:0a}}&c=d\nurl: 'http://h/?token={{value of a secret key:a}}'"},
	{"escaped ampersand", `"url":"http://h/?a=b\u0026token={{value of a secret key:c}}\u0026d=e"`},
	{"escaped line", `"log\npassword={{value of a secret key:abc1}}\nmore"`},
	{"words and numbers", `{"token":null,"password":true,"secret":{{value of a secret key:12.5}}}`},
	{"docker config", `{"auths":{"r":{"auth":"{{value of a secret key:dXNlcjpwYXNz}}"}}}`},

	{"JWT", "x " + "{{signed JWT:" + token + "}} y"},
	{"X-Registry-Auth elsewhere", `x=[{{registry credentials in base64:eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InAifQ==}}]`},
	{"other JSON in base64", `x=[eyJ1c2VybmFtZSI6InUifQ==]`},
	{"AWS", `"k":"{{AWS access key:AKIAIOSFODNN7EXAMPLE}}", xAKIAIOSFODNN7EXAMPLE, AKIAIOSFODNN7EXAMPLES`},
	{"GitHub", "git clone, {{access token:ghp_0123456789abcdefghij0123456789abcdef}} ghp_short"},
	{"swarm", `"Worker":"{{access token:SWMTKN-1-3pu6hszjas19xyp7ghgosyx9k8atbfcr8p2is99znpy26u2lkl-1awxwuwd3z9j1z3puu7rcgdbx}}"`},
	{"PEM", `"{{private key:-----BEGIN RSA PRIVATE KEY-----}}\nMIIE"` + "\n-----BEGIN CERTIFICATE-----\n{{private key:-----BEGIN PRIVATE KEY-----}}"},
	{"URLs", "http://{{password in a URL:user:pa@ss}}@h/ https://{{password in a URL:0123456789abcdefghijk}}@h git@h http://git@h/ http://h/a:b@c"},
	{"environment", `"Env":["PATH=/bin","MYSQL_ROOT_PASSWORD={{random value of a secret-looking name:s3cr3tPassw0rd}}","DB_PASSWORD=abc","githubToken={{random value of a secret-looking name:0a1b2c3d4e5f}}"]`},
	{"XML", "<R><SecretAccessKey>{{value of a secret key:Ex4mpl3}}</SecretAccessKey>\n<wsse:Password Type='a'>\n {{value of a secret key:b c}}\n</wsse:Password></R>"},
	{"XML in YAML", `body: "<a>\n <password>\n  {{value of a secret key:b\\c}}\n </password><secret><![CDATA[{{value of a secret key:d<e}}]]></secret><a:password=\"{{value of a secret key:f}}\">\n` + "\\n  <dbToken>{{random value of a secret-looking name:s3cr3tPassw0rd}}</dbToken>"},
	{"XML without secrets", "<password/><password></password><password> \\n</password><token>word</token><secret><a>b</a></secret>, login <user> <password>"},
	{"masked XML", "<password>***</password><a>\n<secret>\\n  **\\n</secret><token><![CDATA[****]]></token>"},
	{"flags", "--password={{value of a secret key:abc}} --token {{}}x"},

	{"masked", `{"token":"***","password":111,"secret":-1.1e1,"auth":"**","id_token":"` + token[:len(token)-12] + `AAAAAAAAAAAA"} AUTH_TOKEN=**************`},
	{"masked head", "GET /?token=**** HTTP/1.1\r\nAuthorization: Basic ****\r\nX-Registry-Auth: ***\r\nCookie: a=**; b=*\r\nSet-Cookie: a=*; Path=/; HttpOnly\r\nLocation: http://****@h/?sig=***\r\n"},
	{"masked headers", "  Authorization:\n    - Bearer ****\n  Cookie:\n    - a=**; b=***\n"},
	{"placeholders", "password=<redacted> token=${TOKEN} secret=xxxxxx api_key=REDACTED token=true"},
}

// plant returns the text without its marks, and what must be found in it.
func plant(text string) (string, []Finding) {
	var out strings.Builder
	var want []Finding
	for {
		before, rest, ok := strings.Cut(text, "{{")
		out.WriteString(before)
		if !ok {
			return out.String(), want
		}
		mark, after, _ := strings.Cut(rest, "}}")
		text = after
		if kind, secret, ok := strings.Cut(mark, ":"); ok {
			line := 1 + strings.Count(out.String(), "\n")
			want = append(want, Finding{int64(out.Len()), len(secret), line, Kind(kind)})
			out.WriteString(secret)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tt := range findTests {
		t.Run(tt.name, func(t *testing.T) {
			text, want := plant(tt.text)
			if got := Find([]byte(text)); !slices.Equal(got, want) {
				t.Errorf("in %q found\n%+v, want\n%+v", text, got, want)
				for _, f := range got {
					t.Logf("%s: %q", f.Kind, text[f.Off:f.Off+int64(f.Len)])
				}
			}
		})
	}
}

// In a long text everything is found as it is in a short one, wherever it
// falls in the window.
func TestScanWindows(t *testing.T) {
	var all strings.Builder
	for _, tt := range findTests {
		all.WriteString(tt.text + "\n\n")
	}
	text, want := plant(all.String())
	for _, pad := range []int{1, 60 << 10, 64<<10 - 2000, 64<<10 - 1000, 64<<10 - 100, 64 << 10, 128<<10 - 2500} {
		padding := strings.Repeat("some words\n", pad/11+1)[:pad-1] + "\n"
		in := padding + text + padding + text
		var moved []Finding
		for i := range 2 {
			off, line := len(padding)+i*(len(text)+len(padding)), strings.Count(in[:len(padding)+i*(len(text)+len(padding))], "\n")
			for _, f := range want {
				moved = append(moved, Finding{f.Off + int64(off), f.Len, f.Line + line, f.Kind})
			}
		}
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "halves": iotest.HalfReader(strings.NewReader(in)), "data with error": iotest.DataErrReader(strings.NewReader(in))} {
			var got []Finding
			for f, err := range Scan(r) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, f)
			}
			if !slices.Equal(got, moved) {
				t.Fatalf("padding %d, %s: found\n%v, want\n%v", pad, name, got, moved)
			}
		}
	}
}

func TestScanError(t *testing.T) {
	broken := errors.New("broken")
	n := 0
	var last error
	for f, err := range Scan(io.MultiReader(strings.NewReader("password=abc1 "), iotest.ErrReader(broken))) {
		if last = err; err == nil {
			n += f.Len
		}
	}
	if n != 4 || last != broken {
		t.Errorf("found %d bytes, %v; want 4 and the reader's error", n, last)
	}
	for range Scan(strings.NewReader("token=a1 token=b2")) {
		break // must not go on, or panic
	}
}

func TestMaskedSecretsAreNotFound(t *testing.T) {
	r := defaults(t)
	for _, tt := range xmlTests {
		got, _ := body(r, "/", xmlHead, tt.in)
		for _, f := range Find([]byte(got)) {
			switch tt.name {
			case "comments", "CDATA", "instructions", "attributes", "namespaces", "no quotes": // text that only looks like a secret's
			default:
				t.Errorf("%s: in %s found %s %q", tt.name, got, f.Kind, got[f.Off:f.Off+int64(f.Len)])
			}
		}
	}
	for _, tt := range jsonTests {
		got, _ := body(r, "/", jsonHead, tt.in)
		for _, f := range Find([]byte(got)) {
			if tt.name == "single quotes" && f.Off < 20 {
				continue // a name that is no JSON's
			}
			t.Errorf("%s: in %s found %s %q", tt.name, got, f.Kind, got[f.Off:f.Off+int64(f.Len)])
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, tt := range findTests {
		text, _ := plant(tt.text)
		f.Add(text, 3)
	}
	f.Fuzz(func(t *testing.T, in string, n int) {
		last := int64(0)
		for _, f := range Find([]byte(in)) {
			if f.Off < last || f.Len <= 0 || f.Off+int64(f.Len) > int64(len(in)) || f.Kind == "" {
				t.Fatalf("%+v in %q", f, in)
			}
			if want := 1 + strings.Count(in[:f.Off], "\n"); f.Line != want {
				t.Fatalf("%+v is in line %d of %q", f, want, in)
			}
			last = f.Off + int64(f.Len)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	in := bytes.Repeat([]byte(`    body: "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1234567,\"total\":45678901},\"progress\":\"[===>   ]  1.234MB/45.68MB\",\"id\":\"6394a0511810\"}\r\n\`+"\n"), 5000)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for range Scan(bytes.NewReader(in)) {
			b.Fatal("found something")
		}
	}
}
