package session

import (
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay"
)

// A remedy is worded as a person types it, in an order in which it can be read.
func TestFlagsNameTheRemedy(t *testing.T) {
	all := cassettes.Match{
		By: []string{"method", "json"}, IgnorePath: []string{"/a/{}"}, IgnoreQuery: []string{"x", "y"},
		IgnoreHeader: []string{"Accept"}, IgnoreJSON: []string{"$.a", "$.b"}, APIVersion: "any",
	}
	for _, tt := range []struct {
		remedy replay.Remedy
		want   string
	}{
		{replay.Remedy{}, ""},
		{replay.Remedy{Repeat: replay.RepeatLast}, "--repeat last"},
		{replay.Remedy{StreamMatch: replay.MatchLength}, "--stream-match length"},
		{replay.Remedy{Match: all}, "--ignore-query x,y --api-version any --ignore-path '/a/{}' --ignore-header Accept --match-by method,json --ignore-json '$.a' --ignore-json '$.b'"},
	} {
		if got := Flags(tt.remedy); got != tt.want {
			t.Errorf("Flags(%+v): got %q, want %q", tt.remedy, got, tt.want)
		}
	}
}
