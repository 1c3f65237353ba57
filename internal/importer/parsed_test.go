package importer

import (
	"strings"
	"testing"
)

const madeJSON = "the recording keeps a body as a document under parsed_body; it became JSON without blanks"

func TestParsedBodiesBecomeJSON(t *testing.T) {
	for yaml, want := range map[string]string{
		"{answer: yes it is}":                         `{"answer":"yes it is"}`,
		"[1, -2.5e+3, true, null, 'true', '1', ~]":    `[1,-2.5e+3,true,null,"true","1",null]`,
		"{a: {b: [], c: {}}, 'é\"<': \"\\u0001\\n\"}": `{"a":{"b":[],"c":{}},"é\"<":"\u0001\n"}`,
		"text":                        `"text"`,
		"{when: 2026-01-01, n: .inf}": `{"when":"2026-01-01","n":".inf"}`,
		"{1: a}":                      `{"1":"a"}`,
		"{a: &x [1], b: *x}":          `{"a":[1],"b":[1]}`,
	} {
		text := "interactions:\n- request:\n    method: POST\n    uri: http://a.test/\n    headers: {}\n    parsed_body: " + yaml +
			"\n  response:\n    status: {code: 200}\n    headers: {}\n    parsed_body: " + strings.NewReplacer("&x ", "&y ", "*x", "*y").Replace(yaml) + "\n"
		r, err := Read("x.yaml", []byte(text), Options{})
		if err != nil {
			t.Errorf("%s: %v", yaml, err)
			continue
		}
		e := r.exchanges[0]
		if string(e.request.body) != want || string(e.response.body) != want || noticesOf(r) != madeJSON+" (interaction 0)" {
			t.Errorf("%s: got %s, %s, %s, want %s", yaml, e.request.body, e.response.body, noticesOf(r), want)
		}
	}
}

func TestABodyThatIsNotThereIsTold(t *testing.T) {
	const text = "the recording holds no body for the response, whose Content-Length says that there was one"
	for response, want := range map[string]string{
		"status: {code: 200}\nheaders: {Content-Length: ['15']}":                        text,
		"status: {code: 200}\nheaders: {Content-Length: ['15']}\nbody: {string: ''}":    text,
		"status: {code: 200}\nheaders: {Content-Length: ['0']}":                         "",
		"status: {code: 304}\nheaders: {Content-Length: ['15']}":                        "",
		"status: {code: 200}\nheaders: {Content-Length: ['15']}\nbody: {string: short}": "the response's Content-Length differed from the length of its body and was corrected",
	} {
		_, rec := importData(t, "x.yml", []byte(vcr(getX, response)), Options{})
		got := ""
		for _, n := range rec.Notices() {
			got += n.Text
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", response, got, want)
		}
	}
	_, rec := importData(t, "x.yml", []byte(vcr("method: head\nuri: http://docker/x", "status: {code: 200}\nheaders: {Content-Length: ['15']}")), Options{})
	if len(rec.Notices()) > 0 {
		t.Errorf("HEAD: got %v", rec.Notices())
	}
}
