package importer

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
)

// wire returns the bytes of a cassette's messages, one message after the other,
// with LF in the place of CRLF.
func wire(t *testing.T, c *cassettes.Cassette) string {
	t.Helper()
	var b strings.Builder
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			t.Fatal(err)
		}
		writeMessage(t, &b, it.Request)
		if it.Response != nil {
			writeMessage(t, &b, it.Response)
		}
		if it.Turns == nil {
			continue
		}
		for turn, err := range it.Turns.All() {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "<%v %s%s>\n", turn.Side, turn.Mark, turn.Data)
		}
	}
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}

func writeMessage(t *testing.T, b *strings.Builder, m *cassettes.Message) {
	t.Helper()
	body, err := m.Body.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	for s, err := range m.Segments() {
		if err != nil {
			t.Fatal(err)
		}
		b.Write(s.Before)
		data := make([]byte, s.Len)
		if _, err := io.ReadFull(body, data); err != nil {
			t.Fatal(err)
		}
		b.Write(data)
		b.Write(s.After)
	}
	for _, c := range m.Closed {
		fmt.Fprintf(b, "<%s>\n", c.Mark)
	}
}

// exchanges returns a VCR cassette with one interaction: each line of request
// and response is one of the block.
func vcr(request, response string) string {
	block := func(s string) string {
		return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ") + "\n"
	}
	return "http_interactions:\n- request:\n" + block(request) + "  response:\n" + block(response)
}

const (
	getX = "method: get\nuri: http://docker/x\nbody: {string: ''}\nheaders: {}"
	ok   = "status: {code: 200, message: OK}\nheaders: {Content-Length: ['2']}\nbody: {string: OK}"
	okX  = "HTTP/1.1 200 OK\nContent-Length: 2\n\nOK"
	askX = "GET /x HTTP/1.1\nHost: docker\n\n"
)

