package cassettes

import (
	"bytes"
	"slices"
)

// section is a head or trailer section that is being edited: lines that are
// not touched stay as they are.
type section struct {
	start  []byte // the start line, with its end; nil in a trailer section
	fields []fieldLine
	end    []byte // the empty line
}

// fieldLine is a field line with its end and its continuation lines.
type fieldLine struct {
	name string // in canonical MIME form
	raw  []byte
}

// splitSection splits a section into lines.
func splitSection(text []byte, hasStart bool) *section {
	s := &section{}
	for len(text) > 0 {
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 {
			n = len(text)
		}
		raw := text[:n:n]
		text = text[n:]
		switch line, _ := cutLine(raw); {
		case hasStart && s.start == nil && len(line) > 0:
			s.start = raw
		case len(line) == 0:
			s.end = append(s.end, raw...)
		case (line[0] == ' ' || line[0] == '\t') && len(s.fields) > 0:
			last := &s.fields[len(s.fields)-1]
			last.raw = slices.Concat(last.raw, raw)
		default:
			name, _, _ := bytes.Cut(line, []byte{':'})
			s.fields = append(s.fields, fieldLine{canonical(name), raw})
		}
	}
	return s
}

// canonical returns a field name in canonical MIME form.
func canonical[T ~string | ~[]byte](name T) string {
	return string(appendCanonical(nil, bytes.TrimRight([]byte(name), " \t")))
}

// bytes returns the section.
func (s *section) bytes() []byte {
	out := slices.Clone(s.start)
	for _, f := range s.fields {
		out = append(out, f.raw...)
	}
	if s.end == nil {
		return append(out, crlf...)
	}
	return append(out, s.end...)
}

// setStart sets the start line.
func (s *section) setStart(line string) { s.start = []byte(oneLine(line) + "\r\n") }

// set gives the fields of a name these values, in the lines where such fields
// stand, as far as there are as many; a value that is the line's already leaves
// it as it is. What is left goes behind the last of them, or to the end.
func (s *section) set(name string, values []string) {
	var fields []fieldLine
	at := -1
	for _, f := range s.fields {
		if f.name != canonical(name) {
			fields = append(fields, f)
			continue
		}
		if len(values) > 0 {
			fields = append(fields, f.with(values[0]))
			values = values[1:]
		}
		at = len(fields)
	}
	if at < 0 {
		at = len(fields)
	}
	for _, v := range values {
		fields = slices.Insert(fields, at, fieldLine{canonical(name), []byte(oneLine(name) + ": " + oneLine(v) + "\r\n")})
		at++
	}
	s.fields = fields
}

// with returns the line with another value.
func (f fieldLine) with(value string) fieldLine {
	if f.value() == value {
		return f
	}
	name, _, _ := bytes.Cut(f.raw, []byte{':'})
	return fieldLine{f.name, slices.Concat(name, []byte(": "+oneLine(value)+"\r\n"))}
}

// value returns the line's value as go-vcr has it.
func (f fieldLine) value() string {
	var v view
	v.parse(f.raw, false)
	if len(v.fields) == 0 {
		return ""
	}
	return string(v.fields[0].value)
}

// values returns the values of the fields of a name, which is canonical.
func (s *section) values(name string) (list []string) {
	for _, f := range s.fields {
		if f.name == name {
			list = append(list, f.value())
		}
	}
	return list
}
