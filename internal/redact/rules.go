package redact

import (
	"fmt"
	"slices"
	"strings"
)

// Rules say what is secret. A nil *Rules masks nothing. Rules are immutable
// and safe for concurrent use.
type Rules struct {
	names    []string
	headers  keySet
	query    keySet
	json     keySet // whatever the value
	scalar   keySet // where the value is a string or number: "auth", say
	payload  keySet // in bodies that carry a secret itself, see Body
	keys     keySet // the last three
	defaults bool
}

// Parse returns the rules with the given names: "default", or one rule of its
// own as "header:NAME", "query:KEY" or "json:KEY", names compared without
// regard to case. No names are nil rules.
func Parse(names []string) (*Rules, error) {
	if len(names) == 0 {
		return nil, nil
	}
	r := &Rules{}
	for _, name := range names {
		if slices.ContainsFunc(r.names, func(n string) bool { return strings.EqualFold(n, name) }) {
			continue
		}
		if err := r.add(name); err != nil {
			return nil, fmt.Errorf("redaction rule %q: %w", name, err)
		}
		r.names = append(r.names, name)
	}
	return r, nil
}

// Names returns the names that Parse was given, in order and once each: what
// a cassette's wire.redaction holds.
func (r *Rules) Names() []string {
	if r == nil {
		return nil
	}
	return slices.Clone(r.names)
}

func (r *Rules) add(name string) error {
	if name == "default" {
		r.addDefaults()
		return nil
	}
	kind, key, ok := strings.Cut(name, ":")
	if !ok {
		return fmt.Errorf("not one of default, header:NAME, query:KEY and json:KEY")
	}
	switch {
	case key == "":
		return fmt.Errorf("nothing follows the colon")
	case len(key) > maxKey:
		return fmt.Errorf("the name has %d bytes, more than %d", len(key), maxKey)
	}
	switch kind {
	case "header":
		if strings.ContainsAny(key, " \t\r\n:") {
			return fmt.Errorf("%q is not the name of a header field", key)
		}
		r.headers.add(key)
	case "query":
		r.query.add(key)
	case "json":
		r.json.add(key)
		r.keys.add(key)
	default:
		return fmt.Errorf("unknown kind %q; use header, query or json", kind)
	}
	return nil
}

// maxKey is the length of the longest name that a rule can have, in bytes.
const maxKey = 64

// keySet is a set of names, compared without regard to ASCII case. Nearly all
// lookups fail, and fail on the length and the first letter.
type keySet struct {
	first [maxKey + 1]uint32   // by length: bit c&31 for a first letter c
	any   uint32               // the same for all lengths
	names [maxKey + 1][]string // by length, in lower case
}

func (s *keySet) add(name string) {
	name = lower(name)
	n := len(name)
	if !slices.Contains(s.names[n], name) {
		s.first[n] |= 1 << (name[0] & 31)
		s.any |= s.first[n]
		s.names[n] = append(s.names[n], name)
	}
}

func (s *keySet) has(name []byte) bool { return s.find(name) != "" }

// mayStart reports whether c may be the first letter of a name.
func (s *keySet) mayStart(c byte) bool { return s.any&(1<<(c&31)) != 0 }

// find returns the name as it stands in the set, in lower case, or "".
func (s *keySet) find(name []byte) string {
	n := len(name)
	if n == 0 || n > maxKey || s.first[n]&(1<<(name[0]&31)) == 0 {
		return ""
	}
	for _, want := range s.names[n] {
		if equalFold(name, want) {
			return want
		}
	}
	return ""
}

// equalFold compares b with lower, which has the same length and no upper
// case letter, without regard to ASCII case.
func equalFold(b []byte, lower string) bool {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// lower is strings.ToLower for ASCII letters alone.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
