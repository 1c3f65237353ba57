package rule

import (
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/product"
)

// tellMax is how many interactions are asked for the product that they show.
const tellMax = 16

// productOf returns the product that a cassette names or, if it names none,
// that its first responses do: in lower case, or "".
func productOf(c *cassettes.Cassette) string {
	if name := c.Header.API.Product; name != "" {
		return strings.ToLower(name)
	}
	for i := range min(c.Len(), tellMax) {
		it, err := c.Interaction(i)
		if err != nil {
			continue // it is reported when it is to be played
		}
		if name := toldBy(it.Response); name != "" {
			return name
		}
	}
	return ""
}

// toldBy returns the product that a response shows, or "".
func toldBy(m *cassettes.Message) string {
	if m == nil || len(m.Head) == 0 {
		return ""
	}
	h, ok := http1.ParseResponseHead(m.Head, []byte("GET"), false)
	if !ok {
		return ""
	}
	return product.Shown(h.Field)
}
