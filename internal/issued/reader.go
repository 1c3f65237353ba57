package issued

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Reader reads a recording, interaction by interaction in the order of the
// requests, and makes a Book of it. The zero value is ready to use.
type Reader struct {
	// tokens are all that were seen, by the interaction that showed them first.
	tokens map[string]*candidate
	slots  map[string]int32
	refs   map[int32][]Ref
	issues map[slotOf]bool
}

// candidate is a token that was seen: a value, if a response showed it first
// and a request carries it.
type candidate struct {
	value
	shown bool // by a request first: it is none
}

// slotOf is a slot of a class.
type slotOf struct{ class, slot int32 }

// DocumentMax is the size in bytes of the largest body that values are looked
// for in.
const DocumentMax = 1 << 20

// Request takes in a text that the request of the interaction at pos carries,
// its key or its body, and appends it to dst as Book.Mask does.
func (r *Reader) Request(pos int32, dst, text []byte) []byte {
	r.init()
	var refs []Ref
	dst, refs = mask(dst, text, nil, func(token []byte) *value {
		c := r.tokens[string(token)]
		if c == nil {
			r.tokens[string(token)] = &candidate{shown: true}
			return nil
		}
		if c.shown {
			return nil
		}
		r.issues[slotOf{c.class, c.Slot}] = true
		return &c.value
	})
	if len(refs) > 0 {
		r.refs[pos] = append(r.refs[pos], refs...)
	}
	return dst
}

func (r *Reader) init() {
	if r.tokens == nil {
		r.tokens, r.slots = map[string]*candidate{}, map[string]int32{}
		r.refs, r.issues = map[int32][]Ref{}, map[slotOf]bool{}
	}
}

// Response takes in the response to an unsafe request, of the interaction at
// pos, whose request is of that class: the head, and the body where it is of
// DocumentMax bytes or less.
func (r *Reader) Response(pos, class int32, head, body []byte) {
	r.init()
	w := walker{r: r, pos: pos, class: class}
	w.fields(head)
	w.document(body)
}

// Book returns the book of what was read.
func (r *Reader) Book() *Book {
	b := &Book{values: map[string]*value{}, texts: map[Ref]*value{}, refs: r.refs, children: map[int32][]int32{}}
	for token, c := range r.tokens {
		if !c.shown && r.issues[slotOf{c.class, c.Slot}] {
			b.values[token] = &c.value
			b.texts[c.Ref] = &c.value
		}
	}
	for _, pos := range slices.Sorted(maps.Keys(r.refs)) {
		for _, ref := range r.refs[pos] {
			of := b.children[ref.Owner]
			if len(of) == 0 || of[len(of)-1] != pos {
				b.children[ref.Owner] = append(of, pos)
			}
		}
	}
	return b
}

// walker looks for tokens in a response.
type walker struct {
	r          *Reader
	pos, class int32
}

// fields looks for tokens in header fields, but for Date.
func (w *walker) fields(head []byte) {
	seen := map[string]int{}
	_, head, _ = bytes.Cut(head, []byte("\n"))
	for line := range bytes.Lines(head) {
		name, text, ok := bytes.Cut(line, []byte(":"))
		key := strings.ToLower(string(name))
		if !ok || key == "date" {
			continue
		}
		w.text(fmt.Sprintf("%s#%d", key, seen[key]), text)
		seen[key]++
	}
}

// document looks for tokens in a body that is one JSON document.
func (w *walker) document(body []byte) {
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 || start[0] != '{' && start[0] != '[' || len(body) > DocumentMax {
		return
	}
	var doc any
	if json.Unmarshal(body, &doc) == nil {
		w.node("", doc)
	}
}

// node looks for tokens in a value of a document, which is at that place in it
// (a JSON pointer, RFC 6901).
func (w *walker) node(place string, v any) {
	switch v := v.(type) {
	case string:
		w.text(place, []byte(v))
	case []any:
		for i, element := range v {
			w.node(fmt.Sprintf("%s/%d", place, i), element)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			w.node(place+"/"+key, v[key])
		}
	}
}

// text notes the tokens of a text that nothing showed before.
func (w *walker) text(place string, text []byte) {
	for n, at := 0, 0; ; n++ {
		t, ok := nextToken(text, at)
		if !ok {
			return
		}
		at = t.next
		w.token(fmt.Sprintf("%s#%d", place, n), string(text[t.start:t.end]), text[t.end:t.next])
	}
}

func (w *walker) token(place, text string, padding []byte) {
	r := w.r
	if r.tokens[text] != nil {
		return
	}
	slot, ok := r.slots[place]
	if !ok {
		slot = int32(len(r.slots))
		r.slots[place] = slot
	}
	c := &candidate{value: value{Ref: Ref{w.pos, slot}, class: w.class, text: text}}
	for len(padding) > 0 {
		padding = padding[paddingLen(padding):]
		c.padding++
	}
	r.tokens[text] = c
	if isID(text) && r.tokens[text[:short]] == nil {
		r.tokens[text[:short]] = c
	}
}
