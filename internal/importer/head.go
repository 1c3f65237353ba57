package importer

import (
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/http1"
)

// head is a head under construction.
type head struct {
	start  string
	fields []field
}

// newHead returns a head with the fields that HTTP/1.1 allows: without the
// pseudo-fields of HTTP/2, and with each value on one line.
func newHead(start string, fields []field) *head {
	h := &head{start: start}
	for _, f := range fields {
		if isToken(f.name) {
			h.fields = append(h.fields, field{f.name, oneLine(f.value)})
		}
	}
	return h
}

func isToken(s string) bool {
	return s != "" && strings.IndexFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	}) < 0
}

// oneLine makes one line of a value: a line end would end the field.
func oneLine(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ").Replace(s))
}

// value returns the value of the first field with that name, and whether there
// is one.
func (h *head) value(name string) (string, bool) {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return f.value, true
		}
	}
	return "", false
}

// has reports whether the list in the fields with that name has an element.
func (h *head) has(name, element string) bool {
	for _, f := range h.fields {
		if !strings.EqualFold(f.name, name) {
			continue
		}
		for e := range strings.SplitSeq(f.value, ",") {
			if strings.EqualFold(strings.TrimSpace(e), element) {
				return true
			}
		}
	}
	return false
}

// set gives the first field with that name a value and removes the others.
// Where there is none, it adds one.
func (h *head) set(name, value string) {
	kept, found := h.fields[:0], false
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			if found {
				continue
			}
			f.value, found = value, true
		}
		kept = append(kept, f)
	}
	h.fields = kept
	if !found {
		h.fields = append(h.fields, field{name, value})
	}
}

// drop removes the fields with that name and reports whether there were any.
func (h *head) drop(name string) bool {
	kept := h.fields[:0]
	for _, f := range h.fields {
		if !strings.EqualFold(f.name, name) {
			kept = append(kept, f)
		}
	}
	dropped := len(kept) < len(h.fields)
	h.fields = kept
	return dropped
}

// setLength sets Content-Length to n and reports whether another value stood
// there.
func (h *head) setLength(n int) (wrong bool) {
	value, ok := h.value("Content-Length")
	want := strconv.Itoa(n)
	if value == want {
		return false
	}
	h.set("Content-Length", want)
	return ok
}

// bytes returns the head as it stands on the wire.
func (h *head) bytes() []byte {
	lines := []string{h.start}
	for _, f := range h.fields {
		lines = append(lines, f.name+": "+f.value)
	}
	return http1.AppendHead(nil, lines)
}

// parse parses a whole head: a request's where asked is nil, else a response's
// to the request with the head asked.
func parse(head, asked []byte) (h http1.MessageHead, ok bool) {
	if asked == nil {
		h, ok = http1.ParseHead(head)
		return h, ok && len(h.Raw) == len(head)
	}
	request, ok := parse(asked, nil)
	if !ok {
		return h, false
	}
	h, ok = http1.ParseResponseHead(head, request.Method, request.Upgrade)
	return h, ok && len(h.Raw) == len(head)
}
