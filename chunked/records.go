package chunked

// Records returns a Splitter that makes one chunk of each JSON record. Records
// are values of any type, with nothing or white space between them, as in a
// stream of JSON lines (LF or CRLF), or each after a record separator (RFC
// 7464). What separates stays with its record: white space after a value, up
// to and including the first LF; a record separator, and white space that
// comes before a value, with the record that they begin.
//
// It follows strings, escapes and the depth of arrays and objects, and looks
// no closer into them. Where no value can begin, or where a number or name is
// not one, the body is not JSON, and from the beginning of that record on it
// stays one chunk. A record separator always begins a record, as RFC 7464 has
// it, even where the one before was cut short.
func Records() Splitter { return new(records) }

// records is the Splitter of Records.
type records struct {
	state recordState
	depth int64  // of arrays and objects around the next byte
	name  string // what is to come of true, false or null
}

// recordState is what the next byte stands in.
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
	fraction                    // after a digit behind it
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
		if s.state == ended {
			s.state = after
			i--
		}
	}
	return len(b), false
}

// next returns the state after c, which is not a record separator in a value.
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

// number returns the state after a byte that belongs to a number, or that ends
// a number or name.
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
		return notJSON // a digit after a leading 0, or after a name
	case c == '.' && (s.state == zero || s.state == integer):
		return point
	case (c == 'e' || c == 'E') && (s.state == zero || s.state == integer || s.state == fraction):
		return exponent
	case (c == '+' || c == '-') && s.state == exponent:
		return sign
	case s.state == minus || s.state == point || s.state == exponent || s.state == sign:
		return notJSON // a number cannot end here
	case white(c) || c == '{' || c == '[' || c == '"':
		return ended
	}
	return notJSON
}

// white reports whether c is white space in JSON.
func white(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// digit reports whether c is a decimal digit.
func digit(c byte) bool { return '0' <= c && c <= '9' }

// skip returns the number of bytes before the first that is in stop.
func skip(b []byte, stop *[256]bool) int {
	for i, c := range b {
		if stop[c] {
			return i
		}
	}
	return len(b)
}

// The bytes that mean something in an array or object, and in a string.
var (
	nestedStop = [256]bool{'"': true, '{': true, '}': true, '[': true, ']': true, recordSeparator: true}
	quotedStop = [256]bool{'"': true, '\\': true, recordSeparator: true}
)
