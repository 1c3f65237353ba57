package importer

import (
	"strings"
	"testing"
)

// noticesOf returns the notices of an import, one a line.
func noticesOf(r *Recording) string {
	var lines []string
	for _, n := range r.Notices() {
		lines = append(lines, n.String())
	}
	return strings.Join(lines, "\n")
}

func TestOneBadExchangeRefusesNoRecording(t *testing.T) {
	const good = "\n- request: {method: get, uri: http://docker/x}\n  response:\n    status: {code: 200}\n    headers: {Content-Length: ['1']}\n    body: "
	for _, test := range []struct{ name, recording, bodies, notices string }{
		{
			"no request", "http_interactions:" + good + "a\n- 7" + good + "b", "ab",
			"left out: want a request, found nothing (recorded exchange 1)",
		},
		{
			"odd statuses", "http_interactions:" + strings.Replace(good, "200", "99", 1) + "a" + strings.Replace(good, "200", "99", 1) + "b" + good + "c", "c",
			"left out: want a status code, found \"99\" (recorded exchanges 0-1)",
		},
		{
			"no request method", "interactions:" + good + "a" + strings.Replace(good, "get", "a b", 1) + "b", "a",
			"left out: request: \"a b\" is not a request method (recorded exchange 1)",
		},
		{
			"bad base64", "http_interactions:" + good + "{base64_string: '!'}" + good + "b", "b",
			"left out: response body: decode base64_string: illegal base64 data at input byte 0 (recorded exchange 0)",
		},
		{
			"an archive, and its entries by time", string(archive(
				`{"startedDateTime":"2026-01-01T00:00:03Z","request":{"method":"GET","url":"http://x/"},"response":{"status":200,"content":{"text":"é","mimeType":"text/plain; charset=EUC-JP"}}}`,
				`{"startedDateTime":"2026-01-01T00:00:02Z","request":{"method":"GET","url":"http://x/"},"response":{"status":200,"content":{"text":"?","encoding":"base64"}}}`,
				`{"startedDateTime":"2026-01-01T00:00:01Z","request":{"method":"","url":"http://x/"},"response":{"status":200,"content":{"text":"b"}}}`,
				`{"startedDateTime":"2026-01-01T00:00:00Z","request":{"method":"GET","url":"http://x/"},"response":{"status":200,"content":{"text":"c"}}}`)), "cé",
			"a body was in the encoding EUC-JP on the wire and is kept in UTF-8 (interaction 1)\n" +
				"left out: content: decode base64: illegal base64 data at input byte 0 (recorded exchange 1)\n" +
				"left out: request: \"\" is not a request method (recorded exchange 2)",
		},
	} {
		r, err := Read("x", []byte(test.recording), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var bodies strings.Builder
		for _, e := range r.exchanges {
			bodies.Write(e.response.body)
		}
		if got := noticesOf(r); got != test.notices || bodies.String() != test.bodies {
			t.Errorf("%s: got %q and\n%s\nwant %q and\n%s", test.name, bodies.String(), got, test.bodies, test.notices)
		}
	}
}
