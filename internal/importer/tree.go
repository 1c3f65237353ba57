package importer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// value is a value of a YAML or JSON document.
type value struct {
	line  int // from 1; 0 in JSON
	kind  kind
	text  []byte // of a scalar
	plain bool   // a scalar that is no quoted string: a number, say
	// binary says that text was written in base64: it is bytes, not characters.
	binary bool
	list   []*value // of a list
	pairs  []pair   // of a mapping
}

type kind uint8

const (
	null kind = iota
	scalar
	list
	mapping
)

func (k kind) String() string {
	return [...]string{"nothing", "a scalar", "a list", "a mapping"}[k]
}

type pair struct{ key, value *value }

// Limits on a document, which is not trusted.
const (
	maxDepth  = 64
	maxValues = 1 << 22 // aliases expanded
)

// decode returns the only document in data.
func decode(data []byte) (*value, error) {
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return decodeJSON(data)
	}
	return decodeYAML(data)
}

func decodeYAML(data []byte) (_ *value, err error) {
	defer func() { // yaml.v3 is known to panic on some damaged input
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&doc); err == io.EOF {
		return nil, errors.New("the file is empty")
	} else if err != nil {
		return nil, yamlError(err)
	}
	c := converter{}
	return c.yaml(doc.Content[0], 0)
}

var yamlLine = regexp.MustCompile(`^yaml: line ([0-9]+): `)

// yamlError gives an error of yaml.v3's its line.
func yamlError(err error) error {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	line, _ := strconv.Atoi(m[1])
	return lineError(line, fmt.Errorf("no good YAML: %s", err.Error()[len(m[0]):]))
}

// converter makes values and counts them.
type converter struct{ made int }

func (c *converter) count(line, depth int) error {
	if c.made++; c.made > maxValues {
		return lineError(line, errors.New("its aliases expand to too much"))
	}
	if depth > maxDepth {
		return lineError(line, fmt.Errorf("nested deeper than %d", maxDepth))
	}
	return nil
}

// yaml makes a value of n. Tags that other languages gave to strings and
// mappings of theirs mean nothing here.
func (c *converter) yaml(n *yaml.Node, depth int) (*value, error) {
	if err := c.count(n.Line, depth); err != nil {
		return nil, err
	}
	v := &value{line: n.Line}
	switch n.Kind {
	case yaml.AliasNode:
		return c.yaml(n.Alias, depth+1)
	case yaml.ScalarNode:
		return v, v.setScalar(n)
	case yaml.SequenceNode:
		v.kind = list
	default:
		v.kind = mapping
	}
	for i := 0; i < len(n.Content); i++ {
		child, err := c.yaml(n.Content[i], depth+1)
		if err != nil {
			return nil, err
		}
		if v.kind == list {
			v.list = append(v.list, child)
			continue
		}
		i++
		held, err := c.yaml(n.Content[i], depth+1)
		if err != nil {
			return nil, err
		}
		v.pairs = append(v.pairs, pair{child, held})
	}
	return v, nil
}

// setScalar takes over a scalar. Ruby writes bytes with the tag !binary of its
// own, and strings that could be misread with the tag "!".
func (v *value) setScalar(n *yaml.Node) error {
	v.kind, v.text = scalar, []byte(n.Value)
	switch n.Tag {
	case "!!null":
		v.kind, v.text = null, nil
	case "!!int", "!!float", "!!bool", "!!timestamp":
		v.plain = true
	case "!!binary", "!binary":
		text := strings.Map(func(r rune) rune {
			if strings.ContainsRune(" \t\r\n", r) {
				return -1
			}
			return r
		}, n.Value)
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return lineError(n.Line, fmt.Errorf("decode !binary: %w", err))
		}
		v.text, v.binary = data, true
	}
	return nil
}

func decodeJSON(data []byte) (*value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	c := converter{}
	v, err := c.json(d, 0)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		line := 1 + bytes.Count(data[:min(int(d.InputOffset()), len(data))], []byte("\n"))
		return nil, lineError(line, err)
	}
	return v, nil
}

// json makes a value of the next one that d has.
func (c *converter) json(d *json.Decoder, depth int) (*value, error) {
	if err := c.count(0, depth); err != nil {
		return nil, err
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		return c.jsonNested(d, t, depth)
	case string:
		return &value{kind: scalar, text: []byte(t)}, nil
	case nil:
		return &value{}, nil
	}
	return &value{kind: scalar, text: fmt.Append(nil, t), plain: true}, nil
}

// jsonNested makes a list or mapping, whose opening was read.
func (c *converter) jsonNested(d *json.Decoder, open json.Delim, depth int) (*value, error) {
	v := &value{kind: list}
	if open == '{' {
		v.kind = mapping
	}
	for d.More() {
		child, err := c.json(d, depth+1)
		if err != nil {
			return nil, err
		}
		if v.kind == list {
			v.list = append(v.list, child)
			continue
		}
		held, err := c.json(d, depth+1)
		if err != nil {
			return nil, err
		}
		v.pairs = append(v.pairs, pair{child, held})
	}
	_, err := d.Token() // the end
	return v, err
}

// lookup returns the value of key, or one of kind null.
func (v *value) lookup(key string) *value {
	for _, p := range v.pairs {
		if string(p.key.text) == key {
			return p.value
		}
	}
	return &value{line: v.line}
}

// has reports whether v is a mapping with key.
func (v *value) has(key string) bool {
	for _, p := range v.pairs {
		if string(p.key.text) == key {
			return true
		}
	}
	return false
}

// string returns the text of a scalar, "" for anything else.
func (v *value) string() string { return string(v.text) }

// lineErr is an error at a line.
type lineErr struct {
	line int
	err  error
}

func (e *lineErr) Error() string { return e.err.Error() }
func (e *lineErr) Unwrap() error { return e.err }

func lineError(line int, err error) error { return &lineErr{line, err} }

// errorf returns an error at v's line.
func (v *value) errorf(format string, args ...any) error {
	return lineError(v.line, fmt.Errorf(format, args...))
}
