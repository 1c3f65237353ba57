package redact

// open reads the byte after a "<".
func (x *xmlScanner) open(w []byte, i int) int {
	x.name, x.run = x.name[:0], 0
	switch c := w[i]; {
	case c == '/':
		x.state = inXMLEnd
	case c == '!':
		x.state = inXMLBang
	case c == '?':
		x.state = inXMLInstruction
	case c|0x20 >= 'a' && c|0x20 <= 'z', c == '_', c == ':', c >= 0x80:
		x.state = inXMLName
		return i
	default: // a "<" that should have been escaped
		x.toText()
		return i
	}
	return i + 1
}

// addName adds a byte to a name. Its prefix is left out.
func (x *xmlScanner) addName(c byte) {
	switch {
	case c == ':':
		x.xmlns = string(x.name) == "xmlns"
		x.name = x.name[:0]
	case len(x.name) < longestName:
		x.name = append(x.name, c)
	}
}

// elementName reads the name in a start tag.
func (x *xmlScanner) elementName(w []byte, i int) int {
	for ; i < len(w); i++ {
		if c := w[i]; isSpace(c) || c == '/' || c == '>' {
			x.beginElement()
			return i
		}
		x.addName(w[i])
	}
	return i
}

// beginElement looks at the name of an element.
func (x *xmlScanner) beginElement() {
	x.state = inXMLTag
	x.begins, x.nested, x.empty = secretElement{}, false, false
	if x.level > 0 && !x.around.deep {
		x.level = 0 // its own text alone is secret
	}
	if x.level > 0 {
		x.nested = x.isAround(x.name)
		return
	}
	if x.m.isSecretName(x.name) {
		x.begins = secretElement{x.m.rule, x.m.deep, x.m.vague}
	}
}

func (x *xmlScanner) isAround(name []byte) bool {
	return len(name) == len(x.around.rule.Name) && equalFold(name, x.around.rule.Name)
}

// tag reads a byte of a start tag between attributes.
func (x *xmlScanner) tag(w []byte, i int) int {
	switch c := w[i]; {
	case c == '>':
		x.endTag()
	case c == '/':
		x.empty = true
	case isSpace(c):
	case c == '"' || c == '\'':
		x.state, x.end, x.m.jwt = inXMLQuoted, c, jwt{}
	default:
		x.state, x.name, x.xmlns, x.empty = inXMLAttribute, x.name[:0], false, false
		return i
	}
	return i + 1
}

// endTag ends a start tag.
func (x *xmlScanner) endTag() {
	x.toText()
	switch {
	case x.empty:
	case x.nested:
		x.level++
	case x.begins.rule.Kind != "":
		x.around, x.level = x.begins, 1
	}
}

// attribute reads the name of an attribute.
func (x *xmlScanner) attribute(w []byte, i int) int {
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case c == '=':
			x.state = inXMLValue
			return i + 1
		case c == '/' || c == '>' || c == '"' || c == '\'':
			x.state = inXMLTag
			return i
		case isSpace(c): // its equals sign may follow
		default:
			x.addName(c)
		}
	}
	return i
}

// value reads the byte after an attribute's equals sign.
func (x *xmlScanner) value(w []byte, i int) int {
	c := w[i]
	switch {
	case isSpace(c):
		return i + 1
	case c != '"' && c != '\'':
		x.state = inXMLTag
		return i
	}
	x.state, x.end, x.start, x.m.jwt = inXMLQuoted, c, i+1, jwt{}
	if !x.xmlns && x.m.isSecretName(x.name) {
		x.state = inXMLHeld
	}
	return i + 1
}

// quoted goes to the end of a value that is not secret.
func (x *xmlScanner) quoted(w []byte, i int) int {
	end := i + upTo(w[i:], x.end)
	x.m.maskJWTs(w, i, end)
	if end < len(w) {
		x.state = inXMLTag
		end++
	}
	return end
}

// closingTag reads an end tag.
func (x *xmlScanner) closingTag(w []byte, i int) int {
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case isSpace(c):
		case c != '>':
			x.addName(c)
		default:
			switch {
			case x.level == 0:
			case !x.around.deep:
				x.level = 0
			case x.isAround(x.name):
				x.level--
			}
			x.toText()
			return i + 1
		}
	}
	return i
}
