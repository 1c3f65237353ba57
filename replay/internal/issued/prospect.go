package issued

import (
	"bytes"
	"hash/maphash"
)

// Prospect finds out whether a Reader could find an issued value in a recording:
// whether a request carries a token that a response showed first. It takes less
// time, and may find more than there is, but nothing less. The zero value is ready
// to use.
type Prospect struct {
	seed  maphash.Seed
	shown map[uint64]bool // by a response first
	found bool
	plain []byte // memory
}

// Found reports whether one was found.
func (p *Prospect) Found() bool { return p.found }

// Key takes in the key of a request, as Reader.Key does.
func (p *Prospect) Key(key []byte) {
	p.plain = replace(p.plain[:0], key, func(dst, run []byte, t token) ([]byte, bool) {
		p.found = p.see(run[t.start:t.end], false) || p.found
		return dst, false
	})
}

// Body takes in the body of that request.
func (p *Prospect) Body(body []byte) {
	switch {
	case !isDocument(body):
	case len(body) > DocumentMax:
		p.found = true
	default:
		p.Key(body)
	}
}

// Response takes in the response to an unsafe request: text that has its head, and
// the body.
func (p *Prospect) Response(head, body []byte) {
	p.show(head)
	if !isDocument(body) || len(body) > DocumentMax {
		return
	}
	p.show(body)
	if bytes.IndexByte(body, '\\') >= 0 {
		p.plain = p.unescape(p.plain[:0], body)
		p.show(p.plain)
	}
}

func (p *Prospect) show(text []byte) {
	for at := 0; ; {
		t, ok := nextToken(text, at)
		if !ok {
			return
		}
		s := text[t.start:t.end]
		p.see(s, true)
		if isID(string(s)) {
			p.see(s[:short], true)
		}
		at = t.next
	}
}

// see notes which side showed a token, if none did before, and reports whether it
// was a response.
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

// unescape appends JSON with a space for each escape (RFC 8259 section 7). One
// that stands for a byte of a token, which nobody writes so, counts as a find.
func (p *Prospect) unescape(dst, json []byte) []byte {
	for {
		i := bytes.IndexByte(json, '\\')
		if i < 0 || i+1 == len(json) {
			return append(dst, json...)
		}
		dst = append(append(dst, json[:i]...), ' ')
		n := 2
		if json[i+1] == 'u' {
			n = len(`\u0000`)
			p.found = p.found || bytes.HasPrefix(json[i+2:], []byte("00")) && mayBeToken(json[i+4:])
		}
		json = json[min(i+n, len(json)):]
	}
}

// mayBeToken reports whether the two digits that b begins with name a byte of a
// token.
func mayBeToken(b []byte) bool {
	return len(b) > 1 && '2' <= b[0] && b[0] <= '7' && isTokenByte((b[0]-'0')<<4|digit(b[1]))
}

// digit returns the value of a hexadecimal digit.
func digit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0x0f + 9
}
