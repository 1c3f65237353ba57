package issued

import (
	"bytes"
	"hash/maphash"
)

// Prospect finds out whether a Reader could find an issued value in a recording:
// whether a request carries a token that a response showed first. It looks at
// text as a cassette has it, without reading what that means, and may find more
// than there is, but nothing less. The zero value is ready to use.
type Prospect struct {
	seed  maphash.Seed
	shown map[uint64]bool // by a response first
	found bool

	plain, masked []byte // memory
}

// Found reports whether one was found.
func (p *Prospect) Found() bool { return p.found }

// Key takes in what Reader.Key does.
func (p *Prospect) Key(key []byte) { p.request(key) }

// Body takes in the body of that request, a YAML scalar.
func (p *Prospect) Body(scalar []byte) {
	if text, ok := bytes.CutPrefix(scalar, []byte{'"'}); ok && beginsDocument(text) {
		p.plain = unescape(p.plain[:0], text, false)
		p.request(p.plain)
	}
}

// beginsDocument is isDocument for text in double quotes.
func beginsDocument(text []byte) bool {
	if len(text) > 1 && text[0] == '\\' {
		return bytes.IndexByte([]byte("trn"), text[1]) >= 0
	}
	return isDocument(text)
}

func (p *Prospect) request(text []byte) {
	p.masked = replace(p.masked[:0], text, func(dst, run []byte, t token) ([]byte, bool) {
		p.found = p.found || p.see(run[t.start:t.end], false)
		return dst, false
	})
}

// Response takes in the response to an unsafe request, in YAML.
func (p *Prospect) Response(text []byte) {
	p.show(text, false)
	if bytes.Contains(text, []byte(`\\`)) {
		p.show(text, true)
	}
}

func (p *Prospect) show(text []byte, json bool) {
	p.plain = unescape(p.plain[:0], text, json)
	for at := 0; ; {
		t, ok := nextToken(p.plain, at)
		if !ok {
			return
		}
		s := p.plain[t.start:t.end]
		if p.see(s, true); isID(string(s)) {
			p.see(s[:short], true)
		}
		at = t.next
	}
}

// see notes who showed a token, if nobody did before, and reports whether a
// response did.
func (p *Prospect) see(token []byte, response bool) bool {
	if p.shown == nil {
		p.shown, p.seed = map[uint64]bool{}, maphash.MakeSeed()
	}
	h := maphash.Bytes(p.seed, token)
	by, known := p.shown[h]
	if !known {
		p.shown[h] = response
		return response
	}
	return by
}

// unescape appends text with a space for each escape of YAML, or if json is set,
// for each of JSON in YAML. No token has an escape within.
func unescape(dst, text []byte, json bool) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(append(dst, text[:i]...), ' ')
		text = text[min(i+escapeLen(text[i:], json), len(text)):]
	}
}

// escapeLen returns the length of the escape that text begins with.
func escapeLen(text []byte, json bool) int {
	switch {
	case len(text) < 2:
		return 1
	case text[1] == 'x':
		return len(`\x00`)
	case text[1] == 'u':
		return len(`\u0000`)
	case text[1] == 'U':
		return len(`\U00000000`)
	case !json || text[1] != '\\' || len(text) < 3:
		return 2
	case text[2] == 'u':
		return len(`\\u0000`)
	case text[2] == '\\': // a quote or backslash, escaped twice
		return 4
	}
	return 3
}
