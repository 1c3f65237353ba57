package record_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/record"
)

// A client asks a daemon through a Recorder. The default rules mask the
// Authorization field, and a rule of one's own masks X-Team.
func Example() {
	daemon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello, team "+r.Header.Get("X-Team"))
	}))
	defer daemon.Close()
	dir, err := os.MkdirTemp("", "record")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	path := filepath.Join(dir, "hello.yaml")
	header := cassettes.Header{Upstream: daemon.URL, Redaction: []string{"default", "header:X-Team"}}
	w, err := cassettes.Create(path, header, cassettes.Options{})
	if err != nil {
		log.Fatal(err)
	}
	l, err := record.Listen("tcp://127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	r := &record.Recorder{
		Dial: func(ctx context.Context) (net.Conn, error) {
			return record.Dial(ctx, daemon.URL)
		},
		Cassette: w,
	}
	go r.Serve(l)

	fmt.Println(get("http://"+l.Addr().String()+"/hello", "blue"))
	if err := r.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Stats().Items, "interaction")
	fmt.Println("masked:", strings.Contains(string(text), `"X-Team: ****"`))
	// Output:
	// hello, team blue
	// 1 interaction
	// masked: true
}

// get asks for url as a member of team, and returns the answer.
func get(url, team string) string {
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		log.Fatal(err)
	}
	req.Close = true
	req.Header.Set("X-Team", team)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	return string(body)
}

// A test that reads all cassettes with Secrets keeps secrets out of a
// repository.
func ExampleSecrets() {
	const text = `head: ["GET /v1.41/info HTTP/1.1", "Authorization: ****"]
body: "{\"password\":\"hunter2hunter2\"}"
`
	for s, err := range record.Secrets(strings.NewReader(text)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("line %d: %s: %q\n", s.Line, s.Kind, text[s.Off:s.Off+int64(s.Len)])
	}
	// Output:
	// line 2: value of a secret key: "hunter2hunter2"
}
