package meaning_test

import (
	"testing"

	"github.com/wiretape/wiretape/internal/meaning"
	"github.com/wiretape/wiretape/internal/target"
)

func TestEqualJSONHasOneForm(t *testing.T) {
	for _, tt := range []struct {
		a, b   string
		ignore string
		same   bool
	}{
		{`{"a":1,"b":2}`, ` {"b": 2.0, "a": 1e0}`, "", true},
		{`[-0]`, `[0]`, "", true},
		{`["\u0061"]`, `["a"]`, "", true},
		{`[1.5]`, `[15e-1]`, "", true},
		{`[10000000000000000001]`, `[10000000000000000002]`, "", false},
		{`[1,2]`, `[2,1]`, "", false},
		{`{"a":null}`, `{}`, "", false},
		{`["1"]`, `[1]`, "", false},
		{`{"a":{"Id":1},"x":1}`, `{"a":{"Id":2},"x":1}`, "$..Id", true},
		{`{"a":[{"b":1},{"b":2}]}`, `{"a":[{"b":3},{"b":4}]}`, "$.a[*].b", true},
		{`{"a":[1,2]}`, `{"a":[1]}`, "$.a[1]", false},
		{`{"a.b":1}`, `{"a.b":2}`, `$["a.b"]`, true},
	} {
		var ignore []meaning.Path
		if tt.ignore != "" {
			p, err := meaning.ParsePath(tt.ignore)
			if err != nil {
				t.Fatal(err)
			}
			ignore = append(ignore, p)
		}
		a, isJSON := meaning.Decode([]byte(tt.a), ignore)
		b, isToo := meaning.Decode([]byte(tt.b), ignore)
		if !isJSON || !isToo {
			t.Fatalf("%s or %s is not JSON", tt.a, tt.b)
		}
		if x, y := string(meaning.Append(nil, a)), string(meaning.Append(nil, b)); (x == y) != tt.same {
			t.Errorf("%s and %s: %s and %s, want them equal: %v", tt.a, tt.b, x, y, tt.same)
		}
	}
}

func TestPathsThatAreNone(t *testing.T) {
	for _, s := range []string{"", "$", "a", "$a", "$.", "$.a[", "$.a[x]", `$["a]`, "$.a..", "$[-1]"} {
		if _, err := meaning.ParsePath(s); err == nil {
			t.Errorf("%q is a path", s)
		}
	}
}

func TestEqualQueriesHaveOneForm(t *testing.T) {
	for _, tt := range []struct {
		a, b   string
		ignore []string
		same   bool
	}{
		{`filters={"a":["x","y"],"b":["z"]}`, `filters={"b": ["z"], "a": ["y", "x"]}`, nil, true},
		{`list=["x","y"]`, `list=["y","x"]`, nil, false},
		{`filters={"a":["x"]}`, `filters={"a":["y"]}`, nil, false},
		{`filters={"a":["x"]}`, `filters={"a":["y"]}`, []string{"filters"}, true},
		{`filters={"a":["x"]}`, `filters={"b":["x"]}`, []string{"filters"}, false},
		{`filters={"a":["x"],"b":["z"]}`, `filters={"a":["y"],"b":["z"]}`, []string{"filters:$.a"}, true},
		{`x=1&since=2`, `since=3&x=1`, []string{"since"}, true},
		{`x={not`, `x={not`, nil, true},
		{`x={"a":"%26%25"}`, `x=%7B%22a%22:%20%22%26%25%22%7D`, nil, true},
	} {
		q, err := meaning.NewQuery(tt.ignore, []string{"filters"})
		if err != nil {
			t.Fatal(err)
		}
		a, b := string(q.Append(nil, target.AppendQuery(nil, tt.a))), string(q.Append(nil, target.AppendQuery(nil, tt.b)))
		if (a == b) != tt.same {
			t.Errorf("%s and %s: %s and %s, want them equal: %v", tt.a, tt.b, a, b, tt.same)
		}
	}
	if _, err := meaning.NewQuery([]string{"a:$."}, nil); err == nil {
		t.Error("a:$. is a part of a query")
	}
}
