package vcrhead

import (
	"bytes"
	"slices"
	"strconv"
)

// Section is a head or trailer section for editing. Lines that no call changes
// keep their bytes.
type Section struct {
	start  []byte // the start line, with its end; nil in a trailer section
	fields []fieldLine
	end    []byte // the empty line
}

// fieldLine is a field line with its end and its continuation lines.
type fieldLine struct {
	name string // in canonical MIME form
	raw  []byte
}

// SplitSection splits a section into lines, which alias text. With hasStart the
// first line that is not empty is the start line.
func SplitSection(text []byte, hasStart bool) *Section {
	s := &Section{}
	for len(text) > 0 {
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 {
			n = len(text)
		}
		raw := text[:n:n]
		text = text[n:]
		switch line, _ := CutLine(raw); {
		case hasStart && s.start == nil && len(line) > 0:
			s.start = raw
		case len(line) == 0:
			s.end = append(s.end, raw...)
		case (line[0] == ' ' || line[0] == '\t') && len(s.fields) > 0:
			last := &s.fields[len(s.fields)-1]
			last.raw = slices.Concat(last.raw, raw)
		default:
			name, _, _ := bytes.Cut(line, []byte{':'})
			s.fields = append(s.fields, fieldLine{CanonicalName(name), raw})
		}
	}
	return s
}

// CanonicalName returns a field name in canonical MIME form, as net/http's
// Header has it.
func CanonicalName[T ~string | ~[]byte](name T) string {
	return string(AppendCanonical(nil, bytes.TrimRight([]byte(name), " \t")))
}

// Bytes returns the section with its empty line, in memory of its own.
func (s *Section) Bytes() []byte {
	out := slices.Clone(s.start)
	for _, f := range s.fields {
		out = append(out, f.raw...)
	}
	if s.end == nil {
		return append(out, "\r\n"...)
	}
	return append(out, s.end...)
}

// SetStart replaces the start line by line, which has no end.
func (s *Section) SetStart(line string) { s.start = []byte(oneLine(line) + "\r\n") }

// Set gives the fields with that name these values in order. The first values
// replace those of the lines that are there, further ones follow the last of
// these lines, or the last line, and lines left over are removed. A line whose
// value does not change keeps its bytes.
func (s *Section) Set(name string, values []string) {
	var fields []fieldLine
	at := -1
	for _, f := range s.fields {
		if f.name != CanonicalName(name) {
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
		fields = slices.Insert(fields, at, fieldLine{CanonicalName(name), []byte(oneLine(name) + ": " + oneLine(v) + "\r\n")})
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

// value returns the line's value as a View has it.
func (f fieldLine) value() string {
	var v View
	v.Parse(f.raw, false)
	if len(v.Fields) == 0 {
		return ""
	}
	return string(v.Fields[0].Value)
}

// Values returns the values of the fields with that canonical name, in order.
func (s *Section) Values(name string) (list []string) {
	for _, f := range s.fields {
		if f.name == name {
			list = append(list, f.value())
		}
	}
	return list
}

// Names returns the canonical names of the section's fields in order.
func (s *Section) Names() []string {
	var list []string
	for _, f := range s.fields {
		list = append(list, f.name)
	}
	return list
}

// WithLength returns head with n as the value of its Content-Length, or head
// itself if it has none. It does not change head's bytes.
func WithLength(head []byte, n int64) []byte {
	for rest := head; len(rest) > 0; {
		at := len(head) - len(rest)
		var line []byte
		line, rest = CutLine(rest)
		name, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || !bytes.EqualFold(name, []byte("Content-Length")) {
			continue
		}
		number := bytes.Trim(value, " \t")
		begin := at + len(name) + 1 + bytes.Index(value, number)
		return slices.Replace(slices.Clone(head), begin, begin+len(number), strconv.AppendInt(nil, n, 10)...)
	}
	return head
}
