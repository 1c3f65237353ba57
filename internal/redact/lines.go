package redact

// Lines returns a masker for bytes that are not HTTP, or not understood as
// such. In lines that look like a secret header field it masks the value. In
// lines that look like a request line it masks the values of secret query
// keys. It holds nothing back. Nil rules give nil.
func (r *Rules) Lines() *Lines {
	if r == nil {
		return nil
	}
	return &Lines{rules: r}
}

// Lines masks header-like lines in a raw stream, in pieces of any size. It
// cannot look ahead as Head does: it masks the scheme's name, too, and keeps
// white space. It is not safe for concurrent use.
type Lines struct {
	rules *Rules
	off   int64
	spans []Span
	state lineState
	name  [3 * maxKey]byte // of a field or query key, as far as read
	n     int
	rule  Rule // that masks the current value
}

type lineState uint8

const (
	lineStart     lineState = iota // after a line feed, or at the first byte
	lineName                       // in a possible field name or method
	lineColon                      // in blanks after the name of a secret field
	lineSkip                       // in a line that is not secret
	lineValue                      // in a secret value
	lineAfterFold                  // after a secret line: does a fold follow?
	lineTarget                     // in a request target
	lineKey                        // in a key of its query
	lineSecret                     // in the value of a secret key
)

// Mask masks the next bytes of the stream in place.
func (l *Lines) Mask(p []byte) {
	for i := 0; i < len(p); {
		switch l.state {
		// Most lines of a stream are skipped here, in one search each.
		case lineSkip:
			i += upTo(p[i:], '\n')
			if i < len(p) {
				l.state = lineStart
				i++
			}
			continue
		case lineStart, lineAfterFold:
			l.begin(p[i])
		}
		// All of these take a byte; begin does not.
		switch c := p[i]; {
		case c == '\n' && l.state == lineValue:
			l.state = lineAfterFold
		case c == '\n':
			l.state = lineStart
		case l.state == lineName:
			l.fieldName(c)
		case l.state == lineColon:
			l.colon(c)
		case l.state == lineValue || l.state == lineSecret:
			l.value(p, i)
		case l.state != lineSkip:
			l.target(c)
		}
		i++
	}
	l.off += int64(len(p))
}

// Take returns the spans of the bytes masked so far and forgets them. Offsets
// count from the first byte of the stream. Neighbouring spans are joined.
func (l *Lines) Take() []Span {
	spans := l.spans
	l.spans = nil
	return spans
}

// begin looks at the first byte of a line.
func (l *Lines) begin(c byte) {
	switch folded := c == ' ' || c == '\t'; {
	case folded && l.state == lineAfterFold:
		l.state = lineValue
	default:
		l.state, l.n = lineName, 0
	}
}

// fieldName reads a byte of a name up to its colon, or of a method up to its
// space.
func (l *Lines) fieldName(c byte) {
	switch {
	case c == ':':
		l.state = lineSkip
		if l.isSecretField() {
			l.state = lineValue
		}
	// A secret field is recognized even with white space before its colon.
	case (c == ' ' || c == '\t') && l.isSecretField():
		l.state = lineColon
	// A word in upper case and a space look like a request line.
	case c == ' ' && l.n > 0 && isUpper(l.name[:l.n]):
		l.state = lineTarget
	case c <= ' ' || c >= 0x7F || l.n == maxKey:
		l.state = lineSkip
	default:
		l.add(c)
	}
}

// isSecretField reports whether the name read is that of a secret field.
func (l *Lines) isSecretField() bool {
	l.rule = Rule{kindHeader, l.rules.headers.find(l.name[:l.n])}
	return l.rule.Name != ""
}

// isSecretKey reports whether the name read is that of a secret query key.
func (l *Lines) isSecretKey() bool {
	l.rule = Rule{kindQuery, l.rules.findQueryKey(l.name[:l.n])}
	return l.rule.Name != ""
}

// colon reads a byte between a secret field's name and its colon. White space
// there is invalid, but many servers accept it.
func (l *Lines) colon(c byte) {
	switch {
	case c == ':':
		l.state = lineValue
	case c != ' ' && c != '\t':
		l.state = lineSkip
	}
}

// target reads a byte of a request target or of the text after it.
func (l *Lines) target(c byte) {
	switch {
	case c == '?' || c == '&' || c == '#' || c == ';':
		l.state, l.n = lineKey, 0
	case l.state == lineTarget:
	case c == '=' && l.isSecretKey():
		l.state = lineSecret
	case c == '=' || c <= ' ' || l.n == len(l.name):
		l.state = lineTarget
	default:
		l.add(c)
	}
}

// value masks a byte of a secret value.
func (l *Lines) value(p []byte, i int) {
	c := p[i]
	switch query := l.state == lineSecret; {
	case query && c == '&':
		l.state, l.n = lineKey, 0
	case query && isSpace(c):
		l.state = lineTarget
	case !isSpace(c):
		p[i] = '*'
		l.spans = appendSpan(l.spans, l.off+int64(i), l.off+int64(i)+1, l.rule)
	}
}

func (l *Lines) add(c byte) {
	l.name[l.n] = c
	l.n++
}

func isUpper(b []byte) bool {
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}
