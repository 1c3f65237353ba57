package replaytest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/replay"
	"github.com/wiretape/wiretape/replay/replaytest"
)

// A test serves a cassette that comes with wiretape to a client that takes a URL.
func ExampleStart() {
	inTest(func(t testing.TB) {
		srv := replaytest.Start(t, "library:docker/v1.41/images", &replaytest.Config{
			Library: library.FS,
			Network: "tcp",
		})
		resp, err := http.Get(srv.URL() + "/v1.41/images/json")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		fmt.Println(resp.Status, resp.Header.Get("Content-Type"))
	})
	// Output: 200 OK application/json
}

// A test fails where its code asks for something else than was recorded. The
// hint names the option with which it would pass.
func ExampleStart_miss() {
	inTest(func(t testing.TB) {
		srv := replaytest.Start(t, "library:docker/v1.41/images", &replaytest.Config{
			Library:       library.FS,
			AllowUnplayed: true,
		})
		resp, err := srv.Client().Get(srv.URL() + "/v1.41/images/json?all=1")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	})
	// Output:
	// FAIL: wiretape: no recorded interaction answers GET /v1.41/images/json?all=1
	// nearest: #0 GET /v1.41/images/json
	//   query: all: "1", which was not recorded
	// hint: in Config.Replay set Match.IgnoreQuery = []string{"all"}
}

// The options of the replay stand in Config.Replay.
func ExampleConfig() {
	inTest(func(t testing.TB) {
		srv := replaytest.Start(t, "library:docker/v1.41/images", &replaytest.Config{
			Library: library.FS,
			Replay:  &replay.Server{Match: cassettes.Match{IgnoreQuery: []string{"all"}}},
		})
		resp, err := srv.Client().Get(srv.URL() + "/v1.41/images/json?all=1")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		fmt.Println(resp.Status, srv.Report().Played)
	})
	// Output: 200 OK 1
}

// The first run records the test's requests to the daemon, here one that is
// played from a cassette; the next ones replay the recording.
func ExampleRecord() {
	dir, err := os.MkdirTemp("", "replaytest")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for range 2 {
		inTest(func(t testing.TB) {
			srv := replaytest.Record(t, filepath.Join(dir, "ping.yaml"), "library:docker/v1.41/version", &replaytest.Config{
				Library:   library.FS,
				Redaction: []string{"default", "header:X-Team"},
			})
			resp, err := srv.Client().Get(srv.URL() + "/v1.41/version")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println(resp.Status, len(body) > 100, srv.Report().Played)
		})
	}
	// Output:
	// 200 OK true 0
	// 200 OK true 1
}

// inTest runs f as go test runs a test, and prints its failures.
func inTest(f func(t testing.TB)) {
	t := new(example)
	f(t)
	for _, cleanup := range t.cleanups {
		cleanup()
	}
}

// example is a test that prints its failures.
type example struct {
	testing.TB
	failed   bool
	cleanups []func()
}

func (e *example) Helper()          {}
func (e *example) Failed() bool     { return e.failed }
func (e *example) Skipped() bool    { return false }
func (e *example) Cleanup(f func()) { e.cleanups = append(e.cleanups, f) }
func (e *example) Fatal(args ...any) {
	panic(fmt.Sprint(args...))
}
func (e *example) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}
func (e *example) Errorf(format string, args ...any) {
	e.failed = true
	fmt.Printf("FAIL: "+format+"\n", args...)
}
func (e *example) Logf(string, ...any) {}
