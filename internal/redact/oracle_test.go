package redact

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// For every JSON document, encoding/json sees the same structure before and
// after masking, with masks in place of the values of secret keys alone.
func FuzzJSONStructure(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add([]byte(s))
	}
	r := defaults(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		// JWTs have tests of their own, and a text that is not UTF-8 has other lengths here.
		if !json.Valid(in) || !utf8.Valid(in) || bytes.Contains(in, []byte("eyJ")) {
			return
		}
		out, _ := body(r, "/", jsonHead, string(in), 7)
		checkStructure(t, r, parse(t, in), parse(t, []byte(out)), false)
	})
}

func parse(t *testing.T, b []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	return v
}

func checkStructure(t *testing.T, r *Rules, in, out any, secret bool) {
	t.Helper()
	switch in := in.(type) {
	case map[string]any:
		out, _ := out.(map[string]any)
		if len(out) != len(in) {
			t.Fatalf("object %v became %v", in, out)
		}
		for key, value := range in {
			masked, ok := out[key]
			if !ok {
				t.Fatalf("key %q of %v is gone: %v", key, in, out)
			}
			checkStructure(t, r, value, masked, secret || isSecretPair(r, key, value))
		}
	case []any:
		out, _ := out.([]any)
		if len(out) != len(in) {
			t.Fatalf("array %v became %v", in, out)
		}
		for i := range in {
			checkStructure(t, r, in[i], out[i], secret)
		}
	case string:
		out, _ := out.(string)
		if secret && (strings.Trim(out, "*") != "" || (out == "") != (in == "")) || !secret && out != in {
			t.Fatalf("string %q became %q, secret: %v", in, out, secret)
		}
	case json.Number:
		want := in.String()
		if secret {
			want = strings.Map(func(c rune) rune {
				if '0' <= c && c <= '9' {
					return '1'
				}
				return c
			}, want)
		}
		if out != json.Number(want) {
			t.Fatalf("number %v became %v, secret: %v", in, out, secret)
		}
	default:
		if out != in {
			t.Fatalf("%v became %v", in, out)
		}
	}
}

func isSecretPair(r *Rules, key string, value any) bool {
	switch value := value.(type) {
	case map[string]any, []any:
		return r.json.has([]byte(key))
	case string:
		if r.vague.has([]byte(key)) && canBeSecret(content(value)) {
			return true
		}
	}
	return r.json.has([]byte(key)) || r.scalar.has([]byte(key))
}

// content returns s as it stands between the quotes of JSON.
func content(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be encoded
	}
	return b[1 : len(b)-1]
}
