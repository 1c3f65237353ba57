package record

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/wiretape/wiretape/internal/redact"
)

// Masked says how often a rule has masked a secret.
type Masked struct {
	Rule  string // in the words of Header.Redaction: header:Authorization
	Count int    // masked places; a secret counts as often as it crossed
	First int    // id of the first interaction with one
}

// minTagged is the length in bytes of the shortest secret with a tag. Of a shorter
// one, a tag would give away much.
const minTagged = 4

// tally counts the masked places by rule.
type tally struct {
	mu sync.Mutex
	of map[redact.Rule]Masked
}

// add counts a place in interaction id that rule has masked.
func (t *tally) add(rule redact.Rule, id int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = make(map[redact.Rule]Masked)
	}
	m, ok := t.of[rule]
	if !ok {
		m.First = id
	}
	m.Count++
	m.First = min(m.First, id) // interactions on several connections may end in another order
	t.of[rule] = m
}

// list returns the counts, in the order of their first places.
func (t *tally) list() []Masked {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []Masked
	for rule, m := range t.of {
		m.Rule = rule.String()
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Masked) int {
		return cmp.Or(cmp.Compare(a.First, b.First), strings.Compare(a.Rule, b.Rule))
	})
	return all
}

// initMasks reads the redaction rules and the salt of the cassette's header.
func (r *Recorder) initMasks() {
	if r.rules, r.err = rulesOf(r.Cassette); r.err != nil || r.rules == nil || r.NoTags {
		return
	}
	r.key, r.err = redact.NewKey(r.Cassette.Salt())
}

// tag returns the tag of the secret of a span, or "" where it has none.
func (r *Recorder) tag(s redact.Span) string {
	if r.key == nil || s.Len < minTagged {
		return ""
	}
	return r.Cassette.Tag(s.Digest)
}
