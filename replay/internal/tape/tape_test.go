package tape_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/tape"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

// numbered returns a cassette whose requests are GET /first, GET /first+1 and so on.
func numbered(t *testing.T, first, n int) *cassettes.Cassette {
	t.Helper()
	var items []*cassettes.Interaction
	for i := range n {
		request := fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: h\r\n\r\n", first+i)
		items = append(items, tapetest.Plain(t, request, "HTTP/1.1 204 No Content\r\n\r\n"))
	}
	return tapetest.Cassette(t, cassettes.Header{}, items...)
}

func TestPositionsRunOverAllCassettes(t *testing.T) {
	tp := tape.New([]*cassettes.Cassette{numbered(t, 0, 2), numbered(t, 2, 0), numbered(t, 2, 3)})
	if tp.Len() != 5 {
		t.Fatalf("it has %d interactions, want 5", tp.Len())
	}
	for pos := range int32(5) {
		it, err := tp.Item(pos)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: h\r\n\r\n", pos)
		if got := string(it.Request.Head); got != want {
			t.Errorf("at %d is %q, want %q", pos, got, want)
		}
	}
	if _, i := tp.Locate(4); i != 2 || tp.CassetteNumber(4) != 2 {
		t.Errorf("4 is number %d of cassette %d, want 2 of 2", i, tp.CassetteNumber(4))
	}
}

func TestFirstUnplayedGoesBackWithUnplay(t *testing.T) {
	tp := tape.New([]*cassettes.Cassette{numbered(t, 0, 3)})
	if !tp.Play(0) || tp.Play(0) || !tp.Play(1) {
		t.Error("one interaction was played twice, or not once")
	}
	if got := tp.FirstUnplayed(); got != 2 {
		t.Errorf("the first unplayed one is %d, want 2", got)
	}
	tp.Unplay(0)
	if got := tp.FirstUnplayed(); got != 0 || tp.Played(0) {
		t.Errorf("the first unplayed one is %d, want 0", got)
	}
	if got := tp.Unplayed(); !slices.Equal(got, []int32{0, 2}) {
		t.Errorf("unplayed are %v", got)
	}
	tp.Reset()
	if got := tp.Unplayed(); len(got) != 3 {
		t.Errorf("after a reset %v are unplayed", got)
	}
}

func TestReadAllTakesInOrder(t *testing.T) {
	const n = 500
	var got []int
	tape.ReadAll(n, func(i int) int { return i * i }, func(i, v int) {
		if v != i*i {
			t.Errorf("%d has the result %d", i, v)
		}
		got = append(got, i)
	})
	if len(got) != n || !slices.IsSorted(got) {
		t.Errorf("taken are %d results, in order: %v", len(got), slices.IsSorted(got))
	}
}

func TestRunsAreToldApart(t *testing.T) {
	tp := tape.New([]*cassettes.Cassette{numbered(t, 0, 1)})
	first := tp.Run()
	if tp.PlayedIn(0, first) || !tp.Play(0) || !tp.PlayedIn(0, first) {
		t.Error("what was played in the first run is not told")
	}
	tp.Reset()
	if tp.Play(0); tp.PlayedIn(0, first) || !tp.PlayedIn(0, tp.Run()) {
		t.Error("what was played after a reset counts as played in the run before")
	}
}
