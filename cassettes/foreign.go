package cassettes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// This file reads cassettes in any other layout than the canonical one:
// written by go-vcr, or edited by hand.

// loadForeign reads the whole file with yaml.v3.
func (c *Cassette) loadForeign() error {
	c.places = nil
	if c.size > maxForeign {
		return c.errorf(0, "the file has %d bytes in a layout that must be read whole, of which %d are allowed; "+
			"rewrite it with cassette fmt where it is smaller", c.size, maxForeign)
	}
	data := make([]byte, c.size)
	if _, err := c.text.ReadAt(data, 0); err != nil && err != io.EOF {
		return fmt.Errorf("read cassette %s: %w", c.Name, err)
	}
	t, err := c.parseYAML(data)
	if err != nil || t.isOurs() && (data[len(data)-1] != '\n' || !t.endsWhole()) {
		if whole := c.parseTorn(data); whole != nil {
			t, err = whole, nil
		}
	}
	if err != nil {
		return err
	}
	c.foreign, c.comment = t, t.comment
	if err := c.buildHeader(t, 0); err != nil {
		return err
	}
	return c.foreignPlaces(t)
}

// isOurs reports whether a file has the header that a Writer gives a cassette.
func (t *tree) isOurs() bool { return t.lookup(0, "wire") != 0 }

// endsWhole reports whether the last item has come to its end.
func (t *tree) endsWhole() bool {
	last := 0
	if list := t.lookup(0, "interactions"); list != 0 {
		for i := range t.children(list) {
			last = i
		}
	}
	return last == 0 || t.isWhole(last)
}

// foreignPlaces fills in the places of the items.
func (c *Cassette) foreignPlaces(t *tree) error {
	list := t.lookup(0, "interactions")
	if list == 0 || t.isNull(list) {
		return nil
	}
	if t.kind(list) != sequence {
		return c.errorf(t.lineOf(list), "interactions: want a list, not %s", t.describe(list))
	}
	for i := range t.children(list) {
		at, err := c.entry(&c.listing, t, i)
		if err != nil {
			return err
		}
		at.node = i
		c.places = append(c.places, at)
	}
	return nil
}

// tear notes that an unfinished last item, which begins at a line and offset,
// was dropped.
func (c *Cassette) tear(line int, off int64) {
	c.size = off
	c.Torn = c.errorf(line, "the last interaction is unfinished and was dropped; cassette verify --repair cuts it off")
}

// lastLine matches text that ends as the encoder ends an item.
var lastLine = regexp.MustCompile(`\n {6}conn: [0-9]+\n$`)

// parseTorn parses data without its last item. It returns nil where what
// remains is no cassette of ours.
func (c *Cassette) parseTorn(data []byte) *tree {
	if lastLine.Match(data) {
		return nil // it is whole, and damaged
	}
	at := bytes.LastIndexByte(data, '\n') + 1
	if at < len(data) && bytes.HasPrefix(itemStart, data[at:]) {
		if t := c.parseBefore(data, at); t != nil && t.endsWhole() {
			return t
		}
	}
	if at = bytes.LastIndex(data, nextItem) + 1; at == 0 {
		return nil
	}
	return c.parseBefore(data, at)
}

// parseBefore parses what stands before at, where that is a cassette of ours,
// and notes that the rest was dropped.
func (c *Cassette) parseBefore(data []byte, at int) *tree {
	t, err := c.parseYAML(data[:at])
	if err != nil || !t.isOurs() {
		return nil
	}
	c.tear(bytes.Count(data[:at], []byte("\n"))+1, int64(at))
	return t
}

