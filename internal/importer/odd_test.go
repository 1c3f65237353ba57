package importer

import (
	"fmt"
	"strings"
	"testing"
)

// oddArchive returns an archive with one entry, with these members in its request,
// its response and itself.
func oddArchive(request, response, entry string) string {
	return `{"log": {"entries": [{"request": {"method": "GET", "url": "http://a.example/"` + request + `},
		"response": {"status": 200, "content": {"text": "ok"}` + response + `}` + entry + `}]}}`
}

func TestFieldsOfOneNameAreTakenApart(t *testing.T) {
	for value, want := range map[string][]string{
		`a=1; Path=/\nb=2`: {"a=1; Path=/", "b=2"},
		`a=1\r\nb=2`:       {"a=1", "b=2"},
		`a=1\n folded`:     {"a=1 folded"},
		`a=1`:              {"a=1"},
	} {
		r, err := Read("x.har", []byte(oddArchive("", `, "headers": [{"name": "Set-Cookie", "value": "`+value+`"}]`, "")), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range r.exchanges[0].response.fields {
			got = append(got, f.value)
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
	}
}

func TestOddValuesThatAreNotNeededRefuseNothing(t *testing.T) {
	for name, text := range map[string]string{
		"cache is a list":     oddArchive("", "", `, "cache": []`),
		"cookies are one":     oddArchive(`, "cookies": {"name": "a", "value": "b"}`, "", ""),
		"query is a text":     oddArchive(`, "queryString": "a=1"`, "", ""),
		"a parameter is more": oddArchive(`, "postData": {"mimeType": "application/json", "params": [{"name": "t", "value": {"a": 1}}], "text": "{}"}`, "", ""),
		"cookie is a number":  oddArchive("", `, "cookies": [1]`, ""),
	} {
		if r, err := Read("x.har", []byte(text), Options{}); err != nil || r.Len() != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEntriesWithoutAnAnswerAreLeftOut(t *testing.T) {
	one := `{"request": {"method": "GET", "url": "http://a.example/"}, "response": {"status": 0}}`
	two := strings.Replace(one, `"status": 0`, `"status": 200, "content": {"text": "second"}`, 1)
	const why = "left out: no response came, because the client gave up or the connection broke (recorded exchange"
	for text, want := range map[string]string{one + "," + two: why + " 0)", two + "," + one: why + " 1)", one + "," + two + "," + one: why + "s 0, 2)"} {
		r, err := Read("x.har", []byte(`{"log": {"entries": [`+text+`]}}`), Options{})
		if err != nil || len(r.Notices()) != 1 || r.Notices()[0].String() != want {
			t.Errorf("%s: %v, %v", text, r, err)
		}
	}
}

func TestOddTimesAndStatusesAreRead(t *testing.T) {
	const passed = "startedDateTime is no time that import reads, so the order of the archive counts"
	for entry, notice := range map[string]string{
		`, "startedDateTime": "2026-01-01T10:00:00+0100"`:      "",
		`, "startedDateTime": "2026-01-01T10:00:00.5"`:         "",
		`, "startedDateTime": null`:                            "",
		`, "startedDateTime": "+03:002021-11-23T17:34:45.082"`: passed,
		`, "startedDateTime": 1767225600`:                      passed,
		`, "time": "12", "timings": [], "connection": 7`:       "",
		`, "serverIPAddress": {}, "response": {"status": "201", "bodySize": "2", "content": {"size": null, "text": "ok"}}`: "",
		`, "response": {"status": 201.0, "headers": ["A: b", 7], "content": {"mimeType": null, "text": "ok"}}`:             "",
	} {
		code := 200
		if strings.Contains(entry, "201") {
			code = 201
		}
		r, err := Read("x.har", []byte(oddArchive("", "", entry)), Options{})
		if err != nil || r.Len() != 1 || string(r.exchanges[0].response.body) != "ok" || r.exchanges[0].response.code != code {
			t.Errorf("%s: %v, %v", entry, r, err)
			continue
		}
		if got := noticesOf(r); !strings.HasPrefix(got, notice) || notice == "" && got != "" {
			t.Errorf("%s: got notices %q, want %q", entry, got, notice)
		}
	}
}

func TestValuesThatAreNeededAreNotPassedOver(t *testing.T) {
	for text, want := range map[string]string{
		oddArchive(`, "url": 7`, "", ""):                        "request.url is of the wrong type: number",
		oddArchive(`, "postData": "a=1"`, "", ""):               "request.postData is of the wrong type: string",
		oddArchive("", `, "content": {"text": ["o", "k"]}`, ""): "response.content.text is of the wrong type: array",
		oddArchive("", `, "headers": {"A": "b"}`, ""):           "response.headers is of the wrong type: object",
		oddArchive("", `, "status": "OK"`, ""):                  `want a status code, found "OK"`,
	} {
		_, err := Read("x.har", []byte(text), Options{})
		if err == nil || err.Error() != "x.har: entry 0: "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestArchivesInACallAreRead(t *testing.T) {
	archive := oddArchive("", "", "")
	for _, text := range []string{"onInputData(" + archive + ");", "cb(\n" + archive + "\n)\n", " $.a_b( " + archive + ") ;\n"} {
		if r, err := Read("x.harp", []byte(text), Options{}); err != nil || r.Len() != 1 {
			t.Errorf("%s: %v", text, err)
		}
	}
	_, err := Read("x.harp", []byte("cb(\n{\"log\": {\n\"entries\": 7}})"), Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "x.harp:3: ") {
		t.Errorf("got %v, want an error in line 3", err)
	}
}

// asked returns the exchanges of a recording, one a line.
func asked(r *Recording) string {
	var b strings.Builder
	for _, e := range r.exchanges {
		fmt.Fprintf(&b, "%s %s %q %v -> %d %v %q\n", e.request.method, e.request.uri, e.request.body, e.request.fields, e.response.code, e.response.fields, e.response.body)
	}
	return b.String()
}

func TestTheFirstFormsOfVCRAndVcrpyAreRead(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{
			"vcrpy before 1.0",
			"- request: !!python/object:vcr.request.Request\n    method: GET\n    protocol: https\n    host: a.test\n    port: 443\n    path: /x?y=1\n    body: null\n" +
				"    headers: !!python/object/apply:__builtin__.frozenset\n    - - !!python/tuple [Accept, '*/*']\n      - !!python/tuple [A, b]\n" +
				"  response:\n    body: {string: !!python/unicode 'hello'}\n    headers: [\"Content-Length: 5\\r\\n\", \"Content-Type: text/plain\\r\\n\"]\n    status: {code: 200, message: OK}\n",
			"GET https://a.test/x?y=1 \"\" [{Accept */*} {A b}] -> 200 [{Content-Length 5} {Content-Type text/plain}] \"hello\"\n",
		},
		{
			"another port",
			"- request: !!python/object:vcr.request.Request {method: POST, protocol: http, host: a.test, port: 443, path: /, body: z, headers: {}}\n  response: {body: {string: ''}, headers: {}, status: {code: 204, message: x}}\n",
			"POST http://a.test:443/ \"z\" [] -> 204 [] \"\"\n",
		},
		{
			"VCR 1",
			"- !ruby/struct:VCR::HTTPInteraction\n  request: !ruby/struct:VCR::Request\n    method: :post\n    uri: http://docker.test:80/v1/b\n    body: x=1\n    headers:\n" +
				"  response: !ruby/struct:VCR::Response\n    status: !ruby/struct:VCR::ResponseStatus\n      code: 201\n      message: Created\n    headers:\n      content-length:\n      - \"2\"\n    body: ok\n    http_version: \"1.1\"\n",
			"post http://docker.test/v1/b \"x=1\" [] -> 201 [{content-length 2}] \"ok\"\n",
		},
		{
			"vcrpy 1.7 with tornado",
			"interactions:\n- request: {body: null, headers: {}, method: GET, uri: 'http://a.test/'}\n  response:\n    body: {string: x}\n    headers:\n    - !!python/tuple\n      - Expires\n      - ['-1']\n    - !!python/tuple\n      - Set-Cookie\n      - [a, b]\n    status: {code: 200, message: OK}\n",
			"GET http://a.test/ \"\" [] -> 200 [{Expires -1} {Set-Cookie a} {Set-Cookie b}] \"x\"\n",
		},
	} {
		r, err := Read("x.yml", []byte(test.text), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := asked(r); got != test.want {
			t.Errorf("%s: got\n%swant\n%s", test.name, got, test.want)
		}
	}
}
