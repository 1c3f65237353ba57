package redact

import "sync"

// MaxHold is the number of bytes that a Body holds back at most. A longer
// secret is masked before its end is known.
const MaxHold = 16 << 10

// Body masks one body as it passes, in pieces of any size. It is not safe for
// concurrent use.
type Body struct {
	rules   *Rules
	json    bool // by its media type
	form    bool
	payload bool // the names in Rules.payload are secret, too

	state state
	off   int64  // of the first byte that Append has not returned
	held  []byte // bytes from there on
	spans []Span
	id    identifier // of spans

	// The state of the scanner. Indices count from the beginning of the window
	// that scan gets; the held bytes stand first in it.
	start   int    // of the current string or word
	key     []byte // the part of a string or form key before the window
	fresh   bool   // the string began in this window: key does not count
	escape  bool   // the next byte of the string is escaped
	escaped bool   // the string has an escape
	deep    bool   // the secret key covers objects and arrays as well
	vague   bool   // it covers strings that can be a secret, and nothing else
	depth   int    // of objects and arrays under a secret key
	quote   byte   // closing quote of a quoted piece in garbage, or 0
	rule    Rule   // that masks the current secret
	number  numberPart
	jwt     jwt
	xml     xmlBody
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

	inXMLText        // XML between tags
	inXMLHeld        // a secret text or value, held back until its end
	inXMLMasked      // one too long to hold back
	inXMLOpen        // after a "<"
	inXMLName        // the name of a start tag
	inXMLTag         // a start tag between its attributes
	inXMLAttribute   // the name of one, and space after it
	inXMLValue       // after its equals sign
	inXMLQuoted      // a value that is not secret
	inXMLEnd         // an end tag
	inXMLBang        // after "<!"
	inXMLComment     // after "<!--"
	inXMLInstruction // after "<?"
	inXMLDeclaration // after "<!", where it is no comment and no CDATA
)

var bodies = sync.Pool{New: func() any { return new(Body) }}

func newBody(r *Rules) *Body {
	b := bodies.Get().(*Body)
	*b = Body{rules: r, held: b.held[:0], key: b.key[:0]}
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
	if b.id.key != nil && b.id.done < len(b.spans) {
		b.identify(b.held, src, n, false)
	}
	b.held = append(b.held[:0], dst[base+n:]...)
	b.off += int64(n)
	return dst[:base+n]
}

// Flush appends the bytes that were held back, masked. Call it once, at the
// end of the body.
func (b *Body) Flush(dst []byte) []byte {
	base := len(dst)
	dst = append(dst, b.held...)
	b.finish(dst[base:])
	if b.id.key != nil && b.id.done < len(b.spans) {
		b.identify(b.held, nil, len(b.held), true)
	}
	b.off += int64(len(b.held))
	b.held = b.held[:0]
	b.state = inPlain
	return dst
}

// Take returns the complete spans so far and forgets them. They are in order,
// and offsets count from the first byte of the body.
func (b *Body) Take() []Span {
	n := len(b.spans)
	if n > 0 && b.spans[n-1].end() == b.off && b.state != inPlain {
		n-- // its secret may go on
	}
	if n == 0 {
		return nil
	}
	taken := b.spans[:n:n]
	b.spans = append([]Span(nil), b.spans[n:]...)
	b.id.done = max(b.id.done-n, 0)
	return taken
}

// mark notes that [from, to) of the window is masked.
func (b *Body) mark(from, to int) {
	b.spans = appendSpan(b.spans, b.off+int64(from), b.off+int64(to), b.rule)
}

// mask masks [from, to) of the window w.
func (b *Body) mask(w []byte, from, to int) {
	stars(w[from:to])
	b.mark(from, to)
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
			b.mask(w, i, len(w))
			return len(w)
		case inFormKey, inFormValue, inFormSecret:
			i = b.scanForm(w, i)
		default:
			if b.isXML() {
				return b.scanXML(w, i)
			}
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
		b.toText()
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
		b.mask(w, i, end)
	}
	if end < len(w) {
		b.state = inFormKey
		end++
	}
	return end
}

func (b *Body) formValue() state {
	b.rule = Rule{kindQuery, b.rules.findQueryKey(b.key)}
	if b.rule.Name == "" {
		return inFormValue
	}
	return inFormSecret
}
