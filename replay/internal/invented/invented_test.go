package invented

import (
	"testing"
	"time"
)

func TestPairs(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		name, recorded, live string
		want                 []Pair
		ok                   bool
	}{
		{"equal", `{"a":1}`, `{"a": 1}`, nil, true},
		{"label in hex", `{"Labels":{"run":"9490aefecc03ee8d"}}`, `{"Labels":{"run":"dace7730541e6a05"}}`, []Pair{{"9490aefecc03ee8d", "dace7730541e6a05"}}, true},
		{"label without a zero before it", `["8b3370be87303f2b"]`, `["9e41d853640dd58"]`, []Pair{{"8b3370be87303f2b", "9e41d853640dd58"}}, true},
		{"UUID", `{"s":"f47ac10b-58cc-4372-a567-0e02b2c3d479"}`, `{"s":"7d444840-9dc0-11d1-b245-5ffdce74fad2"}`, []Pair{{"f47ac10b-58cc-4372-a567-0e02b2c3d479", "7d444840-9dc0-11d1-b245-5ffdce74fad2"}}, true},
		{"name with an affix", `["test-94b7ea-db"]`, `["test-0c2d61-db"]`, []Pair{{"94b7ea", "0c2d61"}}, true},
		{"folder of MkdirTemp", `["/tmp/dir718087394"]`, `["/tmp/dir218081"]`, []Pair{{"dir718087394", "dir218081"}}, true},
		{"mixed cases", `["aB3xK9pQz1"]`, `["Zq81LmN0ab"]`, []Pair{{"aB3xK9pQz1", "Zq81LmN0ab"}}, true},
		{"key of an object", `{"E":{"net-94b7ea":{}}}`, `{"E":{"net-0c2d61":{}}}`, []Pair{{"94b7ea", "0c2d61"}}, true},
		{"form", "grant=x&oauth_nonce=123456", "grant=x&oauth_nonce=998877", []Pair{{"123456", "998877"}}, true},
		{"two values", `{"a":"94b7ea","b":"94b7ea"}`, `{"a":"0c2d61","b":"0c2d61"}`, []Pair{{"94b7ea", "0c2d61"}, {"94b7ea", "0c2d61"}}, true},
		{"times", `{"at":"2020-01-01T00:00:00Z"}`, `{"at":"` + now.Format(time.RFC3339) + `"}`, nil, true},

		{"time of another day", `{"at":"2020-01-01T00:00:00Z"}`, `{"at":"2020-01-02T00:00:00Z"}`, nil, false},
		{"other word", `{"Image":"a","Cmd":["echo","one"]}`, `{"Image":"a","Cmd":["echo","two"]}`, nil, false},
		{"other number", `{"Memory":10485760}`, `{"Memory":20485760}`, nil, false},
		{"short number in a text", `["number 1"]`, `["number 2"]`, nil, false},
		{"version", `["ubuntu2404"]`, `["ubuntu2204"]`, nil, false},
		{"word of hexadecimal letters", `["decade1"]`, `["defaced"]`, nil, false},
		{"date", `["20240131"]`, `["20240201"]`, nil, false},
		{"image", `{"Image":"94b7ea0c2d61"}`, `{"Image":"0c2d6194b7ea"}`, nil, false},
		{"digest", `["sha256:94b7ea0c2d61"]`, `["sha256:0c2d6194b7ea"]`, nil, false},
		{"commit in a form", "commit=94b7ea0c2d61", "commit=0c2d6194b7ea", nil, false},
		{"one more", `["94b7ea"]`, `["0c2d61","x"]`, nil, false},
		{"two other keys", `{"94b7ea":1,"94b7eb":1}`, `{"0c2d61":1,"0c2d62":1}`, nil, false},
		{"another value beside it", `{"a":"94b7ea","b":true}`, `{"a":"0c2d61","b":false}`, nil, false},
		{"other length", `["94b7ea"]`, `["0c2d61f"]`, nil, false},
		{"bytes", "\x0094b7ea", "\x000c2d61", nil, false},
		{"JSON and text", `["94b7ea"]`, `0c2d61 a`, nil, false},
	} {
		got, ok := Pairs([]byte(tt.recorded), []byte(tt.live), nil)
		same := len(got) == len(tt.want)
		for i := range min(len(got), len(tt.want)) {
			same = same && got[i] == tt.want[i]
		}
		if ok != tt.ok || ok && !same {
			t.Errorf("%s: %q, %v, want %q, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}
