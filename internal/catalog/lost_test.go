package catalog

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/wiretape/wiretape/cassettes"
)

func TestBodiesThatHTTPDoesNotAllowAreTold(t *testing.T) {
	item := func(method string, code int, body string) string {
		return fmt.Sprintf("- request:\n    url: http://a/\n    method: %s\n  response:\n    body: %q\n    code: %d\n", method, body, code)
	}
	for _, test := range []struct{ items, want string }{
		{item("DELETE", 204, "null\n"), "interactions=0 bytes=5"},
		{item("GET", 200, "x") + item("GET", 304, "abc") + item("HEAD", 200, "d"), "interactions=1,2 bytes=4"},
		{item("GET", 200, "x") + item("GET", 204, "") + item("POST", 101, "stream"), ""},
		{item("HEAD", 200, ""), ""},
	} {
		c, err := cassettes.Open(fstest.MapFS{"c.yaml": {Data: []byte("version: 1\ninteractions:\n" + test.items)}}, "c.yaml")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var out bytes.Buffer
		WarnLost(c, slog.New(slog.NewTextHandler(&out, nil)))
		if got := out.String(); (got != "") != (test.want != "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.items, got, test.want)
		}
	}
}
