package encode

import (
	"strings"

	"github.com/wiretape/wiretape/internal/yamltext"
)

// ItemStart begins the first line of every item: an indent and a dash.
const ItemStart = "  - "

// ParseItem parses the text of an item, which begins with its dash, on a line of
// that number. It returns yamltext.ErrLayout if text is not in the canonical
// layout.
func ParseItem(p *yamltext.Parser, text []byte, line int) error {
	if !strings.HasPrefix(string(text[:min(len(text), len(ItemStart))]), ItemStart) {
		return yamltext.ErrLayout
	}
	return p.Parse(text[len(ItemStart):], inItem, line)
}
