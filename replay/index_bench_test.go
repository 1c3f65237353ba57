package replay

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// sizes are the numbers of interactions that a match is to cost the same with.
var sizes = []int{100, 10_000, 1_000_000}

// manyItems opens a cassette of n exchanges with targets of their own.
func manyItems(b *testing.B, n int) *cassettes.Cassette {
	b.Helper()
	return openTape(b, writeMany(b, n))
}

// writeMany writes it and returns its path.
func writeMany(b *testing.B, n int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "many.yaml")
	w, err := cassettes.Create(path, cassettes.Header{Upstream: "unix:///d", Redaction: []string{"default"}}, cassettes.Options{})
	if err != nil {
		b.Fatal(err)
	}
	it := plain(b, ask, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	for i := range n {
		it.ID = w.NextID()
		it.Request.Head = fmt.Appendf(nil, "GET /v1.41/containers/%d/json?size=1 HTTP/1.1\r\nHost: docker\r\n\r\n", i)
		if err := w.Append(it); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// newIndex returns the index of a cassette that is played by that rule.
func newIndex(t testing.TB, c *cassettes.Cassette, m cassettes.Match, o index.Options) *index.Index {
	t.Helper()
	cs := []*cassettes.Cassette{c}
	r, err := rule.Resolve(m, nil, cs, "none")
	if err != nil {
		t.Fatal(err)
	}
	x, err := index.New(cs, r, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// bindAll is how a Server binds that is not told otherwise.
var bindAll = index.Options{Bind: true, Guess: true}

// BenchmarkMatch finds and claims the last of many.
func BenchmarkMatch(b *testing.B) { benchmarkMatch(b, cassettes.Match{}) }

// BenchmarkMatchByRule does so where not all of a target counts.
func BenchmarkMatchByRule(b *testing.B) {
	benchmarkMatch(b, cassettes.Match{IgnoreQuery: []string{"since", "until"}, IgnorePath: []string{"/exec/{}/json"}, APIVersion: "any"})
}

func benchmarkMatch(b *testing.B, match cassettes.Match) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x := newIndex(b, manyItems(b, n), match, bindAll)
			k := x.Keyer()
			h := &http1.MessageHead{Method: []byte("GET"), Target: fmt.Appendf(nil, "/v1.41/containers/%d/json?size=1", n-1)}
			b.ReportAllocs()
			for b.Loop() {
				g, _ := x.Find(&k, h.Method, h.Target, nil)
				if cl, ok := x.Claim(g, index.Query{Body: rule.NoContent}, index.Last); !ok || int(cl.Pos) != n-1 {
					b.Fatalf("claimed %+v, %v", cl, ok)
				}
			}
		})
	}
}

// BenchmarkLoad opens a cassette and makes its index, and says how much memory
// both hold.
func BenchmarkLoad(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := writeMany(b, n)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var x *index.Index
			for b.Loop() {
				c, err := cassettes.OpenFile(path)
				if err != nil {
					b.Fatal(err)
				}
				x = newIndex(b, c, cassettes.Match{}, bindAll)
				if err := c.Close(); err != nil {
					b.Fatal(err)
				}
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(int64(after.HeapAlloc-before.HeapAlloc))/float64(n), "heap-B/interaction")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(n)*1e9, "ns/interaction")
			runtime.KeepAlive(x)
		})
	}
}

// manyStories writes a cassette of n clients that each create something, use it
// and remove it.
func manyStories(b *testing.B, n int) *cassettes.Cassette {
	b.Helper()
	return manyExchanges(b, 4*n, func(i int) story {
		id := fmt.Sprintf("%064x", i/4)
		return []story{
			{post("/containers/create", `{"Image":"i"}`), `{"Id":"` + id + `"}`},
			{post("/containers/"+id+"/start", ""), "started"},
			{get("/containers/" + id + "/json"), `{"Id":"` + id + `"}`},
			{post("/containers/"+id+"/stop", ""), "stopped"},
		}[i%4]
	})
}

// manyExchanges writes a cassette of n exchanges.
func manyExchanges(b *testing.B, n int, exchange func(i int) story) *cassettes.Cassette {
	b.Helper()
	path := filepath.Join(b.TempDir(), "stories.yaml")
	w, err := cassettes.Create(path, cassettes.Header{Upstream: "unix:///d"}, cassettes.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		it := exchange(i).item(b, i)
		it.ID = w.NextID()
		if err := w.Append(it); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return openTape(b, path)
}

// BenchmarkIndexStories makes the index of 100,000 exchanges: of which most issue
// or carry values, of which all could but none does, of which no two are alike,
// and without a look for values.
func BenchmarkIndexStories(b *testing.B) {
	const n = 100_000
	alike := func(i int) story { return story{post("/call", fmt.Sprintf(`{"n":%d}`, i)), `{"result":"none"}`} }
	unlike := func(i int) story {
		return story{post(fmt.Sprintf("/items/%d/update", i), fmt.Sprintf(`{"n":%d}`, i)), `{"result":"none"}`}
	}
	for _, bb := range []struct {
		name string
		tape *cassettes.Cassette
		bind index.Options
	}{
		{"issued", manyStories(b, n/4), bindAll},
		{"alike", manyExchanges(b, n, alike), bindAll},
		{"unlike", manyExchanges(b, n, unlike), bindAll},
		{"no-bind", manyExchanges(b, n, unlike), index.Options{}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newIndex(b, bb.tape, cassettes.Match{}, bb.bind)
			}
		})
	}
}

// BenchmarkClaimStories claims the starts of 25,000 containers, in recorded order
// and from the last on.
func BenchmarkClaimStories(b *testing.B) {
	const n = 25_000
	c := manyStories(b, n)
	for _, backwards := range []bool{false, true} {
		b.Run(fmt.Sprintf("backwards=%v", backwards), func(b *testing.B) {
			x := newIndex(b, c, cassettes.Match{}, bindAll)
			k := x.Keyer()
			claimed := 0
			b.ReportAllocs()
			for b.Loop() {
				if claimed%n == 0 {
					b.StopTimer()
					x.Reset()
					b.StartTimer()
				}
				i := claimed % n
				if backwards {
					i = n - 1 - i
				}
				h := &http1.MessageHead{Method: []byte("POST"), Target: fmt.Appendf(nil, "/containers/%064x/start", i)}
				g, refs := x.Find(&k, h.Method, h.Target, nil)
				if _, ok := x.Claim(g, index.Query{Body: rule.NoContent, Refs: refs}, index.Never); !ok {
					b.Fatalf("nothing is left for %d", i)
				}
				claimed++
			}
		})
	}
}