// isTorn reports whether text, a last item that is not in the canonical
// layout, is no whole item in another layout either.
func isTorn(text []byte) bool {
	switch {
	case text[len(text)-1] != '\n':
		return true
	case lastLine.Match(text):
		return false
	}
	doc, err := decodeYAML(append([]byte("interactions:\n"), text...))
	if err != nil {
		return true
	}
	t := &tree{}
	if t.convert(doc, len(text)) != nil {
		return false
	}
	list := t.lookup(0, "interactions")
	return list == 0 || t.nodes[list].first == 0 || !t.isWhole(int(t.nodes[list].first))
}

// parseYAML parses one YAML document whose root is a mapping.
func (c *Cassette) parseYAML(data []byte) (*tree, error) {
	doc, err := decodeYAML(data)
	if err != nil {
		return nil, c.yamlError(err)
	}
	t := &tree{}
	if err := t.convert(doc, len(data)); err != nil {
		err.File = c.Name
		return nil, err
	}
	if t.kind(0) != mapping {
		return nil, c.errorf(t.lineOf(0), "not a cassette: want a mapping, found %s", t.describe(0))
	}
	return t, nil
}

// decodeYAML decodes a file's only document.
func decodeYAML(data []byte) (doc *yaml.Node, err error) {
	defer func() { // yaml.v3 is known to panic on some damaged input
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(data))
	doc = new(yaml.Node)
	if err := d.Decode(doc); err == io.EOF {
		return nil, errors.New("yaml: it holds no document")
	} else if err != nil {
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); err == nil {
		return nil, errors.New("yaml: it holds more than one document")
	} else if err != io.EOF {
		return nil, err
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// yamlError makes an error of ours of one of yaml.v3's.
func (c *Cassette) yamlError(err error) error {
	text := err.Error()
	m := yamlLine.FindStringSubmatch(text)
	if m == nil {
		return c.errorf(0, "not a cassette: %v", err)
	}
	line, _ := strconv.Atoi(m[1])
	return c.errorf(line, "not a cassette: no good YAML: %s", text[len(m[0]):])
}

// slack is how many nodes, and bytes of text, aliases may add to those of the
// file itself.
const slack = 1 << 20

// convert makes t what n is, which was decoded from size bytes.
func (t *tree) convert(n *yaml.Node, size int) *FormatError {
	t.nodes = append(t.nodes[:0], node{})
	t.input = t.input[:0]
	t.most = size + slack
	return t.fill(0, n, 0)
}

// fill makes the node at index at what n is.
func (t *tree) fill(at int, n *yaml.Node, depth int) *FormatError {
	if depth > maxDepth {
		return &FormatError{Line: n.Line, Err: fmt.Errorf("nested deeper than %d", maxDepth)}
	}
	if len(t.nodes) > t.most || len(t.input) > t.most {
		return &FormatError{Line: n.Line, Err: errors.New("its aliases expand to too much")}
	}
	if t.comment == 0 && n.HeadComment+n.LineComment+n.FootComment != "" {
		t.comment = n.Line
	}
	switch n.Kind {
	case yaml.AliasNode:
		return t.fill(at, n.Alias, depth+1)
	case yaml.ScalarNode:
		return t.fillScalar(at, n)
	case yaml.MappingNode:
		t.nodes[at] = node{kind: mapping, line: int32(n.Line), next: t.nodes[at].next}
	default:
		t.nodes[at] = node{kind: sequence, line: int32(n.Line), next: t.nodes[at].next}
	}
	prev := 0
	for _, c := range n.Content {
		prev = t.link(at, prev, node{})
		if err := t.fill(prev, c, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) fillScalar(at int, n *yaml.Node) *FormatError {
	from := len(t.input)
	t.input = append(t.input, n.Value...)
	s := node{style: exact, line: int32(n.Line), from: int32(from), to: int32(len(t.input))}
	switch n.Tag {
	case "!!binary":
		s.binary = true
	case "!!str":
	case "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!merge":
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			s.style = plain
		}
	default:
		return &FormatError{Line: n.Line, Err: fmt.Errorf("unknown YAML tag %q", n.Tag)}
	}
	t.nodes[at] = s
	return nil
}
