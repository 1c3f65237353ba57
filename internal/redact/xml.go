package redact

import "bytes"

// xmlBody is the state of a Body that is XML. The text of an element with a
// secret name is masked, and so is the value of an attribute with one. Names count
// without their prefix.
type xmlBody struct {
	around secretElement // that the text stands in
	level  int           // of elements with its name, itself included; 0: none is around
	begins secretElement // whose start tag is being read
	nested bool          // the tag begins another element with the name of around
	empty  bool          // the tag ends with a slash
	xmlns  bool          // the attribute names a namespace
	end    byte          // of the text or value being read: <, a quote, or ] for a CDATA section
	run    int           // of the bytes that may begin the end of a comment, say
	square int           // brackets open in a declaration
}

// secretElement is an element with a secret name.
type secretElement struct {
	rule  Rule
	deep  bool // elements in it are secret, too
	vague bool // its text may be no secret
}

// longest is the number of bytes of a name that are kept: more than any rule has.
const longestName = maxKey + 1

// scanXML masks XML. It is a lexer, not a parser: it checks nothing.
func (b *Body) scanXML(w []byte, i int) int {
	for i < len(w) {
		switch b.state {
		case inXMLText:
			i = b.xmlText(w, i)
		case inXMLHeld:
			i = b.xmlHeld(w, i)
		case inXMLMasked:
			i = b.xmlMasked(w)
		case inXMLOpen:
			i = b.xmlOpen(w, i)
		case inXMLName:
			i = b.xmlName(w, i)
		case inXMLTag:
			i = b.xmlTag(w, i)
		case inXMLAttribute:
			i = b.xmlAttribute(w, i)
		case inXMLValue:
			i = b.xmlValue(w, i)
		case inXMLQuoted:
			i = b.xmlQuoted(w, i)
		case inXMLEnd:
			i = b.xmlEnd(w, i)
		default:
			i = b.xmlOther(w, i)
		}
	}
	if b.state == inXMLHeld || b.state == inXMLMasked {
		return b.start
	}
	return len(w)
}

// isXML reports whether the body is XML.
func (b *Body) isXML() bool { return b.state >= inXMLText }

// toText begins text behind a tag, comment or the like.
func (b *Body) toText() {
	b.state, b.jwt, b.xml.end = inXMLText, jwt{}, '<'
}

// xmlText goes to the end of text that is not secret, or to the beginning of a
// secret.
func (b *Body) xmlText(w []byte, i int) int {
	x := &b.xml
	switch {
	case x.level > 0 && isSpace(w[i]):
		return i + 1
	case x.level > 0 && (x.end == ']' || w[i] != '<'):
		b.state, b.start = inXMLHeld, i
		b.rule, b.vague = x.around.rule, x.around.vague
		return i
	case x.end == ']':
		return b.cdata(w, i)
	}
	end := i + upTo(w[i:], '<')
	b.maskJWTs(w, i, end)
	if end < len(w) {
		b.state = inXMLOpen
		end++
	}
	return end
}

// maskJWTs masks the JWTs of [from, to), a piece of a text without secrets.
func (b *Body) maskJWTs(w []byte, from, to int) {
	if !b.rules.keepJWT {
		b.spans = b.jwt.mask(w[from:to], b.off+int64(from), b.spans, Rule{Kind: kindJWT})
	}
}

// cdata goes to the end of a CDATA section that is not secret.
func (b *Body) cdata(w []byte, i int) int {
	from := i
	for ; i < len(w); i++ {
		if b.xmlEnds(w[i], ']', 2) {
			b.maskJWTs(w, from, i)
			b.toText()
			return i + 1
		}
	}
	b.maskJWTs(w, from, i)
	return i
}

// xmlEnds reports whether c is the > that ends a comment or the like: n of the
// bytes sign stand before it.
func (b *Body) xmlEnds(c, sign byte, n int) bool {
	switch {
	case c == sign:
		b.xml.run = min(b.xml.run+1, n)
	case c == '>' && b.xml.run == n:
		b.xml.run = 0
		return true
	default:
		b.xml.run = 0
	}
	return false
}

// xmlHeld goes to the end of a secret and masks it, without the white space at its
// end.
func (b *Body) xmlHeld(w []byte, i int) int {
	limit := min(len(w), b.start+MaxHold)
	end, ok := b.secretEnd(w[:limit], max(b.start, i-2))
	switch {
	case ok:
		_, to := trim(w, b.start, end)
		b.maskString(w, b.start, max(to, b.start))
		return b.afterSecret(end)
	case limit < b.start+MaxHold:
		return limit
	}
	b.mask(w, b.start, end)
	b.state, b.start = inXMLMasked, end
	return end
}

// xmlMasked masks a secret too long to hold back to its end.
func (b *Body) xmlMasked(w []byte) int {
	end, ok := b.secretEnd(w, b.start)
	b.mask(w, b.start, end)
	b.start = end
	if !ok {
		return len(w)
	}
	return b.afterSecret(end)
}

