// Package compare finds the differences between two recordings of the same
// flow: requests that only one of them has, and the differences of the others
// in status, fields, bodies (JSON by path) and framing.
//
//	d, err := compare.Cassettes(a, b, compare.Options{Volatile: true})
//	…
//	err = d.Print(os.Stdout)
//
// Two requests are a pair when method, path and query are equal. Pairs are
// found in three passes: exactly equal requests first, then requests that are
// equal apart from ids, times and the API version, then requests with the same
// method and path. In each pass the first of several is paired with the first.
// The order of requests does not count: parallel clients make it a matter of
// chance.
package compare

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
)

// Options choose the differences that are reported.
type Options struct {
	// Volatile hides differences that two recordings of the same flow always
	// have: times, dates, and the ids that a server issued.
	Volatile bool
}

// Difference holds the differences between two cassettes, as text for people.
type Difference struct {
	Names   [2]string // of the cassettes
	Header  []string  // lines about the cassettes as a whole
	Gone    []string  // interactions only in the first
	Added   []string  // interactions only in the second
	Changed []Change  // interactions in both that differ
	Same    int       // number of interactions without a difference
}

// Change is an interaction that differs.
type Change struct {
	Title string   // names the interaction
	Lines []string // one difference each
}

// None reports whether there is no difference.
func (d *Difference) None() bool {
	return len(d.Header)+len(d.Gone)+len(d.Added)+len(d.Changed) == 0
}

// Cassettes compares b with a. It reads both from the beginning, and closes
// neither.
func Cassettes(a, b *cassettes.Cassette, o Options) (*Difference, error) {
	d := &Difference{Names: [2]string{a.Name, b.Name}, Header: headers(&a.Header, &b.Header)}
	pairs, gone, added := match(entries(a), entries(b))
	for _, i := range gone {
		d.Gone = append(d.Gone, describe(a.Entry(i)))
	}
	for _, i := range added {
		d.Added = append(d.Added, describe(b.Entry(i)))
	}
	versions := make(map[string]int)
	for _, p := range pairs {
		c, err := o.items(a, b, p)
		if err != nil {
			return nil, err
		}
		if c.versions != "" {
			versions[c.versions]++
		}
		if len(c.lines) == 0 {
			d.Same++
			continue
		}
		x, y := a.Entry(p.a), b.Entry(p.b)
		title := describe(x)
		if x.ID != y.ID {
			title += fmt.Sprintf(" (#%d)", y.ID)
		}
		d.Changed = append(d.Changed, Change{title, c.lines})
	}
	for _, v := range slices.Sorted(maps.Keys(versions)) {
		d.Header = append(d.Header, fmt.Sprintf("api version in paths: %s (requests: %d)", v, versions[v]))
	}
	return d, nil
}

// headers compares the statements of two cassettes about themselves.
func headers(a, b *cassettes.Header) (lines []string) {
	for _, l := range []struct{ what, a, b string }{
		{"api product", a.API.Product, b.API.Product},
		{"api version", a.API.Version, b.API.Version},
		{"source", a.Source, b.Source},
		{"redaction", fmt.Sprint(a.Redaction), fmt.Sprint(b.Redaction)},
	} {
		if l.a != l.b {
			lines = append(lines, fmt.Sprintf("%s: %q -> %q", l.what, l.a, l.b))
		}
	}
	return lines
}

// items compares a pair of interactions.
func (o Options) items(a, b *cassettes.Cassette, p pair) (*comparer, error) {
	x, err := a.Interaction(p.a)
	if err != nil {
		return nil, err
	}
	y, err := b.Interaction(p.b)
	if err != nil {
		return nil, err
	}
	c := &comparer{o: o}
	if err := c.item(x, y); err != nil {
		return nil, fmt.Errorf("compare interaction %d of %s with %d of %s: %w", x.ID, a.Name, y.ID, b.Name, err)
	}
	return c, nil
}

// describe names an interaction.
func describe(e cassettes.Entry) string {
	if e.Method == "" {
		return fmt.Sprintf("#%d stream", e.ID)
	}
	return fmt.Sprintf("#%d %s %s", e.ID, e.Method, targetOf(e.URL))
}
