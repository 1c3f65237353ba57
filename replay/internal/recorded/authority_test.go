package recorded

import "testing"

// TestReplaceHost checks in which fields and URLs a host is replaced.
func TestReplaceHost(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"Location: http://was:1/a?b=http://was:1", "Location: http://is:2/a?b=http://is:2"},
		{"location: http://was:1", "location: http://is:2"},
		{"Location: http://was:10/a", "Location: http://was:10/a"},
		{"Location: http://was:1.example/a", "Location: http://was:1.example/a"},
		{"Location: https://was:1/a", "Location: https://was:1/a"},
		{"Www-Authenticate: Bearer realm=\"http://was:1\",service=\"s\"", "Www-Authenticate: Bearer realm=\"http://is:2\",service=\"s\""},
		{"Link: <http://was:1/next>; rel=next", "Link: <http://is:2/next>; rel=next"},
		{"X-Other: http://was:1/a", "X-Other: http://was:1/a"},
	} {
		head, found := ReplaceHost([]byte("HTTP/1.1 200 OK\r\n"+tt.line+"\r\n\r\n"), []byte("was:1"), []byte("is:2"))
		if got, want := string(head), "HTTP/1.1 200 OK\r\n"+tt.want+"\r\n\r\n"; got != want || found != (tt.line != tt.want) {
			t.Errorf("%s: got %q, %v", tt.line, got, found)
		}
	}
}