func TestImport(t *testing.T) {
	for _, test := range []struct {
		name, recording, want string
		o                     Options
		notices               string // their texts, one a line
	}{
		{name: "plain", recording: vcr(getX, ok), want: askX + okX},
		{
			name:      "bodies as strings, one value a field, no headers",
			recording: vcr("method: POST\nuri: http://docker/x\nbody: a=b\nheaders: {Accept: '*/*'}", "status: {code: 404, message: }\nheaders: {Content-Length: '2'}\nbody: OK"),
			want:      "POST /x HTTP/1.1\nHost: docker\nAccept: */*\nContent-Length: 3\n\na=bHTTP/1.1 404 Not Found\nContent-Length: 2\n\nOK",
		},
		{
			name:      "base64 and binary",
			recording: vcr("method: post\nuri: http://docker/x\nbody:\n  encoding: ASCII-8BIT\n  base64_string: |\n    AAEC\n    /w==\nheaders: {}", "status: {code: 200, message: !binary T0s=}\nheaders:\n  !binary \"WC1B\":\n  - !binary |-\n    w6k=\n  Content-Length: ['2']\nbody: {encoding: ISO-8859-1, string: !binary \"6f8=\"}"),
			want:      "POST /x HTTP/1.1\nHost: docker\nContent-Length: 4\n\n\x00\x01\x02\xffHTTP/1.1 200 OK\nX-A: é\nContent-Length: 2\n\n\xe9\xff",
		},
		{
			name:      "a body that was latin 1",
			recording: vcr(getX, "status: {code: 200, message: OK}\nheaders: {Content-Length: ['1']}\nbody: {encoding: ISO-8859-1, string: é}"),
			want:      askX + "HTTP/1.1 200 OK\nContent-Length: 1\n\n\xe9",
		},
		{
			name:      "a body in another encoding",
			recording: vcr(getX, "status: {code: 200, message: OK}\nheaders: {Content-Length: ['1']}\nbody: {encoding: Shift_JIS, string: é}"),
			want:      askX + "HTTP/1.1 200 OK\nContent-Length: 2\n\né",
			notices:   "a body was in the encoding Shift_JIS on the wire and is kept in UTF-8\nthe response's Content-Length differed from the length of its body and was corrected",
		},
		{
			name:      "chunks",
			recording: vcr(getX, "status: {code: 200, message: OK}\nheaders: {Transfer-Encoding: [chunked]}\nbody: {string: '{}{}'}"),
			want:      askX + "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\n{}{}\n0\n\n",
			notices:   "the recording joined chunks; their boundaries are gone, and each body is one chunk",
		},
		{
			name:      "chunks made again",
			recording: vcr(getX, "status: {code: 200, message: OK}\nheaders: {Transfer-Encoding: ['']}\nbody: {string: \"{}\\r\\n{\\\"a\\\":1}\\n\"}"),
			want:      askX + "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\n{}\n\n8\n{\"a\":1}\n\n0\n\n",
			o:         Options{Reframe: true},
			notices:   "the recording joined the chunks of JSON message streams; each record became one chunk",
		},
		{
			name:      "chunks of what is no JSON stay joined",
			recording: vcr(getX, "status: {code: 200, message: OK}\nheaders: {Transfer-Encoding: [chunked], Content-Type: [text/plain]}\nbody: {string: '{}{}'}"),
			want:      askX + "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Type: text/plain\n\n4\n{}{}\n0\n\n",
			o:         Options{Reframe: true},
			notices:   "the recording joined chunks; their boundaries are gone, and each body is one chunk",
		},
		{
			name:      "no word of the body's end",
			recording: vcr(getX, "status: {code: 200, message: OK}\nheaders: {Date: [now]}\nbody: {string: OK}"),
			want:      askX + "HTTP/1.1 200 OK\nDate: now\nTransfer-Encoding: chunked\n\n2\nOK\n0\n\n",
			notices:   "the recording does not say where the response's body ends; it is sent in chunks, as a server would\nthe recording joined chunks; their boundaries are gone, and each body is one chunk",
		},
		{
			name:      "until the close",
			recording: vcr(getX, "status: {code: 200, message: OK}\nheaders: {Connection: [close]}\nbody: {string: OK}"),
			want:      askX + "HTTP/1.1 200 OK\nConnection: close\n\nOK<eof>\n",
		},
		{
			name:      "HTTP/1.0",
			recording: vcr(getX, "status: {code: 200, message: Yes}\nheaders: {}\nbody: {string: OK}\nhttp_version: '1.0'"),
			want:      askX + "HTTP/1.0 200 Yes\n\nOK<eof>\n",
		},
		{
			name:      "responses without a body",
			recording: vcr("method: head\nuri: http://docker/x\nbody: {string: ''}\nheaders: {}", "status: {code: 200, message: OK}\nheaders: {Content-Length: ['7']}\nbody: {string: ''}"),
			want:      "HEAD /x HTTP/1.1\nHost: docker\n\nHTTP/1.1 200 OK\nContent-Length: 7\n\n",
		},
		{
			name:      "a body that cannot be",
			recording: vcr(getX, "status: {code: 304, message: }\nheaders: {}\nbody: {string: OK}"),
			want:      askX + "HTTP/1.1 304 Not Modified\n\n",
			notices:   "a response 304 to this request cannot have a body; the recorded body is left out",
		},
		{
			name:      "hijack",
			recording: vcr("method: post\nuri: http://docker/containers/x/attach\nbody: {string: ''}\nheaders: {}", "status: {code: 200, message: OK}\nheaders: {Content-Type: [application/vnd.docker.raw-stream]}\nbody: {string: hello}"),
			want:      "POST /containers/x/attach HTTP/1.1\nHost: docker\n\nHTTP/1.1 200 OK\nContent-Type: application/vnd.docker.raw-stream\n\n<server hello>\n<server eof>\n",
		},
		{
			name:      "upgrade",
			recording: vcr("method: post\nuri: http://docker/x\nbody: {string: ''}\nheaders: {Connection: [Upgrade], Upgrade: [tcp]}", "status: {code: 101, message: UPGRADED}\nheaders: {Upgrade: [tcp]}\nbody: {string: ''}"),
			want:      "POST /x HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n\nHTTP/1.1 101 UPGRADED\nUpgrade: tcp\n\n<server eof>\n",
		},
		{
			name:      "decoded",
			recording: vcr(getX, "status: {code: 200, message: OK}\nheaders: {Content-Encoding: [gzip], Content-Length: ['99']}\nbody: {string: OK}"),
			want:      askX + okX,
			notices:   "the recording holds the decoded body; Content-Encoding is left out\nthe response's Content-Length differed from the length of its body and was corrected",
		},
		{
			name:      "requests' lengths",
			recording: vcr("method: put\nuri: http://docker/x\nbody: {string: ab}\nheaders: {Content-Length: ['7']}", ok),
			want:      "PUT /x HTTP/1.1\nHost: docker\nContent-Length: 2\n\nab" + okX,
			notices:   "the request's Content-Length differed from the length of its body and was corrected",
		},
		{
			name:      "requests' chunks",
			recording: vcr("method: put\nuri: http://docker/x\nbody: {string: ab}\nheaders: {Transfer-Encoding: [chunked]}", ok),
			want:      "PUT /x HTTP/1.1\nHost: docker\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n" + okX,
			notices:   "the recording joined chunks; their boundaries are gone, and each body is one chunk",
		},
		{
			name:      "values that would end the field",
			recording: vcr("method: get\nuri: http://docker/x\nbody:\nheaders: {\"A\": [\"b\\r\\nC: d\"], \"E F\": [x], Host: [h]}", ok),
			want:      "GET /x HTTP/1.1\nA: b C: d\nHost: h\n\n" + okX,
		},
		{
			name:      "placeholders",
			recording: vcr("method: get\nuri: <DOCKER_HOST>/<USER>?a=<USER>\nbody: {string: hi <USER>}\nheaders: {X: [<USER>]}", ok),
			want:      "GET /me?a=me HTTP/1.1\nHost: docker\nX: me\nContent-Length: 5\n\nhi me" + okX,
			o:         Options{Define: []Definition{{"<USER>", "me"}, {"<DOCKER_HOST>", "http://docker"}}},
		},
		{
			name:      "placeholders that stay",
			recording: vcr("method: get\nuri: <DOCKER_HOST>/<USER>\nbody: {string: ''}\nheaders: {}", ok),
			want:      "GET /%3CUSER%3E HTTP/1.1\nHost: localhost\n\n" + okX,
			notices:   "the placeholder <USER> stays in the request's address",
		},
		{
			name:      "no response",
			recording: "http_interactions:\n- request:\n    method: get\n    uri: http://docker/x\n    body: {string: ''}\n    headers: {}\n",
			want:      askX,
		},
		{
			name:      "Ruby's tags",
			recording: "--- !ruby/object:Hash\nhttp_interactions: !ruby/array\n- request: !ruby/hash:X\n    method: !ruby/symbol get\n    uri: ! 'http://docker/x'\n    body: !ruby/x\n      string: ! ''\n    headers: !map:Headers {}\n  response:\n    status: {code: 200, message: ! OK}\n    headers: {Content-Length: ['2']}\n    body: {string: !str OK}\n",
			want:      askX + okX,
		},
		{
			name:      "Ruby's JSON",
			recording: `{"http_interactions":[{"request":{"method":"get","uri":"http:\/\/docker\/x","body":{"encoding":"UTF-8","string":""},"headers":{}},"response":{"status":{"code":200,"message":null},"headers":{"Content-Length":["4"]},"body":{"encoding":"UTF-8","string":"\ud83d\ude00"}}}],"recorded_with":"VCR 6.0.0"}`,
			want:      askX + "HTTP/1.1 200 OK\nContent-Length: 4\n\n😀",
		},
		{
			name:      "vcrpy",
			recording: "interactions:\n- request:\n    body: null\n    headers: {Accept: ['*/*'], User-Agent: [python-requests/2.31.0]}\n    method: GET\n    uri: http+docker://localhost/v1.41/info?a=1\n  response:\n    body: {string: !!binary AAE=}\n    headers: {content-length: ['2']}\n    status: {code: 200, message: OK}\nversion: 1\n",
			want:      "GET /v1.41/info?a=1 HTTP/1.1\nHost: localhost\nAccept: */*\nUser-Agent: python-requests/2.31.0\n\nHTTP/1.1 200 OK\ncontent-length: 2\n\n\x00\x01",
		},
		{
			name:      "vcrpy's httpx and uploads",
			recording: "interactions:\n- request:\n    body: !!python/object/new:_io.BytesIO\n      state: !!python/tuple\n      - !!binary |\n        AAEC\n      - 0\n      - null\n    headers: {}\n    method: PUT\n    uri: http://docker/x\n  response:\n    content: OK\n    headers: {content-length: '2'}\n    http_version: HTTP/1.1\n    status_code: 200\nversion: 1\n",
			want:      "PUT /x HTTP/1.1\nHost: docker\nContent-Length: 3\n\n\x00\x01\x02HTTP/1.1 200 OK\ncontent-length: 2\n\nOK",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkImport(t, "recording", []byte(test.recording), test.o, test.want, test.notices)
		})
	}
}

