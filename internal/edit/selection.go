package edit

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/pattern"
)

// Selection selects interactions of a cassette: those that agree with
// everything that is set. The zero value selects all.
type Selection struct {
	IDs     []Range           // one of these has the interaction's id
	Methods []string          // one of these is its method
	Paths   []pattern.Pattern // one of these matches its path
}

// Range is a range of ids, both ends included.
type Range struct {
	From, To int // To is math.MaxInt where the range has no end
}

// ParseRanges parses ids and ranges of them: "3", "0,4-7", "12-".
func ParseRanges(s string) ([]Range, error) {
	var all []Range
	for part := range strings.SplitSeq(s, ",") {
		r, err := parseRange(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q: want ids and ranges such as 0,4-7,12-", s)
		}
		all = append(all, r)
	}
	return all, nil
}

func parseRange(s string) (r Range, err error) {
	from, to, isRange := strings.Cut(s, "-")
	if r.From, err = id(from); err != nil {
		return r, err
	}
	switch {
	case !isRange:
		r.To = r.From
	case to == "":
		r.To = math.MaxInt
	default:
		r.To, err = id(to)
	}
	if r.To < r.From && err == nil {
		err = strconv.ErrRange
	}
	return r, err
}

func id(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err
}

// Empty reports whether nothing is set, so that all interactions are selected.
func (s *Selection) Empty() bool {
	return len(s.IDs) == 0 && len(s.Methods) == 0 && len(s.Paths) == 0
}

// Has reports whether the selection holds the interaction with entry e. A
// stream has no method and path: only its id can select it.
func (s *Selection) Has(e cassettes.Entry) bool {
	if len(s.IDs) > 0 && !slices.ContainsFunc(s.IDs, func(r Range) bool { return r.From <= e.ID && e.ID <= r.To }) {
		return false
	}
	if len(s.Methods) > 0 && !slices.ContainsFunc(s.Methods, func(m string) bool { return strings.EqualFold(m, e.Method) }) {
		return false
	}
	return len(s.Paths) == 0 ||
		e.Method != "" && slices.ContainsFunc(s.Paths, func(p pattern.Pattern) bool { return p.Match(e.Method, e.URL) })
}
