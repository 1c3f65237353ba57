package meaning

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Path is a list of steps from a JSON value to some of the values in it.
type Path []step

// step goes from a value to some of the values in it.
type step struct {
	key   string
	index int  // of an array; -1 where key counts
	any   bool // every key, or element
	deep  bool // from the value, and from every value below it
}

var stepSyntax = regexp.MustCompile(`^(?:(\.\.?)(\*|[^.\[\]*"]+)|\[(\*|[0-9]{1,9})\]|\[("(?:[^"\\]|\\.)*")\])`)

// ParsePath reads a path such as "$.HostConfig.Memory", "$.Mounts[*].Source",
// `$.Labels["a.b"]` or "$..Id".
func ParsePath(s string) (Path, error) {
	rest, ok := strings.CutPrefix(s, "$")
	if !ok || rest == "" {
		return nil, fmt.Errorf("JSON path %q: want one such as $.HostConfig.Memory, $.Mounts[*].Source or $..Id", s)
	}
	var p Path
	for rest != "" {
		m := stepSyntax.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("JSON path %q: want .key, ..key, [\"key\"], [0] or [*] where it goes on with %q", s, rest)
		}
		next := step{key: m[2], index: -1, any: m[2] == "*" || m[3] == "*", deep: m[1] == ".."}
		if m[3] != "" && !next.any {
			next.index, _ = strconv.Atoi(m[3]) // digits alone
		}
		if m[4] != "" {
			if err := json.Unmarshal([]byte(m[4]), &next.key); err != nil {
				return nil, fmt.Errorf("JSON path %q: key %s: %w", s, m[4], err)
			}
		}
		p = append(p, next)
		rest = rest[len(m[0]):]
	}
	return p, nil
}

// strip removes the values at p from v. It changes v's maps and slices.
func (p Path) strip(v any) {
	next, last := p[0], len(p) == 1
	switch v := v.(type) {
	case map[string]any:
		for key, held := range v {
			// An index of -1 tells a step by key from a step by index.
			if next.any || next.index < 0 && key == next.key {
				if last {
					delete(v, key)
					continue
				}
				p[1:].strip(held)
			}
			// "..Id" also looks below values that are not at an Id themselves.
			if next.deep {
				p.strip(held)
			}
		}
	case []any:
		for i, held := range v {
			if next.any || next.index == i {
				if last {
					// The element becomes null and is not cut out: the others
					// keep their indices, and the length still counts.
					v[i] = nil
					continue
				}
				p[1:].strip(held)
			}
			if next.deep {
				p.strip(held)
			}
		}
	}
}
