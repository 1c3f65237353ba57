package cassettes

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"
)

// The emitter is our own because yaml.v3's corrupts strings: a body of "\n"
// comes back empty, "\tx\n" makes the file unloadable. Double-quoted scalars
// with everything escaped that a YAML reader might fold, strip or refuse come
// back right.

// appendScalar appends s as a YAML scalar: plain where that is safe, else
// double-quoted, and as !!binary where it is not UTF-8.
func appendScalar(dst, s []byte) []byte {
	if isPlain(s) {
		return append(dst, s...)
	}
	return appendQuoted(dst, s)
}

// appendQuoted appends s double-quoted on one line, or as !!binary.
func appendQuoted(dst, s []byte) []byte {
	text, ok := appendEscaped(append(dst, '"'), s)
	if !ok {
		return appendBinary(dst, s, 0)
	}
	return append(text, '"')
}

// isPlain reports whether s may stand unquoted as a string anywhere: a letter
// or slash followed by letters, digits and _ . / + -, a colon before a slash,
// and no word that a YAML 1.1 or 1.2 reader takes for something else.
func isPlain(s []byte) bool {
	if len(s) == 0 || len(s) > 200 || !isLetter(s[0]) && s[0] != '/' {
		return false
	}
	for i, c := range s {
		if !isPlainByte[c] && !(c == ':' && i+1 < len(s) && s[i+1] == '/') {
			return false
		}
	}
	return len(s) > 5 || !isReserved(s)
}

// isReserved reports whether s is a YAML boolean or null in any case.
func isReserved(s []byte) bool {
	var low [5]byte
	for i, c := range s {
		low[i] = c | 0x20
	}
	switch string(low[:len(s)]) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// quotable marks the ASCII bytes that stand for themselves between double
// quotes.
var quotable = func() (t [256]bool) {
	for c := ' '; c <= '~'; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// isHidden reports whether r >= 0x80 is escaped: control characters, line
// breaks, white space that looks like a space, what YAML readers refuse, and
// format characters that would mislead a person who reads the file.
func isHidden(r rune) bool {
	switch {
	case r <= 0xa0, r == 0xad, r == 0x61c, r == 0xfeff:
		return true
	case r < 0x200b:
		return false
	case r <= 0x200f, 0x2028 <= r && r <= 0x202e, 0x2060 <= r && r <= 0x206f:
		return true
	case 0xfff0 <= r && r <= 0xfffc, r&0xfffe == 0xfffe, 0xe0000 <= r && r <= 0xe0fff:
		return true
	}
	return false
}

// appendEscaped appends s as it stands between double quotes, and reports
// whether s is UTF-8: what is not cannot stand there.
func appendEscaped(dst, s []byte) (_ []byte, ok bool) {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if quotable[c] {
			i++
			continue
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(s[i:])
			if n == 1 {
				return dst, false
			}
			if !isHidden(r) {
				i += n
				continue
			}
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, r)
		i += n
		start = i
	}
	return append(dst, s[start:]...), true
}

const hexDigits = "0123456789abcdef"

// shortEscapes are the escapes of one letter that the emitter uses, by the
// byte they stand for.
var shortEscapes = [utf8.RuneSelf]byte{
	0: '0', '\a': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r',
	0x1b: 'e', '"': '"', '\\': '\\',
}

func appendEscape(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf && shortEscapes[r] != 0 {
		return append(dst, '\\', shortEscapes[r])
	}
	digits := 2
	switch {
	case r > 0xffff:
		dst, digits = append(dst, '\\', 'U'), 8
	case r > 0xff:
		dst, digits = append(dst, '\\', 'u'), 4
	default:
		dst = append(dst, '\\', 'x')
	}
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[r>>shift&15])
	}
	return dst
}

// binaryLine is the number of bytes in a line of base64: 96 characters.
const binaryLine = 72

// appendBinary appends s as base64, in lines where it is long; continued
// lines are indented by indent.
func appendBinary(dst, s []byte, indent int) []byte {
	dst = append(dst, `!!binary "`...)
	for indent > 0 && len(s) > binaryLine {
		dst = base64.StdEncoding.AppendEncode(dst, s[:binaryLine])
		dst = appendBreak(dst, indent)
		s = s[binaryLine:]
	}
	dst = base64.StdEncoding.AppendEncode(dst, s)
	return append(dst, '"')
}

// appendBreak ends a line within a double-quoted scalar.
func appendBreak(dst []byte, indent int) []byte {
	return appendIndent(append(dst, '\\', '\n'), indent)
}

const spaces = "                "

func appendIndent(dst []byte, n int) []byte {
	return append(dst, spaces[:n]...)
}

// appendFrames appends a body of several frames as a double-quoted scalar
// with a line break after each. A boundary within a UTF-8 sequence breaks the
// line after the sequence.
func appendFrames(dst, body []byte, frames []Frame, indent int) []byte {
	text := append(dst, '"')
	start, end, ok := 0, int64(0), true
	for i := range frames {
		if frames[i].Size >= int64(len(body))-end {
			break
		}
		end += frames[i].Size
		cut := runeEnd(body, int(end))
		if cut <= start || cut == len(body) {
			continue
		}
		if text, ok = appendEscaped(text, body[start:cut]); !ok {
			return appendBinary(dst, body, indent)
		}
		text = appendBreak(text, indent)
		start = cut
		if body[start] == ' ' { // a YAML reader would take it for indentation
			text = append(text, '\\', ' ')
			start++
		}
	}
	if text, ok = appendEscaped(text, body[start:]); !ok {
		return appendBinary(dst, body, indent)
	}
	return append(text, '"')
}

// runeEnd returns the end of the UTF-8 sequence that i falls within.
func runeEnd(s []byte, i int) int {
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return i
}

// appendDuration appends d as d.String() has it, but with us in ASCII.
func appendDuration(dst []byte, d time.Duration) []byte {
	if d == 0 {
		return append(dst, "0s"...)
	}
	u := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		u = -u
	}
	switch {
	case u < uint64(time.Microsecond):
		return append(strconv.AppendUint(dst, u, 10), "ns"...)
	case u < uint64(time.Millisecond):
		return append(appendFraction(dst, u, uint64(time.Microsecond)), "us"...)
	case u < uint64(time.Second):
		return append(appendFraction(dst, u, uint64(time.Millisecond)), "ms"...)
	}
	minutes := u / uint64(time.Minute)
	if minutes >= 60 {
		dst = append(strconv.AppendUint(dst, minutes/60, 10), 'h')
	}
	if minutes > 0 {
		dst = append(strconv.AppendUint(dst, minutes%60, 10), 'm')
	}
	return append(appendFraction(dst, u%uint64(time.Minute), uint64(time.Second)), 's')
}

// appendFraction appends u/unit as a decimal number without trailing zeros.
func appendFraction(dst []byte, u, unit uint64) []byte {
	dst = strconv.AppendUint(dst, u/unit, 10)
	rest := u % unit
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.')
	for ; rest > 0; rest = rest * 10 % unit {
		dst = append(dst, byte('0'+rest*10/unit))
	}
	return dst
}
