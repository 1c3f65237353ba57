package replay

import (
	"encoding/json"
	"strings"
	"testing"
)

// Options are written to JSON and read from it by their names.
func TestOptionsInJSON(t *testing.T) {
	type options struct {
		Order       Order
		Repeat      Repeat
		Authority   Authority
		Bind        Bind
		StreamMatch StreamMatch
		Reframe     Reframe
	}
	for _, want := range []string{
		`{"Order":"causal","Repeat":"safe","Authority":"rewrite","Bind":"all","StreamMatch":"exact","Reframe":"exact"}`,
		`{"Order":"none","Repeat":"never","Authority":"exact","Bind":"none","StreamMatch":"any","Reframe":"bytes=7"}`,
		`{"Order":"none","Repeat":"loop","Authority":"exact","Bind":"sure","StreamMatch":"length","Reframe":"record"}`,
	} {
		var o options
		if err := json.Unmarshal([]byte(want), &o); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(o); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	if RepeatLast.String() != "last" || MatchAny.String() != "any" || BindSure.String() != "sure" {
		t.Error("a name belongs to another value")
	}
}

func TestStatusOfAMissIsAnError(t *testing.T) {
	for status, ok := range map[int]bool{0: true, 400: true, 599: true, 200: false, 399: false, 600: false, -1: false} {
		s := &Server{MissStatus: status}
		if err := s.init(); (err == nil) != ok {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestEmptyListsOfAReportAreLists(t *testing.T) {
	data, err := json.Marshal((&Server{}).Report())
	if err != nil || strings.Contains(string(data), "null") {
		t.Errorf("got %s, %v", data, err)
	}
}
