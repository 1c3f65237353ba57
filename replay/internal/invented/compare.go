package invented

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wiretape/wiretape/internal/meaning"
)

// Pair is a recorded value and the live one in its place.
type Pair struct{ Recorded, Live string }

// Pairs returns the values in which the body of a live request differs from a
// recorded one, but for those at the paths in ignore. It reports false where they
// differ in anything that a client does not invent.
func Pairs(recorded, live []byte, ignore []meaning.Path) (all []Pair, ok bool) {
	if !isText(recorded) || !isText(live) {
		return nil, false
	}
	c := comparison{now: time.Now()}
	x, isJSON := meaning.Decode(recorded, ignore)
	y, isToo := meaning.Decode(live, ignore)
	switch {
	case isJSON && isToo:
		c.values("", x, y)
	case isJSON || isToo:
		return nil, false
	default:
		c.texts("", string(recorded), string(live))
	}
	return c.pairs, !c.failed
}

func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

// comparison compares two bodies.
type comparison struct {
	pairs  []Pair
	failed bool
	now    time.Time
}

// values compares two values of JSON at a key.
func (c *comparison) values(key string, x, y any) {
	switch x := x.(type) {
	case map[string]any:
		if y, ok := y.(map[string]any); ok {
			c.objects(x, y)
			return
		}
	case []any:
		if y, ok := y.([]any); ok && len(x) == len(y) {
			for i := range x {
				c.values(key, x[i], y[i])
			}
			return
		}
	case string:
		if y, ok := y.(string); ok {
			c.texts(key, x, y)
			return
		}
	default:
		if x == y {
			return
		}
	}
	c.failed = true
}

// objects compares two objects. A key can be invented, too, where it is the only one
// that is left over on both sides.
func (c *comparison) objects(x, y map[string]any) {
	var onlyX, onlyY []string
	for _, key := range slices.Sorted(maps.Keys(x)) {
		if _, ok := y[key]; !ok {
			onlyX = append(onlyX, key)
			continue
		}
		c.values(key, x[key], y[key])
	}
	for key := range y {
		if _, ok := x[key]; !ok {
			onlyY = append(onlyY, key)
		}
	}
	switch {
	case len(onlyX) == 0 && len(onlyY) == 0:
	case len(onlyX) == 1 && len(onlyY) == 1:
		c.texts("", onlyX[0], onlyY[0])
		c.values("", x[onlyX[0]], y[onlyY[0]])
	default:
		c.failed = true
	}
}

// texts compares two texts token by token. The text between tokens must be equal.
func (c *comparison) texts(key, recorded, live string) {
	if recorded == live || c.failed {
		return
	}
	if areTimes(recorded, live, c.now) {
		return
	}
	before := ""
	for recorded != "" || live != "" {
		n, m := gap(recorded), gap(live)
		if recorded[:n] != live[:m] {
			c.failed = true
			return
		}
		before += recorded[:n]
		recorded, live = recorded[n:], live[m:]
		n, m = token(recorded), token(live)
		if recorded[:n] != live[:m] {
			c.tokens(key, before, recorded[:n], live[:m])
		}
		before += recorded[:n]
		recorded, live = recorded[n:], live[m:]
	}
}

// tokenMax is the size in bytes of the longest token.
const tokenMax = 128

// tokens compares two tokens that differ, with the text before them.
func (c *comparison) tokens(key, before, recorded, live string) {
	if len(recorded) > tokenMax || len(live) > tokenMax || isReference(key) || isReference(nameAtEnd(before)) {
		c.failed = true
		return
	}
	p := unitsOf(recorded, live)
	if !alike(p.Recorded, p.Live) {
		c.failed = true
		return
	}
	c.pairs = append(c.pairs, p)
}

// nameAtEnd returns the name in "…name=" or "…name:", or "".
func nameAtEnd(text string) string {
	if text == "" || text[len(text)-1] != '=' && text[len(text)-1] != ':' {
		return ""
	}
	text = text[:len(text)-1]
	return text[strings.LastIndexFunc(text, func(r rune) bool { return !isTokenByte(byte(r)) || r > 127 })+1:]
}

// unitsOf cuts the segments off two tokens that they begin and end with.
func unitsOf(recorded, live string) Pair {
	isCut := func(r rune) bool { return r == '-' || r == '_' }
	for {
		i, j := strings.IndexFunc(recorded, isCut), strings.IndexFunc(live, isCut)
		if i < 0 || i != j || recorded[:i+1] != live[:j+1] {
			break
		}
		recorded, live = recorded[i+1:], live[j+1:]
	}
	for {
		i, j := strings.LastIndexFunc(recorded, isCut), strings.LastIndexFunc(live, isCut)
		if i < 0 || j < 0 || recorded[i:] != live[j:] {
			break
		}
		recorded, live = recorded[:i], live[:j]
	}
	return Pair{recorded, live}
}

// gap returns the number of bytes before the first token of a text.
func gap(s string) (n int) {
	for n < len(s) && !isTokenByte(s[n]) {
		n++
	}
	return n
}

// token returns the length of the token that a text begins with.
func token(s string) (n int) {
	for n < len(s) && isTokenByte(s[n]) {
		n++
	}
	return n
}

func isTokenByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '_' }
