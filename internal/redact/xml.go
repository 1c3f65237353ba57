package redact

import "bytes"

// xmlScanner masks a body that is XML. The text of an element with a secret name is
// masked, and so is the value of an attribute with one. Names count without their
// prefix. Indices count from the beginning of the window that scan gets.
type xmlScanner struct {
	m     *masker
	state xmlState
	start int    // of the current secret; held bytes stand first in the window
	name  []byte // read so far, or the beginning of a markup declaration

	around secretElement // that the text stands in
	level  int           // of elements with its name, itself included; 0: none is around
	begins secretElement // whose start tag is being read
	nested bool          // the tag begins another element with the name of around
	empty  bool          // the tag ends with a slash
	xmlns  bool          // the attribute names a namespace
	end    byte          // of the text or value being read: <, a quote, or ] for a CDATA section
	run    int           // of the bytes that may begin the end of a comment, say
	angle  int           // declarations open within a declaration
	quote  byte          // the quote open in it, or - for a comment; 0: none is
	mark   int           // of the bytes that may begin a comment in it
}

// xmlState names the part of an XML text that the next byte belongs to.
type xmlState uint8

const (
	inXMLText        xmlState = iota // between tags
	inXMLHeld                        // a secret text or value, held back until its end
	inXMLMasked                      // one too long to hold back
	inXMLOpen                        // after a "<"
	inXMLName                        // the name of a start tag
	inXMLTag                         // a start tag between its attributes
	inXMLAttribute                   // the name of one, and space after it
	inXMLValue                       // after its equals sign
	inXMLQuoted                      // a value that is not secret
	inXMLEnd                         // an end tag
	inXMLBang                        // after "<!"
	inXMLComment                     // after "<!--"
	inXMLInstruction                 // after "<?"
	inXMLDeclaration                 // after "<!", where it is no comment and no CDATA
)

// secretElement is an element with a secret name.
type secretElement struct {
	rule  Rule
	deep  bool // elements in it are secret, too
	vague bool // its text may be no secret
}

// longestName is the number of bytes of a name that are kept: more than any rule has.
const longestName = maxKey + 1

// scan masks w in place, of which it has scanned the bytes before i already. It
// returns the number of bytes that are decided. It is a lexer, not a parser: it checks
// nothing.
func (x *xmlScanner) scan(w []byte, i int) int {
	x.start = 0
	for i < len(w) {
		switch x.state {
		case inXMLText:
			i = x.text(w, i)
		case inXMLHeld:
			i = x.held(w, i)
		case inXMLMasked:
			i = x.masked(w)
		case inXMLOpen:
			i = x.open(w, i)
		case inXMLName:
			i = x.elementName(w, i)
		case inXMLTag:
			i = x.tag(w, i)
		case inXMLAttribute:
			i = x.attribute(w, i)
		case inXMLValue:
			i = x.value(w, i)
		case inXMLQuoted:
			i = x.quoted(w, i)
		case inXMLEnd:
			i = x.closingTag(w, i)
		default:
			i = x.other(w, i)
		}
	}
	if x.state == inXMLHeld || x.state == inXMLMasked {
		return x.start
	}
	return len(w)
}

// finish masks w, the bytes held at the end of the body.
func (x *xmlScanner) finish(w []byte) {
	switch x.state {
	case inXMLHeld:
		_, to := trim(w, 0, len(w))
		x.m.maskString(w, 0, to)
	case inXMLMasked: // what could have begun the end of a CDATA section
		x.m.mask(w, 0, len(w))
	}
}

// toText begins text behind a tag, comment or the like.
func (x *xmlScanner) toText() {
	x.state, x.m.jwt, x.end = inXMLText, jwt{}, '<'
}

// text goes to the end of text that is not secret, or to the beginning of a
// secret.
func (x *xmlScanner) text(w []byte, i int) int {
	switch {
	case x.level > 0 && isSpace(w[i]):
		return i + 1
	case x.level > 0 && (x.end == ']' || w[i] != '<'):
		x.state, x.start = inXMLHeld, i
		x.m.rule, x.m.vague = x.around.rule, x.around.vague
		return i
	case x.end == ']':
		return x.cdata(w, i)
	}
	end := i + upTo(w[i:], '<')
	x.m.maskJWTs(w, i, end)
	if end < len(w) {
		x.state = inXMLOpen
		end++
	}
	return end
}

