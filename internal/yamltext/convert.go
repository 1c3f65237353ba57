package yamltext

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Error is an error at a line of a YAML or JSON text.
type Error struct {
	Line int   // from 1; 0 where no line is to blame
	Err  error // the mistake
}

// Error returns the text of Err, without the line.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// ErrRefused is in the chain of an error about good YAML that Decode refuses:
// its collections nest too deeply, its aliases expand to too much, or a tag has
// no meaning here.
var ErrRefused = errors.New("YAML that is not accepted")

// refusal is an error that wraps errLimit under a text of its own.
type refusal struct{ text string }

func (e refusal) Error() string { return e.text }
func (e refusal) Unwrap() error { return ErrRefused }

// Options say which YAML decodeYAML accepts beyond plain data.
type Options struct {
	// MaxDepth is how deep collections may nest; 0 means 32.
	MaxDepth int
	// Foreign accepts the YAML of other languages' libraries: their own tags
	// are ignored, base64 may contain blanks, and documents after the first
	// are ignored.
	Foreign bool
	// Line gives the number in the file of the n-th line of data, from 1. Nil
	// means that data is the file.
	Line func(n int) int
}

// Decode decodes a YAML document in any layout. Aliases are expanded. An
// error is a *yamlErr where a line is to blame.
func Decode(data []byte, o Options) (*Tree, error) {
	if o.MaxDepth == 0 {
		o.MaxDepth = maxDepth
	}
	if o.Line == nil {
		o.Line = func(n int) int { return n }
	}
	doc, err := readDocument(data, o.Foreign)
	if err != nil {
		return nil, withLine(err, o.Line)
	}
	c := converter{Tree: &Tree{nodes: make([]node, 1)}, options: o, most: len(data) + slack}
	if err := c.fill(0, doc, 0); err != nil {
		return nil, err
	}
	return c.Tree, nil
}

// readDocument reads a file's only document, or its first where others are
// allowed.
func readDocument(data []byte, others bool) (doc *yaml.Node, err error) {
	defer func() { // yaml.v3 is known to panic on some damaged input
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(data))
	doc = new(yaml.Node)
	switch err := d.Decode(doc); err {
	case nil:
	case io.EOF:
		return nil, errors.New("yaml: it holds no document")
	default:
		return nil, err
	}
	if others {
		return doc.Content[0], nil
	}
	switch err := d.Decode(new(yaml.Node)); err {
	case nil:
		return nil, errors.New("yaml: it holds more than one document")
	case io.EOF:
		return doc.Content[0], nil
	default:
		return nil, err
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// withLine takes the line out of the text of an error of yaml.v3. Number
// gives the number of a line.
func withLine(err error, number func(int) int) error {
	text := err.Error()
	m := yamlLine.FindStringSubmatch(text)
	if m == nil {
		return err
	}
	line, _ := strconv.Atoi(m[1])
	if line > 0 {
		line = number(line)
	}
	return &Error{line, fmt.Errorf("no good YAML: %s", text[len(m[0]):])}
}

// slack is how many nodes, and bytes of text, aliases may add to those of the
// file itself.
const slack = 1 << 20

// converter makes a tree of the nodes of yaml.v3.
type converter struct {
	*Tree
	options Options
	most    int // how many nodes, and bytes of input, are accepted
}

// line returns the number of n's line in the file.
func (c *converter) line(n *yaml.Node) int { return c.options.Line(n.Line) }

// refuse returns an error at the line of n that wraps ErrRefused.
func (c *converter) refuse(n *yaml.Node, format string, args ...any) error {
	return &Error{c.line(n), refusal{fmt.Sprintf(format, args...)}}
}

// fill makes the node at index at say what n says.
func (c *converter) fill(at int, n *yaml.Node, depth int) error {
	if depth > c.options.MaxDepth {
		return c.refuse(n, "nested deeper than %d", c.options.MaxDepth)
	}
	// A file of some hundred bytes can name gigabytes with aliases of aliases.
	if len(c.nodes) > c.most || len(c.input) > c.most {
		return c.refuse(n, "its aliases expand to too much")
	}
	if c.Comment == 0 && n.HeadComment+n.LineComment+n.FootComment != "" {
		c.Comment = c.line(n)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return c.fill(at, n.Alias, depth+1)
	case yaml.ScalarNode:
		return c.fillScalar(at, n)
	case yaml.MappingNode:
		c.nodes[at] = node{kind: Mapping, line: int32(c.line(n)), next: c.nodes[at].next}
	default:
		c.nodes[at] = node{kind: Sequence, line: int32(c.line(n)), next: c.nodes[at].next}
	}
	prev := 0
	for _, child := range n.Content {
		prev = c.link(at, prev, node{})
		if err := c.fill(prev, child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (c *converter) fillScalar(at int, n *yaml.Node) error {
	from := len(c.input)
	c.input = append(c.input, n.Value...)
	s := node{style: exact, line: int32(c.line(n)), from: int32(from), to: int32(len(c.input)), next: c.nodes[at].next}
	switch {
	case n.Tag == "!!binary", n.Tag == "!binary" && c.options.Foreign: // Ruby's own
		s.binary = true
	case n.Tag == "!!str":
	case isCoreTag(n.Tag):
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			s.style = plain
		}
	case !c.options.Foreign:
		return c.refuse(n, "unknown YAML tag %q", n.Tag)
	}
	c.nodes[at] = s
	if s.binary && c.options.Foreign {
		return c.checkBinary(at, n)
	}
	return nil
}

// isCoreTag reports whether tag is one that YAML gives to scalars without
// quotes.
func isCoreTag(tag string) bool {
	switch tag {
	case "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!merge":
		return true
	}
	return false
}

// checkBinary takes the blanks out of the base64 at index at, and checks it.
func (c *converter) checkBinary(at int, n *yaml.Node) error {
	text := strings.Join(strings.Fields(n.Value), "")
	if _, err := base64.StdEncoding.DecodeString(text); err != nil {
		return &Error{c.line(n), fmt.Errorf("decode !binary: %w", err)}
	}
	s := &c.nodes[at]
	c.input = append(c.input[:s.from], text...)
	s.to = int32(len(c.input))
	return nil
}
