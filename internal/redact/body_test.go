package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func masked(n int) string { return strings.Repeat("*", n) }

var jsonTests = []struct{ name, in, want string }{
	{"nothing", `{"a":"b","secrets":"c","c":[1,2.5,true,null]}`, ""},
	{"string", `{"password":"abc","a":"b"}`, `{"password":"***","a":"b"}`},
	{"spellings", `{"Identity_Token":"a","IDENTITYTOKEN":"b","accessToken":"c","client-secret":"d"}`, `{"Identity_Token":"*","IDENTITYTOKEN":"*","accessToken":"*","client-secret":"*"}`},
	{"space", "{ \"secret\" :\r\n\t\"abc\" , \"a\" : 1 }", "{ \"secret\" :\r\n\t\"***\" , \"a\" : 1 }"},
	{"empty", `{"secret":"","password":""}`, ""},
	{"escapes in the value", `{"secret":"a\"b\\","a":"\u0041\\"}`, `{"secret":"******","a":"\u0041\\"}`},
	{"escapes in the key", `{"se\u0063ret":"a","\u0070assw\u006Frd":"b","secr\et":"c","secret\n":"d","\ud83d\ude00":"e"}`,
		`{"se\u0063ret":"*","\u0070assw\u006Frd":"*","secr\et":"*","secret\n":"d","\ud83d\ude00":"e"}`},
	{"a key's text as value", `{"a":"secret","b":"c","d":["password","e"]}`, ""},
	{"a quote before a key", `{"a":"b\"","secret":"c","d\\":"e\\\\","secret":"f"}`, `{"a":"b\"","secret":"*","d\\":"e\\\\","secret":"*"}`},
	{"numbers", `{"secret":-0.5e3,"password":12,"secret":1E+99,"a":12}`, `{"secret":-1.1e1,"password":11,"secret":1E+11,"a":12}`},
	{"words", `{"secret":null,"password":true,"secret":false,"a":null}`, ""},
	{"object", `{"secret":{"a":"b","c":{"d":[1,"e",true,null]},"f\"g":""},"a":"b"}`, `{"secret":{"a":"*","c":{"d":[1,"*",true,null]},"f\"g":""},"a":"b"}`},
	{"array", `{"password":["a","b:c",[-1.5],{"x":"y"}],"a":["b"]}`, `{"password":["*","***",[-1.1],{"x":"*"}],"a":["b"]}`},
	{"empty object", `{"secret":{},"secret":[],"a":"b"}`, ""},
	{"join secrets", `{"JoinTokens":{"Worker":"SWMTKN-1-a","Manager":"SWMTKN-1-b"}}`, `{"JoinTokens":{"Worker":"**********","Manager":"**********"}}`},
	{"docker config", `{"auths":{"https://r/v1/":{"auth":"dXNlcjpw","email":"a@b"}}}`, `{"auths":{"https://r/v1/":{"auth":"********","email":"a@b"}}}`},
	{"auth object", `{"auth":{"type":"basic","password":"a"},"Authorization":["plugin"]}`, `{"auth":{"type":"basic","password":"*"},"Authorization":["plugin"]}`},
	{"login", `{"username":"u","password":"p","serveraddress":"https://r/"}`, `{"username":"u","password":"*","serveraddress":"https://r/"}`},
	{"no space between values", `{"secret":"a"}{"secret":"b"}` + "\r\n" + `{"secret":"c"}`, `{"secret":"*"}{"secret":"*"}` + "\r\n" + `{"secret":"*"}`},
	{"record separators", "\x1e{\"secret\":\"a\"}\n\x1e{\"secret\":\"b\"}\n", "\x1e{\"secret\":\"*\"}\n\x1e{\"secret\":\"*\"}\n"},
	{"events", "data: {\"secret\":\"a\"}\n\ndata: it's\n", "data: {\"secret\":\"*\"}\n\ndata: it's\n"},
	{"top level string", `"secret"`, ""},

	{"JWT as value", `{"secret":"` + token + `","expires_in":300}`, `{"secret":"` + token[:len(token)-12] + `AAAAAAAAAAAA","expires_in":300}`},
	{"JWT in an object", `{"secret":{"` + token + `":"` + token + `"}}`, `{"secret":{"` + token[:len(token)-12] + `AAAAAAAAAAAA":"` + token[:len(token)-12] + `AAAAAAAAAAAA"}}`},
	{"JWT elsewhere", `{"a":"x ` + token + ` y"}`, `{"a":"x ` + token[:len(token)-12] + `AAAAAAAAAAAA y"}`},
	{"JWT without claims", `{"a":"eeyJa.e30.ab","b":"eyeyJa.eyJ.c-_"}`, `{"a":"eeyJa.e30.AA","b":"eyeyJa.eyJ.AAA"}`},
	{"nearly JWTs", `{"a":"eyJa.eyKb.c","b":"eyJa.eyJb","c":"eyJ.","d":"xyJa.eyJb.c","e":"eyJ a.eyJ.c","f":"e30.e30.a"}`, ""},
	{"two JWTs", `["eyJa.eyJb.c,eyJa.eyJb.c","eyJeeyJ.ee3eyJ.eyJ.a"]`, `["eyJa.eyJb.A,eyJa.eyJb.A","eyJeeyJ.ee3eyJ.eyJ.A"]`},
	{"not quite a JWT as value", `{"secret":"eyJa.eyJb.c d"}`, `{"secret":"*************"}`},

	{"bare word", `{"password":hunter2,"a":"b"}`, `{"password":*******,"a":"b"}`},
	{"bare words", `{"password": my secret , "a":"b"}`, `{"password": **********, "a":"b"}`},
	{"word and more", `{"password":trueX,"secret":nul,"secret":truefalse}`, `{"password":*****,"secret":***,"secret":*********}`},
	{"number and more", `{"password":12ab,"secret":1-2,"secret":1.2.3}`, `{"password":11**,"secret":1**,"secret":1.1**}`},
	{"quote inside", `{"password":"ab"cd","a":"b"}`, `{"password":"**"************`},
	{"quote inside, lines", "{\"password\":\"ab\"cd\",\n\"a\":\"b\"}", "{\"password\":\"**\"****\n\"a\":\"b\"}"},
	{"single quotes", `{'password':'a',"password":'a,\'"b}c',"a":"b"}`, `{'password':'a',"password":**********,"a":"b"}`},
	{"two colons", `{"password"::"a,b","c":"d"}`, `{"password":******,"c":"d"}`},
	{"no value", `{"password":,"secret":}`, ""},
	{"no comma", "{\"password\":\"a\"\n \"secret\":\"b\"}", "{\"password\":\"*\"\n ************}"},
	{"no end", `{"password":"abc`, `{"password":"***`},
	{"no end in an object", `{"secret":{"a":"b","c`, `{"secret":{"a":"*","*`},
	{"no end behind an object's string", `{"secret":{"a" `, `{"secret":{"*" `},
	{"no end of a number", `{"pin":1,"password":12`, `{"pin":1,"password":11`},
	{"no end of a word", `{"password":tru`, `{"password":***`},
	{"a word at the end", `{"password":true`, ""},
	{"line feed in a secret", "{\"password\":\"a\nb\"}", "{\"password\":\"***\"}"},
	{"garbage in an object", "{\"secret\":{\"a\":b,c:\"d}\",\"e\":f\n,\"g\":1}, \"a\":\"b\"}", "{\"secret\":{\"a\":*,******,\"e\":*\n,\"g\":1}, \"a\":\"b\"}"},
	{"unbalanced", `{"secret":{"a":[1,2},"b":"c"},"d":"e"}`, `{"secret":{"a":[1,1},"b":"*"},"d":"e"}`},
	{"a stray quote", "oops \" here\n{\"password\":\"a\"}", "oops \" here\n{\"password\":\"*\"}"},
	{"an escape before the line's end", "\"a\\\n{\"password\":\"a\"}", "\"a\\\n{\"password\":\"*\"}"},
	{"a long key", `{"` + strings.Repeat("secret", 100) + `":"a","secret":"b"}`, `{"` + strings.Repeat("secret", 100) + `":"a","secret":"*"}`},
	{"a token", `{"token":"ghp_16C7e42F292c6912E7710c838347Ae178B4a"}`, `{"token":"****************************************"}`},
	{"a token of letters", `{"token":"AbCdEfGhIjKl"}`, `{"token":"************"}`},
	{"a token with signs", `{"token":"correct-horse/battery.staple"}`, `{"token":"****************************"}`},
	{"a token in upper case", `{"token":"JHTTOITLQWERTYUIOPASDFGHJK"}`, `{"token":"**************************"}`},
	{"a token in lower case", `{"token":"jhttoitlqwrtypsdfghjklzxcv"}`, `{"token":"**************************"}`},
	{"a long word is no token", `{"token":"Donaudampfschifffahrtsgesellschaft"}`, ""},
	{"a word is no token", `{"token":"internationalization","to\u006ben":" The"}`, ""},
	{"a year is no token", `{"token":"20261130","tokens":[{"token":"10.5"}]}`, ""},
	{"a number is no token", `{"token":9906,"logprob":-0.11}`, ""},
	{"an object is no token", `{"token":{"text":"a1b2c3d4e5","password":"b"}}`, `{"token":{"text":"a1b2c3d4e5","password":"*"}}`},
	{"a list is no token", `{"token":["a1b2c3d4e5",-0.5]}`, ""},
	{"a word behind a token", `{"token":"a1b2c3d4e5","a":{"token":true}}`, `{"token":"**********","a":{"token":true}}`},
}

