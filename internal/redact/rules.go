package redact

import (
	"fmt"
	"net/textproto"
	"slices"
	"strings"
)

// Rules are the names of secrets. A nil *Rules masks nothing. Rules are
// immutable and safe for concurrent use.
type Rules struct {
	names    []string
	headers  keySet
	query    keySet
	json     keySet // values of any kind are secret
	scalar   keySet // strings and numbers are secret: "auth", say
	vague    keySet // strings that can be a secret are one: see canBeSecret
	payload  keySet // in bodies that are a secret, see Body
	keys     keySet // union of json, scalar, vague and payload
	defaults bool

	keepJWT, keepUserinfo bool // left out
}

// Rule is the rule that masks a span: one of Parse's, or one of those that every
// list has, "jwt" and "userinfo", which have no name.
type Rule struct{ Kind, Name string }

// Kinds of rules.
const (
	kindHeader   = "header"
	kindQuery    = "query"    // forms, too
	kindJSON     = "json"     // XML, too
	kindJWT      = "jwt"      // signatures of JWTs anywhere
	kindUserinfo = "userinfo" // user information in URLs of heads
)

// String returns the rule as Parse takes it, with the name of a field as it is
// usually written.
func (r Rule) String() string {
	switch r.Kind {
	case kindJWT, kindUserinfo:
		return r.Kind
	case kindHeader:
		return r.Kind + ":" + textproto.CanonicalMIMEHeaderKey(r.Name)
	}
	return r.Kind + ":" + r.Name
}

// Parse returns the rules with these names: "default", or "header:NAME",
// "query:KEY" or "json:KEY" for a rule of your own. A name with a "-" before it,
// such as "-json:token", leaves that rule of the others out, wherever it stands.
// "-jwt" leaves the signatures of JWTs, "-userinfo" the users and passwords in
// URLs of heads.
// Names are compared without regard to case. Parse returns nil rules for an empty
// list. It copies names.
func Parse(names []string) (*Rules, error) {
	if len(names) == 0 {
		return nil, nil
	}
	r := &Rules{}
	for _, name := range names {
		if slices.ContainsFunc(r.names, func(n string) bool { return strings.EqualFold(n, name) }) {
			continue
		}
		if !strings.HasPrefix(name, LeaveOut) {
			if err := r.add(name); err != nil {
				return nil, fmt.Errorf("redaction rule %q: %w", name, err)
			}
		}
		r.names = append(r.names, name)
	}
	for _, name := range r.names {
		rule, ok := strings.CutPrefix(name, LeaveOut)
		if !ok {
			continue
		}
		if err := r.remove(rule); err != nil {
			return nil, fmt.Errorf("redaction rule %q: %w", name, err)
		}
	}
	return r, nil
}

// LeaveOut begins the name of a rule that is left out.
const LeaveOut = "-"

// Names returns the names given to Parse, in order and once each, as they
// stand in the cassette's wire.redaction. The caller owns the slice.
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
	kind, key, err := cutRule(name)
	if err != nil {
		return err
	}
	switch kind {
	case kindHeader:
		r.headers.add(key)
	case kindQuery:
		r.query.add(key)
	case kindJSON:
		r.json.add(key)
		r.keys.add(key)
	}
	return nil
}

// remove leaves a rule out. It is an error where nothing is masked by it.
func (r *Rules) remove(name string) error {
	switch name {
	case kindJWT:
		r.keepJWT = true
		return nil
	case kindUserinfo:
		r.keepUserinfo = true
		return nil
	}
	kind, key, err := cutRule(name)
	if err != nil {
		return err
	}
	sets := map[string][]*keySet{
		kindHeader: {&r.headers},
		kindQuery:  {&r.query},
		kindJSON:   {&r.json, &r.scalar, &r.vague, &r.payload, &r.keys},
	}[kind]
	removed := false
	for _, s := range sets {
		removed = s.remove(key) || removed
	}
	if !removed {
		return fmt.Errorf("no rule here masks %s, so that it cannot be left out", name)
	}
	return nil
}

// cutRule splits the name of a rule into kind, which is header, query or json,
// and key.
func cutRule(name string) (kind, key string, err error) {
	kind, key, ok := strings.Cut(name, ":")
	switch {
	case !ok:
		return "", "", fmt.Errorf("not one of default, header:NAME, query:KEY and json:KEY")
	case key == "":
		return "", "", fmt.Errorf("nothing follows the colon")
	case len(key) > maxKey:
		return "", "", fmt.Errorf("the name has %d bytes, more than %d", len(key), maxKey)
	case kind == kindHeader && strings.ContainsAny(key, " \t\r\n:"):
		return "", "", fmt.Errorf("%q is not the name of a header field", key)
	case kind != kindHeader && kind != kindQuery && kind != kindJSON:
		return "", "", fmt.Errorf("unknown kind %q; use header, query or json", kind)
	}
	return kind, key, nil
}

// maxKey is the length in bytes of the longest name in a rule.
const maxKey = 64

// keySet is a set of names, compared without regard to ASCII case. It is made
// for lookups that fail, as nearly all do: length and first letter decide
// most.
type keySet struct {
	first [maxKey + 1]uint32   // by length: bit c&31 for each first letter c
	any   uint32               // first for all lengths together
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

// remove takes a name out, and reports whether it was in.
func (s *keySet) remove(name string) bool {
	name = lower(name)
	n := len(name)
	if n > maxKey {
		return false
	}
	i := slices.Index(s.names[n], name)
	if i < 0 {
		return false
	}
	s.names[n] = slices.Delete(s.names[n], i, i+1) // first and any may say too much
	return true
}

func (s *keySet) has(name []byte) bool { return s.find(name) != "" }

// mayStart reports whether c may be the first letter of a name.
func (s *keySet) mayStart(c byte) bool { return s.any&(1<<(c&31)) != 0 }

// find returns the name in the set that equals name, in lower case, or "".
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

// equalFold compares b with lower without regard to ASCII case. Both have the
// same length, and lower has no upper case letter.
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
