package invented

import (
	"regexp"
	"strings"
	"time"
)

var uuid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// alike reports whether both values can be invented ones of the same place: the
// recorded one looks random, and the live one has its form.
func alike(recorded, live string) bool {
	if uuid.MatchString(recorded) {
		return uuid.MatchString(live)
	}
	recorded, live = cutWord(recorded, live)
	a, b := kindOf(recorded), kindOf(live)
	switch {
	case a.other > 0 || b.other > 0 || len(live) < 3:
		return false
	case a.letters() == 0:
		return len(recorded) >= 5 && !isDate(recorded) && b.letters() == 0
	case a.isHex():
		return near(recorded, live) && a.isRandomHex(len(recorded)) && b.isHex() && (a.upper == 0 || b.lower == 0) && (a.upper > 0 || b.upper == 0)
	}
	return len(recorded) >= 8 && a.changes >= 3 && b.changes >= 2 && near(recorded, live)
}

// near reports whether the lengths of two values are equal or, of long ones, differ by
// 4 at most: numbers are written without zeros before them.
func near(a, b string) bool {
	n, m := min(len(a), len(b)), max(len(a), len(b))
	return n == m || n >= 8 && m-n <= 4
}

// cutWord cuts off the letters that both begin with, if digits follow them in one:
// the word of "dir718087394".
func cutWord(a, b string) (string, string) {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] && isLetter(a[n]) {
		n++
	}
	if n == len(a) || n == len(b) || !isDigit(a[n]) || !isDigit(b[n]) {
		return a, b
	}
	return a[n:], b[n:]
}

// kind counts the bytes of a value by their classes.
type kind struct {
	digits, lower, upper, other int
	notHex                      int
	changes                     int // from one class to another
}

func kindOf(s string) (k kind) {
	var last byte
	for i := range len(s) {
		class := byte('x')
		switch c := s[i]; {
		case isDigit(c):
			k.digits++
			class = '0'
		case 'a' <= c && c <= 'z':
			k.lower++
			class = 'a'
		case 'A' <= c && c <= 'Z':
			k.upper++
			class = 'A'
		case c != '-' && c != '_':
			k.other++
		}
		if class != '0' && !('a' <= s[i]|0x20 && s[i]|0x20 <= 'f') {
			k.notHex++
		}
		if i > 0 && class != last {
			k.changes++
		}
		last = class
	}
	return k
}

func (k kind) letters() int     { return k.lower + k.upper }
func (k kind) mixesCases() bool { return k.lower > 0 && k.upper > 0 }
func (k kind) isHex() bool      { return k.notHex == 0 && !k.mixesCases() }

// isRandomHex reports whether hexadecimal digits are no word with a number.
func (k kind) isRandomHex(n int) bool {
	return n >= 6 && k.digits >= 2 && (k.changes >= 2 || k.digits >= 3 && k.letters() >= 2)
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isDate reports whether digits are a year, month and day.
func isDate(digits string) bool {
	_, err := time.Parse("20060102", digits)
	return err == nil
}

// refers are the names whose values say what a request is about: they come from
// elsewhere, however they look.
var refers = []string{
	"image", "fromimage", "fromsrc", "digest", "sha", "sha256", "commit", "rev", "revision", "version",
	"parent", "etag", "checksum", "md5", "remote", "cachefrom",
}

func isReference(name string) bool {
	for _, r := range refers {
		if strings.EqualFold(name, r) {
			return true
		}
	}
	return false
}

// areTimes reports whether both values are times, the live one within a day of now.
func areTimes(recorded, live string, now time.Time) bool {
	_, err := time.Parse(time.RFC3339Nano, recorded)
	if err != nil {
		return false
	}
	t, err := time.Parse(time.RFC3339Nano, live)
	return err == nil && now.Sub(t).Abs() < 24*time.Hour
}
