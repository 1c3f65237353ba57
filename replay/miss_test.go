package replay

import (
	"io"
	"strings"
	"testing"
)

// TestMissOfHEAD checks that the answer to a HEAD has no body, which a client
// would take for the next answer.
func TestMissOfHEAD(t *testing.T) {
	p := play(t, "unix", saying(t, get("/a"), "0"))
	c := p.dial(t)
	send(t, c, "HEAD /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if head, body, ok := strings.Cut(string(got), "\r\n\r\n"); !ok || body != "" || !strings.HasPrefix(head, "HTTP/1.1 501 ") {
		t.Errorf("the answer is %q", got)
	}
}
