package importer

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"github.com/wiretape/wiretape/internal/yamltext"
)

// value is a value of a YAML or JSON document.
type value struct {
	tree *yamltext.Tree
	at   int
	// absent says that the mapping at has no such key: v is null there.
	absent bool
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

// maxDepth is how deep the collections of a document may nest.
const maxDepth = 64

// decode returns the first document in data, which is YAML or JSON.
func decode(data []byte) (value, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return value{}, errors.New("the file is empty")
	}
	read := yamltext.Decode
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		read = yamltext.DecodeJSON
	}
	t, err := read(data, yamltext.Options{MaxDepth: maxDepth, Foreign: true})
	return value{tree: t}, err
}

// kind returns what v is.
func (v value) kind() kind {
	switch {
	case v.absent || v.tree.IsNull(v.at):
		return null
	case v.tree.Kind(v.at) == yamltext.Sequence:
		return list
	case v.tree.Kind(v.at) == yamltext.Mapping:
		return mapping
	}
	return scalar
}

// isBinary reports whether v was written in base64: it is bytes, not
// characters.
func (v value) isBinary() bool { return v.kind() == scalar && v.tree.IsBinary(v.at) }

// bytes returns the bytes of a scalar, nil for anything else.
func (v value) bytes() []byte {
	if v.kind() != scalar {
		return nil
	}
	b, _ := v.tree.Bytes(v.at) // Decode has checked the base64
	return b
}

// string returns the text of a scalar, "" for anything else.
func (v value) string() string { return string(v.bytes()) }

// elements returns the elements of a list, none for anything else.
func (v value) elements() (all []value) {
	if v.kind() != list {
		return nil
	}
	for at := range v.tree.Children(v.at) {
		all = append(all, value{tree: v.tree, at: at})
	}
	return all
}

// pairs ranges over the keys of a mapping and their values.
func (v value) pairs() iter.Seq2[value, value] {
	return func(yield func(k, v value) bool) {
		if v.kind() != mapping {
			return
		}
		for key, at := range v.tree.Pairs(v.at) {
			if !yield(value{tree: v.tree, at: key}, value{tree: v.tree, at: at}) {
				return
			}
		}
	}
}

// lookup returns the value of key, or null.
func (v value) lookup(key string) value {
	held, _ := v.find(key)
	return held
}

// has reports whether v is a mapping with key.
func (v value) has(key string) bool {
	_, ok := v.find(key)
	return ok
}

// find returns the value of key, and whether v is a mapping with that key.
func (v value) find(key string) (value, bool) {
	for k, held := range v.pairs() {
		if k.string() == key {
			return held, true
		}
	}
	return value{v.tree, v.at, true}, false
}

// lineError returns an error at a line.
func lineError(line int, err error) error { return &yamltext.Error{Line: line, Err: err} }

// errorf returns an error at v's line.
func (v value) errorf(format string, args ...any) error {
	return lineError(v.tree.Line(v.at), fmt.Errorf(format, args...))
}
