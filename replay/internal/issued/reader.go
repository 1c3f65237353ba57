package issued

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Reader reads a recording, interaction by interaction in the order of the
// requests, and makes a Book of it. The zero value is ready to use.
type Reader struct {
	// tokens are all that were seen, by the interaction that showed them first.
	tokens   map[string]*candidate
	classes  map[string]int32
	slots    map[string]int32
	mentions map[int32][]mention // by position
	masked   []byte
}

// candidate is a token that was seen: a value, if a response showed it first,
// no other like it shows it, too, and a request carries it.
type candidate struct {
	value
	shown    bool // by a request first
	constant bool // by several responses of a class, in the same slot
	carried  bool
}

// mention is a candidate that a request carries, in its key or its body.
type mention struct {
	of  *candidate
	key bool
}

// slotOf is a slot of a class.
type slotOf struct{ class, slot int32 }

// DocumentMax is the size in bytes of the largest response body that values are
// looked for in, and how many bytes of a request's body are looked at.
const DocumentMax = 1 << 20

// Key takes in the key of the request of the interaction at pos.
func (r *Reader) Key(pos int32, key []byte) { r.request(pos, key, true) }

// Body takes in the body of that request, after its key: the first DocumentMax
// bytes are looked at.
func (r *Reader) Body(pos int32, body []byte) {
	if isDocument(body) {
		r.request(pos, body[:min(len(body), DocumentMax)], false)
	}
}

func (r *Reader) request(pos int32, text []byte, key bool) {
	r.init()
	r.masked = replace(r.masked[:0], text, func(dst, run []byte, t token) ([]byte, bool) {
		c := r.tokens[string(run[t.start:t.end])]
		switch {
		case c == nil:
			r.tokens[string(run[t.start:t.end])] = &candidate{shown: true}
		case !c.shown:
			c.carried = true
			r.mentions[pos] = append(r.mentions[pos], mention{c, key})
		}
		return dst, false
	})
}

func (r *Reader) init() {
	if r.tokens == nil {
		r.tokens, r.mentions = map[string]*candidate{}, map[int32][]mention{}
		r.classes, r.slots = map[string]int32{}, map[string]int32{}
	}
}

// Shown is a token that a response shows.
type Shown struct {
	place   string // in the response
	text    string
	padding int
	inBody  bool
}

// Response takes in the tokens that the response to an unsafe request with that key
// shows, of the interaction at pos: the result of Show.
func (r *Reader) Response(pos int32, key []byte, shown []Shown) {
	r.init()
	r.masked = AppendClass(r.masked[:0], key)
	class := number(r.classes, string(r.masked))
	for i := range shown {
		r.show(pos, class, &shown[i])
	}
}

// show notes a token, if nothing showed it before.
func (r *Reader) show(pos, class int32, s *Shown) {
	slot := number(r.slots, s.place)
	if c := r.tokens[s.text]; c != nil {
		c.constant = c.constant || !c.shown && c.Owner != pos && c.class == class && c.Slot == slot
		return
	}
	c := &candidate{value: value{Ref: Ref{pos, slot}, class: class, text: s.text, padding: s.padding, inBody: s.inBody}}
	r.tokens[s.text] = c
	if isID(s.text) && r.tokens[s.text[:short]] == nil {
		r.tokens[s.text[:short]] = c
	}
}

// AppendClass appends a key with each token as "*": keys of one class are equal so.
func AppendClass(dst, key []byte) []byte {
	return replace(dst, key, func(dst, _ []byte, _ token) ([]byte, bool) { return append(dst, '*'), true })
}

// number returns the number of a name.
func number(m map[string]int32, name string) int32 {
	n, ok := m[name]
	if !ok {
		n = int32(len(m))
		m[name] = n
	}
	return n
}

// Book returns the book of the interactions that were read.
func (r *Reader) Book() *Book {
	issues := map[slotOf]bool{}
	for _, c := range r.tokens {
		if c.carried && !c.constant {
			issues[slotOf{c.class, c.Slot}] = true
		}
	}
	b := &Book{values: map[string]*value{}, texts: map[Ref]*value{}, refs: map[int32][]Ref{}, keyed: map[int32]int{}, children: map[int32][]int32{}, issued: map[int32][]*value{}}
	isValue := func(c *candidate) bool { return !c.shown && !c.constant && issues[slotOf{c.class, c.Slot}] }
	for token, c := range r.tokens {
		if isValue(c) {
			b.values[token] = &c.value
			if b.texts[c.Ref] == nil {
				b.issued[c.Owner] = append(b.issued[c.Owner], &c.value)
			}
			b.texts[c.Ref] = &c.value
		}
	}
	for _, pos := range slices.Sorted(maps.Keys(r.mentions)) {
		for _, m := range r.mentions[pos] {
			if isValue(m.of) {
				b.mention(pos, m.of.Ref, m.key)
			}
		}
	}
	return b
}

// mention notes that the request of the interaction at pos carries a value.
func (b *Book) mention(pos int32, ref Ref, key bool) {
	b.refs[pos] = append(b.refs[pos], ref)
	if key {
		b.keyed[pos]++
	}
	of := b.children[ref.Owner]
	if len(of) == 0 || of[len(of)-1] != pos {
		b.children[ref.Owner] = append(of, pos)
	}
}

// isDocument reports whether a body begins as a JSON document does.
func isDocument(body []byte) bool {
	return len(body) > 0 && bytes.IndexByte([]byte("{[ \t\r\n"), body[0]) >= 0
}

// Show returns the tokens of a response: of its head, and of its body where that
// is of DocumentMax bytes or less.
func Show(head, body []byte) []Shown {
	var w walker
	w.fields(head)
	w.document(body)
	return w.shown
}

// walker looks for tokens in a response.
type walker struct {
	shown  []Shown
	inBody bool
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
		w.text(key+"#"+strconv.Itoa(seen[key]), text)
		seen[key]++
	}
}

// document looks for tokens in a body that is one JSON document.
func (w *walker) document(body []byte) {
	if !isDocument(body) || len(body) > DocumentMax {
		return
	}
	w.inBody = true
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
			w.node(place+"/"+strconv.Itoa(i), element)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			w.node(place+"/"+key, v[key])
		}
	}
}

// text notes the tokens of a text.
func (w *walker) text(place string, text []byte) {
	for n, at := 0, 0; ; n++ {
		t, ok := nextToken(text, at)
		if !ok {
			return
		}
		at = t.next
		s := Shown{place: place + "#" + strconv.Itoa(n), text: string(text[t.start:t.end]), inBody: w.inBody}
		for padding := text[t.end:t.next]; len(padding) > 0; s.padding++ {
			padding = padding[paddingLen(padding):]
		}
		w.shown = append(w.shown, s)
	}
}
