package cassettes

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
)

// TestPreviewIsOfTheItem has an item's blocks stand in any order: a preview shows
// the item's own values.
func TestPreviewIsOfTheItem(t *testing.T) {
	const (
		request  = "request:\n      body: \"{\\\"a\\\":\\\n        1}\"\n      url: http://a/\n      method: POST\n"
		response = "response:\n      body: \"[2]\"\n      code: 200\n"
		wire     = "wire:\n      request:\n        seq: 1\n        head: [\"POST / HTTP/1.1\", \"Host: a\", \"Content-Length: 7\"]\n" +
			"        framing: length\n        frames: [7]\n        seqs: [0]\n" +
			"      response:\n        seq: 1\n        head: [\"HTTP/1.1 200 OK\", \"Content-Length: 3\", \"X-Id: shown\"]\n" +
			"        framing: length\n        frames: [3]\n        seqs: [1]\n      conn: 1\n"
	)
	item := func(parts ...string) string { return "  - " + strings.Join(parts, "    ") }
	for name, tt := range map[string]struct {
		text string
		ok   bool
	}{
		"as written":     {item("id: 0\n", request, response, wire), true},
		"request first":  {item(request, response, "id: 0\n", wire), true},
		"response first": {item(response, "id: 0\n", request, wire), true},
		"wire first":     {item(wire, "id: 0\n", request, response), false},
		"wire between":   {item("id: 0\n", request, wire, response), false},
		"no wire":        {item("id: 0\n", request, response), false},
		"binary body":    {item("id: 0\n", strings.Replace(request, `"{`, `!!binary "e`, 1), response, wire), false},
		"escaped head":   {item("id: 0\n", request, response, strings.Replace(wire, "shown", `sh\town`, 1)), false},
	} {
		t.Run(name, func(t *testing.T) {
			text := goodHeader + tt.text + strings.Replace(exchangeText(""), "id: 0", "id: 1", 1)
			c := &Cassette{Name: "c.yaml", folder: fstest.MapFS{}, text: strings.NewReader(text), size: int64(len(text))}
			if err := c.scan(scanBuffer); err != nil {
				t.Fatal(err)
			}
			var g Preview
			if ok := c.Preview(0, &g); ok != tt.ok {
				t.Fatalf("shown: %v, want %v", ok, tt.ok)
			}
			if !tt.ok {
				return
			}
			if string(g.RequestBody) != `{"a":1}` || string(g.ResponseBody) != "[2]" || !bytes.Contains(g.Response, []byte("X-Id: shown")) {
				t.Errorf("bodies %q and %q, response %q", g.RequestBody, g.ResponseBody, g.Response)
			}
		})
	}
}
