package replay

import (
	"bytes"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/issued"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// newStories returns the stories of what was issued, or nil where nothing can be
// exchanged.
func (x *index) newStories(b Bind) *stories {
	if b == BindNone || !x.mayExchange() || !x.mayCarry() {
		return nil
	}
	book := x.readBook()
	if book.Empty() {
		return nil
	}
	return &stories{Stories: issued.NewStories(book), index: x, bind: b, kinds: map[kindOf]kind{}, plain: map[int32]bool{}, opaque: map[int32]bool{}}
}

// readBook reads from the cassettes which values were issued.
func (x *index) readBook() *issued.Book {
	var reader issued.Reader
	var m masker
	inOrder(x.len(), x.readIssued, func(pos int, i issuing) {
		e := x.entry(int32(pos))
		if e.Method == "" {
			return
		}
		key := x.recordedKey(&m, e)
		reader.Key(int32(pos), key)
		reader.Body(int32(pos), i.body)
		if i.answered {
			reader.Response(int32(pos), key, i.shown)
		}
	})
	return reader.Book()
}

// mayExchange reports whether anything could be exchanged: only what requests of
// one class issued can.
func (x *index) mayExchange() bool {
	classes := map[key]bool{}
	var m masker
	var class []byte
	for pos := range int32(x.len()) {
		e := x.entry(pos)
		if !isUnsafe(e.Method) {
			continue
		}
		class = issued.AppendClass(class[:0], x.recordedKey(&m, e))
		k := x.hash(class)
		if classes[k] {
			return true
		}
		classes[k] = true
	}
	return false
}

// mayCarry reports whether a request could carry what a response showed first.
func (x *index) mayCarry() bool {
	var p issued.Prospect
	var text cassettes.Preview
	var m masker
	for pos := range int32(x.len()) {
		e := x.entry(pos)
		if e.Method == "" {
			continue
		}
		p.Key(x.recordedKey(&m, e))
		if isUnsafe(e.Method) {
			if c, i := x.locate(pos); !c.Preview(i, &text) {
				return true
			}
			p.Body(text.RequestBody)
			p.Response(text.Response, text.ResponseBody)
		}
		if p.Found() {
			return true
		}
	}
	return false
}

// isUnsafe reports whether requests of that method may change something (RFC
// 9110 section 9.2.1).
func isUnsafe(method string) bool { return method != "" && !http1.IsSafe(method) }

// issuing is what an interaction that may have changed something tells of issued
// values.
type issuing struct {
	body     []byte // of the request: its start
	shown    []issued.Shown
	answered bool
}

// readIssued reads it, where the interaction is one. What cannot be read is
// reported when it is to be played.
func (x *index) readIssued(pos int) (i issuing) {
	if !isUnsafe(x.entry(int32(pos)).Method) {
		return i
	}
	it, err := x.item(int32(pos))
	if err != nil || it.Request == nil {
		return i
	}
	i.body, _ = recorded.BodyStart(&it.Request.Body, issued.DocumentMax)
	if it.Response == nil {
		return i
	}
	i.answered = true
	var body []byte
	if it.Response.Body.Size() <= issued.DocumentMax {
		body, _ = recorded.BodyStart(&it.Response.Body, issued.DocumentMax) // none is as good as one that cannot be read
	}
	i.shown = issued.Show(it.Response.Head, body)
	return i
}

// carry prepares the groups for requests that carry issued values.
func (x *index) carry(book *issued.Book) {
	carries := func(pos int32) bool { return len(book.Refs(pos)) > 0 }
	for i := range x.groups {
		g := &x.groups[i]
		if g.more == nil && carries(g.first) {
			g.more = newEquals(g.first)
		}
		if g.more != nil {
			g.more.carries = slices.ContainsFunc(g.more.all, carries)
		}
	}
}

// own replaces the host that a request went to, where it is a value of its key's
// query: a registry is asked to mount from itself.
const own = "<own>"

// appendOwn appends a key to dst with its request's host as own.
func appendOwn[T ~[]byte | ~string](dst, key []byte, host T) []byte {
	at := bytes.IndexByte(key, '?') + 1
	for at > 0 && len(host) > 0 {
		i := indexValue(key[at:], host)
		if i < 0 {
			break
		}
		dst = append(append(dst, key[:at+i]...), own...)
		key, at = key[at+i+len(host):], 1
	}
	return append(dst, key...)
}

// indexValue returns where a pair of a query that target.AppendQuery made has
// that value, or -1.
func indexValue[T ~[]byte | ~string](query []byte, value T) int {
	for from := 0; ; {
		i := bytes.IndexByte(query[from:], '=') + 1
		if i == 0 {
			return -1
		}
		from += i
		end := from + len(value)
		if end < len(query) && query[end] == '&' && string(query[from:end]) == string(value) {
			return from
		}
	}
}
