package matchers

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/jsondiff"
)

// JSON returns a Matcher of requests whose bodies are the same JSON. White
// space, the order of keys and the spelling of numbers do not count. Bodies
// that are not JSON are compared byte for byte.
//
// Values at the paths in ignore do not count: "$.HostConfig.Memory",
// "$.Mounts[0].Source", "$.Mounts[*].Source", `$.Labels["a.b"]`, "$.Env.*", or
// "$..Id" at any depth. Arrays keep their length: an ignored element still
// counts as one element. A path that CheckJSONPath refuses ignores nothing.
func JSON(ignore ...string) Matcher {
	return bodies{newJSONForm(ignore)}
}

// CheckJSONPath returns an error where path is not a path for [JSON], with the
// place where it goes wrong.
func CheckJSONPath(path string) error {
	_, err := parseJSONPath(path)
	return err
}

// jsonPath is a list of steps from the root to values.
type jsonPath []jsonStep

// jsonStep goes from a value to some of the values in it.
type jsonStep struct {
	key   string
	index int  // of an array; -1 where key counts
	any   bool // every key, or element
	deep  bool // from the value, and from every value below it
}

var jsonStepSyntax = regexp.MustCompile(`^(?:(\.\.?)(\*|[^.\[\]*"]+)|\[(\*|[0-9]{1,9})\]|\[("(?:[^"\\]|\\.)*")\])`)

func parseJSONPath(s string) (jsonPath, error) {
	rest, ok := strings.CutPrefix(s, "$")
	if !ok || rest == "" {
		return nil, fmt.Errorf("JSON path %q: want one such as $.HostConfig.Memory, $.Mounts[*].Source or $..Id", s)
	}
	var p jsonPath
	for rest != "" {
		m := jsonStepSyntax.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("JSON path %q: want .key, ..key, [\"key\"], [0] or [*] where it goes on with %q", s, rest)
		}
		step := jsonStep{key: m[2], index: -1, any: m[2] == "*" || m[3] == "*", deep: m[1] == ".."}
		if m[3] != "" && !step.any {
			step.index, _ = strconv.Atoi(m[3]) // digits alone
		}
		if m[4] != "" {
			if err := json.Unmarshal([]byte(m[4]), &step.key); err != nil {
				return nil, fmt.Errorf("JSON path %q: key %s: %w", s, m[4], err)
			}
		}
		p = append(p, step)
		rest = rest[len(m[0]):]
	}
	return p, nil
}

// strip removes the values at p from v. It changes v's maps and slices.
func (p jsonPath) strip(v any) {
	step, last := p[0], len(p) == 1
	switch v := v.(type) {
	case map[string]any:
		for key, held := range v {
			// An index of -1 tells a step by key from a step by index.
			if step.any || step.index < 0 && key == step.key {
				if last {
					delete(v, key)
					continue
				}
				p[1:].strip(held)
			}
			// "..Id" also looks below values that are not at an Id themselves.
			if step.deep {
				p.strip(held)
			}
		}
	case []any:
		for i, held := range v {
			if step.any || step.index == i {
				if last {
					// The element becomes null and is not cut out: the others
					// keep their indices, and the length still counts.
					v[i] = nil
					continue
				}
				p[1:].strip(held)
			}
			if step.deep {
				p.strip(held)
			}
		}
	}
}

// jsonForm reads bodies as JSON.
type jsonForm struct{ ignore []jsonPath }

func newJSONForm(ignore []string) jsonForm {
	var f jsonForm
	for _, s := range ignore {
		if p, err := parseJSONPath(s); err == nil {
			f.ignore = append(f.ignore, p)
		}
	}
	return f
}

// decode parses a body and removes the values that do not count.
func (f jsonForm) decode(data []byte) (v any, ok bool) {
	if v, ok = jsondiff.Decode(data); !ok {
		return nil, false
	}
	v = plainNumbers(v)
	for _, p := range f.ignore {
		p.strip(v)
	}
	return v, true
}

// plainNumbers brings equal numbers into one form. Numbers with too many
// digits for a float64 stay as they are.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, held := range v {
			v[key] = plainNumbers(held)
		}
	case []any:
		for i, held := range v {
			v[i] = plainNumbers(held)
		}
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") && v != "-0" {
			return v
		}
		n, err := v.Float64()
		switch {
		case err != nil:
		case n == math.Trunc(n) && math.Abs(n) < 1<<53:
			return json.Number(strconv.FormatInt(int64(n), 10))
		default:
			return json.Number(strconv.FormatFloat(n, 'g', -1, 64))
		}
	}
	return v
}

func (f jsonForm) write(w io.Writer, _ http.Header, body io.Reader) error {
	data, err := readAll(body)
	if err != nil {
		return err
	}
	v, ok := f.decode(data)
	if !ok {
		return errForm
	}
	return json.NewEncoder(w).Encode(v) // keys in order
}

func (f jsonForm) diff(live, recorded content) []line {
	a, errA := recorded.read()
	b, errB := live.read()
	if errA != nil || errB != nil {
		return nil
	}
	x, _ := f.decode(a)
	y, _ := f.decode(b)
	return recordedToLive(jsondiff.Differences(x, y))
}
