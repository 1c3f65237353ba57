package matchers_test

import (
	"fmt"
	"log"
	"net/http"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/matchers"
)

// get returns a GET request, as a server receives it.
func get(url string) *http.Request {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		log.Fatal(err)
	}
	return r
}

// post returns a POST request with a body.
func post(url, contentType, body string) *http.Request {
	r, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	return r
}

func ExampleAll() {
	m := matchers.All(matchers.Method(), matchers.Path(), matchers.Query("since", "until"))
	recorded := cassette.Request{Method: "GET", URL: "http://docker/events?since=1795255299&filters=%7B%7D"}
	fmt.Println(m.Match(get("/events?filters=%7B%7D&since=1800000000"), recorded))
	fmt.Println(m.Match(get("/events?since=1800000000"), recorded))
	// Output:
	// true
	// false
}

func ExampleAny() {
	m := matchers.Any(matchers.Path("/containers/{}/json"), matchers.Query())
	recorded := cassette.Request{Method: "GET", URL: "http://docker/containers/a1/json"}
	fmt.Println(m.Match(get("/containers/b2/json?size=1"), recorded))
	// Output: true
}

func ExampleNot() {
	m := matchers.Not(matchers.Header("Authorization"))
	live := get("/secrets")
	live.Header.Set("Authorization", "Bearer other")
	recorded := cassette.Request{Method: "GET", URL: "http://docker/secrets", Headers: http.Header{"Authorization": {"Bearer one"}}}
	fmt.Println(m.Match(live, recorded))
	// Output: true
}

func ExamplePath() {
	m := matchers.Path("/containers/{}/json")
	recorded := cassette.Request{Method: "GET", URL: "http://docker/v1.41/containers/a1/json"}
	fmt.Println(m.Match(get("/v1.41/containers/b2/json"), recorded))
	fmt.Println(m.Explain(get("/v1.41/containers/b2/top"), recorded))
	// Output:
	// true
	// path: /v1.41/containers/b2/top instead of /v1.41/containers/{}/json
}

func ExampleAPIVersion() {
	recorded := cassette.Request{Method: "GET", URL: "http://docker/v1.24/info"}
	for _, version := range []string{"exact", "any", "1.24"} {
		m := matchers.APIVersion(version, matchers.Path())
		fmt.Println(version, m.Match(get("/v1.41/info"), recorded))
	}
	// Output:
	// exact false
	// any true
	// 1.24 true
}

func ExampleJSON() {
	m := matchers.JSON("$.HostConfig.Memory", "$..Id")
	recorded := cassette.Request{Method: "POST", URL: "http://docker/containers/create", Body: `{"Image":"busybox","HostConfig":{"Memory":1}}`}
	fmt.Println(m.Match(post("/containers/create", "application/json", `{"HostConfig": {"Memory": 2}, "Image": "busybox"}`), recorded))
	fmt.Println(m.Explain(post("/containers/create", "application/json", `{"HostConfig": {}, "Image": "alpine"}`), recorded))
	// Output:
	// true
	// body: $.Image: "alpine" instead of "busybox"
}

func ExampleForm() {
	const form = "application/x-www-form-urlencoded"
	m := matchers.Form()
	recorded := cassette.Request{Method: "POST", URL: "http://auth/token", Headers: http.Header{"Content-Type": {form}}, Body: "service=registry&scope=pull"}
	fmt.Println(m.Match(post("/token", form, "scope=pull&service=registry"), recorded))
	// Output: true
}

func ExampleDifferences() {
	m := matchers.All(matchers.Method(), matchers.Path(), matchers.Query())
	recorded := cassette.Request{Method: "GET", URL: "http://docker/containers/json?all=1"}
	for _, d := range matchers.Differences(m, get("/images/json?all=0"), recorded) {
		fmt.Printf("%s: got %s, want %s\n", d.Where, d.Got, d.Want)
	}
	// Output:
	// path: got /images/json, want /containers/json
	// query all: got "0", want "1"
}

// An index groups recorded requests by Key and compares those of one group.
func ExampleMatcher_key() {
	m := matchers.All(matchers.Method(), matchers.Path(), matchers.Query())
	index := map[string][]cassette.Request{}
	for _, url := range []string{"http://docker/info", "http://docker/version", "http://docker/info"} {
		recorded := cassette.Request{Method: "GET", URL: url}
		r, err := matchers.Request(recorded)
		if err != nil {
			log.Fatal(err)
		}
		key, _ := m.Key(r)
		index[key] = append(index[key], recorded)
	}
	key, _ := m.Key(get("/info"))
	fmt.Println(len(index[key]), m.Match(get("/info"), index[key][0]))
	// Output: 2 true
}