// cdata goes to the end of a CDATA section that is not secret.
func (x *xmlScanner) cdata(w []byte, i int) int {
	from := i
	for ; i < len(w); i++ {
		if x.endsWith(w[i], ']', 2) {
			x.m.maskJWTs(w, from, i)
			x.toText()
			return i + 1
		}
	}
	x.m.maskJWTs(w, from, i)
	return i
}

// endsWith reports whether c is the > that ends a comment or the like: n of the
// bytes sign stand before it.
func (x *xmlScanner) endsWith(c, sign byte, n int) bool {
	switch {
	case c == sign:
		x.run = min(x.run+1, n)
	case c == '>' && x.run == n:
		x.run = 0
		return true
	default:
		x.run = 0
	}
	return false
}

// held goes to the end of a secret and masks it, without the white space at its
// end.
func (x *xmlScanner) held(w []byte, i int) int {
	limit := min(len(w), x.start+MaxHold)
	end, ok := x.secretEnd(w[:limit], max(x.start, i-2))
	switch {
	case ok:
		_, to := trim(w, x.start, end)
		x.m.maskString(w, x.start, max(to, x.start))
		return x.afterSecret(end)
	case limit < x.start+MaxHold:
		return limit
	}
	x.m.mask(w, x.start, end)
	x.state, x.start = inXMLMasked, end
	return end
}

// masked masks a secret too long to hold back to its end.
func (x *xmlScanner) masked(w []byte) int {
	end, ok := x.secretEnd(w, x.start)
	x.m.mask(w, x.start, end)
	x.start = end
	if !ok {
		return len(w)
	}
	return x.afterSecret(end)
}

// secretEnd returns the index of the end of a secret, from index from on. Where it
// is not in w, it returns the index of the bytes that may begin it.
func (x *xmlScanner) secretEnd(w []byte, from int) (end int, ok bool) {
	if x.end != ']' {
		end = from + upTo(w[from:], x.end)
		return end, end < len(w)
	}
	if n := bytes.Index(w[from:], []byte("]]>")); n >= 0 {
		return from + n, true
	}
	end = len(w)
	for end > from && len(w)-end < len("]]") && w[end-1] == ']' {
		end--
	}
	return end, false
}

// afterSecret goes on behind a secret that ends at end.
func (x *xmlScanner) afterSecret(end int) int {
	switch x.end {
	case '<':
		x.state = inXMLText
		return end
	case ']':
		x.toText()
		return end + len("]]>")
	}
	x.state = inXMLTag
	return end + 1
}

// other reads comments, declarations, processing instructions, and the
// beginnings of CDATA sections.
func (x *xmlScanner) other(w []byte, i int) int {
	for ; i < len(w); i++ {
		c := w[i]
		ends := false
		switch x.state {
		case inXMLBang:
			if x.bang(c); x.state == inXMLText {
				return i + 1
			}
		case inXMLComment:
			ends = x.endsWith(c, '-', 2)
		case inXMLInstruction:
			ends = x.endsWith(c, '?', 1)
		case inXMLDeclaration:
			ends = x.declaration(c)
		}
		if ends {
			x.toText()
			return i + 1
		}
	}
	return i
}

// bang reads a byte after "<!".
func (x *xmlScanner) bang(c byte) {
	const comment, cdata = "--", "[CDATA["
	x.name = append(x.name, c)
	switch n := len(x.name); {
	case string(x.name) == comment:
		x.state = inXMLComment
	case string(x.name) == cdata:
		x.toText()
		x.end = ']'
	case n < len(comment) && comment[:n] == string(x.name), n < len(cdata) && cdata[:n] == string(x.name):
	default:
		x.state, x.angle, x.quote, x.mark, x.run = inXMLDeclaration, 0, 0, 0, 0
	}
}

// declaration reads a byte of a markup declaration, and reports whether it ends
// there. Within it stand other declarations, quoted text and comments.
func (x *xmlScanner) declaration(c byte) (ends bool) {
	const comment = "<!--"
	switch {
	case x.quote == '-':
		if x.endsWith(c, '-', 2) {
			x.quote = 0
		}
		return false
	case x.quote != 0:
		if c == x.quote {
			x.quote = 0
		}
		return false
	case x.mark > 0 && c == comment[x.mark]:
		x.mark++
		if x.mark == len(comment) {
			x.quote, x.mark, x.angle = '-', 0, x.angle-1
		}
		return false
	}
	x.mark = 0
	switch c {
	case '\'', '"':
		x.quote = c
	case '<':
		x.angle, x.mark = x.angle+1, 1
	case '>':
		x.angle--
		return x.angle < 0
	}
	return false
}
