package chunked

// Records returns a Splitter that makes one chunk of each JSON record. Records
// are JSON values of any type. Between them stands nothing or white space, as
// in a stream of JSON lines (LF or CRLF), or a record separator (RFC 7464).
// White space after a value stays with that value, up to and including the
// first LF. A record separator, and white space before a value, stay with the
// value that they introduce.
//
// The Splitter follows strings, escapes and the depth of arrays and objects,
// and looks no closer into them. A body stops being JSON where no value can
// begin, or where a number or name is misspelt: from the beginning of that
// record on it stays one chunk. A record separator always begins a record (RFC
// 7464), even where the record before it was cut short.
func Records() Splitter { return new(records) }

// records is the Splitter of Records.
type records struct {
	state recordState
	depth int64  // of arrays and objects around the next byte
	name  string // rest of true, false or null that is still to come
}

// recordState names the place in a record where the next byte stands.
type recordState uint8

const (
	before   recordState = iota // before a value: white space, separators
	nested                      // an array or object
	quoted                      // a string
	escaped                     // a string, after a backslash
	inName                      // true, false or null
	nameEnd                     // after one of these
	minus                       // a number, after its sign
	zero                        // after a leading 0
	integer                     // after another digit
	point                       // after the decimal point
	fraction                    // after a digit of the fraction
	exponent                    // after the e
	sign                        // after the exponent's sign
	power                       // after a digit of the exponent
	ended                       // the value ended before this byte
	after                       // after a value
	notJSON
)

// recordSeparator begins a record in a JSON text sequence.
const recordSeparator = 0x1e

// Split implements Splitter.
func (s *records) Split(b []byte) (n int, cut bool) {
	for i := 0; i < len(b); i++ {
		switch s.state {
		case notJSON:
			return len(b), false
		case nested:
			i += skip(b[i:], &nestedStop)
		case quoted:
			i += skip(b[i:], &quotedStop)
		}
		if i == len(b) {
			break
		}
		switch c := b[i]; {
		// A separator cuts even inside a value: RFC 7464 lets a reader resume
		// there after a truncated record.
		case c == recordSeparator && s.state != before:
			*s = records{}
			return i, true
		case s.state != after:
			s.state = s.next(c)
		case c == '\n':
			*s = records{}
			return i + 1, true
		case !white(c):
			*s = records{}
			return i, true
		}
		// A number has no end of its own. The byte that shows its end belongs
		// to no number, so it is looked at again as a byte after the value.
		if s.state == ended {
			s.state = after
			i--
		}
	}
	return len(b), false
}

// next returns the state after byte c. Split has handled a record separator
// inside a value before.
func (s *records) next(c byte) recordState {
	switch s.state {
	case before:
		if white(c) || c == recordSeparator {
			return before
		}
		return s.begin(c)
	case nested:
		return s.within(c)
	case quoted:
		return s.inString(c)
	case escaped:
		return quoted
	case inName:
		return s.spell(c)
	}
	return s.number(c)
}

// begin returns the state after the first byte of a value.
func (s *records) begin(c byte) recordState {
	switch {
	case c == '{' || c == '[':
		s.depth = 1
		return nested
	case c == '"':
		return quoted
	case c == 't':
		s.name = "rue"
	case c == 'f':
		s.name = "alse"
	case c == 'n':
		s.name = "ull"
	case c == '-':
		return minus
	case c == '0':
		return zero
	case digit(c):
		return integer
	default:
		return notJSON
	}
	return inName
}

// within returns the state after a byte of an array or object.
func (s *records) within(c byte) recordState {
	switch c {
	case '"':
		return quoted
	case '{', '[':
		s.depth++
	case '}', ']':
		s.depth--
		if s.depth == 0 {
			return after
		}
	}
	return nested
}

// inString returns the state after a byte of a string.
func (s *records) inString(c byte) recordState {
	switch {
	case c == '\\':
		return escaped
	case c != '"':
		return quoted
	case s.depth > 0:
		return nested
	}
	return after
}

// spell returns the state after a byte of true, false or null.
func (s *records) spell(c byte) recordState {
	if c != s.name[0] {
		return notJSON
	}
	s.name = s.name[1:]
	if s.name == "" {
		return nameEnd
	}
	return inName
}

// number returns the state after byte c, which continues or ends a number, or
// ends a name. Each state allows the bytes of the grammar in RFC 8259 section
// 6.
func (s *records) number(c byte) recordState {
	switch {
	case digit(c):
		switch s.state {
		case minus:
			if c == '0' {
				return zero
			}
			return integer
		case integer, fraction, power:
			return s.state
		case point:
			return fraction
		case exponent, sign:
			return power
		}
		return notJSON // "01" and "true1" are no values
	case c == '.' && (s.state == zero || s.state == integer):
		return point
	case (c == 'e' || c == 'E') && (s.state == zero || s.state == integer || s.state == fraction):
		return exponent
	case (c == '+' || c == '-') && s.state == exponent:
		return sign
	case s.state == minus || s.state == point || s.state == exponent || s.state == sign:
		return notJSON // "-", "1." and "1e" are no numbers
	// Two values may touch only where the second begins with a bracket or
	// quote: "1 2", "1[" and 1"a" are two values, "12" is one.
	case white(c) || c == '{' || c == '[' || c == '"':
		return ended
	}
	return notJSON
}

// white reports whether c is white space in JSON.
func white(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// digit reports whether c is a decimal digit.
func digit(c byte) bool { return '0' <= c && c <= '9' }

// skip returns the number of bytes before the first byte that is in stop.
func skip(b []byte, stop *[256]bool) int {
	for i, c := range b {
		if stop[c] {
			return i
		}
	}
	return len(b)
}

// nestedStop and quotedStop hold the bytes that change the state inside an
// array or object, and inside a string. Split skips all others.
var (
	nestedStop = [256]bool{'"': true, '{': true, '}': true, '[': true, ']': true, recordSeparator: true}
	quotedStop = [256]bool{'"': true, '\\': true, recordSeparator: true}
)
