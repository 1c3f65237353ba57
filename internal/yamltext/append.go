package yamltext

import (
	"encoding/base64"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendScalar appends s as a YAML scalar: plain if that is safe, else
// double-quoted, or as !!binary if s is not UTF-8.
func AppendScalar(dst, s []byte) []byte {
	if isPlain(s) {
		return append(dst, s...)
	}
	return AppendQuoted(dst, s)
}

// AppendQuoted appends s double-quoted on one line, or as !!binary if s is not
// UTF-8.
func AppendQuoted(dst, s []byte) []byte {
	text, ok := appendEscaped(append(dst, '"'), s)
	if !ok {
		return appendBinary(dst, s, 0)
	}
	return append(text, '"')
}

// isPlain reports whether s may stand unquoted as a string anywhere: a letter
// or slash followed by letters, digits and _ . / + -, a colon before a slash,
// and no word that a YAML 1.1 or 1.2 reader takes for a boolean or null.
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
// whether s is UTF-8: other bytes cannot stand there.
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
	return AppendIndent(append(dst, '\\', '\n'), indent)
}

const spaces = "                "

// AppendIndent appends n spaces, at most 16.
func AppendIndent(dst []byte, n int) []byte {
	return append(dst, spaces[:n]...)
}

// RuneEnd returns the end of the UTF-8 sequence that i falls within.
func RuneEnd(s []byte, i int) int {
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return i
}

// AppendDuration appends d as d.String() writes it, with "us" for "µs".
func AppendDuration(dst []byte, d time.Duration) []byte {
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

// AppendLines appends text as a double-quoted scalar with a line break after
// each of its pieces. The function size returns the size in bytes of piece i,
// and false if there is none. Continued lines are
// indented by indent. A piece that ends within a UTF-8 sequence breaks the line
// after the sequence. Text that is not UTF-8 is appended as !!binary.
func AppendLines(dst, text []byte, size func(i int) (int64, bool), indent int) []byte {
	out := append(dst, '"')
	start, end, ok := 0, int64(0), true
	for i := 0; ; i++ { // not range over a function: that allocates, for every body
		n, more := size(i)
		if !more || n >= int64(len(text))-end {
			break
		}
		end += n
		cut := RuneEnd(text, int(end))
		if cut <= start || cut == len(text) {
			continue
		}
		if out, ok = appendEscaped(out, text[start:cut]); !ok {
			return appendBinary(dst, text, indent)
		}
		out = appendBreak(out, indent)
		start = cut
		if text[start] == ' ' { // a YAML reader would take it for indentation
			out = append(out, '\\', ' ')
			start++
		}
	}
	if out, ok = appendEscaped(out, text[start:]); !ok {
		return appendBinary(dst, text, indent)
	}
	return append(out, '"')
}

// AppendKey appends a key of a block mapping that begins at column indent, with
// its indentation and without its colon. A long one is announced by "? ", and
// the colon then stands on a line of its own.
func AppendKey(dst, key []byte, indent int) []byte {
	dst = AppendIndent(dst, indent)
	at := len(dst)
	dst = AppendScalar(dst, key)
	if len(dst)-at <= longKey {
		return dst
	}
	dst = slices.Insert(dst, at, '?', ' ')
	return AppendIndent(append(dst, '\n'), indent)
}