func TestJSON(t *testing.T) {
	r := defaults(t)
	for _, tt := range jsonTests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				tt.want = tt.in
			}
			got, spans := body(r, "/", jsonHead, tt.in)
			checkMask(t, tt.in, got, tt.want, spans)
			if json.Valid([]byte(tt.in)) && !json.Valid([]byte(got)) {
				t.Errorf("what was JSON is none any more: %s", got)
			}
			checkLaws(t, r, "/", jsonHead, tt.in)
		})
	}
}

// checkLaws checks that any split gives the same bytes and spans, that masking
// again changes nothing, and that no length changes.
func checkLaws(t *testing.T, r *Rules, target, hd, in string) {
	t.Helper()
	want, spans := body(r, target, hd, in)
	checkSpans(t, in, want, spans)
	for _, sizes := range [][]int{{1}, {2}, {3}, {7}, {1, 5}, {64}, {len(in)/2 + 1}} {
		got, spans2 := body(r, target, hd, in, sizes...)
		if got != want || !slices.Equal(spans, spans2) {
			t.Fatalf("split %v of %q gives\n%q, %v\nnot\n%q, %v", sizes, in, got, spans2, want, spans)
		}
	}
	got, spans2 := body(r, target, hd, want, 5)
	if got != want || !slices.Equal(spans, spans2) {
		t.Fatalf("masking %q, which is %q, again gives\n%q, %v\nnot\n%q, %v", want, in, got, spans2, want, spans)
	}
}

