package columns

import (
	"errors"
	"math"
	"time"
)

// numbers reads the numbers of a line.
type numbers struct {
	rest []byte
	err  error
}

var errNumber = errors.New("want numbers with a space between them, and a duration at the end")

// next returns the next number, which is not negative.
func (n *numbers) next() (v int64) {
	i := 0
	for ; i < len(n.rest) && '0' <= n.rest[i] && n.rest[i] <= '9'; i++ {
		d := int64(n.rest[i] - '0')
		if v > (math.MaxInt64-d)/10 {
			break // the number is too large: the digits left over are the error
		}
		v = 10*v + d
	}
	if i == 0 {
		n.err = errNumber
	}
	n.rest = n.rest[i:]
	if len(n.rest) > 0 && n.rest[0] == ' ' {
		n.rest = n.rest[1:]
	}
	return v
}

// wait returns the duration that ends the line, if one does.
func (n *numbers) wait() time.Duration {
	if len(n.rest) == 0 || n.err != nil {
		return 0
	}
	d, err := time.ParseDuration(string(n.rest))
	if err != nil {
		n.err = errNumber // err would quote all of it
	}
	n.rest = nil
	return d
}

func (n *numbers) end() {
	if n.err == nil && len(n.rest) > 0 {
		n.err = errNumber
	}
}

// clip shortens bytes for an error.
func clip(b []byte) []byte {
	const most = 40
	return b[:min(len(b), most)]
}
