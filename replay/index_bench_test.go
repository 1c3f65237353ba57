package replay

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
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

func defaultRule(t testing.TB) *rule {
	t.Helper()
	r, err := newRule(cassettes.Match{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// BenchmarkMatch finds and claims the last of many.
func BenchmarkMatch(b *testing.B) { benchmarkMatch(b, cassettes.Match{}) }

// BenchmarkMatchByRule does so where not all of a target counts.
func BenchmarkMatchByRule(b *testing.B) {
	benchmarkMatch(b, cassettes.Match{IgnoreQuery: []string{"since", "until"}, IgnorePath: []string{"/exec/{}/json"}, APIVersion: "any"})
}

func benchmarkMatch(b *testing.B, match cassettes.Match) {
	r, err := newRule(match)
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x, err := newIndex([]*cassettes.Cassette{manyItems(b, n)}, r, BindAll)
			if err != nil {
				b.Fatal(err)
			}
			var m masker
			h := &http1.MessageHead{Method: []byte("GET"), Target: fmt.Appendf(nil, "/v1.41/containers/%d/json?size=1", n-1)}
			b.ReportAllocs()
			for b.Loop() {
				g, _ := x.find(&m, h, nil)
				if cl, ok := x.claim(g, wanted{body: noContent}, RepeatLast); !ok || int(cl.pos) != n-1 {
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
			var x *index
			for b.Loop() {
				c, err := cassettes.OpenFile(path)
				if err != nil {
					b.Fatal(err)
				}
				if x, err = newIndex([]*cassettes.Cassette{c}, defaultRule(b), BindAll); err != nil {
					b.Fatal(err)
				}
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
		bind Bind
	}{
		{"issued", manyStories(b, n/4), BindAll},
		{"alike", manyExchanges(b, n, alike), BindAll},
		{"unlike", manyExchanges(b, n, unlike), BindAll},
		{"no-bind", manyExchanges(b, n, unlike), BindNone},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := newIndex([]*cassettes.Cassette{bb.tape}, defaultRule(b), bb.bind); err != nil {
					b.Fatal(err)
				}
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
			x, err := newIndex([]*cassettes.Cassette{c}, defaultRule(b), BindAll)
			if err != nil {
				b.Fatal(err)
			}
			var m masker
			claimed := 0
			b.ReportAllocs()
			for b.Loop() {
				if claimed%n == 0 {
					b.StopTimer()
					x.reset()
					b.StartTimer()
				}
				i := claimed % n
				if backwards {
					i = n - 1 - i
				}
				h := &http1.MessageHead{Method: []byte("POST"), Target: fmt.Appendf(nil, "/containers/%064x/start", i)}
				g, refs := x.find(&m, h, nil)
				if _, ok := x.claim(g, wanted{body: noContent, refs: refs}, RepeatNever); !ok {
					b.Fatalf("nothing is left for %d", i)
				}
				claimed++
			}
		})
	}
}
