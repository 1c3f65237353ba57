package redact

import "sync"

// MaxHold is the number of bytes that a Body holds back at most. A longer
// secret is masked before its end is known.
const MaxHold = 16 << 10

// Body masks one body as it passes, in pieces of any size. It is not safe for
// concurrent use.
type Body struct {
	json bool // by its media type
	form bool

	state state
	m     masker
	held  []byte     // bytes that Append has not returned
	id    identifier // of the masker's spans
	xml   xmlScanner

	// The state of the scanner of JSON and forms. Indices count from the beginning
	// of the window that scan gets; the held bytes stand first in it.
	start   int    // of the current string or word
	key     []byte // the part of a string or form key before the window
	fresh   bool   // the string began in this window: key does not count
	escape  bool   // the next byte of the string is escaped
	escaped bool   // the string has an escape
	depth   int    // of objects and arrays under a secret key
	quote   byte   // closing quote of a quoted piece in garbage, or 0
	number  numberPart
}

// state names the part of a body that the next byte belongs to.
type state uint8

const (
	inStart  state = iota // the first byte tells the kind of body
	inPlain               // nothing is masked
	inSecret              // everything is masked

	inFormKey
	inFormValue
	inFormSecret

	inText     // JSON between strings
	inString   // a string that may be a key
	inAfterKey // behind a secret key: a colon?
	inValue    // behind its colon: the value
	inNested   // an object or array under a secret key, between its tokens
	inHeld     // a secret string, held back until its end
	inHeldEnd  // after a string in inNested: is it a key?
	inMasked   // a secret string too long to hold back
	inWord     // true, false or null, held back
	inNumber
	inDone    // after a secret value
	inGarbage // text in place of a secret value, or after it

	inXML // as Body.xml has it
)

var bodies = sync.Pool{New: func() any { return new(Body) }}

func newBody(r *Rules) *Body {
	b := bodies.Get().(*Body)
	*b = Body{m: masker{rules: r}, held: b.held[:0], key: b.key[:0], xml: xmlScanner{name: b.xml.name[:0]}}
	b.xml.m = &b.m
	return b
}

// Free gives b back to the pool for another body. The call is optional. Do not
// use b after it.
func (b *Body) Free() { bodies.Put(b) }

// Append appends to dst all bytes whose masking is decided, src included, and
// returns dst. Undecided bytes, at most MaxHold of them, come with a later
// call. Append does not change src and keeps no reference to it.
func (b *Body) Append(dst, src []byte) []byte {
	base, from := len(dst), len(b.held)
	dst = append(append(dst, b.held...), src...)
	n := b.scan(dst[base:], from)
	if b.id.key != nil && b.id.done < len(b.m.spans) {
		b.identify(b.held, src, n, false)
	}
	b.held = append(b.held[:0], dst[base+n:]...)
	b.m.off += int64(n)
	return dst[:base+n]
}

// Flush appends the bytes that were held back, masked. Call it once, at the
// end of the body.
func (b *Body) Flush(dst []byte) []byte {
	base := len(dst)
	dst = append(dst, b.held...)
	b.finish(dst[base:])
	if b.id.key != nil && b.id.done < len(b.m.spans) {
		b.identify(b.held, nil, len(b.held), true)
	}
	b.m.off += int64(len(b.held))
	b.held = b.held[:0]
	b.state = inPlain
	return dst
}

// Take returns the complete spans so far and forgets them. They are in order,
// and offsets count from the first byte of the body.
func (b *Body) Take() []Span {
	n := len(b.m.spans)
	if n > 0 && b.m.spans[n-1].end() == b.m.off && b.state != inPlain {
		n-- // its secret may go on
	}
	if n == 0 {
		return nil
	}
	taken := b.m.spans[:n:n]
	b.m.spans = append([]Span(nil), b.m.spans[n:]...)
	b.id.done = max(b.id.done-n, 0)
	return taken
}

// scan masks w in place. The bytes before i are held ones that were scanned
// before. It returns the number of bytes that are decided.
func (b *Body) scan(w []byte, i int) int {
	b.start, b.fresh = 0, false
	for i < len(w) || b.state >= inText {
		switch b.state {
		case inStart:
			i = b.sniff(w, i)
		case inPlain:
			return len(w)
		case inSecret:
			b.m.mask(w, i, len(w))
			return len(w)
		case inFormKey, inFormValue, inFormSecret:
			i = b.scanForm(w, i)
		case inXML:
			return b.xml.scan(w, i)
		default:
			return b.scanJSON(w, i)
		}
	}
	return len(w)
}

// sniff skips white space and a byte order mark, and looks at the byte after
// them.
func (b *Body) sniff(w []byte, i int) int {
	switch c := w[i]; {
	case b.json, c == '{', c == '[':
		b.state = inText
	case c == '<':
		b.state = inXML
		b.xml.toText()
	case isSpace(c), c == 0xEF, c == 0xBB, c == 0xBF:
		i++
	case b.form:
		b.state = inFormKey
	default:
		b.state = inPlain
	}
	return i
}

// scanForm masks application/x-www-form-urlencoded.
func (b *Body) scanForm(w []byte, i int) int {
	if b.state == inFormKey {
		for ; i < len(w); i++ {
			c := w[i]
			if c == '=' || c == '&' {
				b.state = inFormKey
				if c == '=' {
					b.state = b.formValue()
				}
				b.key = b.key[:0]
				return i + 1
			}
			if len(b.key) <= 3*maxKey {
				b.key = append(b.key, c)
			}
		}
		return i
	}
	end := i + upTo(w[i:], '&')
	if b.state == inFormSecret {
		b.m.mask(w, i, end)
	}
	if end < len(w) {
		b.state = inFormKey
		end++
	}
	return end
}

func (b *Body) formValue() state {
	b.m.rule = Rule{kindQuery, b.m.rules.findQueryKey(b.key)}
	if b.m.rule.Name == "" {
		return inFormValue
	}
	return inFormSecret
}
