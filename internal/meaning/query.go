package meaning

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Query says which parts of a query count, and how. The zero value compares
// values that are JSON by meaning, and ignores nothing.
type Query struct {
	ignore []string // keys, as target.AppendQuery writes them
	within []within
	sets   []string // keys in whose JSON the order of a list does not count
}

// within is a part of a key's JSON that does not count.
type within struct {
	key  string
	path Path
}

// NewQuery returns a Query in which the keys in ignore do not count. An entry
// "key:$.path" ignores values in a key's JSON. Lists in the JSON of the keys in sets
// are sets; of such a key that is ignored, the names of its members still count,
// because they say what is asked for. Keys are written without escapes.
func NewQuery(ignore, sets []string) (q Query, err error) {
	for _, s := range ignore {
		key, path, isPath := strings.Cut(s, ":$")
		if !isPath {
			q.ignore = append(q.ignore, escape(s))
			continue
		}
		p, err := ParsePath("$" + path)
		if err != nil {
			return q, fmt.Errorf("query key %q: %w", key, err)
		}
		q.within = append(q.within, within{escape(key), p})
	}
	for _, s := range sets {
		q.sets = append(q.sets, escape(s))
	}
	return q, nil
}

// Keeps reports whether Append leaves every query as it is but for JSON.
func (q *Query) Keeps() bool { return len(q.ignore) == 0 && len(q.within) == 0 }

// HasJSON reports whether a value in a query that target.AppendQuery made looks
// like JSON.
func HasJSON(query []byte) bool {
	for {
		i := bytes.IndexByte(query, '=') + 1
		if i == 0 || i == len(query) {
			return false
		}
		if query[i] == '{' || query[i] == '[' {
			return true
		}
		query = query[i:]
	}
}

// Append appends the pairs that count of a query that target.AppendQuery made.
func (q *Query) Append(dst, query []byte) []byte {
	for len(query) > 0 {
		end := bytes.IndexByte(query, '&') + 1 // every pair ends with one
		pair := query[:end]
		query = query[end:]
		at := max(bytes.IndexByte(pair, '='), 0)
		key, value := pair[:at], pair[min(at+1, len(pair)):len(pair)-1]
		if q.ignores(key) {
			dst = q.appendMembers(dst, string(key), value)
			continue
		}
		if len(value) == 0 || value[0] != '{' && value[0] != '[' {
			dst = append(dst, pair...)
			continue
		}
		dst = append(append(dst, key...), '=')
		dst = append(q.appendJSON(dst, string(key), value), '&')
	}
	return dst
}

func (q *Query) ignores(key []byte) bool {
	for i := range q.ignore {
		if string(key) == q.ignore[i] {
			return true
		}
	}
	return false
}

// appendJSON appends a value that looks like JSON, in its normal form if it is.
func (q *Query) appendJSON(dst []byte, key string, value []byte) []byte {
	var ignore []Path
	for _, w := range q.within {
		if w.key == key {
			ignore = append(ignore, w.path)
		}
	}
	v, ok := Decode([]byte(Unescape(string(value))), ignore)
	if !ok {
		return append(dst, value...)
	}
	if slices.Contains(q.sets, key) {
		sortLists(v)
	}
	return append(dst, escapeValue(string(Append(nil, v)))...)
}

// appendMembers appends of an ignored pair the names of its members, where its key
// has a set of them, and nothing otherwise.
func (q *Query) appendMembers(dst []byte, key string, value []byte) []byte {
	if !slices.Contains(q.sets, key) {
		return dst
	}
	v, _ := Decode([]byte(Unescape(string(value))), nil)
	members, ok := v.(map[string]any)
	if !ok {
		return dst
	}
	names := slices.Sorted(maps.Keys(members))
	dst = append(append(dst, key...), '=')
	return append(append(dst, escapeValue(strings.Join(names, ","))...), '&')
}

// sortLists sorts all lists in v by the text of their elements.
func sortLists(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, held := range v {
			sortLists(held)
		}
	case []any:
		for _, held := range v {
			sortLists(held)
		}
		slices.SortFunc(v, func(a, b any) int { return bytes.Compare(Append(nil, a), Append(nil, b)) })
	}
}

// IsCompound reports whether a value begins as a JSON object or array does.
func IsCompound(value string) bool {
	return value != "" && (value[0] == '{' || value[0] == '[')
}

// escape writes a key as target.AppendQuery does.
func escape(key string) string {
	return strings.NewReplacer("%", "%25", "&", "%26", "=", "%3D").Replace(key)
}

// escapeValue writes a value as target.AppendQuery does.
func escapeValue(value string) string {
	return strings.NewReplacer("%", "%25", "&", "%26").Replace(value)
}

// Unescape undoes the escapes that target.AppendQuery leaves in keys and values.
func Unescape(s string) string {
	return strings.NewReplacer("%26", "&", "%3D", "=", "%25", "%").Replace(s)
}