func TestJSONLongSecrets(t *testing.T) {
	r := defaults(t)
	for _, n := range []int{MaxHold - 1, MaxHold, MaxHold + 1, 3 * MaxHold} {
		for _, tail := range []string{"x", `\"x`, `\\`} {
			long := strings.Repeat("a", n-1) + tail
			for _, tt := range []struct{ in, want string }{
				{`{"secret":"` + long + `","a":"b"}`, `{"secret":"` + masked(len(long)) + `","a":"b"}`},
				{`{"secret":["` + long + `","b"],"a":"b"}`, `{"secret":["` + masked(len(long)) + `","*"],"a":"b"}`},
			} {
				got, spans := body(r, "/", jsonHead, tt.in)
				checkMask(t, tt.in, got, tt.want, spans)
				again, spans2 := body(r, "/", jsonHead, tt.in, 1000)
				if again != got || !slices.Equal(spans, spans2) {
					t.Errorf("in pieces %d bytes give another mask, %v, not %v", n, spans2, spans)
				}
			}
		}
		// A key so long that what follows it is not waited for.
		in := `{"secret":{"` + strings.Repeat("a", n) + `" :"b"}}`
		want := in[:len(in)-4] + `*"}}`
		if n+len(`" :`) > MaxHold {
			want = `{"secret":{"` + masked(n) + `" :"*"}}`
		}
		got, spans := body(r, "/", jsonHead, in, 999)
		checkMask(t, in, got, want, spans)
	}
}

