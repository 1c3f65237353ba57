package http1

import "bytes"

// ParseHead parses the request head that b begins with. It reports false where
// b does not begin with one whole head that a Parser understands. The head's
// slices may alias b; no later call changes them. Its Raw tells how many bytes
// of b belong to it.
func ParseHead(b []byte) (h MessageHead, ok bool) {
	var p Parser
	return p.lone(b)
}

// ParseResponseHead is ParseHead for the head of a response to a request with
// this method, whose head has this Upgrade: the framing of a response depends
// on both (RFC 9112 section 6.3).
func ParseResponseHead(b, method []byte, upgrade bool) (h MessageHead, ok bool) {
	p := Parser{Side: Server}
	p.Expect(method, upgrade)
	return p.lone(b)
}

// lone parses the first head that a new parser sees.
func (p *Parser) lone(b []byte) (h MessageHead, ok bool) {
	if len(b) == 0 {
		return h, false
	}
	ev, _ := p.Next(b)
	if ev.Kind != Head {
		return h, false
	}
	return *ev.Head, true
}

// Split takes a head or a trailer section apart for people and other formats:
// it accepts every line end, understands no framing and skips lines that it
// cannot read. The start line is empty where the section has none. Folded
// lines are joined to their field with one space (RFC 9112 section 5.2). The
// slices alias section, except for the values of folded fields.
func Split(section []byte, hasStart bool) (start []byte, fields []Field) {
	for line := range bytes.Lines(section) {
		line = bytes.TrimRight(line, "\r\n")
		name, value, isField := bytes.Cut(line, []byte{':'})
		switch {
		case len(line) == 0:
		case hasStart && start == nil:
			start = line
		case blank(line[0]) && len(fields) > 0:
			last := &fields[len(fields)-1]
			last.Value = bytes.Join([][]byte{last.Value, bytes.TrimSpace(line)}, []byte{' '})
		case isField:
			fields = append(fields, Field{bytes.TrimSpace(name), bytes.TrimSpace(value)})
		}
	}
	return start, fields
}
