package importer

import (
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
	for text, want := range map[string]string{one + "," + two: why + " 0)", two + "," + one: why + " 1)", one + "," + one: why + "s 0-1)"} {
		r, err := Read("x.har", []byte(`{"log": {"entries": [`+text+`]}}`), Options{})
		if err != nil || len(r.Notices()) != 1 || r.Notices()[0].String() != want {
			t.Errorf("%s: %v, %v", text, r, err)
		}
	}
}

func TestOldListsAreSentToTheirOwnMigration(t *testing.T) {
	for text, want := range map[string]string{
		"- request: !!python/object:vcr.request.Request\n    host: a\n    path: /\n": "python -m vcr.migration",
		"- !ruby/struct:VCR::HTTPInteraction\n  request:\n    uri: http://a:80/\n":   "rake vcr:migrate_cassettes",
	} {
		if _, err := Read("x.yml", []byte(text), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