// checkImport imports a recording and compares the bytes of the cassette and the
// texts of the notices.
func checkImport(t *testing.T, name string, data []byte, o Options, want, notices string) {
	t.Helper()
	c, rec := importData(t, name, data, o)
	if d := cmp.Diff(want, wire(t, c)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	var texts []string
	for _, n := range rec.Notices() {
		texts = append(texts, n.Text)
	}
	if got := strings.Join(texts, "\n"); got != notices {
		t.Errorf("got notices\n%s\nwant\n%s", got, notices)
	}
}

func TestReadErrorsNameTheLine(t *testing.T) {
	for _, test := range []struct{ recording, want string }{
		{"", "recording: the file is empty"},
		{"a: [", "recording:1: no good YAML: did not find expected node content"},
		{"a: b", "recording:1: it has neither http_interactions (Ruby VCR), nor interactions (vcrpy), nor a log (HAR)"},
		{"- !ruby/struct:VCR::HTTPInteraction\n  request: x", "recording:1: interaction 0: want a request, found a scalar"},
		{"- 7", "recording:1: it is a list of something else than interactions"},
		{"http_interactions: 7", "recording:1: want a list of interactions, found a scalar"},
		{"http_interactions:\n- 7", "recording:2: interaction 0: want a request, found nothing"},
		{"http_interactions:\n- request:\n    method: get", "recording:3: interaction 0: the request has no uri"},
		{vcr(getX, "status: 99"), "recording:8: interaction 0: want a status code, found \"99\""},
		{vcr(getX, "status: {code: 200}\nheaders: [a]"), "recording:9: interaction 0: want headers by name, found a list"},
		{vcr(getX, "status: {code: 200}\nheaders: {A: [{}]}"), "recording:9: interaction 0: want the value of \"A\", found a mapping"},
		{vcr(getX, "status: {code: 200}\nbody: {string: [x]}"), "recording:9: interaction 0: response body: want a string, found a list"},
		{vcr(getX, "status: {code: 200}\nbody: {base64_string: '!'}"), "recording:9: interaction 0: response body: decode base64_string: illegal base64 data at input byte 0"},
		{vcr(getX, "status: {code: 200}\nbody: !binary '!'"), "recording:9: decode !binary: illegal base64 data at input byte 0"},
		{"a: &a [*a]", "recording:1: nested deeper than 64"},
		{strings.Repeat("[", 100) + strings.Repeat("]", 100), "recording:1: nested deeper than 64"},
		{`{"log": {"entries": [`, "recording:1: unexpected EOF"},
		{"{\"log\": {\n\"entries\": 7}}", "recording:2: log.entries is of the wrong type: number"},
		{`{"log": {"entries": [{"request": {"method": "GET", "url": "http://x/"}, "response": {"status": 0}}]}}`, "recording: entry 0: no response came, because the client gave up or the connection broke"},
		{`{"log": {"entries": [{"request": {"method": "GET", "url": "http://x/"}}, {"response": {"status": 7}}]}}`, "recording: entry 0: no response came, because the client gave up or the connection broke; none of its 2 exchanges can be imported"},
		{`{"log": {"entries": [{"request": {"method": "GET", "url": "http://x/"}, "response": {"status": 7}}]}}`, "recording: entry 0: want a status code, found 7"},
		{`{"log": {"entries": [{"response": {"status": 200, "content": {"text": "?", "encoding": "base64"}}}]}}`, "recording: entry 0: content: decode base64: illegal base64 data at input byte 0"},
	} {
		_, err := Read("recording", []byte(test.recording), Options{})
		if err == nil || err.Error() != test.want {
			t.Errorf("%.60q: got\n%v\nwant\n%s", test.recording, err, test.want)
		}
	}
}

func TestMessagesThatHTTPCannotExpressAreRefused(t *testing.T) {
	for _, test := range []struct{ recording, want string }{
		{vcr("method: a b\nuri: http://docker/x", ok), `recording: interaction 0: request: "a b" is not a request method`},
		{vcr(getX, "status: {code: 100}\nheaders: {}"), `recording: interaction 0: response: HTTP/1.1 allows no message with the head "HTTP/1.1 100 Continue\r\n`},
		{string(archive(entry(`"method":"","url":"http://x/"`, `"status":200,"headers":[],"content":{}`))), `recording: entry 0: request: "" is not a request method`},
	} {
		_, err := Read("recording", []byte(test.recording), Options{})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

func TestImportMasks(t *testing.T) {
	plain, rec := importData(t, "secret.yml", []byte(secretVCR), Options{})
	if got := wire(t, plain); !strings.Contains(got, "c2VjcmV0") || !strings.Contains(got, "opensesame") {
		t.Errorf("something was masked unasked:\n%s", got)
	}
	if len(rec.Notices()) != 1 || !strings.Contains(rec.Notices()[0].Hint, "--redact default") {
		t.Errorf("got notices %v", rec.Notices())
	}
	rules, err := redact.Parse([]string{"default"})
	if err != nil {
		t.Fatal(err)
	}
	masked, rec := importData(t, "secret.yml", []byte(secretVCR), Options{Redact: rules})
	if len(rec.Notices()) != 0 {
		t.Errorf("got notices %v", rec.Notices())
	}
	text, err := os.ReadFile(masked.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"c2VjcmV0", "opensesame", "very-secret", "token=abc"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q stands in the cassette:\n%s", secret, text)
		}
	}
}

func TestParseURI(t *testing.T) {
	for uri, want := range map[string]address{
		"http://docker/a?b=c#d":                             {"http", "docker", "", "/a?b=c"},
		"https://user:pw@example.com:8443":                  {"https", "example.com:8443", "", "/"},
		"http://[::1]:80?x":                                 {"http", "[::1]:80", "", "/?x"},
		"unix:///var/run/docker.sock/v1.6/auth":             {"unix", "localhost", "/var/run/docker.sock", "/v1.6/auth"},
		"unix:/var/run/docker.sock/v1.6/auth?x=1":           {"unix", "localhost", "/var/run/docker.sock", "/v1.6/auth?x=1"},
		"unix:///run/podman/podman.socket":                  {"unix", "localhost", "/run/podman/podman.socket", "/"},
		"unix:///tmp/engine/v1.41/info":                     {"unix", "localhost", "/tmp/engine", "/v1.41/info"},
		"http+unix://%2Fvar%2Frun%2Fdocker.sock/v1.41/info": {"http+unix", "localhost", "", "/v1.41/info"},
		"<DOCKER_HOST>/v1.16/info":                          {"", "localhost", "", "/v1.16/info"},
		"http://<HOST>/a b\u00e9\"{}":                       {"http", "localhost", "", "/a%20b%C3%A9%22%7B%7D"},
		"/x":                                                {"", "localhost", "", "/x"},
		"engine:2375/x":                                     {"", "engine:2375", "", "/x"},
	} {
		if got := parseURI(uri); got != want {
			t.Errorf("%s: got %+v, want %+v", uri, got, want)
		}
	}
}
