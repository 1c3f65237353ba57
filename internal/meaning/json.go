// Package meaning brings JSON, and queries whose values are JSON, into a normal
// form: texts that mean the same have the same bytes.
//
//	v, ok := meaning.Decode(body, ignored)
//	text := meaning.Append(nil, v)
//
//	q, err := meaning.NewQuery([]string{"since", "filters:$.label"}, []string{"filters"})
//	key := q.Append(nil, target.AppendQuery(nil, query))
package meaning

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/jsondiff"
)

// Decode parses JSON and removes the values at the paths in ignore. Equal numbers
// have one spelling afterwards. It reports false where data is not JSON.
func Decode(data []byte, ignore []Path) (v any, ok bool) {
	if v, ok = jsondiff.Decode(data); !ok {
		return nil, false
	}
	v = plainNumbers(v)
	for _, p := range ignore {
		p.strip(v)
	}
	return v, true
}

// Append appends a value that Decode returned, as JSON with its keys in order.
func Append(dst []byte, v any) []byte {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return dst // decoded JSON has no value that cannot be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'})
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
		return plainNumber(v)
	}
	return v
}

func plainNumber(n json.Number) json.Number {
	if !strings.ContainsAny(n.String(), ".eE") && n != "-0" {
		return n
	}
	f, err := n.Float64()
	switch {
	case err != nil:
		return n
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return json.Number(strconv.FormatInt(int64(f), 10))
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
}