// secretEnd returns the index of the end of a secret, from index from on. Where it
// is not in w, it returns the index of the bytes that may begin it.
func (b *Body) secretEnd(w []byte, from int) (end int, ok bool) {
	if b.xml.end != ']' {
		end = from + upTo(w[from:], b.xml.end)
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
func (b *Body) afterSecret(end int) int {
	switch b.xml.end {
	case '<':
		b.state = inXMLText
		return end
	case ']':
		b.toText()
		return end + len("]]>")
	}
	b.state = inXMLTag
	return end + 1
}

// xmlOpen reads the byte after a "<".
func (b *Body) xmlOpen(w []byte, i int) int {
	b.key, b.xml.run = b.key[:0], 0
	switch c := w[i]; {
	case c == '/':
		b.state = inXMLEnd
	case c == '!':
		b.state = inXMLBang
	case c == '?':
		b.state = inXMLInstruction
	case c|0x20 >= 'a' && c|0x20 <= 'z', c == '_', c == ':', c >= 0x80:
		b.state = inXMLName
		return i
	default: // a "<" that should have been escaped
		b.toText()
		return i
	}
	return i + 1
}

// addName adds a byte to a name. Its prefix is left out.
func (b *Body) addName(c byte) {
	switch {
	case c == ':':
		b.xml.xmlns = string(b.key) == "xmlns"
		b.key = b.key[:0]
	case len(b.key) < longestName:
		b.key = append(b.key, c)
	}
}

// xmlName reads the name in a start tag.
func (b *Body) xmlName(w []byte, i int) int {
	for ; i < len(w); i++ {
		if c := w[i]; isSpace(c) || c == '/' || c == '>' {
			b.beginElement()
			return i
		}
		b.addName(w[i])
	}
	return i
}

// beginElement looks at the name of an element.
func (b *Body) beginElement() {
	x := &b.xml
	b.state = inXMLTag
	x.begins, x.nested, x.empty = secretElement{}, false, false
	if x.level > 0 && !x.around.deep {
		x.level = 0 // its own text alone is secret
	}
	if x.level > 0 {
		x.nested = x.isAround(b.key)
		return
	}
	if b.isSecretName(b.key) {
		x.begins = secretElement{b.rule, b.deep, b.vague}
	}
}

func (x *xmlBody) isAround(name []byte) bool {
	return len(name) == len(x.around.rule.Name) && equalFold(name, x.around.rule.Name)
}

// xmlTag reads a byte of a start tag between attributes.
func (b *Body) xmlTag(w []byte, i int) int {
	x := &b.xml
	switch c := w[i]; {
	case c == '>':
		b.endTag()
	case c == '/':
		x.empty = true
	case isSpace(c):
	case c == '"' || c == '\'':
		b.state, x.end, b.jwt = inXMLQuoted, c, jwt{}
	default:
		b.state, b.key, x.xmlns, x.empty = inXMLAttribute, b.key[:0], false, false
		return i
	}
	return i + 1
}

// endTag ends a start tag.
func (b *Body) endTag() {
	x := &b.xml
	b.toText()
	switch {
	case x.empty:
	case x.nested:
		x.level++
	case x.begins.rule.Kind != "":
		x.around, x.level = x.begins, 1
	}
}

// xmlAttribute reads the name of an attribute.
func (b *Body) xmlAttribute(w []byte, i int) int {
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case c == '=':
			b.state = inXMLValue
			return i + 1
		case c == '/' || c == '>' || c == '"' || c == '\'':
			b.state = inXMLTag
			return i
		case isSpace(c): // its equals sign may follow
		default:
			b.addName(c)
		}
	}
	return i
}

// xmlValue reads the byte after an attribute's equals sign.
func (b *Body) xmlValue(w []byte, i int) int {
	x := &b.xml
	c := w[i]
	switch {
	case isSpace(c):
		return i + 1
	case c != '"' && c != '\'':
		b.state = inXMLTag
		return i
	}
	b.state, x.end, b.start, b.jwt = inXMLQuoted, c, i+1, jwt{}
	if !x.xmlns && b.isSecretName(b.key) {
		b.state = inXMLHeld
	}
	return i + 1
}

// xmlQuoted goes to the end of a value that is not secret.
func (b *Body) xmlQuoted(w []byte, i int) int {
	end := i + upTo(w[i:], b.xml.end)
	b.maskJWTs(w, i, end)
	if end < len(w) {
		b.state = inXMLTag
		end++
	}
	return end
}

// xmlEnd reads an end tag.
func (b *Body) xmlEnd(w []byte, i int) int {
	x := &b.xml
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case isSpace(c):
		case c != '>':
			b.addName(c)
		default:
			switch {
			case x.level == 0:
			case !x.around.deep:
				x.level = 0
			case x.isAround(b.key):
				x.level--
			}
			b.toText()
			return i + 1
		}
	}
	return i
}

// xmlOther reads comments, declarations, processing instructions, and the
// beginnings of CDATA sections.
func (b *Body) xmlOther(w []byte, i int) int {
	x := &b.xml
	for ; i < len(w); i++ {
		c := w[i]
		ends := false
		switch b.state {
		case inXMLBang:
			if b.bang(c); b.state == inXMLText {
				return i + 1
			}
		case inXMLComment:
			ends = b.xmlEnds(c, '-', 2)
		case inXMLInstruction:
			ends = b.xmlEnds(c, '?', 1)
		case inXMLDeclaration:
			switch c {
			case '[':
				x.square++
			case ']':
				x.square--
			}
			ends = c == '>' && x.square <= 0
		}
		if ends {
			b.toText()
			return i + 1
		}
	}
	return i
}

// bang reads a byte after "<!".
func (b *Body) bang(c byte) {
	const comment, cdata = "--", "[CDATA["
	b.key = append(b.key, c)
	switch n := len(b.key); {
	case string(b.key) == comment:
		b.state = inXMLComment
	case string(b.key) == cdata:
		b.toText()
		b.xml.end = ']'
	case n < len(comment) && comment[:n] == string(b.key), n < len(cdata) && cdata[:n] == string(b.key):
	default:
		b.state, b.xml.square = inXMLDeclaration, 0
	}
}
