package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// document returns the JSON text of the document v. Its scalars have the types
// that YAML gives them; those that JSON has no type for become strings.
func (v value) document() ([]byte, error) {
	var b bytes.Buffer
	if err := v.appendJSON(&b); err != nil {
		return nil, v.errorf("make JSON of parsed_body: %w", err)
	}
	return b.Bytes(), nil
}

// appendJSON appends the JSON text of v without blanks.
func (v value) appendJSON(b *bytes.Buffer) error {
	switch v.kind() {
	case null:
		b.WriteString("null")
		return nil
	case list:
		return v.appendList(b)
	case mapping:
		return v.appendObject(b)
	}
	text := v.bytes()
	if v.tree.IsPlain(v.at) && json.Valid(text) {
		b.Write(text)
		return nil
	}
	return appendString(b, string(text))
}

func (v value) appendList(b *bytes.Buffer) error {
	b.WriteByte('[')
	for i, e := range v.elements() {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := e.appendJSON(b); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func (v value) appendObject(b *bytes.Buffer) error {
	b.WriteByte('{')
	comma := false
	for key, held := range v.pairs() {
		if comma {
			b.WriteByte(',')
		}
		comma = true
		if err := appendString(b, key.string()); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := held.appendJSON(b); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

// appendString appends the JSON string of s.
func appendString(b *bytes.Buffer, s string) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("encode %q: %w", s, err)
	}
	b.Truncate(b.Len() - len("\n"))
	return nil
}
