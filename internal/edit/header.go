package edit

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
)

// mergeHeaders returns the header for the interactions of several cassettes. A
// value that they disagree about is left out where that does no harm.
func mergeHeaders(all []*cassettes.Cassette) (cassettes.Header, error) {
	h := all[0].Header
	for _, c := range all[1:] {
		o := c.Header
		switch {
		case !slices.Equal(h.Redaction, o.Redaction):
			return h, fmt.Errorf("%s was redacted by the rules %q, %s by %q: one cassette can name only one list, "+
				"by which live requests are masked before they are compared", all[0].Name, h.Redaction, c.Name, o.Redaction)
		case !reflect.DeepEqual(h.Match, o.Match):
			return h, fmt.Errorf("%s and %s have different blocks wire.match; make them the same first", all[0].Name, c.Name)
		}
		if h.Upstream != o.Upstream {
			h.Upstream = ""
		}
		if h.API != o.API {
			h.API = cassettes.API{}
		}
		if !o.Recorded.IsZero() && (h.Recorded.IsZero() || o.Recorded.Before(h.Recorded)) {
			h.Recorded = o.Recorded
		}
		if h.Salt != o.Salt {
			h.Salt = "" // and the tags go: under two salts, they say nothing of each other
		}
		h.Source = lessSure(h.Source, o.Source)
	}
	return h, nil
}

// SameSalts reports whether Merge keeps the tags of masked secrets: it leaves them
// out where cassettes have different salts.
func SameSalts(all []*cassettes.Cassette) bool {
	for _, c := range all {
		if c.Header.Salt != all[0].Header.Salt {
			return false
		}
	}
	return true
}

// lessSure returns the source that promises less about a cassette's bytes.
func lessSure(a, b string) string {
	for _, s := range []string{cassettes.SourceImported, cassettes.SourceTranscribed} {
		if a == s || b == s {
			return s
		}
	}
	return a
}