func TestForm(t *testing.T) {
	r := defaults(t)
	const hd = "POST /token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "grant_type=password&service=r&scope=a%3Ab", ""},
		{"values", "username=u&password=p%26q;r&refresh_token=&a=b&access_token=c", "username=u&password=*******&refresh_token=&a=b&access_token=*"},
		{"first", "client_secret=a=b&x", "client_secret=***&x"},
		{"encoded key", "pass%77ord=a", "pass%77ord=*"},
		{"no value", "password&token&&=a&=", ""},
		{"long key", strings.Repeat("p", 1000) + "password=a", ""},
		{"JSON all the same, as curl -d sends it", ` {"password":"a"}`, ` {"password":"*"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				tt.want = tt.in
			}
			got, spans := body(r, "/token", hd, tt.in)
			checkMask(t, tt.in, got, tt.want, spans)
			checkLaws(t, r, "/token", hd, tt.in)
		})
	}
}

func TestBodyKinds(t *testing.T) {
	r := defaults(t)
	const in, want = ` {"passwd":"a"}`, ` {"passwd":"*"}`
	head := func(fields ...string) string {
		return "HTTP/1.1 200 OK\r\n" + strings.Join(append(fields, "\r\n"), "\r\n")
	}
	for _, tt := range []struct {
		name, target, head string
		masked             bool
	}{
		{"JSON", "/", head("Content-Type: application/json; charset=utf-8"), true},
		{"lines of JSON", "/", head("content-type:application/x-ndjson"), true},
		{"a stream of JSON", "/", head("Content-Type: application/x-json-stream"), true},
		{"+json", "/", head("Content-Type: application/problem+json"), true},
		{"no type", "/", head("Server: x"), true},
		{"text", "/", head("Content-Type: text/plain"), true},
		{"a registry's error", "/v2/x/tags/list", head("Content-Type: application/json"), true},
		{"a path in the query", "/passw?scope=/blobs/", head("Content-Type: application/json"), true},
		{"an opaque ETag", "/", head("Content-Type: application/json", `ETag: W/"1"`), true},
		{"no encoding", "/", head("Content-Type: application/json", "Content-Encoding: identity"), true},

		{"another type", "/", head("Content-Type: application/octet-stream"), false},
		{"tar", "/", head("Content-Type: application/x-tar"), false},
		{"raw stream", "/", head("Content-Type: application/vnd.docker.raw-stream"), false},
		{"HTML", "/", head("Content-Type: text/html"), false},
		{"gzip", "/", head("Content-Type: application/json", "Content-Encoding: gzip"), false},
		{"blob", "/v2/x/blobs/sha256:0", head("Content-Type: application/json"), false},
		{"manifest", "/v2/x/manifests/latest?a=b", head("Content-Type: application/json"), false},
		{"signed manifest", "/", head("Content-Type: application/vnd.docker.distribution.manifest.v1+prettyjws"), false},
		{"image config", "/", head("Content-Type: application/vnd.oci.image.config.v1+json"), false},
		{"digest", "/", head("Content-Type: application/json", "Docker-Content-Digest: sha256:0"), false},
		{"Digest", "/", head("Content-Type: application/json", "digest: sha-256=x"), false},
		{"Content-MD5", "/", head("Content-Type: application/json", "Content-MD5: x"), false},
		{"an ETag that is a digest", "/", head("Content-Type: application/json", `ETag: "sha256:0"`), false},
	} {
		if got, _ := body(r, tt.target, tt.head, in); (got == want) != tt.masked || (got == in) == tt.masked {
			t.Errorf("%s: got %s, masked should be %v", tt.name, got, tt.masked)
		}
	}
}

func TestOnlyBodiesThatBeginAsJSONAreMasked(t *testing.T) {
	r := defaults(t)
	for in, want := range map[string]string{
		"\xef\xbb\xbf \r\n[{\"passwd\":\"a\"}]": "\xef\xbb\xbf \r\n[{\"passwd\":\"*\"}]",
		"text \"passwd\":\"a\" {\"passwd\":1}":  "text \"passwd\":\"a\" {\"passwd\":1}",
		" \n":                                   " \n",
		"\x01\x00\x00\x00{\"passwd\":\"a\"}":    "\x01\x00\x00\x00{\"passwd\":\"a\"}",
	} {
		got, spans := body(r, "/", "", in)
		checkMask(t, in, got, want, spans)
		checkLaws(t, r, "/", "", in)
	}
}

// The payload of a secrets API is masked, though no key in it names a secret.
func TestSecretsAPI(t *testing.T) {
	r := defaults(t)
	in := `{"Name":"x","Data":"c2VjcmV0"}`
	got, spans := body(r, "/v1.41/secrets/create", jsonHead, in)
	checkMask(t, in, got, `{"Name":"x","Data":"********"}`, spans)
	if got, _ := body(r, "/v1.41/configs/create", jsonHead, in); got != in {
		t.Errorf("a config became %s", got)
	}
	const raw = "POST /v4/libpod/secrets/create?name=x HTTP/1.1\r\nContent-Type: application/octet-stream\r\n\r\n"
	got, spans = body(r, "/v4/libpod/secrets/create?name=x", raw, "secret")
	checkMask(t, "secret", got, "******", spans)
	checkLaws(t, r, "/v4/libpod/secrets/create?name=x", raw, "secret")
}

// Bytes that are decided leave at once.
func TestBodyHoldsOnlyUnfinishedSecrets(t *testing.T) {
	b := defaults(t).Body([]byte("/"), []byte(jsonHead))
	for _, in := range []string{`{"status":"Pulling fs layer","progressDetail":{},"id":"6394a0`, `511810"}` + "\r\n", `{"passwd":`} {
		if got := b.Append(nil, []byte(in)); string(got) != in {
			t.Errorf("of %q only %q came at once", in, got)
		}
	}
	if got := b.Append(nil, []byte(`"abc`)); string(got) != `"` {
		t.Errorf("got %q of a secret that has not ended", got)
	}
	if got := b.Append(nil, []byte(`d",`)); string(got) != `****",` {
		t.Errorf("got %q when it had", got)
	}
	if got, want := b.Take(), []Span{{Off: int64(len(`{"status":"Pulling fs layer","progressDetail":{},"id":"6394a0511810"}  {"passwd":"`)), Len: 4, Rule: Rule{kindJSON, "passwd"}}}; !slices.Equal(got, want) {
		t.Errorf("spans %v, want %v", got, want)
	}
	if got := b.Take(); len(got) != 0 {
		t.Errorf("spans came twice: %v", got)
	}
}

func TestTakeKeepsSpansThatMayGrow(t *testing.T) {
	b := defaults(t).Body([]byte("/"), []byte(jsonHead))
	b.Append(nil, []byte(`{"passwd":12`))
	if got := b.Take(); len(got) != 0 {
		t.Errorf("a number that may go on was complete: %v", got)
	}
	b.Append(nil, []byte(`3}`))
	if got, want := b.Take(), []Span{{Off: 10, Len: 3, Rule: Rule{kindJSON, "passwd"}}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUnescapeJSON(t *testing.T) {
	for _, s := range []string{`a\"b\\c\/d\b\f\n\r\t`, `\u0041\u00e9\u20ac\ud83d\ude00`, `\ud83d`, `\ud83dx`, `\ud83d\u0041`} {
		var want string
		if err := json.Unmarshal([]byte(`"`+s+`"`), &want); err != nil {
			t.Fatal(err)
		}
		if got := string(unescapeJSON(nil, []byte(s))); got != want {
			t.Errorf("%s is %q, want %q", s, got, want)
		}
	}
}

// seeds are inputs for the fuzz targets.
func seeds(t testing.TB) []string {
	var all []string
	for _, tt := range jsonTests {
		all = append(all, tt.in)
	}
	if len(all) == 0 {
		t.Fatal("no seeds")
	}
	return append(all, "password=a&b=c", "a\r\nCookie: b\r\n c\r\n")
}

func FuzzBody(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, uint8(3), uint8(0))
	}
	heads := []string{jsonHead, "", "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"}
	r := defaults(f)
	f.Fuzz(func(t *testing.T, in string, size, kind uint8) {
		hd := heads[int(kind)%len(heads)]
		checkLaws(t, r, "/secrets/create", hd, in)
		want, spans := body(r, "/secrets/create", hd, in)
		got, spans2 := body(r, "/secrets/create", hd, in, int(size)+1)
		if got != want || !slices.Equal(spans, spans2) {
			t.Fatalf("split %d of %q gives\n%q, %v\nnot\n%q, %v", int(size)+1, in, got, spans2, want, spans)
		}
		if hd == jsonHead && json.Valid([]byte(in)) && !json.Valid([]byte(want)) {
			t.Fatalf("%q was JSON, %q is none", in, want)
		}
	})
}

// A secret planted in a value never survives, in any JSON.
func FuzzPlanted(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, "s3cret,}\"]'\n")
	}
	r := defaults(f)
	f.Fuzz(func(t *testing.T, around, secret string) {
		// The line before ends, so that no string is open.
		const mark = "Zq9xK"
		around = strings.ReplaceAll(around, mark, "")
		planted, _ := json.Marshal(secret + mark + secret)
		for _, value := range []string{
			string(planted), // the string, and nested
			`["a",` + string(planted) + `]`,
			`{"a":{"b":` + string(planted) + `}}`,
			strings.Trim(string(planted), `"{[,}] `+"\n"), // bare
		} {
			if strings.ContainsAny(value, ",}]\n") && value[0] != '"' && value[0] != '[' && value[0] != '{' {
				continue // a bare word ends there
			}
			in := fmt.Sprintf("[%q]\n{\"a\":1,\"se\\u0063ret\" : %s,\"b\":\"c\"}\n%s", around, value, around)
			got, _ := body(r, "/", jsonHead, in, 11)
			if strings.Contains(got, mark) {
				t.Fatalf("the secret of %q is in %q", in, got)
			}
		}
	})
}

