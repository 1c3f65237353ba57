// Package compare finds what differs between two recordings of the same flow:
// requests that are in one alone, and of those in both status, fields, bodies
// (JSON by path) and framing.
//
//	d, err := compare.Cassettes(a, b, compare.Options{Volatile: true})
//	…
//	err = d.Print(os.Stdout)
//
// Requests are the same in both when method, path and query are, whatever the
// ids in the path and the API version before it; where several are, the first
// is compared with the first, and so on. What is left over of both is paired
// by method and path alone. The order of requests is not compared: with
// parallel clients it is chance.
package compare

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
)

// Options say what counts.
type Options struct {
	// Volatile hides what two recordings of the same thing differ in: times,
	// dates, and the ids that a server issued.
	Volatile bool
}

// Difference is what differs between two cassettes.
type Difference struct {
	Names   [2]string
	Header  []string // lines about the cassettes as a whole
	Gone    []string // interactions of the first alone
	Added   []string // of the second alone
	Changed []Change
	Same    int // interactions that do not differ
}

// Change is an interaction that differs.
type Change struct {
	Title string
	Lines []string
}

// None reports whether nothing differs.
func (d *Difference) None() bool {
	return len(d.Header)+len(d.Gone)+len(d.Added)+len(d.Changed) == 0
}

// Cassettes compares b with a.
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

// headers compares what cassettes say of themselves.
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
