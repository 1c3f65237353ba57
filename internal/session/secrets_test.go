package session

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
)

// doorman lets in whoever has the right token.
func doorman(t *testing.T) endpoint.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("access_token") == "letmein1" {
			io.WriteString(w, "come in")
			return
		}
		io.WriteString(w, "stay out")
	})}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return endpoint.AddrOf(l.Addr())
}

// TestSecretsGetTheirOwnAnswers records a right and a wrong secret, both masked, and
// plays them in the other order.
func TestSecretsGetTheirOwnAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.yaml")
	s, err := Recording{Path: path, Upstream: Upstream{Addr: doorman(t)}, Redaction: []string{"default"}, Recorder: &record.Recorder{}}.Start()
	if err != nil {
		t.Fatal(err)
	}
	const right, wrong = "/door?access_token=letmein1", "/door?access_token=openitup"
	get, closeSession := serve(t, s)
	get(right)
	get(wrong)
	closeSession()
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	get, closeSession = serve(t, Play(&replay.Server{Cassettes: []*cassettes.Cassette{c}}))
	defer closeSession()
	if got := get(wrong); got != "stay out" {
		t.Errorf("the wrong token: got %q", got)
	}
	if got := get(right); got != "come in" {
		t.Errorf("the right token: got %q", got)
	}
}
