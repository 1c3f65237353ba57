package yamltext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// DecodeJSON decodes the JSON value that data begins with. Its nodes have no
// lines; an error is an *Error with one.
func DecodeJSON(data []byte, o Options) (*Tree, error) {
	if o.MaxDepth == 0 {
		o.MaxDepth = maxDepth
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	r := jsonReader{Tree: &Tree{nodes: make([]node, 1)}, d: d, maxDepth: o.MaxDepth}
	err := r.value(0, 0)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		read := data[:min(int(d.InputOffset()), len(data))]
		return nil, &Error{1 + bytes.Count(read, []byte("\n")), err}
	}
	return r.Tree, nil
}

// jsonReader makes a tree of JSON tokens.
type jsonReader struct {
	*Tree
	d        *json.Decoder
	maxDepth int
}

// value makes the node at index at of the next value.
func (r *jsonReader) value(at, depth int) error {
	if depth > r.maxDepth {
		return fmt.Errorf("nested deeper than %d", r.maxDepth)
	}
	t, err := r.d.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		return r.collection(at, depth, t)
	case string:
		r.setText(at, exact, t)
	case nil:
		r.setText(at, plain, "")
	default:
		r.setText(at, plain, fmt.Sprint(t))
	}
	return nil
}

// collection makes a node of the list or object that open has begun.
func (r *jsonReader) collection(at, depth int, open json.Delim) error {
	r.nodes[at].kind = Sequence
	if open == '{' {
		r.nodes[at].kind = Mapping
	}
	prev := 0
	for r.d.More() {
		prev = r.link(at, prev, node{})
		if err := r.value(prev, depth+1); err != nil {
			return err
		}
	}
	_, err := r.d.Token() // the end
	return err
}

// setText makes the node at index at a scalar.
func (r *jsonReader) setText(at int, s style, text string) {
	from := len(r.input)
	r.input = append(r.input, text...)
	r.nodes[at].style = s
	r.nodes[at].from, r.nodes[at].to = int32(from), int32(len(r.input))
}