func FuzzHead(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add("GET /?token="+s+" HTTP/1.1\r\nAuthorization: Basic "+s+"\r\n\r\n", s)
	}
	f.Add("GET http://a;token=b&c@d/?e=f&sig=g HTTP/1.1\r\nLink: <//a:b@c?token=d>\r\n x\r\nSet-Cookie: a=b; c\r\n\r\n", "x")
	r := defaults(f)
	f.Fuzz(func(t *testing.T, in, secret string) {
		got, spans := head(r, in)
		checkSpans(t, in, got, spans)
		again, spans2 := head(r, got)
		if again != got || !slices.Equal(spans, spans2) {
			t.Fatalf("masking %q, which is %q, again gives\n%q, %v\nnot\n%q, %v", got, in, again, spans2, got, spans)
		}

		secret = base64.RawURLEncoding.EncodeToString([]byte(secret))
		if len(secret) < 6 || strings.Contains(in, secret) || strings.Trim(secret, "A") == "" {
			return // too short to be sure, there already, or like the mask of a JWT
		}
		in = "GET /x?a=" + "b&password=" + secret + "&c HTTP/1.1\r\nX-Registry-Auth: " + secret + "\r\n " + secret +
			"\r\nLocation: https://" + secret + ":" + secret + "@h/?sig=" + secret + "\r\n" + in
		if got, _ := head(r, in); strings.Contains(got, secret) {
			t.Fatalf("the secret of %q is in %q", in, got)
		}
	})
}

func FuzzLines(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add("Cookie: "+s+"\r\n b\r\nX: "+s, uint8(3))
	}
	r := defaults(f)
	f.Fuzz(func(t *testing.T, in string, size uint8) {
		mask := func(in string, n int) (string, []Span) {
			l, got := r.Lines(), []byte(in)
			for piece := range slices.Chunk(got, n) {
				l.Mask(piece)
			}
			return string(got), l.Take()
		}
		want, spans := mask(in, len(in)+1)
		checkSpans(t, in, want, spans)
		for _, in := range []string{in, want} {
			if got, spans2 := mask(in, int(size)+1); got != want || !slices.Equal(spans, spans2) {
				t.Fatalf("%q in pieces of %d gives\n%q, %v\nnot\n%q, %v", in, int(size)+1, got, spans2, want, spans)
			}
		}
	})
}
