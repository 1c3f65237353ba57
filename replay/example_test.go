package replay_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"path"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay"
)

// A cassette that comes with wiretape is served on TCP.
func Example() {
	c, err := cassettes.Open(library.FS, "docker/v1.41/images.yaml")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	l, err := replay.Listen("tcp://127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	s := &replay.Server{Cassettes: []*cassettes.Cassette{c}}
	go s.Serve(l)
	defer s.Close()

	resp, err := http.Get("http://" + l.Addr().String() + "/v1.41/images/json")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var images []struct{ RepoTags []string }
	if err := json.NewDecoder(resp.Body).Decode(&images); err != nil {
		log.Fatal(err)
	}
	fmt.Println(images)
	// Output: [{[localhost:5000/hello:1]}]
}

// A report lists the misses, with the nearest recordings and the remedies.
func ExampleServer_Report() {
	c, err := cassettes.Open(library.FS, "docker/v1.41/images.yaml")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	l, err := replay.Listen("tcp://127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	s := &replay.Server{Cassettes: []*cassettes.Cassette{c}}
	go s.Serve(l)
	defer s.Close()

	resp, err := http.Get("http://" + l.Addr().String() + "/v1.41/images/json?all=1")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()

	fmt.Println(resp.Status)
	for _, miss := range s.Report().Misses {
		fmt.Println("no recording of", miss.Method, miss.Target)
		fmt.Println("nearest:", miss.Nearest[0].Method, miss.Nearest[0].URL)
		for _, d := range miss.Nearest[0].Differences {
			fmt.Printf("%s: got %s, want %q\n", d.Where, d.Got, d.Want)
		}
		fmt.Println("remedy:", miss.Remedy)
	}
	// Output:
	// 501 Not Implemented
	// no recording of GET /v1.41/images/json?all=1
	// nearest: GET http://docker/v1.41/images/json
	// query all: got "1", want ""
	// remedy: Match.IgnoreQuery = []string{"all"}
}

// A matcher of one's own decides which recording answers: here the last segment
// of the path alone counts.
func ExampleServer_matcher() {
	c, err := cassettes.Open(library.FS, "docker/v1.41/images.yaml")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	l, err := replay.Listen("tcp://127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	own := matchers.Func(func(r *http.Request, recorded cassette.Request) bool {
		return path.Base(r.URL.Path) == path.Base(recorded.URL)
	})
	s := &replay.Server{Cassettes: []*cassettes.Cassette{c}, Matcher: own}
	go s.Serve(l)
	defer s.Close()

	resp, err := http.Get("http://" + l.Addr().String() + "/v1.99/pictures/json")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	fmt.Println(resp.Status, s.Report().Played)
	// Output: 200 OK 1
}

// Options are read from flags and configurations by their names.
func ExampleRepeat_UnmarshalText() {
	s := new(replay.Server)
	if err := json.Unmarshal([]byte(`"loop"`), &s.Repeat); err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Repeat == replay.RepeatLoop)
	fmt.Println(s.Repeat.UnmarshalText([]byte("often")))
	// Output:
	// true
	// "often": want safe, last, loop or never
}
