package compare

import (
	"slices"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/target"
)

// pair is a pair of interactions, by their positions.
type pair struct{ a, b int }

// entries returns the entries of a cassette.
func entries(c *cassettes.Cassette) []cassettes.Entry {
	all := make([]cassettes.Entry, c.Len())
	for i := range all {
		all[i] = c.Entry(i)
	}
	return all
}

// match pairs interactions, in the order of a, and returns the positions of
// those without a partner.
func match(a, b []cassettes.Entry) (pairs []pair, gone, added []int) {
	for i := range a {
		gone = append(gone, i)
	}
	for i := range b {
		added = append(added, i)
	}
	// The passes go from strict to loose, so that no loose pair takes the partner
	// of a strict one.
	for _, key := range []func(cassettes.Entry) string{exactKey, looseKey, pathKey} {
		var found []pair
		found, gone, added = matchBy(key, a, b, gone, added)
		pairs = append(pairs, found...)
	}
	slices.SortFunc(pairs, func(p, q pair) int { return p.a - q.a })
	return pairs, gone, added
}

// matchBy pairs interactions at the given positions that have the same key,
// the first with the first.
func matchBy(key func(cassettes.Entry) string, a, b []cassettes.Entry, left, right []int) (pairs []pair, gone, added []int) {
	waiting := make(map[string][]int)
	for _, i := range right {
		k := key(b[i])
		waiting[k] = append(waiting[k], i)
	}
	taken := make(map[int]bool)
	for _, i := range left {
		k := key(a[i])
		if len(waiting[k]) == 0 {
			gone = append(gone, i)
			continue
		}
		j := waiting[k][0]
		waiting[k] = waiting[k][1:]
		taken[j] = true
		pairs = append(pairs, pair{i, j})
	}
	for _, i := range right {
		if !taken[i] {
			added = append(added, i)
		}
	}
	return pairs, gone, added
}

// exactKey is equal for requests with the same method, path and query.
func exactKey(e cassettes.Entry) string {
	return string(target.AppendKey(nil, e.Method, e.URL))
}

// looseKey is equal for requests that differ in ids, times and the API version
// alone.
func looseKey(e cassettes.Entry) string {
	method, path, _ := strings.Cut(exactKey(e), " ")
	_, path = target.CutVersion(path)
	return stable(method + " " + path)
}

// pathKey is looseKey without the query.
func pathKey(e cassettes.Entry) string {
	path, _, _ := strings.Cut(looseKey(e), "?")
	return path
}

// targetOf returns the path and query of a URL.
func targetOf(url string) string {
	_, path, query := target.Cut(url)
	if query == "" {
		return path
	}
	return path + "?" + query
}
