package redact

// Lines returns a masker for bytes that are not understood as HTTP: of lines
// that look like a header field with a secret value, it masks the value. It
// holds nothing back. It is nil for nil rules.
func (r *Rules) Lines() *Lines {
	if r == nil {
		return nil
	}
	return &Lines{rules: r}
}

// Lines masks header-like lines in a raw stream, in any split. Unlike Head it
// cannot look ahead: it masks the scheme's name, too, and keeps white space.
type Lines struct {
	rules *Rules
	off   int64
	spans []Span
	state lineState
	name  [maxKey]byte // of the line, as far as it has come
	n     int
}

type lineState uint8

const (
	lineStart     lineState = iota // behind a line feed, or the first byte
	lineName                       // in what may be a field's name
	lineSkip                       // in a line that is none, or not secret
	lineValue                      // in a secret value
	lineAfterFold                  // behind a secret line: does it go on?
)

// Mask masks p in place.
func (l *Lines) Mask(p []byte) {
	for i := 0; i < len(p); {
		switch c := p[i]; {
		case l.state == lineSkip:
			i += upTo(p[i:], '\n')
			if i < len(p) {
				l.state = lineStart
				i++
			}
		case l.state == lineValue:
			i = l.value(p, i)
		case l.state == lineAfterFold && (c == ' ' || c == '\t'):
			l.state = lineValue
		default:
			i = l.fieldName(p, i)
		}
	}
	l.off += int64(len(p))
}

// Take returns the spans of the bytes masked so far and forgets them, offsets
// counted from the stream's first byte; neighbouring ones are joined.
func (l *Lines) Take() []Span {
	spans := l.spans
	l.spans = nil
	return spans
}

// fieldName takes bytes of a name up to its colon.
func (l *Lines) fieldName(p []byte, i int) int {
	if l.state != lineName {
		l.state, l.n = lineName, 0
	}
	for ; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\n':
			l.state = lineStart
			return i + 1
		case c == ':':
			l.state = lineSkip
			if l.rules.headers.has(l.name[:l.n]) {
				l.state = lineValue
			}
			return i + 1
		case c <= ' ' || c >= 0x7F || l.n == len(l.name):
			l.state = lineSkip
			return i
		default:
			l.name[l.n] = c
			l.n++
		}
	}
	return i
}

// value masks a value to the end of its line.
func (l *Lines) value(p []byte, i int) int {
	for ; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\n':
			l.state = lineAfterFold
			return i + 1
		case !isSpace(c):
			p[i] = '*'
			l.spans = appendSpan(l.spans, l.off+int64(i), l.off+int64(i)+1)
		}
	}
	return i
}
